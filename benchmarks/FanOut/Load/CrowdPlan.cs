namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>How a crowd of clients connects and what it says.</summary>
/// <param name="Path">What is asked for.</param>
internal sealed record CrowdPlan(string Path)
{
    /// <summary>Clients of a hand-written server: there once the upgrade is.</summary>
    public static CrowdPlan Bare { get; } = new("/ws");

    /// <summary>Clients of SignalR's JSON protocol, without the negotiation that WebSockets do not need.</summary>
    public static CrowdPlan SignalR { get; } = new("/hub") { First = "{\"protocol\":\"json\",\"version\":1}\u001e", ReadyMark = "{}\u001e" };

    /// <summary>Clients of StateRelay's plain event dialect.</summary>
    public static CrowdPlan PlainEvents { get; } = new("/ws")
    {
        Headers = "Authorization: Bearer token0\r\n",
        First = """{"organization":"org0"}""",
        ReadyMark = "\"subscription_confirmed\"",
    };

    /// <summary>Clients of StateRelay's v1 that follow events.</summary>
    public static CrowdPlan V1Events { get; } = new("/ws")
    {
        Headers = "Authorization: Bearer token0\r\nSec-WebSocket-Protocol: staterelay.v1.json\r\n",
        First = """{"type":"subscribe","id":1,"topic":"events","filter":{"organization":"org0"}}""",
        ReadyMark = "\"subscription_confirmed\"",
    };

    /// <summary>Clients of StateRelay's v1 that follow a state.</summary>
    public static CrowdPlan V1State { get; } = new("/ws")
    {
        Headers = "Sec-WebSocket-Protocol: staterelay.v1.json\r\n",
        First = """{"type":"subscribe","id":1,"topic":"state"}""",
        ReadyMark = "\"state_snapshot\"",
        MaySkip = true,
    };

    /// <summary>Header lines, each with its end; <c>{i}</c> is the client's index in its group.</summary>
    public string Headers { get; init; } = "";

    /// <summary>The first message; null for none. <c>{i}</c> is the client's index in its group.</summary>
    public string? First { get; init; }

    /// <summary>What the first message of a client that is served holds; null where the upgrade is enough.</summary>
    public string? ReadyMark { get; init; }

    /// <summary>How many groups the clients are dealt into.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Clients that never read once they are served.</summary>
    public int Stuck { get; init; }

    /// <summary>Said after every second message; null for nothing.</summary>
    public string? AnswerToEverySecond { get; init; }

    /// <summary>Whether the numbers that each client gets must grow.</summary>
    public bool InOrder { get; init; } = true;

    /// <summary>Whether a client may be sent the newest in place of several: states, not events.</summary>
    public bool MaySkip { get; init; }

    /// <summary>Handshakes under way at once.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>
    /// Milliseconds to sleep between two looks, so that one read takes several messages; 0 to be woken by each. Much longer, and so few
    /// acknowledgements came back that the system would join what a server writes.
    /// </summary>
    public int PollMilliseconds { get; init; } = 20;

    /// <summary>The same below another path.</summary>
    public CrowdPlan Below(string place) => this with { Path = place + Path };
}

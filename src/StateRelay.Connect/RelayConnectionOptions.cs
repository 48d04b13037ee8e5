using StateRelay.Diagnostics;

namespace StateRelay;

/// <summary>How a <see cref="RelayConnection"/> connects and comes back. Checked and copied when one is made of it.</summary>
public sealed class RelayConnectionOptions
{
    /// <summary>
    /// What is shown to the server, in the <c>Authorization</c> header of each handshake: a token of one's own, or a viewer token. Default
    /// null: nothing.
    /// </summary>
    public Secret? Token { get; set; }

    /// <summary>
    /// Gives the token instead; asked for each connection, so that one that expires can be renewed. What it throws is told in the status
    /// and the log, and counts as a failed attempt. Default null.
    /// </summary>
    public Func<CancellationToken, ValueTask<Secret>>? TokenProvider { get; set; }

    /// <summary>
    /// Is told each change of status, one after the other, never while the connection waits for it: it may block. Of more than 64 that it
    /// has not taken yet the oldest are left out; what it throws is logged. Default null.
    /// </summary>
    public Action<RelayStatus>? StatusChanged { get; set; }

    /// <summary>How long the token, the handshake and the server's first word may each take. Default 15 s; 100 ms to 10 min.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the server may take to answer a subscription. Default 20 s; 100 ms to 10 min.</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The wait before the second attempt is random, from nothing to this; for each failure after that, to twice as much. Default 500 ms;
    /// 1 ms to 10 min.
    /// </summary>
    public TimeSpan MinBackoff { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The most that the wait before an attempt grows to, unless the server asks for more. Default 30 s; <see cref="MinBackoff"/> to 1 h.
    /// </summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection must have held for its failures before to be forgotten. Default 10 s; 0 to 1 h.</summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many attempts in a row may fail before it ends for good; null for any number. Default null; 1 to 1,000,000.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>
    /// Events held for a consumer that is slow, for each subscription. Beyond, the subscription is given up until half of them are taken,
    /// and goes on from its position then: the server holds the rest, or tells of a gap. Default 1,000; 1 to 1,000,000.
    /// </summary>
    public int MaxBufferedEvents { get; set; } = 1_000;

    /// <summary>
    /// The largest message that is taken of the server; one that is larger ends the connection. Default 64 MiB; 1 KiB to 1 GiB.
    /// </summary>
    public int MaxMessageBytes { get; set; } = 64 << 20;

    /// <summary>What sends the handshake, for a proxy or a test; not disposed. Default null: the network.</summary>
    public HttpMessageHandler? Handler { get; set; }

    /// <summary>Every rule these options break, each as one sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        string?[] problems =
        [
            Token is not null && TokenProvider is not null ? "Token and TokenProvider may not both be set: a token has one source." : null,
            OptionRange.Problem(nameof(ConnectTimeout), ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(ConfirmTimeout), ConfirmTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(MinBackoff), MinBackoff, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(MaxBackoff), MaxBackoff, MinBackoff, TimeSpan.FromHours(1)),
            OptionRange.Problem(nameof(StableAfter), StableAfter, TimeSpan.Zero, TimeSpan.FromHours(1)),
            OptionRange.Problem(nameof(MaxAttempts), MaxAttempts ?? 1, 1, 1_000_000),
            OptionRange.Problem(nameof(MaxBufferedEvents), MaxBufferedEvents, 1, 1_000_000),
            OptionRange.Problem(nameof(MaxMessageBytes), MaxMessageBytes, 1 << 10, 1 << 30),
        ];
        return problems.OfType<string>();
    }

    internal RelayConnectionOptions Copy() => (RelayConnectionOptions)MemberwiseClone();
}

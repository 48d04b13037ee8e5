namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>What one round of one contender gave.</summary>
internal sealed record Measured
{
    /// <summary>Why it does not count; empty when it does.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public double Seconds { get; init; }

    /// <summary>Messages that all clients together received.</summary>
    public long Messages { get; init; }

    /// <summary>Text frames that they came in.</summary>
    public long Frames { get; init; }

    /// <summary>Bytes that all clients together received.</summary>
    public long Bytes { get; init; }

    /// <summary>Messages published.</summary>
    public long Published { get; init; }

    /// <summary>Processor time of the server, in seconds.</summary>
    public double ServerCpu { get; init; }

    /// <summary>Processor time of the load client, in seconds.</summary>
    public double ClientCpu { get; init; }

    /// <summary>Bytes that the server allocated.</summary>
    public long Allocated { get; init; }

    /// <summary>Milliseconds from the publishing of a message until half of all had been received.</summary>
    public double P50 { get; init; }

    /// <summary>The same for 99 of 100.</summary>
    public double P99 { get; init; }

    public bool Counts => Faults.Count == 0;

    /// <summary>The server's processor time a message received, in microseconds.</summary>
    public static double Cpu(Measured round) => round.ServerCpu / round.Messages * 1e6;

    /// <summary>The load client's processor time a message received, in microseconds.</summary>
    public static double ClientCpuAMessage(Measured round) => round.ClientCpu / round.Messages * 1e6;

    /// <summary>Bytes that the server allocated a message received.</summary>
    public static double AllocatedAMessage(Measured round) => (double)round.Allocated / round.Messages;

    /// <summary>Messages received a second, by all clients together.</summary>
    public static double Rate(Measured round) => round.Messages / round.Seconds;

    /// <summary>Messages published a second.</summary>
    public static double PublishRate(Measured round) => round.Published / round.Seconds;
}

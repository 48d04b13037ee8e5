namespace StateRelay.Connect;

/// <summary>What comes after the end of one connection, or of an attempt to make one.</summary>
internal enum EndingKind
{
    /// <summary>Another attempt, after a wait.</summary>
    ComeBack,

    /// <summary>Nothing: the server has refused for good.</summary>
    Refused,

    /// <summary>Nothing, until something is followed again.</summary>
    NothingToFollow,

    /// <summary>Nothing: it was stopped here.</summary>
    Stopped,
}

/// <summary>How one connection ended, or an attempt to make one. Immutable.</summary>
/// <param name="Kind">What comes next. Decided by statuses and codes, never by a text.</param>
/// <param name="Why">One sentence, for people.</param>
internal sealed record Ending(EndingKind Kind, string Why)
{
    public static readonly Ending Stopped = new(EndingKind.Stopped, "Stopped.");

    public static readonly Ending NothingToFollow = new(EndingKind.NothingToFollow, "Nothing is followed.");

    /// <summary>What to tell those who follow, where it is for good.</summary>
    public Exception? Error { get; init; }

    /// <summary>How long the server asks to be left alone; null where it does not.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>How much longer, at random, not to come all at once; null where the server does not say.</summary>
    public TimeSpan? Jitter { get; init; }

    public static Ending Lost(string why, Exception? error = null) => new(EndingKind.ComeBack, why) { Error = error };

    /// <summary>An answer to the handshake that is not the upgrade.</summary>
    public static Ending OfStatus(int status, TimeSpan? retryAfter)
    {
        var why = $"The server answered the handshake with {status}.";
        return status is >= 500 or 408 or 425 or 429
            ? new(EndingKind.ComeBack, why) { After = retryAfter }
            : new(EndingKind.Refused, why) { Error = new RelayRefusedException(why) { StatusCode = status } };
    }

    /// <summary>A close frame, and the goodbye before it where there was one.</summary>
    public static Ending OfClose(int code, string? reason, Goodbye? goodbye)
    {
        var why = $"The server ended the connection: {goodbye?.Code ?? code} {goodbye?.Reason ?? reason}".TrimEnd() + ".";
        var final = StaysAway(goodbye?.Code) ? goodbye!.Value.Code : StaysAway(code) ? code : (int?)null;
        return final is not null
            ? new(EndingKind.Refused, why) { Error = new RelayRefusedException(why) { CloseCode = final } }
            : new(EndingKind.ComeBack, why) { After = goodbye?.After, Jitter = goodbye?.Jitter };
    }

    // 1008 and 1009 say that what was sent is not taken; the server's own range says so of whom it was sent by, or of what was asked for.
    private static bool StaysAway(int? code) => code is 1008 or 1009 or (>= 4400 and <= 4499);
}

/// <summary>What a server said before it closed. Immutable.</summary>
internal readonly record struct Goodbye(int Code, string? Reason, TimeSpan? After, TimeSpan? Jitter);

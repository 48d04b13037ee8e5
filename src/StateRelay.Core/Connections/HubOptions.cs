using StateRelay.Diagnostics;

namespace StateRelay;

/// <summary>How a <see cref="Hub"/> keeps events and to whom it gives them. Checked and copied when a hub is made of it.</summary>
public sealed class HubOptions
{
    /// <summary>Events held for those who are behind or come back. Default 10,000; 1 to 10,000,000.</summary>
    public int RetainedEvents { get; set; } = 10_000;

    /// <summary>About what they may take in memory, in bytes. Default 32 MiB; 0 to 16 GiB. The newest event is held whatever it takes.</summary>
    public long RetainedEventBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long an event is held at most. Default 1 h; 1 s to 7 days.</summary>
    public TimeSpan RetainedEventAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The types of events that clients may ask for, and get who name none; empty for all. Default empty.</summary>
    public IList<string> OfferedEventTypes { get; } = [];

    /// <summary>
    /// Whether events of repositories that are not known to be public are held back from clients whose tier does not include
    /// private ones. Default false.
    /// </summary>
    public bool EnforceTiers { get; set; }

    /// <summary>How long finding out who a client is may take in all. Default 10 s; 100 ms to 10 min.</summary>
    public TimeSpan AuthenticationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often it is asked again who a connected client is and what they may see. Default 10 min; 1 s to 1 day. Who lost a right is
    /// cut off then; whose right could not be confirmed six times in a row too.
    /// </summary>
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Every rule these options break, each as one sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        string?[] problems =
        [
            OptionRange.Problem(nameof(RetainedEvents), RetainedEvents, 1, 10_000_000),
            OptionRange.Problem(nameof(RetainedEventBytes), RetainedEventBytes, 0, 16L << 30),
            OptionRange.Problem(nameof(RetainedEventAge), RetainedEventAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
            OptionRange.Problem(nameof(AuthenticationTimeout), AuthenticationTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(RecheckInterval), RecheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        ];
        return problems.OfType<string>().Concat(OfferedEventTypes
            .Where(type => new Subscription { EventTypes = [type] }.Validate() is not null)
            .Select(type => $"OfferedEventTypes must hold types of 1 to 50 letters a to z, digits and _, but has '{type}'."));
    }

    /// <summary>The same options once more, so that who changes these later changes nothing.</summary>
    internal HubOptions Copy()
    {
        var copy = new HubOptions
        {
            RetainedEvents = RetainedEvents,
            RetainedEventBytes = RetainedEventBytes,
            RetainedEventAge = RetainedEventAge,
            EnforceTiers = EnforceTiers,
            AuthenticationTimeout = AuthenticationTimeout,
            RecheckInterval = RecheckInterval,
        };
        foreach (var type in OfferedEventTypes)
            copy.OfferedEventTypes.Add(type);
        return copy;
    }
}

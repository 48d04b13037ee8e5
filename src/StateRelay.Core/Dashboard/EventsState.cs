using System.Collections.Immutable;
using System.Text.Json.Serialization;

using StateRelay.Operations;

namespace StateRelay.Dashboard;

/// <summary>What a hub does, as the page draws it. Immutable. Times are UTC, cut to milliseconds.</summary>
internal sealed record EventsState
{
    /// <summary>Says which kind of state this is: always <c>events</c>.</summary>
    public string View { get; } = "events";

    public string Title { get; init; } = "Event relay";

    /// <summary>How many events there were, which is the number of the newest.</summary>
    public long Head { get; init; }

    /// <summary>How many subscriptions there are.</summary>
    public int Subscriptions { get; init; }

    public EventCounts Counts { get; init; } = new();

    public EventRate Rate { get; init; } = new();

    /// <summary>The latest events that are held, the newest first.</summary>
    public ImmutableArray<ShownEvent> Events { get; init; } = [];

    /// <summary>How many there were before those.</summary>
    public long EarlierEvents { get; init; }

    /// <summary>Some of those who follow events, those furthest behind among them; in the order they came.</summary>
    public ImmutableArray<ShownClient> Clients { get; init; } = [];

    /// <summary>How many more there are.</summary>
    public int MoreClients { get; init; }
}

/// <summary>What was counted. Null where it is not known: nothing is delivered here by webhooks.</summary>
internal sealed record EventCounts
{
    /// <summary>Subscriptions that events were for, counted once for each event.</summary>
    public long Sent { get; init; }

    /// <summary>Deliveries that came in.</summary>
    public long? Received { get; init; }

    /// <summary>Deliveries that were handed on.</summary>
    public long? Relayed { get; init; }

    /// <summary>Deliveries that had been here before.</summary>
    public long? Duplicate { get; init; }

    /// <summary>Deliveries of types that are not relayed here.</summary>
    public long? Ignored { get; init; }

    /// <summary>Deliveries that were not signed, or not understood.</summary>
    public long? Refused { get; init; }
}

/// <summary>How many events there are a second.</summary>
internal sealed record EventRate
{
    /// <summary>Over the last few seconds.</summary>
    public double Now { get; init; }

    /// <summary>Over the last minutes, oldest first.</summary>
    public ImmutableArray<MetricPoint> History { get; init; } = [];
}

/// <summary>One event.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Type">What happened.</param>
/// <param name="Url">The page it is about; null when there is none, or none that is short enough to be one.</param>
/// <param name="Time">When the server learnt of it.</param>
/// <param name="Delivery">GitHub's name of the delivery; null when it came otherwise.</param>
/// <param name="Commit">The commit it is about; null when there is none.</param>
/// <param name="SentTo">How many subscriptions it was for.</param>
internal sealed record ShownEvent(
    long Id,
    string Type,
    string? Url,
    [property: JsonConverter(typeof(UtcTime))] DateTimeOffset Time,
    string? Delivery,
    string? Commit,
    int SentTo);

/// <summary>One subscription to events.</summary>
/// <param name="Id">Tells it from others.</param>
/// <param name="Name">Whose it is.</param>
/// <param name="Follows">What is followed.</param>
/// <param name="Behind">By how many numbers it is behind.</param>
/// <param name="Since">Since when it is there.</param>
internal sealed record ShownClient(
    string Id,
    string Name,
    string Follows,
    long Behind,
    [property: JsonConverter(typeof(UtcTime))] DateTimeOffset Since);

/// <summary>How the overview is written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventsState))]
internal sealed partial class EventsJson : JsonSerializerContext;

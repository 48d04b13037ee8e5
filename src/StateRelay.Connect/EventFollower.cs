using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

using StateRelay.Protocol;

namespace StateRelay.Connect;

/// <summary>What the consumer of a subscription to events comes upon next: a confirmation, or an event or gap.</summary>
internal readonly record struct EventItem(ConfirmedSubscription? Confirmed, RelayEvent? Event);

/// <summary>
/// Follows one subscription to events. Holds so many that the consumer has not taken yet, and no more: then it is given up, and goes on
/// from its position once half of them are taken.
/// </summary>
internal sealed class EventFollower(string topic, Subscription wanted, EventPosition? since, int capacity) : Follower
{
    private readonly Queue<EventItem> _items = new();
    private EventPosition? _position = since;
    private bool _isWaiting;

    public override string Topic => topic;

    public override bool HasRoom => !_isWaiting;

    protected override long? Seq => _position?.Seq;

    public override void ForgetPosition() => _position = null;

    /// <summary>The next item; null for none.</summary>
    /// <param name="item">What it is.</param>
    /// <param name="hasRoomAgain">Whether it may be subscribed again.</param>
    public bool TryTake(out EventItem item, out bool hasRoomAgain)
    {
        hasRoomAgain = false;
        if (!_items.TryDequeue(out item))
            return false;
        if (_isWaiting && _items.Count <= capacity / 2)
            (_isWaiting, hasRoomAgain) = (false, true);
        return true;
    }

    public override Step Take(string type, ServerFrame frame)
    {
        if (type is not ("event" or "gap") || _position is not { } position || frame.Number("seq") is not { } seq || seq <= position.Seq)
            return Step.Ignored;
        if (frame.Number("prev") != position.Seq)
            return Step.AskAgain;
        if (_items.Count >= capacity)
        {
            _isWaiting = true;
            return Step.GiveUp;
        }

        var moved = position with { Seq = seq };
        Queue(type == "event" ? Event(moved, frame.Member("event")) : Gap(moved, frame.Text("reason") ?? "retention"));
        return Step.News;
    }

    public override void Detach()
    {
        base.Detach();

        // Whoever connects again and again while the consumer takes nothing gets no more to hold.
        _isWaiting |= _items.Count >= capacity;
    }

    protected override (byte[] Message, bool HasPosition) Subscribe(long id)
    {
        Position? from = _position is { } position ? new Position(position.Epoch, position.Seq, null) : null;
        return (ClientFrames.Subscribe(id, topic, wanted, from), from is not null);
    }

    protected override Step Begin(ServerFrame frame, bool recovered)
    {
        var before = _position;
        var start = new EventPosition(frame.Text("epoch") ?? "", frame.Number("seq") ?? 0);
        var inForce = new Subscription
        {
            Organization = frame.Text("organization") ?? "",
            EventTypes = Texts(frame.Member("event_types")),
            PullRequests = wanted.PullRequests,
            UserEventsOnly = wanted.UserEventsOnly,
        };
        _position = start;
        _items.Enqueue(new EventItem(new ConfirmedSubscription(start, recovered, frame.Text("username") ?? "", inForce), null));

        // Where the server goes on from the very position asked for, it tells of the gap itself.
        if (!recovered && before is not null && before != start)
            Queue(Gap(start, frame.Text("reason") ?? "expired"));
        return Step.News;
    }

    private void Queue(RelayEvent item)
    {
        _position = item.Position;
        _items.Enqueue(new EventItem(null, item));
    }

    private static RelayEvent Gap(EventPosition position, string reason) => new(position, null) { GapReason = reason };

    private static RelayEvent Event(EventPosition position, JsonElement? json)
    {
        if (json is not { ValueKind: JsonValueKind.Object } element)
            return Gap(position, "unreadable");
        var frame = new ServerFrame(element);
        if (frame.Type is not { } type || string.IsNullOrWhiteSpace(type))
            return Gap(position, "unreadable");

        return new(position, new Event(type)
        {
            Url = frame.Text("url"),
            Timestamp = Time(frame.Text("timestamp")),
            DeliveryId = frame.Text("delivery_id"),
            CommitSha = frame.Text("commit_sha"),
        })
        {
            Utf8 = JsonMarshal.GetRawUtf8Value(element).ToArray(),
        };
    }

    private static DateTimeOffset Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;

    private static string[] Texts(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } texts
            ? [.. texts.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => text.GetString()!)]
            : [];
}

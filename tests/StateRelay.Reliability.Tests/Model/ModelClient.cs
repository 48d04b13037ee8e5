using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

using StateRelay.Connections;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>How a client of the model speaks.</summary>
internal enum Speech
{
    PlainState,
    PlainEvents,
    V1,
}

/// <summary>
/// A client as the documents say that one has to be, at the other end of a real socket: keeps to the position rule, answers pings, and
/// holds everything that it is told to the truth. Everything is done by the model's one thread.
/// </summary>
internal sealed class ModelClient : IDisposable
{
    private const int CapacityBytes = 2048;

    private static readonly string[] Refusals = ["access_denied", "authentication_failed", "temporarily_unavailable", "connection_limit_exceeded"];

    private readonly World _world;
    private readonly Dictionary<long, Request> _requests = [];
    private readonly SocketPair _pair;
    private readonly WatchedSocket _server;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly StringBuilder _transcript = new();
    private Task _saying = Task.CompletedTask;
    private Task<string?>? _hearing;
    private int _said;
    private int _heard;
    private bool _isLeaving;
    private long _lastRequest;
    private long _lastVersion;
    private bool _stalledSinceJoined;

    /// <param name="world">What it is a client of.</param>
    /// <param name="speech">How it speaks.</param>
    /// <param name="slot">Which of the few clients it is.</param>
    /// <param name="number">Counts connections.</param>
    public ModelClient(World world, Speech speech, int slot, int number)
    {
        _world = world;
        Speech = speech;
        Slot = slot;
        Number = number;
        _pair = new SocketPair(CapacityBytes, speech == Speech.V1 ? "staterelay.v1.json" : null, PipeScheduler.Inline);
        _server = new WatchedSocket(_pair.Server);
    }

    public Speech Speech { get; }

    public int Slot { get; }

    public int Number { get; }

    /// <summary>The server's side, for the handshake.</summary>
    public WebSocket Server => _server;

    /// <summary>Completes when the server is done with the connection.</summary>
    public Task Life { get; private set; } = Task.CompletedTask;

    public Outbox? Outbox { get; private set; }

    public List<StateView> States { get; } = [];

    public List<EventView> Events { get; } = [];

    public bool IsStalled { get; private set; }

    /// <summary>Whether the connection has ended for the client.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Whether the server has a reason to end the connection.</summary>
    public bool MayEnd { get; set; }

    /// <summary>What the plain dialect of events asked for; null before, and for others.</summary>
    public int? Follows { get; private set; }

    /// <summary>All that was heard.</summary>
    public string Transcript => _transcript.ToString();

    private TimeSpan? Now => _stalledSinceJoined ? null : _world.Now;

    public void Joined(Task life, Outbox? outbox)
    {
        Life = life;
        Outbox = outbox;
        _hearing = HearAsync();
        if (Speech == Speech.V1)
            Say("""{"type":"keepalive"}""");
    }

    /// <summary>Whether the server's tasks have done what there is to do, and nothing is on its way that the client would take.</summary>
    public bool IsAtRest()
    {
        if (!IsStalled && _hearing is { IsCompleted: true })
            return false;
        if (Life.IsCompleted)
            return true;
        if (_server.IsSending)
            return IsStalled && _hearing is not { IsCompleted: false };

        // A connection that is ending ends, unless its client does not hear of it.
        if (Outbox!.Reason is not null)
            return IsStalled && _server.IsReceiving;
        var isHeard = _heard == _server.Sent || (IsStalled && _hearing is { IsCompleted: true });
        return isHeard && _server.Received == _said && (!_isLeaving || IsStalled) && _server.IsReceiving && Rest.SenderWaits(Outbox);
    }

    /// <summary>Where everything stands, for who looks for a cause.</summary>
    public override string ToString() =>
        $"client {Slot} {Speech}: life {Life.Status}, ending {Outbox?.Reason}, hears {_hearing?.Status}, says {_saying.Status}, {(_server.IsSending ? "sends" : "")} {(_server.IsReceiving ? "receives" : "")} {(Rest.SenderWaits(Outbox!) ? "waits" : "works")}, {_pair.Client.State} {_pair.Server.State}";

    /// <summary>Messages gathered for it that were not sent.</summary>
    public int Owed() => Outbox is { Reason: null } && Rest.SenderWaits(Outbox) ? Rest.OwedBy(Outbox) : 0;

    public void Stall()
    {
        IsStalled = _stalledSinceJoined = true;
        MayEnd = true;
    }

    public void Unstall() => IsStalled = false;

    /// <summary>Takes what has come; false when nothing has.</summary>
    public bool Hear()
    {
        if (IsStalled || _hearing is not { IsCompleted: true })
            return false;
        string? text;
        try
        {
            text = _hearing.GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            End($"{error.GetType().Name}: {error.Message}");
            return true;
        }

        if (text is null)
        {
            if (_pair.Client.State == WebSocketState.CloseReceived)
                Say(_pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None));
            End($"{(int?)_pair.Client.CloseStatus} {_pair.Client.CloseStatusDescription}");
            return true;
        }

        _heard++;
        _transcript.AppendLine(text);
        _hearing = HearAsync();
        switch (JsonNode.Parse(text))
        {
            case JsonArray several:
                foreach (var frame in several)
                    Take(frame!.AsObject());
                break;
            case JsonObject frame:
                Take(frame);
                break;
        }

        return true;
    }

    public void Subscribe(Request request, string members)
    {
        var id = ++_lastRequest;
        if (Say($$"""{"type":"subscribe","id":{{id}},{{members}}}"""))
            _requests[id] = request;
    }

    public void Follow(int filter)
    {
        Follows = filter;
        _requests[0] = new Request { Filter = filter, Rights = [.. _world.RightsOf(Slot)] };
        Say(Interest.Filters[filter]);
    }

    public bool Unsubscribe(int index)
    {
        var subs = Subs();
        if (subs.Length == 0)
            return false;
        var sub = subs[index % subs.Length];
        if (!Say($$"""{"type":"unsubscribe","id":{{++_lastRequest}},"sub":{{sub}}}"""))
            return false;
        Keep();
        States.RemoveAll(view => view.Sub == sub);
        Events.RemoveAll(view => view.Sub == sub);
        return true;
    }

    public void Update(int index, bool? paused, int? rate)
    {
        var subs = Subs();
        if (subs.Length == 0)
            return;
        var sub = subs[index % subs.Length];
        var members = (paused is { } p ? $""","paused":{(p ? "true" : "false")}""" : "") + (rate is { } r ? $""","rate":{r}""" : "");
        if (!Say($$"""{"type":"update","sub":{{sub}}{{members}}}"""))
            return;
        foreach (var view in States.Where(view => view.Sub == sub))
        {
            view.Paused = paused ?? view.Paused;
            view.Rate = rate is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : view.Rate;
        }

        foreach (var view in Events.Where(view => view.Sub == sub))
            view.Paused = paused ?? view.Paused;
    }

    public void Leave()
    {
        MayEnd = true;
        _isLeaving = true;
        Say(_pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None));
    }

    public void Drop()
    {
        MayEnd = true;
        _pair.Dispose();
        End("dropped");
    }

    /// <summary>The person has other rights; the server finds out in its time.</summary>
    public void MayBecome(ClientIdentity other)
    {
        MayEnd |= Events.Count > 0 || _requests.Count > 0;
        foreach (var view in Events)
            view.MayBecome(other);
        foreach (var request in _requests.Values)
            request.Rights.Add(other);
    }

    /// <summary>Keeps the positions for the next connection.</summary>
    public void Keep()
    {
        foreach (var view in States.Where(view => view.State is not null))
            _world.Bookmarks[(Slot, -1)] = view.Bookmark;
        foreach (var view in Events.Where(_ => Speech == Speech.V1))
            _world.Bookmarks[(Slot, view.Filter)] = view.Bookmark;
    }

    public void Dispose() => _pair.Dispose();

    private int[] Subs() => [.. States.Select(view => view.Sub).Concat(Events.Select(view => view.Sub)).Order()];

    private bool Say(string text)
    {
        // One who does not read cannot always speak: the server stops reading too.
        if (IsOver || !_saying.IsCompleted || _pair.Client.State != WebSocketState.Open)
            return false;
        _said++;
        Say(_pair.Client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None));
        return true;
    }

    private void Say(Task saying) => _saying = Ignore(saying);

    private static async Task Ignore(Task saying)
    {
        try
        {
            await saying.ConfigureAwait(false);
        }
        catch (Exception error) when (error is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended meanwhile.
        }
    }

    private async Task<string?> HearAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await _pair.Client.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(_buffer, 0, length);
        }
    }

    private void End(string how)
    {
        if (IsOver)
            return;
        IsOver = true;
        _hearing = null;
        Keep();
        States.Clear();
        Events.Clear();
        Must(MayEnd, $"The server ended the connection without a reason: {how}.");
    }

    private void Take(JsonObject frame)
    {
        switch (Speech)
        {
            case Speech.PlainState:
                TakePlainState(frame);
                break;
            case Speech.PlainEvents:
                TakePlainEvent(frame);
                break;
            case Speech.V1:
                TakeV1(frame);
                break;
        }
    }

    private void TakePlainState(JsonObject frame)
    {
        switch ((string?)frame["type"])
        {
            case "state_snapshot":
                var version = _world.History.FindFrom(_lastVersion, frame["state"]);
                Must(version > 0, $"There was no such state from version {_lastVersion} on: {frame.ToJsonString()}.");
                _lastVersion = version;
                break;
            case "state_event":
                Must(_lastVersion > 0, "The first frame is the state.");
                break;
            default:
                Must(false, $"Not known in this dialect: {frame.ToJsonString()}.");
                break;
        }
    }

    private void TakePlainEvent(JsonObject frame)
    {
        switch ((string?)frame["type"])
        {
            case "subscription_confirmed":
                Must(_requests.Remove(0, out var request), "It is confirmed once.");
                var events = _world.History.Events;
                var view = new EventView(0, _world.EventEpoch, request!.Filter, events.Count, request.Rights, events);
                Events.Add(view);
                break;
            case "error":
                Must(_requests.Count > 0 || MayEnd, $"Refused without a reason: {frame.ToJsonString()}.");
                MayEnd = true;
                break;
            case "ping":
                Say("""{"type":"pong"}""");
                break;
            default:
                Must(Events.Count == 1, "Nothing precedes the answer.");
                var id = (string?)frame["delivery_id"] ?? "";
                Must(id.StartsWith('d'), $"Not known in this dialect: {frame.ToJsonString()}.");
                Events[0].Came(long.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture), frame);
                break;
        }
    }

    private void TakeV1(JsonObject frame)
    {
        switch ((string?)frame["type"])
        {
            case "hello" or "pong" or "unsubscribed" or "goodbye":
                break;
            case "subscription_confirmed":
                Confirmed(frame);
                break;
            case "state_snapshot":
                State(frame)?.Snapshot(frame, Now);
                break;
            case "state_delta":
                State(frame)?.Delta(frame, Now);
                break;
            case "state_event":
                State(frame)?.Said(frame, World.RetainedStateEvents);
                break;
            case "event":
                Event(frame)?.Event(frame);
                break;
            case "gap":
                if (Event(frame) is { } view)
                    view.Gap(frame, _world.FirstHeld(view.Bookmark.Epoch));
                break;
            case "ping":
                CheckHeads(frame["heads"]?.AsObject() ?? []);
                Say("""{"type":"pong"}""");
                break;
            case "error":
                Must(Refusals.Contains((string?)frame["error"]), frame.ToJsonString());
                if (frame["id"] is { } id)
                    _requests.Remove((long)id);
                break;
            default:
                Must(false, $"Not known in this dialect: {frame.ToJsonString()}.");
                break;
        }
    }

    private void Confirmed(JsonObject frame)
    {
        Must(_requests.Remove((long)frame["id"]!, out var request), $"Confirmed, and not asked for: {frame.ToJsonString()}.");
        var (sub, epoch, seq) = ((int)frame["sub"]!, (string)frame["epoch"]!, (long)frame["seq"]!);
        var recovered = (bool)frame["recovered"]!;
        var since = request!.Since;
        Must(!recovered || since is not null && since.Epoch == epoch, "Only who comes back to the same history goes on.");
        if ((string?)frame["topic"] == "state")
        {
            long? heard = _stalledSinceJoined ? null : _world.History.SaidIn(epoch).Count;
            Must(_stalledSinceJoined || recovered || since is null || since.Epoch != epoch || since.Seq != request.HeadWhenAsked, "Whoever was at the head goes on.");
            States.Add(new StateView(sub, epoch, recovered ? since : null, heard, _world.History) { Paused = request.Paused, Rate = request.Rate });
            return;
        }

        var events = _world.History.EventsIn(epoch);
        if (!_stalledSinceJoined)
        {
            var goesOn = since is not null && since.Epoch == epoch;
            Must(seq == (goesOn ? since!.Seq : since is null ? events.Count : 0), $"It starts where it was: {frame.ToJsonString()}.");
            Must(recovered == (goesOn && since!.Seq + 1 >= _world.FirstHeld(epoch)), "It goes on if all that follows is held.");
        }

        var view = new EventView(sub, epoch, request.Filter, seq, request.Rights, events) { Paused = request.Paused };
        view.Begin();
        Events.Add(view);
    }

    // A frame may still be on its way to a subscription that was ended.
    private StateView? State(JsonObject frame) => Found(States.Find(view => view.Sub == (int)frame["sub"]!), frame);

    private EventView? Event(JsonObject frame) => Found(Events.Find(view => view.Sub == (int)frame["sub"]!), frame);

    private TView? Found<TView>(TView? view, JsonObject frame)
        where TView : class
    {
        Must(view is not null || _stalledSinceJoined, $"No frame precedes its confirmation: {frame.ToJsonString()}.");
        return view;
    }

    private void CheckHeads(JsonObject heads)
    {
        foreach (var (sub, head) in heads)
        {
            if (States.Find(view => view.Sub.ToString(System.Globalization.CultureInfo.InvariantCulture) == sub) is { } state)
                Must(state.Seq == (long)head!, $"The server says that sub {sub} is at {head}; it is at {state.Seq}.");
            if (Events.Find(view => view.Sub.ToString(System.Globalization.CultureInfo.InvariantCulture) == sub) is { } events)
                Must(events.Seq == (long)head!, $"The server says that sub {sub} is at {head}; it is at {events.Seq}.");
        }
    }

    private void Must(bool holds, string what)
    {
        if (!holds)
            throw new ViolationException($"client {Slot}: {what}");
    }
}

/// <summary>What was asked for and not answered yet.</summary>
internal sealed class Request
{
    /// <summary>The filter of events; -1 for the state.</summary>
    public int Filter { get; init; } = -1;

    public Bookmark? Since { get; init; }

    /// <summary>The newest version when it was asked.</summary>
    public long HeadWhenAsked { get; init; }

    public bool Paused { get; init; }

    public TimeSpan Rate { get; init; }

    /// <summary>What the person may see, and other rights that they got since.</summary>
    public List<ClientIdentity> Rights { get; init; } = [];
}

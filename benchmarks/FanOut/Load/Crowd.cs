using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>
/// Many WebSocket clients in one thread: connects them, reads what they are sent, counts messages by the marks in them, sees to their order
/// and times them. Costs about as much as the system's own calls. Used by one thread.
/// </summary>
internal sealed unsafe class Crowd : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CrowdPlan _plan;
    private readonly int _port;
    private readonly Connection[] _clients;
    private readonly List<Action> _others = [];
    private readonly Readiness _readiness = new();
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    private readonly byte[] _readyMark;
    private int _started;
    private int _underWay;

    // When it last looked.
    private long _now;

    public Crowd(int port, int count, CrowdPlan plan)
    {
        (_port, _plan) = (port, plan);
        _readyMark = Encoding.UTF8.GetBytes(plan.ReadyMark ?? "");
        _clients = [.. Enumerable.Range(0, count).Select(index => new Connection(index))];
    }

    public IReadOnlyList<Connection> Clients => _clients;

    /// <summary>Of messages received since it was last cleared.</summary>
    public Latency Latency { get; } = new();

    public int Served { get; private set; }

    public long Messages { get; private set; }

    public long Frames { get; private set; }

    public long Bytes { get; private set; }

    public long Gaps { get; private set; }

    public long Reordered { get; private set; }

    public long ProtocolErrors { get; private set; }

    public int Refused { get; private set; }

    public int Lost { get; private set; }

    /// <summary>The first refusal or farewell, for whoever must find out why.</summary>
    public string? FirstProblem { get; private set; }

    /// <summary>The least that a client who reads has received.</summary>
    public long Slowest
    {
        get
        {
            var least = long.MaxValue;
            foreach (var client in _clients)
            {
                if (!client.IsStuck)
                    least = Math.Min(least, client.Last);
            }

            return least;
        }
    }

    /// <summary>Connects all and waits until they are served, or are not going to be; gives how long that took.</summary>
    public TimeSpan Connect()
    {
        var began = Stopwatch.GetTimestamp();
        while (Served + Refused + Lost < _clients.Length && Stopwatch.GetElapsedTime(began) < Patience)
        {
            while (_underWay < _plan.AtOnce && _started < _clients.Length)
                Start(_clients[_started++]);
            Look(1);
        }

        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Reads for a while.</summary>
    public void Read(TimeSpan span, Action? afterEachLook = null) => ReadUntil(() => false, span, afterEachLook);

    /// <summary>Reads until something is so; false when it was not within <paramref name="limit"/>.</summary>
    public bool ReadUntil(Func<bool> isSo, TimeSpan limit, Action? afterEachLook = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(began) >= limit)
                return false;
            if (_plan.PollMilliseconds > 0)
                Thread.Sleep(_plan.PollMilliseconds);
            while (Look(_plan.PollMilliseconds > 0 ? 0 : 20) == Readiness.MostAtOnce)
            {
            }

            afterEachLook?.Invoke();
        }

        return true;
    }

    /// <summary>Has something else done in this thread whenever a socket can be read.</summary>
    public void Watch(int socket, Action read)
    {
        _readiness.Watch(socket, Readiness.CanRead, _clients.Length + _others.Count);
        _others.Add(read);
    }

    /// <summary>Does that no more.</summary>
    public void Forget(int socket) => _readiness.Forget(socket);

    public void Dispose()
    {
        foreach (var client in _clients)
            Close(client);
        _readiness.Dispose();
        NativeMemory.Free(_buffer);
    }

    private int Look(int milliseconds)
    {
        var count = _readiness.Wait(milliseconds);
        _now = Stopwatch.GetTimestamp();
        for (var number = 0; number < count; number++)
        {
            var index = _readiness.Index(number);
            if (index >= _clients.Length)
            {
                _others[index - _clients.Length]();
                continue;
            }

            var client = _clients[index];
            if (client.Is == Connection.Stage.Connecting)
                Upgrade(client);
            else if (client.Is != Connection.Stage.Closed)
                Receive(client);
        }

        return count;
    }

    private void Start(Connection client)
    {
        client.Socket = Libc.socket(Libc.AddressFamilyInternet, Libc.Stream | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (client.Socket < 0)
            throw Libc.Failed(nameof(Libc.socket));
        _underWay++;
        Libc.SetOption(client.Socket, Libc.LevelTcp, Libc.NoDelay, 1);
        if (client.Index < _plan.Stuck)
            Libc.SetOption(client.Socket, Libc.LevelSocket, Libc.ReceiveBuffer, 4096);

        // Ports of one address do not reach for tens of thousands: every 5,000 come from another one.
        var from = Libc.InternetAddress.Loopback(2 + (client.Index / 5000), 0);
        Libc.SetOption(client.Socket, Libc.LevelIp, Libc.BindAddressNoPort, 1);
        if (Libc.bind(client.Socket, &from, sizeof(Libc.InternetAddress)) != 0)
            throw Libc.Failed(nameof(Libc.bind));
        var to = Libc.InternetAddress.Loopback(1, _port);
        if (Libc.connect(client.Socket, &to, sizeof(Libc.InternetAddress)) != 0 && Marshal.GetLastPInvokeError() != Libc.InProgress)
        {
            Lose(client, $"connect: {Marshal.GetLastPInvokeErrorMessage()}");
            return;
        }

        _readiness.Watch(client.Socket, Readiness.CanWrite, client.Index);
    }

    private void Upgrade(Connection client)
    {
        int error, length = sizeof(int);
        if (Libc.getsockopt(client.Socket, Libc.LevelSocket, Libc.SocketError, &error, &length) != 0 || error != 0)
        {
            Lose(client, $"connect: {Marshal.GetPInvokeErrorMessage(error)}");
            return;
        }

        client.Is = Connection.Stage.Upgrading;
        _readiness.WatchFor(client.Socket, Readiness.CanRead, client.Index);
        Send(client, Encoding.ASCII.GetBytes(
            $"GET {_plan.Path} HTTP/1.1\r\nHost: localhost:{_port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n{InGroup(client, _plan.Headers)}\r\n"));
    }

    private void Receive(Connection client)
    {
        var kept = client.Left.Length;
        client.Left.CopyTo(new Span<byte>(_buffer, kept));
        var read = (int)Libc.recv(client.Socket, _buffer + kept, BufferSize - kept, Libc.DoNotWait);
        if (read <= 0)
        {
            if (read < 0 && Marshal.GetLastPInvokeError() is Libc.Again or Libc.Interrupted)
                return;
            Lose(client, "closed without a word");
            return;
        }

        Bytes += read;
        var bytes = new ReadOnlySpan<byte>(_buffer, kept + read);
        var used = client.Is == Connection.Stage.Upgrading ? TakeAnswer(client, bytes) : 0;
        if (client.Is is Connection.Stage.Joining or Connection.Stage.Served && !client.IsStuck)
            used += TakeFrames(client, bytes[used..]);
        if (client.Is == Connection.Stage.Closed)
            return;
        if (used < bytes.Length || kept > 0)
            client.Left = used < bytes.Length ? bytes[used..].ToArray() : [];
    }

    private int TakeAnswer(Connection client, ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return 0;
        if (!bytes.StartsWith("HTTP/1.1 101"u8) || bytes[..end].IndexOf("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="u8) < 0)
        {
            FirstProblem ??= Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 400)]);
            Refused++;
            _underWay--;
            Close(client);
            return 0;
        }

        client.Is = Connection.Stage.Joining;
        if (_plan.First is { } first)
            Say(client, 1, Encoding.UTF8.GetBytes(InGroup(client, first)));
        if (_plan.ReadyMark is null)
            Serve(client);
        return end + 4;
    }

    private void Serve(Connection client)
    {
        client.Is = Connection.Stage.Served;
        _underWay--;
        Served++;
        if (client.Index >= _plan.Stuck)
            return;
        client.IsStuck = true;
        _readiness.Forget(client.Socket);
    }

    private int TakeFrames(Connection client, ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (!client.IsStuck && client.Is != Connection.Stage.Closed && Frame.TryRead(bytes[used..], out var frame))
        {
            if (frame.IsWrong)
            {
                ProtocolErrors++;
                Lose(client, "a frame that breaks RFC 6455");
                break;
            }

            Take(client, frame, bytes.Slice(used + frame.HeaderLength, frame.Length));
            used += frame.HeaderLength + frame.Length;
        }

        return used;
    }

    private void Take(Connection client, Frame frame, ReadOnlySpan<byte> payload)
    {
        switch (frame.Operation)
        {
            case Frame.Close:
                Lose(client, $"closed: {(payload.Length > 2 ? Encoding.UTF8.GetString(payload[2..]) : "no reason")}");
                break;
            case Frame.Ping:
                Say(client, Frame.Pong, payload);
                break;
            case Frame.Pong:
                break;
            case Frame.Continuation when client.Fragments is null:
                ProtocolErrors++;
                break;
            case Frame.Text or Frame.Continuation when !frame.IsLast || client.Fragments is not null:
                (client.Fragments ??= []).AddRange(payload);
                if (!frame.IsLast)
                    break;
                var whole = CollectionsMarshal.AsSpan(client.Fragments);
                client.Fragments = null;
                TakeText(client, whole);
                break;
            case Frame.Text:
                TakeText(client, payload);
                break;
            default:
                ProtocolErrors++;
                break;
        }
    }

    private void TakeText(Connection client, ReadOnlySpan<byte> text)
    {
        Frames++;
        if (client.Is == Connection.Stage.Joining)
        {
            // What comes until then, or with it, is the past.
            if (text.IndexOf(_readyMark) >= 0)
                Serve(client);
            return;
        }

        if (text.StartsWith("{\"type\":\"ping\""u8))
            Say(client, Frame.Text, "{\"type\":\"pong\"}"u8);

        while (Mark.TryTake(ref text, out var mark))
        {
            client.Messages++;
            Messages++;
            Latency.Add((_now - mark.Time) / (Stopwatch.Frequency / 1_000_000));
            if (_plan.InOrder && client.Last >= 0 && mark.Seq != client.Last + 1)
            {
                if (mark.Seq <= client.Last)
                    Reordered++;
                else if (!_plan.MaySkip)
                    Gaps++;
            }

            if (client.First < 0)
                client.First = mark.Seq;
            client.Last = Math.Max(client.Last, mark.Seq);
            if (_plan.AnswerToEverySecond is { } answer && client.Messages % 2 == 0)
                Say(client, Frame.Text, Encoding.UTF8.GetBytes(answer));
        }
    }

    private string InGroup(Connection client, string text) => text.Replace("{i}", $"{client.Index % _plan.Groups}", StringComparison.Ordinal);

    private void Say(Connection client, int operation, ReadOnlySpan<byte> payload) => Send(client, Frame.FromClient(operation, payload));

    private void Send(Connection client, ReadOnlySpan<byte> bytes)
    {
        // A client says so little that its socket always has room.
        fixed (byte* start = bytes)
        {
            if (Libc.send(client.Socket, start, bytes.Length, Libc.NoSignal) != bytes.Length)
                Lose(client, $"send: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private void Lose(Connection client, string why)
    {
        if (client.Is == Connection.Stage.Closed)
            return;
        FirstProblem ??= why;
        if (client.Is == Connection.Stage.Served)
            Served--;
        else
            _underWay--;
        Lost++;
        Close(client);
    }

    private static void Close(Connection client)
    {
        if (client.Socket >= 0)
            Libc.Cut(client.Socket);
        client.Socket = -1;
        client.Is = Connection.Stage.Closed;
    }
}

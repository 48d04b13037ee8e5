using System.Text.Json;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>What followers saw, all together. Safe for use by any thread.</summary>
internal sealed class Tally
{
    private const int BucketsPerMillisecond = 10;

    // The last holds all that is later.
    private readonly long[] _late = new long[BucketsPerMillisecond * 5000];
    private long _frames;
    private long _lost;
    private long _disordered;
    private long _unreadable;
    private long _merged;
    private int _failed;

    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Beats that a follower was not shown.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Frames that did not follow on the one before.</summary>
    public long Disordered => Volatile.Read(ref _disordered);

    /// <summary>Frames that were not what a server sends, and texts that were not whole.</summary>
    public long Unreadable => Volatile.Read(ref _unreadable);

    /// <summary>Beats that came together with a later one.</summary>
    public long Merged => Volatile.Read(ref _merged);

    /// <summary>Connections that were refused, or ended before their time.</summary>
    public int Failed => Volatile.Read(ref _failed);

    public void AddLost(long beats) => Interlocked.Add(ref _lost, beats);

    public void AddDisordered() => Interlocked.Increment(ref _disordered);

    public void AddUnreadable() => Interlocked.Increment(ref _unreadable);

    public void AddFailed() => Interlocked.Increment(ref _failed);

    /// <summary>A frame came that brought so many beats, the last of them written at <paramref name="stamp"/>.</summary>
    public void Add(long beats, long stamp)
    {
        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _merged, beats - 1);
        var late = TimeProvider.System.GetElapsedTime(stamp).TotalMilliseconds * BucketsPerMillisecond;
        Interlocked.Increment(ref _late[(int)Math.Clamp(late, 0, _late.Length - 1)]);
    }

    /// <summary>How late that part of the frames was at most, in milliseconds.</summary>
    public double LateAt(double part)
    {
        var (sought, seen) = ((long)(part * _late.Sum()), 0L);
        for (var bucket = 0; bucket < _late.Length; bucket++)
        {
            seen += _late[bucket];
            if (seen > sought)
                return (bucket + 1.0) / BucketsPerMillisecond;
        }

        return double.NaN;
    }
}

/// <summary>
/// What one client knows of the board, from what it was sent alone: checks that each frame follows on the one before, that each beat came
/// once and in order, and that its text is whole. Used by one task at a time.
/// </summary>
internal sealed class Follower(Tally tally, int cells)
{
    private readonly long[] _cells = new long[cells];
    private readonly List<long> _brought = [];
    private long _position = -1;
    private bool _isFollowing;

    /// <summary>The number of the last beat it was shown.</summary>
    public long N { get; private set; }

    /// <summary>When the server said goodbye, in ticks of the machine's clock; 0 while it has not.</summary>
    public long Goodbye { get; private set; }

    /// <summary>Whether it was shown positions.</summary>
    public bool IsV1 => _position >= 0;

    /// <summary>Whether it was shown the state.</summary>
    public bool IsShown => _isFollowing;

    /// <summary>Whether the server asked for a sign of life that was not given yet.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>The numbers of the beats in the cells.</summary>
    public ReadOnlySpan<long> Cells => _cells;

    /// <summary>The server closed: that is a goodbye too, if it said none before.</summary>
    public void Part() => Goodbye = Goodbye == 0 ? TimeProvider.System.GetTimestamp() : Goodbye;

    /// <summary>Takes a frame of text.</summary>
    public void Take(ReadOnlySpan<byte> utf8)
    {
        IsAsked = false;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                TakeObject(ref reader);
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                TakeObject(ref reader);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            tally.AddUnreadable();
        }
    }

    private void TakeObject(ref Utf8JsonReader reader)
    {
        var (type, prev, seq, n, stamp) = ("", -1L, -1L, N, 0L);
        _brought.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            switch (name)
            {
                case "type":
                    type = reader.GetString()!;
                    break;
                case "prev":
                    prev = reader.GetInt64();
                    break;
                case "seq":
                    seq = reader.GetInt64();
                    break;
                case "n":
                    n = reader.GetInt64();
                    break;
                case "stamp":
                    stamp = reader.GetInt64();
                    break;
                case "cell":
                    TakeCell(ref reader, n % _cells.Length);
                    break;
                case "state":
                    (n, stamp) = TakeState(ref reader);
                    break;
                case "patch":
                    (n, stamp) = TakePatch(ref reader, n);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        switch (type)
        {
            case "state_snapshot":
                if (_isFollowing && (n < N || (seq >= 0 && seq < _position)))
                    tally.AddDisordered();
                if (_isFollowing)
                    Account(n, stamp, isWhole: true);
                (_isFollowing, _position, N) = (true, seq, n);
                break;

            case "state_delta":
                if (!_isFollowing || prev != _position || seq <= prev)
                    tally.AddDisordered();
                Account(n, stamp, isWhole: false);
                (_position, N) = (seq, n);
                break;

            case "progress_delta":
                if (n <= N)
                    tally.AddDisordered();
                tally.Add(Math.Max(1, n - N), stamp);
                N = n;
                break;

            case "ping":
                IsAsked = true;
                break;

            case "goodbye":
                Goodbye = TimeProvider.System.GetTimestamp();
                break;

            case "hello" or "subscription_confirmed" or "keepalive" or "pong":
                break;

            default:
                tally.AddUnreadable();
                break;
        }
    }

    // Each beat since the last must stand in its cell, but for those that a later one of the same frame has written over.
    private void Account(long n, long stamp, bool isWhole)
    {
        var owed = n - N;
        if (owed <= 0)
        {
            tally.AddDisordered();
            return;
        }

        var fresh = _brought.Where(beat => beat > N && beat <= n).Distinct().LongCount();
        if (!isWhole && fresh != _brought.Count)
            tally.AddDisordered();
        if (fresh != Math.Min(owed, _cells.Length) || owed > _cells.Length)
            tally.AddLost(owed - fresh);
        tally.Add(owed, stamp);
    }

    private (long N, long Stamp) TakeState(ref Utf8JsonReader reader)
    {
        var (n, stamp) = (0L, 0L);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            if (name == "n")
                n = reader.GetInt64();
            else if (name == "stamp")
                stamp = reader.GetInt64();
            else
                TakeCells(ref reader);
        }

        return (n, stamp);
    }

    private void TakeCells(ref Utf8JsonReader reader)
    {
        for (var cell = 0; reader.Read() && reader.TokenType == JsonTokenType.String; cell++)
            TakeCell(ref reader, cell);
    }

    private void TakeCell(ref Utf8JsonReader reader, long cell)
    {
        var beat = Board.NumberOf(reader.ValueSpan);
        if (beat < 0 || cell >= _cells.Length || (beat > 0 && beat % _cells.Length != cell))
        {
            tally.AddUnreadable();
            return;
        }

        _cells[cell] = beat;
        _brought.Add(beat);
    }

    private (long N, long Stamp) TakePatch(ref Utf8JsonReader reader, long n)
    {
        var stamp = 0L;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var path = "";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = Name(ref reader);
                reader.Read();
                if (name == "path")
                    path = reader.GetString()!;
                else if (name == "op" && !reader.ValueTextEquals("replace"u8))
                    throw new FormatException("The patch does more than replace.");
                else if (name == "value" && path == "/n")
                    n = reader.GetInt64();
                else if (name == "value" && path == "/stamp")
                    stamp = reader.GetInt64();
                else if (name == "value" && path.StartsWith("/cells/", StringComparison.Ordinal))
                    TakeCell(ref reader, long.Parse(path.AsSpan("/cells/".Length)));
                else if (name == "value")
                    throw new FormatException("The patch is of a member that the state does not have.");
            }
        }

        return (n, stamp);
    }

    // No text is made for those names that come again and again.
    private static string Name(ref Utf8JsonReader reader)
    {
        foreach (var name in Names)
        {
            if (reader.ValueTextEquals(name))
                return name;
        }

        return "";
    }

    private static readonly string[] Names = ["type", "prev", "seq", "n", "stamp", "cell", "cells", "state", "patch", "op", "path", "value"];
}

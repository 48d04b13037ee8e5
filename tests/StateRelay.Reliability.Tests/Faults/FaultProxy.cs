using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>What befalls one direction of a connection.</summary>
public enum FaultKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Every byte travels by itself.</summary>
    SingleBytes,

    /// <summary>After so many bytes nothing moves any more, until calm returns.</summary>
    Stall,

    /// <summary>After so many bytes the receiver is told that this was all; the other direction lives on.</summary>
    HalfClose,

    /// <summary>After so many bytes both sides are told that this was all.</summary>
    Cut,

    /// <summary>After so many bytes both sides are reset.</summary>
    Reset,
}

/// <summary>A fault, in which direction, and after how many bytes of that.</summary>
internal readonly record struct Fault(FaultKind Kind, bool TowardsServer, int AfterBytes)
{
    /// <summary>One chosen at random; each kind in each direction, from within the handshake to far into the stream.</summary>
    public static Fault Of(Random random) =>
        new((FaultKind)random.Next(Enum.GetValues<FaultKind>().Length), random.Next(2) == 0, random.Next(4) == 0 ? random.Next(300) : random.Next(20_000));
}

/// <summary>
/// A port on loopback that passes connections on to a server, and lets a fault befall each of them, until calm returns: from then on
/// nothing happens to those that are there or come. Safe for use by any thread.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Passage, Task> _passages = new();
    private readonly TaskCompletionSource _calm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _serverPort;
    private readonly Func<Fault> _next;
    private readonly Task _accepting;
    private int _faults;

    /// <summary>Begins to pass on.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="next">The fault of the next connection; asked by one connection at a time.</param>
    public FaultProxy(Uri server, Func<Fault> next)
    {
        (_serverPort, _next) = (server.Port, next);
        _listener.Start();
        Address = new Uri($"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>How many faults have befallen connections.</summary>
    public int Faults => Volatile.Read(ref _faults);

    /// <summary>Lets what is stalled go on, and nothing more befall anybody.</summary>
    public void Calm() => _calm.TrySetResult();

    /// <summary>Resets every connection that is open now.</summary>
    public void ResetAll()
    {
        foreach (var passage in _passages.Keys)
            passage.Reset();
    }

    public async ValueTask DisposeAsync()
    {
        Calm();
        _listener.Stop();
        await _accepting.WaitAsync(TestTimeouts.Guard);
        ResetAll();
        await Task.WhenAll(_passages.Values).WaitAsync(TestTimeouts.Guard);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var passage = new Passage(client, _calm.Task.IsCompleted ? default : _next(), _calm.Task, () => Interlocked.Increment(ref _faults));
            _passages[passage] = PassAsync(passage);
        }
    }

    private async Task PassAsync(Passage passage)
    {
        await Task.Yield();
        using (passage)
            await passage.RunAsync(_serverPort);
        _passages.TryRemove(passage, out _);
    }

    /// <summary>One connection through the proxy.</summary>
    private sealed class Passage(Socket client, Fault fault, Task calm, Action befallen) : IDisposable
    {
        private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public void Reset()
        {
            foreach (var socket in (Socket[])[client, _server])
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception error) when (IsOver(error))
                {
                    // It has ended already.
                }

                socket.Close();
            }
        }

        public async Task RunAsync(int port)
        {
            client.NoDelay = true;
            try
            {
                await _server.ConnectAsync(IPAddress.Loopback, port);
                await Task.WhenAll(PumpAsync(client, _server, towardsServer: true), PumpAsync(_server, client, towardsServer: false));
            }
            catch (Exception error) when (IsOver(error))
            {
                // Nobody listens there now.
            }
        }

        public void Dispose()
        {
            client.Dispose();
            _server.Dispose();
        }

        private async Task PumpAsync(Socket from, Socket to, bool towardsServer)
        {
            var kind = fault.TowardsServer == towardsServer ? fault.Kind : FaultKind.None;
            var left = kind is FaultKind.None or FaultKind.SingleBytes ? int.MaxValue : fault.AfterBytes;
            if (kind == FaultKind.SingleBytes)
                befallen();
            var buffer = new byte[4096];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var read)
                {
                    if (calm.IsCompleted)
                        (kind, left) = (FaultKind.None, int.MaxValue);
                    var passed = Math.Min(read, left);
                    await SendAsync(to, buffer.AsMemory(0, passed), kind == FaultKind.SingleBytes);
                    left = left == int.MaxValue ? left : left - passed;
                    if (left > 0)
                        continue;

                    left = int.MaxValue;
                    befallen();
                    if (!await BefallAsync(kind, to))
                        return;
                    await SendAsync(to, buffer.AsMemory(passed, read - passed), singly: false);
                }

                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (IsOver(error))
            {
                // What ends one direction with an error ends both, as it does without a proxy.
                Reset();
            }
        }

        // Whether the direction goes on.
        private async Task<bool> BefallAsync(FaultKind kind, Socket to)
        {
            switch (kind)
            {
                case FaultKind.Stall:
                    await calm;
                    return true;
                case FaultKind.HalfClose:
                    to.Shutdown(SocketShutdown.Send);
                    return false;
                case FaultKind.Cut:
                    client.Shutdown(SocketShutdown.Both);
                    _server.Shutdown(SocketShutdown.Both);
                    return false;
                default:
                    Reset();
                    return false;
            }
        }

        private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, bool singly)
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await to.SendAsync(singly ? bytes[..1] : bytes)..];
        }

        private static bool IsOver(Exception error) => error is SocketException or ObjectDisposedException;
    }
}

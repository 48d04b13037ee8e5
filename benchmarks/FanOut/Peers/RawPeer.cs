using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

using StateRelay.Benchmarks.FanOut.Load;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>
/// The physical limit: frames each message once and hands the same bytes to the system for every socket. It reads nothing, times nothing and
/// knows nobody.
/// </summary>
/// <param name="batched">Whether messages published together are written together; else each has a write of its own.</param>
internal sealed unsafe class RawPeer(bool batched) : IPeer
{
    private const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _gate = new();

    // Guarded by _gate; replaced whole.
    private Socket[] _clients = [];

    public int Clients
    {
        get
        {
            // It reads nothing, so that it must look who has gone.
            foreach (var client in _clients.Where(client => !IsThere((int)client.Handle)))
                Remove(client);
            return _clients.Length;
        }
    }

    public Task<int> StartAsync()
    {
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen(4096);
        new Thread(Accept) { IsBackground = true }.Start();
        return Task.FromResult(((IPEndPoint)_listening.LocalEndPoint!).Port);
    }

    public ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        var frames = new byte[burst.Length][];
        for (var index = 0; index < frames.Length; index++)
            frames[index] = Frame.FromServer(Tick.Utf8(burst.Span[index]));
        if (batched)
            frames = [Joined(frames)];

        foreach (var client in _clients)
        {
            foreach (var frame in frames)
            {
                if (!Write((int)client.Handle, frame))
                {
                    Remove(client);
                    break;
                }
            }
        }

        return default;
    }

    public ValueTask DisposeAsync()
    {
        _listening.Dispose();
        foreach (var client in _clients)
            client.Dispose();
        return default;
    }

    private static byte[] Joined(byte[][] frames)
    {
        var joined = new byte[frames.Sum(frame => frame.Length)];
        var end = 0;
        foreach (var frame in frames)
        {
            frame.CopyTo(joined, end);
            end += frame.Length;
        }

        return joined;
    }

    private static bool IsThere(int socket)
    {
        byte said;
        return Libc.recv(socket, &said, 1, Libc.Peek | Libc.DoNotWait) > 0 || Marshal.GetLastPInvokeError() == Libc.Again;
    }

    private static bool Write(int socket, byte[] frame)
    {
        fixed (byte* start = frame)
        {
            for (nint sent = 0; sent < frame.Length;)
            {
                var written = Libc.send(socket, start + sent, frame.Length - sent, Libc.NoSignal | Libc.DoNotWait);
                if (written > 0)
                {
                    sent += written;
                }
                else
                {
                    var full = new Libc.PollEntry { Descriptor = socket, Wanted = Libc.PollOut };
                    if (Marshal.GetLastPInvokeError() != Libc.Again || Libc.poll(&full, 1, -1) != 1)
                        return false;
                }
            }
        }

        return true;
    }

    private void Accept()
    {
        var request = new byte[4096];
        while (true)
        {
            Socket client;
            try
            {
                client = _listening.Accept();
            }
            catch (SocketException)
            {
                return; // disposed
            }

            client.NoDelay = true;
            var length = 0;
            while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0 && length < request.Length)
            {
                var read = client.Receive(request.AsSpan(length));
                if (read == 0)
                    break;
                length += read;
            }

            const string Name = "Sec-WebSocket-Key: ";
            var head = Encoding.ASCII.GetString(request, 0, length);
            var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                client.Dispose();
                continue;
            }

            at += Name.Length;
            var key = head[at..head.IndexOf('\r', at)];
#pragma warning disable CA5350 // what RFC 6455 asks for; no secret depends on it
            var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeGuid)));
#pragma warning restore CA5350
            client.Send(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
            lock (_gate)
                _clients = [.. _clients, client];
        }
    }

    private void Remove(Socket client)
    {
        lock (_gate)
            _clients = [.. _clients.Where(other => other != client)];
        client.Dispose();
    }
}

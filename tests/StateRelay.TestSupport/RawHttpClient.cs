using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace StateRelay.TestSupport;

/// <summary>
/// One TCP connection on which a test writes requests byte by byte, wrong ones too, and reads what really comes back. Each read
/// fails after <see cref="TestTimeouts.Guard"/> rather than hang the test.
/// </summary>
public sealed class RawHttpClient : IDisposable
{
    private static readonly TimeSpan Patience = TestTimeouts.Guard;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly byte[] _one = new byte[1];

    private RawHttpClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket);
    }

    /// <summary>Connects to 127.0.0.1 at the port of the address, whatever its host is.</summary>
    public static async Task<RawHttpClient> ConnectAsync(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", address.Port);
        return new RawHttpClient(socket);
    }

    /// <summary>Sends one request on a connection of its own and reads its answer.</summary>
    /// <param name="address">Where to connect to.</param>
    /// <param name="requestLine">The request line.</param>
    /// <param name="headers">The headers but for <c>Host</c>, which is added.</param>
    public static async Task<RawAnswer> AskAsync(Uri address, string requestLine, params string[] headers)
    {
        ArgumentNullException.ThrowIfNull(address);
        return await AskRawAsync(address, string.Join("\r\n", [requestLine, $"Host: {address.Authority}", .. headers, "", ""]));
    }

    /// <summary>Sends exactly this text on a connection of its own and reads the answer.</summary>
    public static async Task<RawAnswer> AskRawAsync(Uri address, string request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var client = await ConnectAsync(address);
        await client.SendAsync(request);
        return await client.ReadAnswerAsync(toHead: request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Says that nothing more will be sent; answers can still be read.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Reads one answer: its head, and its body by length, by chunks or to the end of the connection.</summary>
    public async Task<RawAnswer> ReadAnswerAsync(bool toHead = false)
    {
        using var patience = new CancellationTokenSource(Patience);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head.Append((char)await ReadByteAsync(patience.Token));

        var answer = RawAnswer.Parse(head.ToString());
        if (toHead || answer.Status is 204 or 304 or (>= 100 and < 200))
            return answer;
        if (answer.Header("Content-Length") is { } length)
            return answer with { Body = await ReadBytesAsync(int.Parse(length, CultureInfo.InvariantCulture), patience.Token) };
        return answer with { Body = answer.Header("Transfer-Encoding") is null ? await ReadToEndAsync(patience.Token) : await ReadChunksAsync(patience.Token) };
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public async Task<byte[]> ReadBytesAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await ReadBytesAsync(count, patience.Token);
    }

    /// <summary>Waits for the server to end the connection; false when it sends something instead.</summary>
    public async Task<bool> IsEndedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await _stream.ReadAsync(_one, patience.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task<byte> ReadByteAsync(CancellationToken patience) => (await ReadBytesAsync(1, patience))[0];

    private async Task<byte[]> ReadBytesAsync(int count, CancellationToken patience)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, patience);
        return bytes;
    }

    private async Task<byte[]> ReadChunksAsync(CancellationToken patience)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var size = new StringBuilder();
            while (!size.ToString().EndsWith("\r\n", StringComparison.Ordinal))
                size.Append((char)await ReadByteAsync(patience));
            var chunk = await ReadBytesAsync(int.Parse(size.ToString().TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) + 2, patience);
            if (chunk.Length == 2)
                return body.ToArray();
            body.Write(chunk, 0, chunk.Length - 2);
        }
    }

    private async Task<byte[]> ReadToEndAsync(CancellationToken patience)
    {
        using var body = new MemoryStream();
        await _stream.CopyToAsync(body, patience);
        return body.ToArray();
    }
}

/// <summary>An answer as it came over the wire.</summary>
public sealed record RawAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public byte[] Body { get; init; } = [];

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The value of a header; fails when it was sent more than once.</summary>
    public string? Header(string name) => All(name).SingleOrDefault();

    public IReadOnlyList<string> All(string name) =>
        [.. Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    internal static RawAnswer Parse(string head)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines[1..]
            .Select(line => line.Split(':', 2))
            .Select(parts => new KeyValuePair<string, string>(parts[0], parts[1].Trim()));
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), [.. headers]);
    }
}

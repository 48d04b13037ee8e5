using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>
/// Sends signed deliveries of GitHub's webhooks over connections that stay open, one after another on each, in the thread of a crowd that
/// follows them. Used by one thread.
/// </summary>
internal sealed unsafe class Deliveries : IDisposable
{
    private const int Connections = 8;

    // What somebody wrote of a pull request is most of its delivery.
    private static readonly string Written = string.Concat(
        Enumerable.Repeat("The harbour's lamps are lit an hour early when fog is forecast. ", 72));

    private readonly (byte[] Body, string Signature)[] _signed;
    private readonly Sender[] _senders = [.. Enumerable.Range(0, Connections).Select(_ => new Sender())];
    private readonly byte[] _answer = new byte[16 * 1024];
    private readonly int _port;
    private bool _stopping;

    public Deliveries(int port, int organizations, string secret)
    {
        _port = port;
        var key = Encoding.UTF8.GetBytes(secret);
        _signed = [.. Enumerable.Range(0, organizations).Select(Body)
            .Select(body => (body, Convert.ToHexStringLower(HMACSHA256.HashData(key, body))))];
        Accepted = new long[organizations];
    }

    /// <summary>Deliveries that were accepted, by the organization that they concern.</summary>
    public long[] Accepted { get; }

    public long AcceptedInAll { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Deliveries sent so far.</summary>
    public long Sent { get; private set; }

    public bool AreAllAnswered => Array.TrueForAll(_senders, sender => sender.Organization < 0);

    /// <summary>The first answer that was no 202.</summary>
    public string? FirstProblem { get; private set; }

    /// <summary>Begins; goes on whenever the crowd reads.</summary>
    public void Start(Crowd crowd)
    {
        foreach (var sender in _senders)
        {
            Open(crowd, sender);
            Send(sender);
        }
    }

    /// <summary>Sends no more; what was sent is still answered.</summary>
    public void Stop() => _stopping = true;

    public void Dispose()
    {
        foreach (var sender in _senders.Where(sender => sender.Socket >= 0))
            Libc.Cut(sender.Socket);
    }

    private static byte[] Body(int organization) => Encoding.UTF8.GetBytes($$"""
        {"action":"synchronize","number":7,
         "pull_request":{"number":7,"html_url":"https://github.com/org{{organization}}/rocket/pull/7","state":"open",
          "title":"Light the lamps in time","body":"{{Written}}","user":{"login":"amy","type":"User"},"head":{"ref":"lamps","sha":"{{organization:x40}}"} },
         "repository":{"name":"rocket","private":false,"html_url":"https://github.com/org{{organization}}/rocket","owner":{"login":"org{{organization}}"} },
         "organization":{"login":"org{{organization}}"},"sender":{"login":"amy","type":"User"} }
        """);

    private void Open(Crowd crowd, Sender sender)
    {
        sender.Socket = Libc.socket(Libc.AddressFamilyInternet, Libc.Stream | Libc.CloseOnExec, 0);
        var to = Libc.InternetAddress.Loopback(1, _port);
        if (sender.Socket < 0 || Libc.connect(sender.Socket, &to, sizeof(Libc.InternetAddress)) != 0)
            throw Libc.Failed(nameof(Libc.connect));
        Libc.SetOption(sender.Socket, Libc.LevelTcp, Libc.NoDelay, 1);
        crowd.Watch(sender.Socket, () => Receive(crowd, sender));
    }

    private static void Close(Crowd crowd, Sender sender)
    {
        crowd.Forget(sender.Socket);
        Libc.Cut(sender.Socket);
        sender.Socket = -1;
    }

    private void Send(Sender sender)
    {
        sender.Organization = (int)(Sent % _signed.Length);
        var (body, signature) = _signed[sender.Organization];
        var head = Encoding.ASCII.GetBytes(
            $"POST /webhook HTTP/1.1\r\nHost: localhost:{_port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n"
            + $"X-GitHub-Event: pull_request\r\nX-GitHub-Delivery: {Mark.Write(++Sent, 0)}\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n");
        byte[] request = [.. head, .. body];
        fixed (byte* start = request)
        {
            if (Libc.send(sender.Socket, start, request.Length, Libc.NoSignal) != request.Length)
                throw Libc.Failed(nameof(Libc.send));
        }
    }

    private void Receive(Crowd crowd, Sender sender)
    {
        if (sender.Socket < 0)
            return;

        int read;
        fixed (byte* start = _answer)
            read = (int)Libc.recv(sender.Socket, start, _answer.Length, Libc.DoNotWait);
        if (read < 0 && Marshal.GetLastPInvokeError() is Libc.Again or Libc.Interrupted)
            return;
        if (read <= 0)
        {
            FirstProblem ??= "closed without an answer";
            Refused++;
            sender.Organization = -1;
            Close(crowd, sender);
            return;
        }

        sender.Answer.Append(Encoding.ASCII.GetString(_answer, 0, read));
        var answer = sender.Answer.ToString();
        if (!IsWhole(answer))
            return;

        sender.Answer.Clear();
        if (answer.StartsWith("HTTP/1.1 202", StringComparison.Ordinal))
        {
            Accepted[sender.Organization]++;
            AcceptedInAll++;
        }
        else
        {
            FirstProblem ??= answer;
            Refused++;
        }

        sender.Organization = -1;

        // HttpListener ends a connection after a hundred requests, and says so.
        if (answer.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
        {
            Close(crowd, sender);
            Open(crowd, sender);
        }

        if (!_stopping)
            Send(sender);
    }

    private static bool IsWhole(string answer)
    {
        const string Length = "Content-Length: ";
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var at = answer.IndexOf(Length, 0, end, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        at += Length.Length;
        var length = answer.IndexOf('\r', at) is var stop and >= 0 ? int.Parse(answer[at..stop], CultureInfo.InvariantCulture) : 0;
        return answer.Length >= end + 4 + length;
    }

    /// <summary>One connection.</summary>
    private sealed class Sender
    {
        public int Socket { get; set; } = -1;

        /// <summary>Whom the delivery concerns that is not answered yet; -1 when there is none.</summary>
        public int Organization { get; set; } = -1;

        public StringBuilder Answer { get; } = new();
    }
}

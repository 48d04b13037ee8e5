using System.Net.Sockets;
using System.Text;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>Sends a request as it is given, wrong ones too, and reads whatever comes back until the server ends the connection.</summary>
internal static class Exchange
{
    public static async Task<string> AskAsync(Uri address, string request, byte[]? body = null)
    {
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", address.Port, guard.Token);
        using var answer = new MemoryStream();
        var received = new byte[4096];
        try
        {
            await socket.SendAsync((byte[])[.. Encoding.Latin1.GetBytes(request), .. body ?? []], guard.Token);

            while (await socket.ReceiveAsync(received, guard.Token) is > 0 and var count)
            {
                // A WebSocket would stay open, and so might a connection: it ends when nothing more can come.
                if (answer.Length == 0)
                    socket.Shutdown(SocketShutdown.Send);
                answer.Write(received, 0, count);
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}

using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace StateRelay.TestSupport;

/// <summary>Whole text messages on a WebSocket, as a viewer sends and reads them; each waits no longer than <see cref="TestTimeouts.Guard"/>.</summary>
public static class TextMessages
{
    /// <summary>Sends one text message.</summary>
    public static async Task SendTextAsync(this WebSocket socket, string text)
    {
        ArgumentNullException.ThrowIfNull(socket);
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, guard.Token);
    }

    /// <summary>The next text message, whole; null when the other side has said that it closes.</summary>
    public static async Task<string?> ReceiveTextAsync(this WebSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(4096), guard.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            message.Advance(part.Count);
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(message.WrittenSpan);
        }
    }
}

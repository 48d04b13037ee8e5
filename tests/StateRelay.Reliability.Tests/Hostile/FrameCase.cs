using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>How a raw client speaks.</summary>
public enum Speech
{
    V1,
    PlainState,
    PlainEvents,
}

/// <summary>
/// Bytes on an open WebSocket and all that comes back for them: <c>pong 1</c> for a ping of the protocol's, <c>PONG</c> with its payload for a
/// ping frame, <c>error CODE</c>, <c>confirmed</c>, <c>goodbye CODE</c>; and at the end <c>open</c> where the connection answers on, or
/// <c>close CODE</c>, or <c>gone</c> where it ends without a close frame. After a close frame the connection must end.
/// </summary>
/// <param name="Name">What it tries.</param>
/// <param name="Bytes">What is sent.</param>
/// <param name="Listener">What the listener makes of it.</param>
/// <param name="Kestrel">What Kestrel makes of it.</param>
public sealed record FrameCase(string Name, byte[] Bytes, string Listener, string Kestrel)
{
    private const string Marked = "marked";
    private const string Mark = """{"type":"ping","seq":"the mark"}""";

    /// <summary>One that is the same on both transports.</summary>
    public FrameCase(string name, byte[] bytes, string both)
        : this(name, bytes, both, both)
    {
    }

    public Speech Speech { get; init; }

    /// <summary>Whether each byte is sent by itself.</summary>
    public bool InSingleBytes { get; init; }

    /// <summary>Whether the client says that it sends nothing more.</summary>
    public bool EndsSending { get; init; }

    /// <summary>Whether the end may overtake answers that are owed: those are not told then.</summary>
    public bool OnlyTellsTheEnd { get; init; }

    public string On(Transport transport) => transport == Transport.Listener ? Listener : Kestrel;

    /// <summary>Sends it on a connection of its own and tells what came back; where the connection goes on, at least as much as is expected.</summary>
    public async Task<string> TryAsync(Uri relay, Transport transport)
    {
        using var socket = await ConnectAsync(relay);
        if (Speech == Speech.PlainState)
            await socket.ReadAsync();   // the state
        await SendAsync(socket);

        var story = new List<string>();
        var answersOn = false;
        while (await socket.ReadAsync() is { } frame)
        {
            answersOn |= Tell(frame, story);
            if (answersOn && string.Join(' ', [.. story, "open"]).Length >= On(transport).Length)
                return string.Join(' ', [.. story, "open"]);
            if (Speech == Speech.PlainEvents && story is ["confirmed"] && !answersOn)
                await socket.TrySendAsync(Wire.Frame(Wire.Text, Mark));     // before it is confirmed nothing is answered
            if (frame.Opcode != Wire.Close)
                continue;
            if (OnlyTellsTheEnd)
                story.RemoveRange(0, story.Count - 1);

            await socket.TrySendAsync(Wire.Frame(Wire.Close, frame.Payload.AsSpan(0, Math.Min(2, frame.Payload.Length))));
            socket.EndSending();
            while (await socket.ReadAsync() is { } late)
            {
                if (!OnlyTellsTheEnd)
                    story.Add($"late {late.Opcode:x}");
            }

            return string.Join(' ', story);
        }

        return string.Join(' ', [.. story, "gone"]);
    }

    public override string ToString() => Name;

    private Task<RawWebSocket> ConnectAsync(Uri relay) => Speech switch
    {
        Speech.V1 => RawWebSocket.ConnectAsync(relay, "", "Sec-WebSocket-Protocol: staterelay.v1.json", $"Authorization: Bearer {ServedRelay.AmysToken}"),
        Speech.PlainEvents => RawWebSocket.ConnectAsync(relay, "?mode=events", $"Authorization: Bearer {ServedRelay.AmysToken}"),
        _ => RawWebSocket.ConnectAsync(relay, "?mode=state"),
    };

    private async Task SendAsync(RawWebSocket socket)
    {
        if (InSingleBytes)
        {
            foreach (var one in Bytes)
            {
                if (!await socket.TrySendAsync(new[] { one }))
                    return;
            }
        }
        else
        {
            await socket.TrySendAsync(Bytes);
        }

        if (EndsSending)
            socket.EndSending();
        else if (Speech != Speech.PlainEvents)
            await socket.TrySendAsync(Wire.Frame(Wire.Text, Mark));
    }

    // Adds what the frame says; whether the answer to the mark is in it.
    private static bool Tell(WireFrame frame, List<string> story)
    {
        switch (frame.Opcode)
        {
            case Wire.Close:
                story.Add($"close {frame.CloseCode}");
                return false;
            case Wire.Pong:
                story.Add($"PONG {(frame.Payload.Length > 20 ? frame.Payload.Length : frame.Text)}");
                return false;
            case Wire.Ping:
                return false;
        }

        var marked = false;
        var said = JsonNode.Parse(frame.Text);
        foreach (var message in said is JsonArray several ? several.ToArray() : [said])
        {
            var word = (string?)message!["type"] switch
            {
                "pong" when message["seq"]?.ToJsonString() == "\"the mark\"" => Marked,
                "pong" => $"pong {message["seq"]?.ToJsonString()}",
                "error" => $"error {message["error"]}",
                "goodbye" => $"goodbye {message["code"]}",
                "subscription_confirmed" => "confirmed",
                _ => null,
            };
            if (word == Marked)
                marked = true;
            else if (word is not null)
                story.Add(word);
        }

        return marked;
    }
}

using System.Text.Json;

namespace StateRelay.Samples.WebhookRelay;

/// <summary>
/// Follows events and prints what the server tells of them, one JSON object a line, all else to standard error. Comes back with its
/// position when the connection is lost, so that it misses nothing that the server still holds; stays away when it is told to.
/// </summary>
internal sealed class Listener(ListenArguments arguments)
{
    private EventPosition? _position = arguments.Since;

    /// <summary>Follows until it is stopped, which is 0, or refused, which is 1.</summary>
    public async Task<int> RunAsync(CancellationToken stopping)
    {
        var options = new RelayConnectionOptions { Token = arguments.Token, StatusChanged = Tell };
        await using var connection = new RelayConnection(arguments.Url, options);
        try
        {
            await foreach (var item in connection.FollowEventsAsync(arguments.Wanted, arguments.Since, Print, stopping))
                Print(item);
        }
        catch (RelayRefusedException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }

        if (_position is { } position)
            Console.Error.WriteLine($"To go on from here: --since {position}");
        return 0;
    }

    private static void Tell(RelayStatus status)
    {
        if (status is { Phase: RelayPhase.Waiting, Until: { } until })
            Console.Error.WriteLine($"{status.Why} Trying again at {until.ToLocalTime():HH:mm:ss}.");
    }

    private void Print(ConfirmedSubscription confirmed)
    {
        _position = confirmed.Position;
        PrintLine("subscription_confirmed", writer =>
        {
            writer.WriteString("epoch", confirmed.Position.Epoch);
            writer.WriteNumber("seq", confirmed.Position.Seq);
            writer.WriteBoolean("recovered", confirmed.Recovered);
            writer.WriteString("organization", confirmed.InForce.Organization);
            writer.WriteString("username", confirmed.UserName);
        });
    }

    private void Print(RelayEvent item)
    {
        _position = item.Position;
        PrintLine(item.IsGap ? "gap" : "event", writer =>
        {
            writer.WriteString("epoch", item.Position.Epoch);
            writer.WriteNumber("seq", item.Position.Seq);
            if (item.IsGap)
            {
                writer.WriteString("reason", item.GapReason);
                return;
            }

            writer.WritePropertyName("event");
            writer.WriteRawValue(item.Utf8.Span);
        });
    }

    private static void PrintLine(string type, Action<Utf8JsonWriter> members)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            members(writer);
            writer.WriteEndObject();
        }

        Console.WriteLine(System.Text.Encoding.UTF8.GetString(line.ToArray()));
    }
}

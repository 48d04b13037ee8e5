namespace StateRelay.Tests.Connect.Snippets;

/// <summary>The C# of the package's README.md and of docs/client.md, word for word.</summary>
internal static class ReadmeSnippets
{
    public static async Task FollowAState(CancellationToken stopping)
    {
        // snippet: follow a state
        await using var connection = new RelayConnection(new Uri("ws://localhost:8080/ws"));
        await foreach (var state in connection.FollowStateAsync(cancellationToken: stopping))
            Console.WriteLine($"version {state.Seq}: {state}");
        // end snippet
    }

    public static async Task FollowEvents(Func<CancellationToken, ValueTask<Secret>> askForToken, EventPosition? position, Func<EventPosition, Task> keepAsync, CancellationToken stopping)
    {
        // snippet: follow events
        var options = new RelayConnectionOptions { TokenProvider = askForToken };
        await using var connection = new RelayConnection(new Uri("wss://relay.example/ws"), options);
        await foreach (var item in connection.FollowEventsAsync(new Subscription { Organization = "acme" }, since: position, cancellationToken: stopping))
        {
            Console.WriteLine(item.IsGap ? $"events may be gone: {item.GapReason}" : $"{item.Event!.Type} {item.Event.Url}");
            await keepAsync(item.Position);
        }
        // end snippet
    }
}

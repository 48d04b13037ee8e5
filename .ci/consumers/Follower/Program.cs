// Follows a relay: the state of the one whose address is given, else an event of one in this program.
using StateRelay;

using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
if (args is [var address])
{
    await using var connection = new RelayConnection(new Uri(new Uri(address), "ws"));
    await foreach (var state in connection.FollowStateAsync(cancellationToken: patience.Token))
    {
        Console.WriteLine($"  followed: version {state.Seq}, {state.Utf8.Length} characters");
        return 0;
    }
}
else
{
    using var hub = new Hub();
    var people = new StaticTokenAuthenticator([KeyValuePair.Create(new Secret("amys-token"), new ClientIdentity("amy") { Organizations = ["acme"] })]);
    await using var server = new WebServer(hub, people, new WebServerOptions { Port = null });
    await server.StartAsync();
    await using var connection = new RelayConnection(new Uri(server.Address, "ws"), new RelayConnectionOptions { Token = "amys-token" });
    var position = hub.Head;
    hub.Broadcast(new Event("push") { Url = "https://github.com/acme/site" }, EventAudience.ForOrganization("acme"));
    await foreach (var told in connection.FollowEventsAsync(new Subscription { Organization = "acme" }, position, cancellationToken: patience.Token))
    {
        Console.WriteLine($"Follower: {told.Event?.Type} {told.Event?.Url} at {told.Position.Seq}");
        return 0;
    }
}

Console.WriteLine("Nothing came.");
return 1;

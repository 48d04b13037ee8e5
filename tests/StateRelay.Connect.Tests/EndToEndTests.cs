using StateRelay.Tests.Connect.Support;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connect;

/// <summary>Real servers on a real port of this machine.</summary>
public sealed class EndToEndTests
{
    private static readonly Secret Token = new("amys-token");

    private static readonly StaticTokenAuthenticator People = new([KeyValuePair.Create(Token, new ClientIdentity("amy") { Organizations = ["acme"] })]);

    private static readonly RelayConnectionOptions Options = new() { Token = Token, MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(50) };

    [Test]
    public async Task A_server_that_is_killed_and_started_again_on_the_same_port_is_followed_on_and_no_event_is_lost()
    {
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet);
        using var hub = new Hub();
        var first = await StartAsync(store, hub, null);
        await using var connection = new RelayConnection(new Uri(first.Address, "ws"), Options);
        await using var states = connection.FollowStateAsync().Read();
        await using var events = connection.FollowEventsAsync(new Subscription { Organization = "acme" }, hub.Head).Read();
        hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        var before = await states.NextAsync();
        Assert.That((await events.NextAsync()).Position.Seq, Is.EqualTo(1));

        var port = first.Address.Port;
        await first.DisposeAsync();
        store.Update(fleet => fleet.With("t1", 70));
        hub.Broadcast(new Event("fork"), EventAudience.ForOrganization("acme"));
        await using var second = await StartAsync(store, hub, port);

        // Events belong to the hub, which has gone on; a state's history to the server, which is another one.
        var resumed = await events.NextAsync();
        var after = await states.NextAsync();
        Assert.That((resumed.Position.Seq, resumed.Event?.Type), Is.EqualTo((2, "fork")));
        Assert.That(after.Epoch, Is.Not.EqualTo(before.Epoch));
        Assert.That(after.As(TestFleetJson.Default.Fleet)!.Trucks.Single().Speed, Is.EqualTo(70));
    }

    [Test]
    public async Task Another_program_on_the_same_port_has_another_history_and_that_is_told_as_a_gap()
    {
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet);
        using var hub = new Hub();
        var first = await StartAsync(store, hub, null);
        await using var connection = new RelayConnection(new Uri(first.Address, "ws"), Options);
        await using var events = connection.FollowEventsAsync(new Subscription { Organization = "acme" }, hub.Head).Read();
        hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        await events.NextAsync();

        var port = first.Address.Port;
        await first.DisposeAsync();
        using var other = new Hub();
        other.Broadcast(new Event("fork"), EventAudience.ForOrganization("acme"));
        await using var second = await StartAsync(store, other, port);
        var gap = await events.NextAsync();
        var next = await events.NextAsync();

        Assert.That((gap.IsGap, gap.GapReason, gap.Position), Is.EqualTo((true, "epoch", other.Head with { Seq = 0 })));
        Assert.That((next.Event?.Type, next.Position), Is.EqualTo(("fork", other.Head)));
    }

    [Test]
    public async Task A_token_that_is_not_known_is_refused_for_good()
    {
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet);
        using var hub = new Hub();
        await using var server = await StartAsync(store, hub, null);
        await using var connection = new RelayConnection(new Uri(server.Address, "ws"), new RelayConnectionOptions { Token = "another" });
        await using var events = connection.FollowEventsAsync(new Subscription { Organization = "acme" }).Read();

        var error = await events.FailAsync<RelayRefusedException>();

        Assert.That(error.Error, Is.EqualTo("authentication_failed"));
    }

    private static async Task<WebServer> StartAsync(StateStore store, Hub hub, int? port)
    {
        var server = new WebServer(hub, People, new WebServerOptions { Port = port }).AddState("state", store);
        await server.StartAsync();
        return server;
    }
}

using System.Text.Json.Serialization;

namespace StateRelay.Tests.Architecture.Snippets;

/// <summary>The C# of README.md, word for word.</summary>
internal static class ReadmeSnippets
{
    public static async Task ThreeLines()
    {
        // snippet: three lines
        var job = new OperationTracker("Nightly import");
        await using var server = new WebServer(job.State, port: 8080);
        await server.StartAsync(); // http://localhost:8080

        job.Run();
        var orders = job.AddItem("orders", total: 120_000);
        orders.Start();
        orders.Advance(500); // from any thread, at any rate
        orders.Complete();
        job.Complete();
        // end snippet
    }

    public static async Task AnyObject()
    {
        // snippet: any object
        var state = new StateStore<Fleet>(new Fleet(), FleetJson.Default.Fleet);
        await using var server = new WebServer(state, new WebServerOptions { Port = null, ViewerToken = Secret.Random() });
        await server.StartAsync();
        Console.WriteLine(server.ViewerLink);

        state.Mutate(fleet => fleet.Trucks["T7"] = new Truck(Speed: 81));
        using var listening = state.OnStateChange(change => Console.WriteLine($"version {change.Version}"));
        // end snippet
    }

    public static async Task Events(Secret webhookSecret)
    {
        // snippet: events
        using var hub = new Hub();
        using var github = new GitHubAuthenticator();
        await using var server = new WebServer(hub, github, new WebServerOptions { AllowedHosts = { "relay.example.org" } });
        server.AddGitHubWebhooks(hub, new GitHubWebhookOptions { Secrets = { webhookSecret } });
        await server.StartAsync();

        hub.Broadcast(new Event("deployed") { Url = "https://example.org/42" }, EventAudience.ForOrganization("acme"));
        // end snippet
    }
}

// snippet: any object, its type
public sealed record Truck(int Speed);

public sealed class Fleet
{
    public Dictionary<string, Truck> Trucks { get; } = [];
}

[JsonSerializable(typeof(Fleet))]
internal sealed partial class FleetJson : JsonSerializerContext;
// end snippet

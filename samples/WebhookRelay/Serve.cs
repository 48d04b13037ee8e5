using Microsoft.Extensions.Logging;

namespace StateRelay.Samples.WebhookRelay;

/// <summary>Takes in deliveries and relays them, until it is told to stop.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(ServeArguments arguments, CancellationToken stopping)
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(arguments.Verbose ? LogLevel.Debug : LogLevel.Warning)
            .AddSimpleConsole(line => (line.SingleLine, line.TimestampFormat) = (true, "HH:mm:ss "))
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

        var hubOptions = new HubOptions { EnforceTiers = arguments.EnforceTiers };
        var webhooks = new GitHubWebhookOptions { Secrets = { arguments.Secret } };
        foreach (var type in arguments.AllowedEvents)
        {
            hubOptions.OfferedEventTypes.Add(type);
            webhooks.AllowedEventTypes.Add(type);
        }

        // Whoever follows shows a token that says who they are; the page, which shows what happens to all, asks for one of its own.
        var options = new WebServerOptions { ViewerToken = Secret.Random() };
        options.Port = arguments.Port ?? options.Port;
        options.MaxConnections = arguments.MaxInAll ?? options.MaxConnections;
        options.MaxConnectionsPerAddress = arguments.MaxPerAddress ?? options.MaxConnectionsPerAddress;
        foreach (var proxy in arguments.TrustedProxies)
            options.TrustedProxies.Add(proxy);

        using var gitHub = arguments.People is null
            ? new GitHubAuthenticator(new GitHubAuthenticatorOptions { AsksForPlan = arguments.EnforceTiers }, loggers)
            : null;
        using var hub = new Hub(hubOptions, loggers);
        await using var server = new WebServer(hub, arguments.People?.Authenticator ?? gitHub!, options, loggers)
            .AddGitHubWebhooks(hub, webhooks);
        try
        {
            await server.StartAsync(stopping);
        }
        catch (WebServerBindException error)
        {
            Console.Error.WriteLine($"{error.Message} Choose another port with --port N.");
            return 1;
        }

        Console.WriteLine($"Takes in deliveries at {server.Address}webhook");
        Console.WriteLine($"Watch it at {server.ViewerLink} (Ctrl+C ends it)");
        await Task.Delay(Timeout.Infinite, stopping).ContinueWith(_ => { }, TaskScheduler.Default);

        // Everybody who follows is told, and may come back.
        await server.ShutdownAsync(CancellationToken.None);
        return 0;
    }
}

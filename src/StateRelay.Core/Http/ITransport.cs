using Microsoft.Extensions.Logging;

namespace StateRelay.Http;

/// <summary>What brings a relay its requests: a listener of its own, or the server of the application that it is part of.</summary>
internal interface ITransport
{
    /// <summary>Where viewers find the relay; ends with a slash. Null while nothing listens yet.</summary>
    Uri? Address { get; }

    /// <summary>Tells this relay's cookie from those of others under the same host.</summary>
    string CookieSuffix { get; }

    /// <summary>The hosts that a request may name without being on <see cref="WebServerOptions.AllowedHosts"/>.</summary>
    IReadOnlyList<string> HostNames { get; }

    /// <summary>Logs a warning when others than this machine can connect; called where the relay itself keeps nobody out.</summary>
    void WarnWhenOpenToAll(ILogger logger);

    /// <summary>Begins to hand each request to <paramref name="handle"/>, then awaits the exchange's life.</summary>
    void Serve(Func<HttpExchange, Task> handle);

    /// <summary>Completes when all requests that are under way now are done, or is cancelled.</summary>
    Task WhenDoneAsync(CancellationToken deadline);

    /// <summary>Cuts off every request and every WebSocket that is open.</summary>
    void AbortAll();

    /// <summary>Ends what <see cref="Serve"/> began; what was bound is free when it completes.</summary>
    Task StopAsync();
}

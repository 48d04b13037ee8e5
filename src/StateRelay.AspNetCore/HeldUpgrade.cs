using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace StateRelay.AspNetCore;

/// <summary>
/// Stands between the server and the framework's WebSockets where a request becomes one, and keeps the stream that both use: a
/// WebSocket that has failed does not read any more, and somebody must until the client has gone. Used by one request.
/// </summary>
internal sealed class HeldUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>What the WebSocket reads and writes; null before it was accepted.</summary>
    public Stream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    /// <summary>Puts itself where the framework's WebSockets look, also where the application has set up its own.</summary>
    public static Task HoldAsync(HttpContext context, RequestDelegate next)
    {
        var features = context.Features;
        var upgrade = features.Get<IHttpUpgradeFeature>();
        var connect = features.Get<IHttpExtendedConnectFeature>();
        if (upgrade is { IsUpgradableRequest: true } || connect is { IsExtendedConnect: true })
        {
            var held = new HeldUpgrade(upgrade, connect);
            features.Set(held);
            features.Set<IHttpUpgradeFeature>(held);
            features.Set<IHttpExtendedConnectFeature>(held);
            features.Set<IHttpWebSocketFeature>(null);
        }

        return next(context);
    }

    public async Task<Stream> UpgradeAsync() =>
        Stream = await (upgrade ?? throw new InvalidOperationException("The request cannot be upgraded.")).UpgradeAsync().ConfigureAwait(false);

    public async ValueTask<Stream> AcceptAsync() =>
        Stream = await (connect ?? throw new InvalidOperationException("The request is no CONNECT.")).AcceptAsync().ConfigureAwait(false);
}

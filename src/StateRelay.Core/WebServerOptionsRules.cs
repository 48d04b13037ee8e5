using StateRelay.Diagnostics;
using StateRelay.Security;

namespace StateRelay;

/// <summary>The ranges of all options, checked together.</summary>
internal static class WebServerOptionsRules
{
    private const int MinPort = 1024, MaxPort = 65535;

    /// <summary>Every rule these options break, each as one sentence; empty when a server may be made of them.</summary>
    public static IReadOnlyList<string> Problems(this WebServerOptions options)
    {
        string?[] rules =
        [
            HostProblem(options.Host),
            options.PortProblem(),
            OptionRange.Problem(nameof(options.CoalescingInterval), options.CoalescingInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)),
            OptionRange.Problem(nameof(options.RetainedVersions), options.RetainedVersions, 1, 4096),
            OptionRange.Problem(nameof(options.RetainedBytes), options.RetainedBytes, 0, 1L << 30),
            OptionRange.Problem(nameof(options.RetainedStateEvents), options.RetainedStateEvents, 1, 65_536),
            OptionRange.Problem(nameof(options.MaxConnections), options.MaxConnections, 1, 100_000),
            OptionRange.Problem(nameof(options.MaxConnectionsPerAddress), options.MaxConnectionsPerAddress, 1, 100_000),
            OptionRange.Problem(nameof(options.MaxConnectsPerMinute), options.MaxConnectsPerMinute, 1, 1_000_000),
            OptionRange.Problem(nameof(options.MaxConcurrentRequests), options.MaxConcurrentRequests, 1, 10_000),
            OptionRange.Problem(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1024, 1 << 20),
            OptionRange.Problem(nameof(options.MaxSubscriptions), options.MaxSubscriptions, 1, 1024),
            OptionRange.Problem(nameof(options.FirstMessageTimeout), options.FirstMessageTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(options.WriteTimeout), options.WriteTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(options.PingInterval), options.PingInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            OptionRange.Problem(nameof(options.PongTimeout), options.PongTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            OptionRange.Problem(nameof(options.ShutdownTimeout), options.ShutdownTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        ];

        var problems = new List<string>();
        foreach (var problem in rules)
        {
            if (problem is not null)
                problems.Add(problem);
        }

        foreach (var name in options.AllowedHosts)
        {
            if (!HostHeader.TryParse(name, out var host) || host.Port is not null)
                problems.Add($"AllowedHosts must hold names or addresses without port, but has '{OptionText.Of(name)}'.");
        }

        foreach (var origin in options.AllowedOrigins)
        {
            if (origin is null || !OriginRules.IsOrigin(origin))
                problems.Add($"AllowedOrigins must hold origins like https://tools.example, but has '{OptionText.Of(origin)}'.");
        }

        foreach (var proxy in options.TrustedProxies)
        {
            if (!ProxyRules.IsNetwork(proxy))
                problems.Add($"TrustedProxies must hold addresses, or networks like 10.0.0.0/8, but has '{OptionText.Of(proxy)}'.");
        }

        return problems;
    }

    /// <summary>Whether the page may show everybody's events: to viewers who were asked who they are, or where the host says so.</summary>
    public static bool ShowsEvents(this WebServerOptions options) =>
        options.ViewerToken is not null || options.AuthorizeViewer is not null || options.ShowEventsToEveryViewer;

    /// <summary>What is wrong with the port; null when a server may have it.</summary>
    public static string? PortProblem(this WebServerOptions options) =>
        options.Port is < MinPort or > MaxPort ? $"Port must be {MinPort} to {MaxPort}, or null for any free port, but is {options.Port}." : null;

    /// <summary>The same options once more, so that who changes these later changes nothing.</summary>
    public static WebServerOptions Copy(this WebServerOptions options)
    {
        var copy = new WebServerOptions
        {
            Host = options.Host,
            Port = options.Port,
            ViewerToken = options.ViewerToken,
            AuthorizeViewer = options.AuthorizeViewer,
            ShowEventsToEveryViewer = options.ShowEventsToEveryViewer,
            RequireClientIdentification = options.RequireClientIdentification,
            CoalescingInterval = options.CoalescingInterval,
            RetainedVersions = options.RetainedVersions,
            RetainedBytes = options.RetainedBytes,
            RetainedStateEvents = options.RetainedStateEvents,
            MaxConnections = options.MaxConnections,
            MaxConnectionsPerAddress = options.MaxConnectionsPerAddress,
            MaxConnectsPerMinute = options.MaxConnectsPerMinute,
            MaxConcurrentRequests = options.MaxConcurrentRequests,
            MaxMessageBytes = options.MaxMessageBytes,
            MaxSubscriptions = options.MaxSubscriptions,
            FirstMessageTimeout = options.FirstMessageTimeout,
            WriteTimeout = options.WriteTimeout,
            PingInterval = options.PingInterval,
            PongTimeout = options.PongTimeout,
            ShutdownTimeout = options.ShutdownTimeout,
        };
        foreach (var name in options.AllowedHosts)
            copy.AllowedHosts.Add(name);
        foreach (var proxy in options.TrustedProxies)
            copy.TrustedProxies.Add(proxy);
        foreach (var origin in options.AllowedOrigins)
            copy.AllowedOrigins.Add(origin);
        return copy;
    }

    private static string? HostProblem(string host)
    {
        if (host is "*" or "localhost")
            return null;
        if (string.IsNullOrWhiteSpace(host))
            return "Host must name what to listen on: localhost, *, a host name or an IPv4 address.";
        if (host.Contains("https:", StringComparison.OrdinalIgnoreCase))
            return $"Host must be a host name or an IPv4 address, but is '{OptionText.Of(host)}'; this listener does not speak TLS: put a proxy in front, or use StateRelay.AspNetCore.";
        if (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            return $"Host must not be an IPv6 address, but is '{OptionText.Of(host)}'; this listener speaks IPv4 only: use StateRelay.AspNetCore.";
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4
            ? null
            : $"Host must be localhost, *, a host name or an IPv4 address, without scheme, port and path, but is '{OptionText.Of(host)}'.";
    }
}

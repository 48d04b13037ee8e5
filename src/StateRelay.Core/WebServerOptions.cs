namespace StateRelay;

/// <summary>
/// How a <c>WebServer</c> listens, whom it lets in and how much they may ask of it. Checked as a whole when a server is
/// made of it: every broken rule is named at once. Changing it afterwards has no effect.
/// </summary>
public sealed class WebServerOptions
{
    /// <summary>
    /// Where to listen: <c>localhost</c> for this machine only, <c>*</c> for every IPv4 address of it, or one host name or IPv4
    /// address. Default <c>localhost</c>. IPv6 addresses are refused: the listener cannot bind them.
    /// </summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The TCP port, 1024 to 65535; null for any free port, read back from <c>WebServer.Address</c>. Default 8080.</summary>
    public int? Port { get; set; } = 8080;

    /// <summary>
    /// Host names, without port, that a request's <c>Host</c> may name besides those listened on; with <see cref="Host"/> set to
    /// <c>*</c>, all that are accepted besides this machine's own addresses. Default none. Protects against DNS rebinding.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Origins (<c>https://tools.example</c>) whose pages may open <c>/ws</c> and read <c>/api/state</c>, besides the server's own.
    /// Default none.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Proxies in front of the server, by address or network (<c>10.0.0.0/8</c>), whose <c>X-Forwarded-For</c> and
    /// <c>X-Forwarded-Proto</c> tell where a client is and whether it speaks TLS. Default none: such headers are not looked at.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>
    /// A token that every request but <c>/healthz</c> and <c>/readyz</c> must carry: in the <c>Authorization: Bearer</c> header, in a
    /// <c>bearer.</c> subprotocol, or in the cookie that the printed link sets. Default null: no token is asked for.
    /// </summary>
    public Secret? ViewerToken { get; set; }

    /// <summary>Decides for each request but <c>/healthz</c> and <c>/readyz</c> whether it may go on, after the token; default null: all may.</summary>
    public Func<ViewerRequest, ValueTask<bool>>? AuthorizeViewer { get; set; }

    /// <summary>
    /// Whether viewers see the events that a hub relays, to how many they go and who follows them, also where neither
    /// <see cref="ViewerToken"/> nor <see cref="AuthorizeViewer"/> asks who they are. Default false: only viewers who were asked see that.
    /// </summary>
    public bool ShowEventsToEveryViewer { get; set; }

    /// <summary>
    /// Whether whoever opens <c>/ws</c> must say which program it is: its <c>User-Agent</c> must begin with a name and a version, like
    /// <c>my-tool/1.0</c>, as every browser's does. Default false.
    /// </summary>
    public bool RequireClientIdentification { get; set; }

    /// <summary>Least time between two versions of a state, and so the longest a change waits. Default 100 ms; 10 ms to 1 min.</summary>
    public TimeSpan CoalescingInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Versions of each state held for viewers that are behind or come back. Default 64; 1 to 4,096.</summary>
    public int RetainedVersions { get; set; } = 64;

    /// <summary>Bytes that the held versions of each state, and the deltas between them, may take besides the newest. Default 16 MiB; 0 to 1 GiB.</summary>
    public long RetainedBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>State events held for viewers that are behind or come back. Default 256; 1 to 65,536.</summary>
    public int RetainedStateEvents { get; set; } = 256;

    /// <summary>WebSocket connections in all. Default 1,000; 1 to 100,000.</summary>
    public int MaxConnections { get; set; } = 1000;

    /// <summary>WebSocket connections from one address. Default 100; 1 to 100,000.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 100;

    /// <summary>Attempts of one address to open a WebSocket in a minute, whatever comes of them. Default 1,200; 1 to 1,000,000.</summary>
    public int MaxConnectsPerMinute { get; set; } = 1200;

    /// <summary>Requests being answered at once, WebSockets not counted; more are refused with 503. Default 100; 1 to 10,000.</summary>
    public int MaxConcurrentRequests { get; set; } = 100;

    /// <summary>The largest message a client may send, in bytes. Default 32 KiB; 1 KiB to 1 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 32 * 1024;

    /// <summary>Topics that one connection may subscribe to. Default 64; 1 to 1,024.</summary>
    public int MaxSubscriptions { get; set; } = 64;

    /// <summary>How long a v1 client may take for its first message. Default 10 s; 100 ms to 10 min.</summary>
    public TimeSpan FirstMessageTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one write to a client, or one HTTP answer, may take before the connection is cut. Default 10 s; 100 ms to 10 min.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Silence of a v1 client after which it is sent a ping, and how often other viewers are sent a frame that keeps the connection
    /// alive. Default 25 s; 100 ms to 1 h.
    /// </summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a v1 client may take to show life after a ping before it is dropped. Default 10 s; 100 ms to 1 h.</summary>
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <c>WebServer.ShutdownAsync</c> lets clients and requests finish. Default 5 s; 0 to 10 min.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace StateRelay.Browser.Tests;

/// <summary>A state on a real server on a free port.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly WebServer _server;

    private Served(StateStore<JsonNode> state, WebServer server)
    {
        State = state;
        _server = server;
    }

    public StateStore<JsonNode> State { get; }

    public WebServer Server => _server;

    public Uri Address => _server.Address;

    public static Task<Served> StartAsync(string json, Action<WebServerOptions>? change = null, TimeProvider? clock = null) =>
        StartAsync(JsonNode.Parse(json)!, change, clock);

    public static async Task<Served> StartAsync(JsonNode state, Action<WebServerOptions>? change = null, TimeProvider? clock = null)
    {
        var options = new WebServerOptions { Port = null, CoalescingInterval = TimeSpan.FromMilliseconds(20) };
        change?.Invoke(options);
        var store = Store(state);
        var server = new WebServer(store, options, clock: clock);
        await server.StartAsync();
        return new Served(store, server);
    }

    public static StateStore<JsonNode> Store(JsonNode state) => new(state, AnyJson.Default.JsonNode);

    public void Mutate(Action<JsonNode> change) => State.Mutate(change);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

[JsonSerializable(typeof(JsonNode))]
internal sealed partial class AnyJson : JsonSerializerContext;

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

using StateRelay.Diagnostics;

namespace StateRelay.Http;

/// <summary>
/// Listens through <see cref="HttpListener"/>: binds, hands each request to one handler, and stops. There is no way to stop accepting
/// and go on serving, so whoever stops it refuses new requests first, waits until those under way are done, and stops it then.
/// </summary>
internal sealed class ListenerHost
{
    private const int FreePortAttempts = 20;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly HttpListener _listener;
    private readonly ListenerServices _services;
    private readonly RequestSlots _slots;
    private readonly ConcurrentDictionary<ListenerExchange, TaskCompletionSource> _open = new();

    private Task _accepting = Task.CompletedTask;
    private volatile bool _stopping;

    // Only the accepting loop touches it: whether the last request was refused for want of a slot.
    private bool _full;

    private ListenerHost(HttpListener listener, ListenerBinding binding, int port, ListenerServices services)
    {
        _listener = listener;
        _services = services;
        _slots = new RequestSlots(services.MaxConcurrentRequests);
        Binding = binding;
        Port = port;
    }

    public ListenerBinding Binding { get; }

    public int Port { get; }

    /// <summary>Begins to listen; requests wait until <see cref="Serve"/>.</summary>
    /// <param name="host">See <see cref="WebServerOptions.Host"/>.</param>
    /// <param name="port">The port; null for any that is free.</param>
    /// <param name="allowedHosts">More names to answer to, where the listener can.</param>
    /// <param name="services">What it needs of the rest.</param>
    /// <exception cref="WebServerBindException">The host or port cannot be had.</exception>
    public static ListenerHost Bind(string host, int? port, IEnumerable<string> allowedHosts, ListenerServices services)
    {
        var binding = ListenerBinding.Of(host);
        foreach (var name in allowedHosts)
        {
            if (binding.With(name) is { } wider)
                binding = wider;
            else
                Log.AllowedHostUnreachable(services.Logger, name, binding.DisplayHost);
        }

        var (listener, taken) = port is { } fixedPort
            ? (Listen(binding, host, fixedPort), fixedPort)
            : ListenOnFreePort(binding, host);
        Log.NoDelaySet(services.Logger, NoDelay.Apply(taken));
        return new ListenerHost(listener, binding, taken, services);
    }

    /// <summary>Begins to hand each request to <paramref name="handle"/>, which may take as long as a connection lives.</summary>
    public void Serve(Func<HttpExchange, Task> handle) => _accepting = AcceptAsync(handle);

    /// <summary>Completes when all requests that are under way now are done, or is cancelled.</summary>
    public Task WhenDoneAsync(CancellationToken deadline) =>
        Task.WhenAll(_open.Values.Select(done => done.Task)).WaitAsync(deadline);

    /// <summary>Cuts off every request and every WebSocket that is open.</summary>
    public void AbortAll()
    {
        foreach (var exchange in _open.Keys)
            exchange.Abort();
    }

    /// <summary>Stops listening. When it completes the port is free.</summary>
    public async Task StopAsync()
    {
        _stopping = true;
        _listener.Close();
        await _accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync(Func<HttpExchange, Task> handle)
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync().ConfigureAwait(false);
                _ = ServeOneAsync(context, handle);
            }
            catch (Exception) when (_stopping)
            {
                return;
            }
            catch (Exception error)
            {
                Log.AcceptFailed(_services.Logger, error);
                await Task.Delay(PauseAfterFailure, _services.Clock).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeOneAsync(HttpListenerContext context, Func<HttpExchange, Task> handle)
    {
        var slot = _slots.TryTake();
        var exchange = new ListenerExchange(context, _services, upgraded: () => slot?.Dispose());
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[exchange] = done;
        NoteFull(slot is null);

        // From here on another thread: the loop accepts the next request meanwhile.
        await Task.Yield();
        try
        {
            await (slot is null ? exchange.AnswerAsync(Busy()) : handle(exchange)).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.EndpointFailed(_services.Logger, error, "(handler)");
        }
        finally
        {
            exchange.End();
            slot?.Dispose();
            _open.TryRemove(exchange, out _);
            done.SetResult();
        }
    }

    private void NoteFull(bool full)
    {
        if (full && !_full)
            Log.TooManyRequests(_services.Logger, _services.MaxConcurrentRequests);
        _full = full;
    }

    private static HttpAnswer Busy() => HttpAnswer.Refusal(
        503, "too_many_requests", "As many requests are being answered as may be at once.", new KeyValuePair<string, string>("Retry-After", "1"));

    private static HttpListener Listen(ListenerBinding binding, string host, int port)
    {
        // A listener whose start has failed cannot be started again: a new one for each attempt.
        var listener = new HttpListener { IgnoreWriteExceptions = false };
        try
        {
            foreach (var name in binding.PrefixHosts)
                listener.Prefixes.Add($"http://{name}:{port}/");
            listener.Start();
            return listener;
        }
        catch (HttpListenerException error)
        {
            listener.Close();
            throw WebServerBindException.Of(error, host, port);
        }
    }

    private static (HttpListener Listener, int Port) ListenOnFreePort(ListenerBinding binding, string host)
    {
        WebServerBindException? last = null;
        for (var attempt = 0; attempt < FreePortAttempts; attempt++)
        {
            var port = ProbeFreePort();
            try
            {
                return (Listen(binding, host, port), port);
            }
            catch (WebServerBindException error) when (error.IsPortTaken)
            {
                last = error;
            }
        }

        throw WebServerBindException.NoFreePort(host, FreePortAttempts, last);
    }

    // The listener cannot be told "any port", so the system is asked for one; somebody else may take it before we do.
    private static int ProbeFreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}

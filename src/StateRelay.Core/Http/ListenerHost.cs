using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.Http;

/// <summary>
/// Listens through <see cref="HttpListener"/>: binds, hands each request to one handler, and stops. There is no way to stop accepting
/// and go on serving, so whoever stops it refuses new requests first, waits until those under way are done, and stops it then.
/// </summary>
internal sealed class ListenerHost : ITransport
{
    private const int FreePortAttempts = 20;
    private const int HastyClientAttempts = 20;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly HttpListener _listener;
    private readonly TransportServices _services;
    private readonly RequestsUnderWay _requests;

    // The host listened on, when other machines can connect to it.
    private readonly string? _openTo;

    private Task _accepting = Task.CompletedTask;
    private volatile bool _stopping;

    private ListenerHost(HttpListener listener, ListenerBinding binding, string host, int port, TransportServices services)
    {
        _listener = listener;
        _services = services;
        _requests = new RequestsUnderWay(services);
        Address = binding.Address(port);
        CookieSuffix = port.ToString(CultureInfo.InvariantCulture);
        HostNames = binding.Names;
        _openTo = binding.IsExposed ? host : null;
    }

    public Uri? Address { get; }

    // Cookies are shared by all ports of a host.
    public string CookieSuffix { get; }

    public IReadOnlyList<string> HostNames { get; }

    /// <summary>Begins to listen; requests wait until <see cref="Serve"/>.</summary>
    /// <param name="options">The host and port to have, and more names to answer to, where the listener can.</param>
    /// <param name="services">What it needs of the rest.</param>
    /// <exception cref="WebServerBindException">The host or port cannot be had.</exception>
    public static ListenerHost Bind(WebServerOptions options, TransportServices services)
    {
        var host = options.Host;
        var binding = ListenerBinding.Of(host);
        foreach (var name in options.AllowedHosts)
        {
            if (binding.With(name) is { } wider)
                binding = wider;
            else
                Log.AllowedHostUnreachable(services.Logger, name, binding.DisplayHost);
        }

        var (listener, taken) = options.Port is { } fixedPort
            ? (Listen(binding, host, fixedPort, services.Logger), fixedPort)
            : ListenOnFreePort(binding, host, services.Logger);
        Log.NoDelaySet(services.Logger, NoDelay.Apply(taken));
        return new ListenerHost(listener, binding, host, taken, services);
    }

    public void Serve(Func<HttpExchange, Task> handle) =>
        _accepting = AcceptAsync(exchange => ((ListenerExchange)exchange).TraceAsync(handle));

    public void WarnWhenOpenToAll(ILogger logger)
    {
        if (_openTo is not null)
            Log.ServerOpenToAll(logger, _openTo);
    }

    public Task WhenDoneAsync(CancellationToken deadline) => _requests.WhenDoneAsync(deadline);

    public void AbortAll() => _requests.AbortAll();

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
                _ = _requests.ServeAsync(new ListenerExchange(context, _services), handle);
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

    private static HttpListener Listen(ListenerBinding binding, string host, int port, ILogger logger)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Start(binding, host, port);
            }
            catch (ArgumentNullException error) when (attempt < HastyClientAttempts)
            {
                // .NET's listener lets clients in before it is whole, and falls over one that comes in that moment (dotnet/runtime's
                // HttpEndPointListener; reported as dotnet/corefx#35191), as those do that come back to a server started again.
                Log.ListensAgain(logger, port, error);
            }
            catch (WebServerBindException error) when (error.IsPortTaken && attempt is > 1 and < HastyClientAttempts)
            {
                // By what an attempt before has left.
            }

            // What fell over is nobody's and holds the port until it is collected.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    // Apart, so that nothing of a listener that fell over is within reach of its caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static HttpListener Start(ListenerBinding binding, string host, int port)
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

    private static (HttpListener Listener, int Port) ListenOnFreePort(ListenerBinding binding, string host, ILogger logger)
    {
        WebServerBindException? last = null;
        for (var attempt = 0; attempt < FreePortAttempts; attempt++)
        {
            var port = ProbeFreePort();
            try
            {
                return (Listen(binding, host, port, logger), port);
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

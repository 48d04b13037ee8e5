using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.Connections;

/// <summary>
/// Finds out, once, who is at the other end of a connection, in the time that there is for it. The outbox is rung when it is known.
/// </summary>
internal sealed class Authentication(IClientAuthenticator authenticator, Secret token, TimeSpan budget, Outbox outbox, AlarmClock clock, ILogger logger) : IDisposable
{
    private static readonly AuthenticationResult TooLate =
        AuthenticationResult.Refused(AuthenticationFailure.TemporarilyUnavailable, "Finding out who you are took too long; try again later.");

    private static readonly AuthenticationResult Failed =
        AuthenticationResult.Refused(AuthenticationFailure.TemporarilyUnavailable, "Finding out who you are failed; try again later.");

    // Cancelled when the time is up or the connection gone. Not disposed: the authenticator may still look at it.
    private readonly CancellationTokenSource _stop = new();

    // The first result counts.
    private AuthenticationResult? _result;

    // Only the connection's sending task touches this.
    private TimeSpan? _due;

    /// <summary>When it is known at the latest. Valid after <see cref="Look"/>.</summary>
    public TimeSpan Due => _due ?? TimeSpan.MaxValue;

    /// <summary>What came of it; null while that is not known. Begins it if need be. For the sending task.</summary>
    public AuthenticationResult? Look()
    {
        if (_due is null)
        {
            _due = clock.Now + budget;
            _ = Task.Run(AskAsync);
        }

        if (clock.Now >= _due && Interlocked.CompareExchange(ref _result, TooLate, null) is null)
            _stop.Cancel();
        return Volatile.Read(ref _result);
    }

    public void Dispose() => _stop.Cancel();

    private async Task AskAsync()
    {
        AuthenticationResult result;
        try
        {
            result = await authenticator.AuthenticateAsync(token, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!_stop.IsCancellationRequested)
                Log.AuthenticatorFailed(logger, error);
            result = Failed;
        }

        Interlocked.CompareExchange(ref _result, result, null);
        outbox.Ring();
    }
}

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.Connections;

/// <summary>
/// Finds out who is at the other end of a connection, in the time that there is for it, and asks again from time to time: rights
/// can be lost. The outbox is rung when something is known. Belongs to the connection's sending task.
/// </summary>
internal sealed class Authentication(IClientAuthenticator authenticator, Secret token, HubOptions options, Outbox outbox, AlarmClock clock, ILogger logger) : IDisposable
{
    /// <summary>How often in a row it may remain unknown whether a client still has its rights.</summary>
    public const int MaxUnconfirmed = 6;

    private static readonly AuthenticationResult TooLate =
        AuthenticationResult.Refused(AuthenticationFailure.TemporarilyUnavailable, "Finding out who you are took too long; try again later.");

    private static readonly AuthenticationResult Failed =
        AuthenticationResult.Refused(AuthenticationFailure.TemporarilyUnavailable, "Finding out who you are failed; try again later.");

    private Question? _question;
    private AuthenticationResult? _result;
    private TimeSpan _askAgainAt;
    private int _unconfirmed;

    /// <summary>When to look again at the latest. Valid after <see cref="Look"/>.</summary>
    public TimeSpan Due => _question?.Due ?? _askAgainAt;

    /// <summary>
    /// What is known; null while nothing is. Asks if it is time to. What was known stands while it is asked again, and when that
    /// cannot be found out now; but not for ever.
    /// </summary>
    public AuthenticationResult? Look()
    {
        if (_question is null && (_result is null || clock.Now >= _askAgainAt))
        {
            _question = new Question(clock.Now + options.AuthenticationTimeout);
            _ = Task.Run(() => AskAsync(_question));
        }

        if (_question?.Answer(clock.Now) is { } answer)
        {
            _question.Dispose();
            _question = null;
            _askAgainAt = clock.Now + options.RecheckInterval;
            _unconfirmed = answer.IsTemporary ? _unconfirmed + 1 : 0;
            if (_result is null || !answer.IsTemporary || _unconfirmed == MaxUnconfirmed)
                _result = answer;
        }

        return _result;
    }

    /// <summary>Whether somebody was asked whose answer was not looked at.</summary>
    public bool IsAsking => _question is not null;

    /// <summary>For one who begins to follow something: a refusal does not stand, nor does what it is time to ask again.</summary>
    public void BeginAnew()
    {
        if (_result is { Identity: null } || clock.Now >= _askAgainAt)
            _result = null;
    }

    public void Dispose() => _question?.Dispose();

    private async Task AskAsync(Question question)
    {
        AuthenticationResult result;
        try
        {
            result = await authenticator.AuthenticateAsync(token, question.Stopped).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!question.Stopped.IsCancellationRequested)
                Log.AuthenticatorFailed(logger, error);
            result = Failed;
        }

        question.Settle(result);
        outbox.Bell.Ring();
    }

    /// <summary>One time of asking: the first result counts, and being late is one.</summary>
    private sealed class Question(TimeSpan due) : IDisposable
    {
        // Cancelled when the time is up or the connection gone. Not disposed: the authenticator may still look at it.
        private readonly CancellationTokenSource _stop = new();
        private AuthenticationResult? _result;

        public TimeSpan Due => due;

        public CancellationToken Stopped => _stop.Token;

        public void Settle(AuthenticationResult result) => Interlocked.CompareExchange(ref _result, result, null);

        public AuthenticationResult? Answer(TimeSpan now)
        {
            if (now >= due)
                Settle(TooLate);
            return Volatile.Read(ref _result);
        }

        public void Dispose() => _stop.Cancel();
    }
}

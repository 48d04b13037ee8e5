using System.Diagnostics.CodeAnalysis;

namespace StateRelay.GitHub;

/// <summary>Why GitHub's API gave no answer, in words that decide what to do next.</summary>
internal enum GitHubFailure
{
    /// <summary>The token is not valid (401); the same token will not become so.</summary>
    InvalidToken,

    /// <summary>The token is valid and may not ask this (403).</summary>
    Forbidden,

    /// <summary>There is no such thing, or not for this token (404).</summary>
    NotFound,

    /// <summary>Too many requests; the hint says when to come back.</summary>
    RateLimited,

    /// <summary>GitHub cannot be reached or does not work now; later it may.</summary>
    Unavailable,

    /// <summary>GitHub answered something that is not what its documentation promises, or far too much of it.</summary>
    Unreadable,

    /// <summary>The names cannot be those of anything at GitHub; nothing was asked.</summary>
    BadName,
}

/// <summary>An answer of GitHub's API, or why there is none.</summary>
/// <param name="Value">The answer; nothing when there is a failure.</param>
/// <param name="Failure">Why there is no answer; null when there is one.</param>
/// <param name="RetryAfter">When it makes sense to ask again; null when unknown or never.</param>
internal readonly record struct GitHubAnswer<T>(T? Value, GitHubFailure? Failure = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether there is an answer.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsOk => Failure is null;

    /// <summary>The same failure, of another question.</summary>
    public GitHubAnswer<TOther> As<TOther>() => new(default, Failure, RetryAfter);

    public static implicit operator GitHubAnswer<T>(T value) => new(value);
}

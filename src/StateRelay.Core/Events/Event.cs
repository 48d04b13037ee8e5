namespace StateRelay;

/// <summary>Something that happened, as clients are told of it. What it was made from is not kept. Immutable.</summary>
/// <param name="Type">What happened, for example <c>pull_request</c>. Not empty.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1716", Justification = "It is what everybody calls it; Visual Basic can write [Event].")]
public sealed record Event(string Type)
{
    /// <inheritdoc cref="Event(string)"/>
    public string Type { get; } = string.IsNullOrWhiteSpace(Type)
        ? throw new ArgumentException("An event needs a type.", nameof(Type))
        : Type;

    /// <summary>The page it is about: a pull request's, or a repository's; null when there is none.</summary>
    public string? Url { get; init; }

    /// <summary>When the server learnt of it.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>GitHub's name of the delivery that told of it; null when it came otherwise.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>The commit it is about; null when there is none.</summary>
    public string? CommitSha { get; init; }
}

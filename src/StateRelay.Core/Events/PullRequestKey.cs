namespace StateRelay;

/// <summary>Which pull request: names are compared without regard to case, as GitHub does. Immutable.</summary>
/// <param name="Owner">The login of the repository's owner.</param>
/// <param name="Repository">The repository's name, without the owner.</param>
/// <param name="Number">From 1.</param>
public readonly record struct PullRequestKey(string Owner, string Repository, long Number)
{
    /// <inheritdoc/>
    public bool Equals(PullRequestKey other) =>
        Number == other.Number
        && string.Equals(Owner, other.Owner, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Repository, other.Repository, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        Number,
        StringComparer.OrdinalIgnoreCase.GetHashCode(Owner ?? ""),
        StringComparer.OrdinalIgnoreCase.GetHashCode(Repository ?? ""));

    /// <summary>As GitHub writes it: <c>OWNER/REPOSITORY#NUMBER</c>.</summary>
    public override string ToString() => $"{Owner}/{Repository}#{Number}";
}

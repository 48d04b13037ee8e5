using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

using StateRelay.Events;

namespace StateRelay.GitHub;

/// <summary>
/// Reads a delivery in one forward pass over its bytes, without building a tree, and keeps only what decides whom it concerns. Every event
/// type is read by the same rules, known or not; what is missing, null or of another type than documented counts as not there.
/// </summary>
internal static class WebhookReader
{
    /// <summary>More people than GitHub ever names in one delivery; what is beyond is left out, so that memory is bounded.</summary>
    public const int MaxPeople = 5000;

    /// <summary>More pull requests than GitHub ever lists for a commit; what is beyond is left out.</summary>
    public const int MaxPullRequests = 500;

    private const int MaxUrlLength = 500;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1000 };

    /// <summary>What a delivery of <paramref name="type"/> is about; null when <paramref name="body"/> is not one JSON object.</summary>
    public static WebhookNotice? Read(ReadOnlySpan<byte> body, string type)
    {
        var found = new Found(type);
        var json = new Utf8JsonReader(body, Options);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            ReadRoot(ref json, found);
            return json.Read() ? null : found.ToNotice();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void ReadRoot(ref Utf8JsonReader json, Found found)
    {
        while (NextMember(ref json))
        {
            if (Is(ref json, "action"u8))
                found.Action = Text(ref json);
            else if (Is(ref json, "repository"u8))
                ReadRepository(ref json, found);
            else if (Is(ref json, "organization"u8))
                found.Organization = TextWithin(ref json, "login"u8) ?? found.Organization;
            else if (Is(ref json, "pull_request"u8))
                ReadPullRequest(ref json, found);
            else if (Is(ref json, "issue"u8))
                ReadIssue(ref json, found);
            else if (Is(ref json, "check_run"u8))
                ReadCheck(ref json, found, "check_run");
            else if (Is(ref json, "check_suite"u8))
                ReadCheck(ref json, found, "check_suite");
            else if (Is(ref json, "workflow_run"u8))
                ReadCheck(ref json, found, "workflow_run");
            else if (Is(ref json, "workflow_job"u8))
                ReadCheck(ref json, found, "workflow_job");
            else if (Is(ref json, "merge_group"u8))
                ReadCheck(ref json, found, "merge_group");
            else if (Is(ref json, "sha"u8) && found.Type == "status")
                found.CommitSha = Text(ref json);
            else if (Is(ref json, "after"u8) && found.Type == "push")
                found.CommitSha = Text(ref json);
            else if (IsWritten(ref json))
                ReadWritten(ref json, found);
            else if (IsPerson(ref json))
                found.AddPerson(TextWithin(ref json, "login"u8));
            else if (Is(ref json, "pusher"u8))
                found.AddPerson(TextWithin(ref json, "name"u8));
            else if (Is(ref json, "commits"u8))
                ReadCommits(ref json, found);
            else if (Is(ref json, "thread"u8))
                ReadThread(ref json, found);
            else
                SkipValue(ref json);
        }
    }

    private static void ReadRepository(ref Utf8JsonReader json, Found found)
    {
        if (!BeginObject(ref json))
            return;
        while (NextMember(ref json))
        {
            if (Is(ref json, "name"u8))
                found.Repository = Text(ref json);
            else if (Is(ref json, "html_url"u8))
                found.RepositoryUrl = Address(ref json);
            else if (Is(ref json, "private"u8))
                found.IsPrivate = Flag(ref json);
            else if (Is(ref json, "visibility"u8))
                found.VisibilityText = Text(ref json);
            else if (Is(ref json, "owner"u8))
                ReadOwner(ref json, found);
            else
                SkipValue(ref json);
        }
    }

    // Pushes of old called the owner's login a name.
    private static void ReadOwner(ref Utf8JsonReader json, Found found)
    {
        if (!BeginObject(ref json))
            return;
        string? name = null;
        while (NextMember(ref json))
        {
            if (Is(ref json, "login"u8))
                found.Owner = Text(ref json);
            else if (Is(ref json, "name"u8))
                name = Text(ref json);
            else
                SkipValue(ref json);
        }

        found.Owner ??= name;
    }

    private static void ReadPullRequest(ref Utf8JsonReader json, Found found)
    {
        if (!BeginObject(ref json))
            return;
        long? number = null;
        string? url = null;
        while (NextMember(ref json))
        {
            if (Is(ref json, "number"u8))
                number = Number(ref json);
            else if (Is(ref json, "html_url"u8))
                url = Address(ref json);
            else if (Is(ref json, "state"u8))
                found.IsClosed = Text(ref json) == "closed";
            else if (Is(ref json, "head"u8) && found.Type == "pull_request")
                found.CommitSha = TextWithin(ref json, "sha"u8);
            else if (!TryReadInvolved(ref json, found))
                SkipValue(ref json);
        }

        found.AddPullRequest(number, url, otherRepository: null);
    }

    // A comment on a pull request comes as one on an issue, marked by an object; a null there marks nothing.
    private static void ReadIssue(ref Utf8JsonReader json, Found found)
    {
        if (!BeginObject(ref json))
            return;
        long? number = null;
        string? url = null;
        var isPullRequest = false;
        while (NextMember(ref json))
        {
            if (Is(ref json, "number"u8))
                number = Number(ref json);
            else if (Is(ref json, "html_url"u8))
                url = Address(ref json);
            else if (Is(ref json, "pull_request"u8))
                isPullRequest = IsObject(ref json);
            else if (!TryReadInvolved(ref json, found))
                SkipValue(ref json);
        }

        if (isPullRequest)
            found.AddPullRequest(number, url, otherRepository: null);
    }

    /// <summary>A check, or whatever else stands on a commit and lists pull requests. A check run has its suite within.</summary>
    private static void ReadCheck(ref Utf8JsonReader json, Found found, string name)
    {
        if (!BeginObject(ref json))
            return;
        while (NextMember(ref json))
        {
            if (Is(ref json, "head_sha"u8) && found.Type == name)
                found.CommitSha = Text(ref json);
            else if (Is(ref json, "pull_requests"u8))
                ReadListedPullRequests(ref json, found);
            else if (Is(ref json, "check_suite"u8))
                ReadCheck(ref json, found, "");
            else if (Is(ref json, "actor"u8) || Is(ref json, "triggering_actor"u8))
                found.AddPerson(TextWithin(ref json, "login"u8));
            else
                SkipValue(ref json);
        }
    }

    private static void ReadListedPullRequests(ref Utf8JsonReader json, Found found)
    {
        if (!BeginArray(ref json))
            return;
        while (NextObject(ref json))
        {
            long? number = null;
            string? url = null;
            string? repository = null;
            while (NextMember(ref json))
            {
                if (Is(ref json, "number"u8))
                    number = Number(ref json);
                else if (Is(ref json, "html_url"u8))
                    url = Address(ref json);
                else if (Is(ref json, "base"u8))
                    repository = RepositoryOfBase(ref json);
                else
                    SkipValue(ref json);
            }

            found.AddPullRequest(number, url, repository);
        }
    }

    /// <summary>The API address of the repository that a listed pull request wants to go into.</summary>
    private static string? RepositoryOfBase(ref Utf8JsonReader json)
    {
        if (!BeginObject(ref json))
            return null;
        string? url = null;
        while (NextMember(ref json))
        {
            if (Is(ref json, "repo"u8))
                url = TextWithin(ref json, "url"u8);
            else
                SkipValue(ref json);
        }

        return url;
    }

    /// <summary>Something that a person wrote: a review, a comment, a release and their like.</summary>
    private static void ReadWritten(ref Utf8JsonReader json, Found found)
    {
        if (!BeginObject(ref json))
            return;
        while (NextMember(ref json))
        {
            if (!TryReadInvolved(ref json, found))
                SkipValue(ref json);
        }
    }

    private static void ReadThread(ref Utf8JsonReader json, Found found)
    {
        if (!BeginObject(ref json))
            return;
        while (NextMember(ref json))
        {
            if (!Is(ref json, "comments"u8))
            {
                SkipValue(ref json);
                continue;
            }

            if (!BeginArray(ref json))
                continue;
            while (NextObject(ref json))
            {
                while (NextMember(ref json))
                {
                    if (!TryReadInvolved(ref json, found))
                        SkipValue(ref json);
                }
            }
        }
    }

    private static void ReadCommits(ref Utf8JsonReader json, Found found)
    {
        if (!BeginArray(ref json))
            return;
        while (NextObject(ref json))
        {
            while (NextMember(ref json))
            {
                if (Is(ref json, "author"u8) || Is(ref json, "committer"u8))
                    found.AddPerson(TextWithin(ref json, "username"u8));
                else
                    SkipValue(ref json);
            }
        }
    }

    /// <summary>Reads a member that says who has to do with the object it stands in; false when this one does not.</summary>
    private static bool TryReadInvolved(ref Utf8JsonReader json, Found found)
    {
        if (Is(ref json, "user"u8) || Is(ref json, "author"u8) || Is(ref json, "creator"u8) || Is(ref json, "assignee"u8) || Is(ref json, "merged_by"u8))
            found.AddPerson(TextWithin(ref json, "login"u8));
        else if (Is(ref json, "assignees"u8) || Is(ref json, "requested_reviewers"u8))
            ReadPeople(ref json, found);
        else if (Is(ref json, "body"u8))
            ReadMentions(ref json, found);
        else
            return false;
        return true;
    }

    /// <summary>Whom somebody wrote of. What was written may be most of a delivery: it is read where it is, or in memory that is lent.</summary>
    private static void ReadMentions(ref Utf8JsonReader json, Found found)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return;
        }

        if (!json.ValueSpan.Contains((byte)'@') && json.ValueSpan.IndexOf("\\u0040"u8) < 0)
            return;

        var buffer = ArrayPool<char>.Shared.Rent(json.ValueSpan.Length);
        try
        {
            found.AddMentions(buffer.AsSpan(0, json.CopyString(buffer)));
        }
        catch (InvalidOperationException)
        {
            // Half a character: JSON allows to write it, no text has it.
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static void ReadPeople(ref Utf8JsonReader json, Found found)
    {
        if (!BeginArray(ref json))
            return;
        while (NextObject(ref json))
        {
            while (NextMember(ref json))
            {
                if (Is(ref json, "login"u8))
                    found.AddPerson(Text(ref json));
                else
                    SkipValue(ref json);
            }
        }
    }

    private static bool IsWritten(ref Utf8JsonReader json) =>
        Is(ref json, "comment"u8) || Is(ref json, "review"u8) || Is(ref json, "discussion"u8) || Is(ref json, "answer"u8)
        || Is(ref json, "release"u8) || Is(ref json, "deployment"u8) || Is(ref json, "deployment_status"u8) || Is(ref json, "membership"u8);

    private static bool IsPerson(ref Utf8JsonReader json) =>
        Is(ref json, "sender"u8) || Is(ref json, "assignee"u8) || Is(ref json, "requested_reviewer"u8) || Is(ref json, "member"u8)
        || Is(ref json, "approver"u8);

    // What follows moves through the bytes: the reader stands on the name of a member, and each of these ends behind its value.
    private static bool NextMember(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    private static bool NextObject(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject)
                return true;
            json.Skip();
        }

        return false;
    }

    private static bool BeginObject(ref Utf8JsonReader json) => Begin(ref json, JsonTokenType.StartObject);

    private static bool BeginArray(ref Utf8JsonReader json) => Begin(ref json, JsonTokenType.StartArray);

    private static bool Begin(ref Utf8JsonReader json, JsonTokenType start)
    {
        json.Read();
        if (json.TokenType == start)
            return true;
        json.Skip();
        return false;
    }

    private static void SkipValue(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    private static bool IsObject(ref Utf8JsonReader json)
    {
        json.Read();
        var isObject = json.TokenType == JsonTokenType.StartObject;
        json.Skip();
        return isObject;
    }

    private static bool? Flag(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType is JsonTokenType.True or JsonTokenType.False)
            return json.GetBoolean();
        json.Skip();
        return null;
    }

    /// <summary>A whole number from 1; 5.0 and 5e0 are none.</summary>
    private static long? Number(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var number) && number >= 1)
            return number;
        json.Skip();
        return null;
    }

    private static string? TextWithin(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        if (!BeginObject(ref json))
            return null;
        string? text = null;
        while (NextMember(ref json))
        {
            if (Is(ref json, name))
                text = Text(ref json);
            else
                SkipValue(ref json);
        }

        return text;
    }

    private static string? Address(ref Utf8JsonReader json) =>
        Text(ref json) is { Length: <= MaxUrlLength } url && (url.StartsWith("https://", StringComparison.Ordinal) || url.StartsWith("http://", StringComparison.Ordinal))
            ? url
            : null;

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return null;
        }

        try
        {
            return json.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;     // half a character: JSON allows to write it, no text has it
        }
    }

    private static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        if (!json.ValueIsEscaped)
            return json.ValueTextEquals(name);
        try
        {
            return json.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>What was found so far; members come in any order, so it is put together at the end.</summary>
    private sealed class Found(string type)
    {
        private readonly HashSet<string> _people = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<(long Number, string? Url, string? Repository)> _pullRequests = [];

        public string Type => type;

        public string? Action { get; set; }

        public string? Owner { get; set; }

        public string? Organization { get; set; }

        public string? Repository { get; set; }

        public string? RepositoryUrl { get; set; }

        public bool? IsPrivate { get; set; }

        public string? VisibilityText { get; set; }

        public string? CommitSha { get; set; }

        public bool IsClosed { get; set; }

        public void AddPerson(string? login)
        {
            if (login is not null && _people.Count < MaxPeople)
                _people.Add(login);
        }

        public void AddMentions(ReadOnlySpan<char> text) => Mentions.Collect(text, _people, MaxPeople);

        public void AddPullRequest(long? number, string? url, string? otherRepository)
        {
            if (number is { } value && _pullRequests.Count < MaxPullRequests)
                _pullRequests.Add((value, url, otherRepository));
        }

        public WebhookNotice ToNotice()
        {
            var pullRequests = PullRequestsOfRepository();
            return new WebhookNotice
            {
                Action = Action,
                Audience = new EventAudience
                {
                    Organization = Owner ?? Organization,
                    Repository = Repository,
                    PullRequests = [.. pullRequests.Select(pullRequest => pullRequest.Key)],
                    People = [.. _people],
                    Visibility = Visibility,
                },
                PullRequests = pullRequests,
                RepositoryUrl = RepositoryUrl,
                CommitSha = GitHubNames.IsCommit(CommitSha) && CommitSha.AsSpan().ContainsAnyExcept('0') ? CommitSha : null,
                IsClosed = IsClosed,
            };
        }

        // Only what is said to be public, in the way that is documented, is.
        private Visibility Visibility =>
            IsPrivate == true || VisibilityText is "private" or "internal" ? Visibility.Private
            : IsPrivate == false ? Visibility.Public
            : Visibility.Unknown;

        private ImmutableArray<WebhookPullRequest> PullRequestsOfRepository()
        {
            if (Owner is null || Repository is null)
                return [];

            var seen = new HashSet<long>();
            var all = ImmutableArray.CreateBuilder<WebhookPullRequest>();
            foreach (var (number, url, repository) in _pullRequests)
            {
                // A commit of a fork is also listed with the pull requests of where it wants to go, and of others.
                if (repository is not null && !repository.EndsWith($"/{Owner}/{Repository}", StringComparison.OrdinalIgnoreCase))
                    continue;
                if (!seen.Add(number))
                    continue;
                var address = url ?? (RepositoryUrl is { } home ? string.Create(CultureInfo.InvariantCulture, $"{home}/pull/{number}") : null);
                if (address is not null)
                    all.Add(new WebhookPullRequest(new PullRequestKey(Owner, Repository, number), address));
            }

            return all.ToImmutable();
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay.Samples.WebhookRelay;

/// <summary>Who has which token, read from a file. Immutable.</summary>
internal sealed class People(IReadOnlyList<KeyValuePair<Secret, ClientIdentity>> table)
{
    /// <summary>Knows them by their tokens.</summary>
    public IClientAuthenticator Authenticator { get; } = new StaticTokenAuthenticator(table);

    /// <summary>Reads the file; where it cannot, says why in one sentence, which holds no token.</summary>
    public static bool TryRead(string file, [NotNullWhen(true)] out People? people, [NotNullWhen(false)] out string? problem)
    {
        (people, problem) = (null, null);
        Dictionary<string, Person>? entries = null;
        try
        {
            entries = JsonSerializer.Deserialize(File.ReadAllBytes(file), PeopleJson.Default.DictionaryStringPerson);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"The tokens cannot be read: {error.Message}";
            return false;
        }
        catch (JsonException error)
        {
            // Its message would tell the token at fault.
            problem = $"The tokens cannot be read: line {error.LineNumber + 1} of \"{file}\" is not as it should be.";
            return false;
        }

        if (entries is not { Count: > 0 })
            problem = $"\"{file}\" holds no token, so that nobody could follow.";
        else if (entries.Any(entry => entry.Key.Length == 0 || string.IsNullOrWhiteSpace(entry.Value?.UserName)))
            problem = $"\"{file}\" must give every token, none of them empty, a username.";
        if (problem is not null)
            return false;

        people = new People([.. entries!.Select(entry => KeyValuePair.Create<Secret, ClientIdentity>(entry.Key, entry.Value.ToIdentity()))]);
        return true;
    }
}

/// <summary>One entry of the file.</summary>
internal sealed record Person
{
    [JsonPropertyName("username")]
    public required string UserName { get; init; }

    public string[]? Organizations { get; init; }

    public ClientTier Tier { get; init; }

    public ClientIdentity ToIdentity() => new(UserName) { Organizations = [.. Organizations ?? []], Tier = Tier };
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Dictionary<string, Person>))]
internal sealed partial class PeopleJson : JsonSerializerContext;

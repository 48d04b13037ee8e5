using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>Checks options when they are first read, and names every rule that they break.</summary>
internal sealed class ValidateByRules : IValidateOptions<WebServerOptions>, IValidateOptions<HubOptions>, IValidateOptions<GitHubWebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebServerOptions options) => Result(name, options.Problems());

    public ValidateOptionsResult Validate(string? name, HubOptions options) => Result(name, options.Problems());

    public ValidateOptionsResult Validate(string? name, GitHubWebhookOptions options) => Result(name, options.Problems());

    private static ValidateOptionsResult Result(string? name, IEnumerable<string> problems)
    {
        string[] named = [.. problems.Select(problem => string.IsNullOrEmpty(name) ? problem : $"{name}: {problem}")];
        return named.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(named);
    }
}

using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>Checks options when the host starts, before anything runs, and names every broken rule at once.</summary>
internal sealed class ValidateByRules : IValidateOptions<WebServerOptions>
{
    public ValidateOptionsResult Validate(string? name, WebServerOptions options)
    {
        string[] problems = [.. options.Problems().Select(problem => string.IsNullOrEmpty(name) ? problem : $"{name}: {problem}")];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}

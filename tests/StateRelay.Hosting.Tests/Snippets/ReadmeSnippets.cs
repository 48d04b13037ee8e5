using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace StateRelay.Tests.Hosting.Snippets;

/// <summary>The C# of README.md that needs a generic host, word for word.</summary>
internal static class ReadmeSnippets
{
    public static async Task GenericHost(string[] args)
    {
        // snippet: generic host
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddStateRelay(options => options.Port = 8080)
            .AddOperation("Nightly import");
        await builder.Build().RunAsync();
        // end snippet
    }
}

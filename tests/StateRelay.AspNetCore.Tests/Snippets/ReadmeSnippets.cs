using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Tests.AspNetCore.Snippets;

/// <summary>The C# of README.md that needs ASP.NET Core, word for word.</summary>
internal static class ReadmeSnippets
{
    public static async Task Application(string[] args)
    {
        // snippet: application
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddAuthorization();
        builder.Services.AddStateRelay().AddOperation("Nightly import");

        var app = builder.Build();
        app.MapStateRelay("/relay").RequireAuthorization();
        await app.RunAsync();
        // end snippet
    }
}

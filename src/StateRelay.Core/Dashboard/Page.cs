using System.Reflection;

using StateRelay.Http;

namespace StateRelay.Dashboard;

/// <summary>
/// The built-in page: every file embedded in the assembly, each at a path of its own (<c>/</c> for <c>index.html</c>,
/// <c>/static/NAME</c> for the rest). No path of a request ever reaches a file system.
/// </summary>
internal static class Page
{
    private const string Folder = "assets/";
    private const string Index = "index.html";

    private static readonly Lazy<IReadOnlyList<StaticAsset>> Assets = new(Load);

    /// <summary>The routes of the page.</summary>
    public static IEnumerable<Route> Routes() =>
        Assets.Value.Select(asset => new Route(asset.Path, ["GET", "HEAD"], exchange => exchange.AnswerAsync(asset.For(exchange))));

    private static IReadOnlyList<StaticAsset> Load()
    {
        var assembly = typeof(Page).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => Load(assembly, name))];
    }

    private static StaticAsset Load(Assembly assembly, string resource)
    {
        var name = resource[Folder.Length..].Replace('\\', '/');
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new StaticAsset(name == Index ? "/" : "/static/" + name, ContentTypeOf(name), content);
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => HttpAnswer.Html,
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".json" => HttpAnswer.Json,
        ".txt" => "text/plain; charset=utf-8",
        ".webmanifest" => "application/manifest+json",
        var other => throw new InvalidOperationException($"The embedded file {name} has an extension without a content type: {other}."),
    };
}

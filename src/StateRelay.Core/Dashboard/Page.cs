using System.Net;
using System.Text;

using StateRelay.Http;

namespace StateRelay.Dashboard;

/// <summary>
/// The built-in page: every file embedded in the assembly, each at a path of its own. At <c>/</c> is <c>index.html</c>, which is told
/// what there is to show, or <c>nothing.html</c> where there is nothing; the rest is at <c>/static/NAME</c>. No path of a request
/// ever reaches a file system.
/// </summary>
internal static class Page
{
    private const string Folder = "assets/";
    private const string Document = "index.html";
    private const string DocumentOfNothing = "nothing.html";
    private const string NoTopics = """<meta name="topics" content="">""";

    private static readonly Lazy<List<StaticAsset>> Assets = new(LoadAll);

    /// <summary>The routes of the page.</summary>
    /// <param name="topics">The names of the states that it may show, in order.</param>
    public static IEnumerable<Route> Routes(IReadOnlyList<string> topics)
    {
        var routes = new List<Route> { RouteOf(DocumentFor(topics)) };
        foreach (var asset in Assets.Value)
            routes.Add(RouteOf(asset));
        return routes;
    }

    private static Route RouteOf(StaticAsset asset) =>
        new(asset.Path, ["GET", "HEAD"], exchange => exchange.AnswerAsync(asset.For(exchange)));

    private static StaticAsset DocumentFor(IReadOnlyList<string> topics) => new("/", HttpAnswer.Html, () =>
    {
        var html = Encoding.UTF8.GetString(Read(topics.Count == 0 ? DocumentOfNothing : Document));
        var named = WebUtility.HtmlEncode(string.Join(' ', topics));
        return Encoding.UTF8.GetBytes(html.Replace(NoTopics, $"""<meta name="topics" content="{named}">""", StringComparison.Ordinal));
    });

    private static List<StaticAsset> LoadAll()
    {
        var assets = new List<StaticAsset>();
        foreach (var resource in typeof(Page).Assembly.GetManifestResourceNames())
        {
            if (resource.StartsWith(Folder, StringComparison.Ordinal) && resource[Folder.Length..] is var name && !IsDocument(name))
                assets.Add(Load(name));
        }

        return assets;
    }

    private static bool IsDocument(string name) => name is Document or DocumentOfNothing;

    private static StaticAsset Load(string name) => new("/static/" + name.Replace('\\', '/'), ContentTypeOf(name), () => Read(name));

    private static byte[] Read(string name)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream(Folder + name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
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

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Paths that would lead out of what is served, or to it by another name.</summary>
public sealed class PathTests(Transport transport) : HostileTests(transport)
{
    private const string Nothing = "404 not_found closed";

    private static readonly HttpCase[] Cases =
    [
        Path("the folder of files", "/static/", Nothing),
        Path("the folder of files without its slash", "/static", Nothing),
        Path("a file that is the page", "/static/index.html", Nothing),
        Path("a file that is not there", "/static/nothing.js", Nothing),
        Path("out of the files, to the state", "/static/../api/state", "200 open"),
        Path("out of the files, escaped", "/static/%2e%2e/api/state", "200 open"),
        Path("out of the files, half escaped", "/static/.%2e/api/state", "200 open"),
        Path("out of the files, by an escaped slash", "/static/..%2fapi/state", Nothing),
        Path("out of the files, all escaped", "/static/%2e%2e%2fapi%2fstate", Nothing),
        Path("out of the files, escaped twice", "/static/%252e%252e/api/state", Nothing),
        Path("out of the files, by backslashes", "/static/..\\..\\etc\\passwd", Nothing),
        Path("out of the files, by escaped backslashes", "/static/..%5c..%5cetc%5cpasswd", Nothing),
        Path("out of everything", "/../../../../etc/passwd", Nothing),
        Path("out of everything, escaped", "/%2e%2e/%2e%2e/etc/passwd", Nothing),
        Path("out of everything, by overlong UTF-8", "/static/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", Nothing),
        Path("out of everything, by wide dots", "/static/%ef%bc%8e%ef%bc%8e/etc/passwd", Nothing),
        Path("out of everything, by escapes of IIS", "/static/%u002e%u002e/etc/passwd", Nothing),
        Path("four dots", "/static/....//....//etc/passwd", Nothing),
        Path("dots and a semicolon", "/static/..;/api/state", Nothing),
        Path("a file of the system", "/etc/passwd", Nothing),
        Path("a drive", "/static/c%3a/windows/win.ini", Nothing),
        Path("a share", "//evil.example/share", Nothing),
        Path("a stream of a file", "/static/page.js::$DATA", Nothing),
        Path("a home", "/~root/", Nothing),
        Path("a repository", "/.git/config", Nothing),
        Path("settings", "/appsettings.json", Nothing),
        Path("the icon that browsers ask for", "/favicon.ico", Nothing),
        Path("a text for robots", "/robots.txt", Nothing),
        Path("well known places", "/.well-known/security.txt", Nothing),
        Path("the page with a dot", "/.", "200 open"),
        Path("the page with two dots", "/..", "200 open"),
        Path("the page with an escaped dot", "/%2e", "200 open"),
        Path("the page by two slashes", "//", Nothing),
        Path("the page by its name", "/index.html", Nothing),
        Path("the state with a slash", "/api/state/", Nothing),
        Path("the state with two slashes", "/api//state", Nothing),
        Path("the state with an escaped slash", "/api%2fstate", Nothing),
        Path("the state with an escaped letter", "/%61pi/state", "200 open"),
        Path("the state in upper case", "/API/STATE", Nothing),
        Path("the state with a parameter", "/api/state;v=1", Nothing),
        Path("the state with NUL", "/api/state%00", Nothing, "400 closed"),
        Path("the state with a line's end", "/api/state%0d%0aX-Thing:%20one", Nothing),
        Path("the state with a blank", "/api/state%20", Nothing),
        Path("the state with a dot", "/api/state.", Nothing),
        Path("the state with an extension", "/api/state.json", Nothing),
        Path("the stream with a slash", "/ws/", Nothing),
        Path("the stream in upper case", "/WS", Nothing),
        Path("the health with a slash", "/healthz/", Nothing),
        Path("a percent sign alone", "/%", Nothing),
        Path("a percent sign and a letter", "/%z", Nothing),
        Path("half a sign of UTF-8", "/%c3", Nothing),
        Path("a surrogate in UTF-8", "/%ed%a0%80", Nothing),
        Path("raw UTF-8", "/\xc3\xa9", Nothing, "400 closed"),
        Path("raw bytes", "/\xff\xfe", Nothing, "400 closed"),
        Path("angle brackets", "/<script>", Nothing),
        Path("a formula of a template", "/${7*7}{{7*7}}", Nothing),
        Path("1,000 folders", "/" + string.Concat(Enumerable.Repeat("a/", 1000)), Nothing),
        Path("1,000 folders and out of them again", "/" + string.Concat(Enumerable.Repeat("a/", 500)) + string.Concat(Enumerable.Repeat("../", 500)) + "api/state", "200 open"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task A_path_has_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases.Concat(OfEveryFile()), one => one.Name);

    private static IEnumerable<HttpCase> OfEveryFile()
    {
        const string Folder = "assets/";
        foreach (var file in typeof(WebServer).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && !name.EndsWith(".html", StringComparison.Ordinal)))
        {
            var name = file[Folder.Length..];
            yield return Path($"{name} through another folder", $"/static/x/../{name}", "200 open");
            yield return Path($"{name} by its escapes", $"/static/{Escaped(name)}", "200 open");
            yield return Path($"{name} with a slash", $"/static/{name}/", Nothing);
            yield return Path($"{name} behind two slashes", $"/static//{name}", Nothing);
            yield return Path($"{name} with NUL", $"/static/{name}%00.png", Nothing, "400 closed");
            yield return Path($"{name} with an escaped way out", $"/static/{name}%2f..%2f..%2f", Nothing);
            yield return Path($"{name} in upper case", $"/static/{name.ToUpperInvariant()}", Nothing);
            yield return Path($"{name} without its folder", $"/{name}", Nothing);
        }
    }

    private static string Escaped(string name) => string.Concat(name.Select(letter => $"%{(int)letter:x2}"));

    private static HttpCase Path(string name, string path, string both) => Path(name, path, both, both);

    private static HttpCase Path(string name, string path, string listener, string kestrel) =>
        new(name, $"GET {path} HTTP/1.1\r\nHost: @HOST@\r\n\r\n", listener, kestrel);
}

using System.Globalization;
using System.Text;

namespace StateRelay.Benchmarks.Support;

/// <summary>Deliveries like GitHub's: most of one is addresses and people, described again and again, and what somebody wrote.</summary>
internal static class Payload
{
    private const string Sentence = "The harbour's lamps are lit an hour early when fog is forecast, says @bob; see \\\"Fog\\\".\\r\\n";

    /// <summary>A delivery of a pull request of about so many bytes.</summary>
    public static byte[] PullRequest(int bytes)
    {
        var reviewers = Math.Clamp(bytes / 5000, 1, 15);
        var people = string.Join(',', Enumerable.Range(0, reviewers).Select(index => Person($"reviewer{index}")));
        var without = Text(people, "");
        var body = string.Concat(Enumerable.Repeat(Sentence, Math.Max(1, (bytes - without.Length) / Sentence.Length)));
        return Encoding.UTF8.GetBytes(Text(people, body));
    }

    private static string Text(string people, string body) => $$"""
        {"action":"synchronize","number":7,"pull_request":{"url":"https://api.github.com/repos/acme/rocket/pulls/7","id":1700000007,
        "html_url":"https://github.com/acme/rocket/pull/7","number":7,"state":"open","locked":false,"title":"Light the lamps in time",
        "user":{{Person("amy")}},"body":"{{body}}","created_at":"2026-11-21T22:00:00Z","assignees":[],"requested_reviewers":[{{people}}],
        "head":{"label":"amy:lamps","ref":"lamps","sha":"0123456789abcdef0123456789abcdef01234567","user":{{Person("amy")}},"repo":{{Repository}}},
        "base":{"label":"acme:main","ref":"main","sha":"89abcdef0123456789abcdef0123456789abcdef","user":{{Person("acme")}},"repo":{{Repository}}},
        "draft":false,"merged":false,"comments":12,"commits":3,"additions":120,"deletions":7,"changed_files":9},
        "before":"89abcdef0123456789abcdef0123456789abcdef","after":"0123456789abcdef0123456789abcdef01234567",
        "repository":{{Repository}},"organization":{{Person("acme")}},"sender":{{Person("amy")}} }
        """;

    private static string Person(string login) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"login":"{{login}}","id":100{{login.Length}},"node_id":"MDQ6VXNlcjEwMDE=","avatar_url":"https://avatars.example.com/u/1001?v=4",
        "url":"https://api.github.com/users/{{login}}","html_url":"https://github.com/{{login}}",
        "repos_url":"https://api.github.com/users/{{login}}/repos","type":"User","site_admin":false}
        """);

    private static string Repository => $$"""
        {"id":4200,"name":"rocket","full_name":"acme/rocket","private":false,"owner":{{Person("acme")}},"html_url":"https://github.com/acme/rocket",
        "description":null,"fork":false,"url":"https://api.github.com/repos/acme/rocket","default_branch":"main","open_issues":3,"topics":["fog"]}
        """;
}

using System.Text.Json;

using StateRelay.GitHub;
using StateRelay.Protocol;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>Bodies of deliveries.</summary>
public sealed class WebhookFuzzTests
{
    private static readonly string[] Words =
    [
        "\"repository\":", "\"organization\":", "\"pull_request\":", "\"pull_requests\":[", "\"check_run\":", "\"check_suite\":", "\"commits\":[", "\"sender\":{\"login\":\"amy\"}",
        "\"login\":", "\"html_url\":", "\"number\":", "\"head\":", "\"sha\":", "\"body\":\"@amy @bob\"", "\"assignees\":[{\"login\":\"x\"}]", "\"private\":true", "\"owner\":{", "@",
    ];

    private static readonly string[] Types = ["pull_request", "push", "status", "check_run", "check_suite", "issue_comment", "something_new"];

    [Test]
    public void Any_body_is_read_or_is_none()
    {
        var types = Corpus.Deliveries().Select(delivery => delivery.Type).Concat(Types).Distinct().ToArray();

        FuzzLoop.Run(Corpus.Deliveries().Select(delivery => delivery.Body), Words, input =>
        {
            var type = types[input.Length % types.Length];
            var notice = WebhookReader.Read(input, type);

            Corpus.Must(notice is not null == IsObject(input), "What is a JSON object is read, and nothing else.");
            if (notice is null)
                return;
            Corpus.Must(notice.Audience.People.Count <= WebhookReader.MaxPeople && notice.PullRequests.Length <= WebhookReader.MaxPullRequests, "What is kept is bounded.");
            Corpus.MustBeJson(PlainEventFrames.Event(new Event(type) { Url = notice.PullRequests.FirstOrDefault()?.Url ?? notice.RepositoryUrl, CommitSha = notice.CommitSha }));
        }, cost: 2);
    }

    private static bool IsObject(byte[] input)
    {
        try
        {
            using var document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = 1000 });
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

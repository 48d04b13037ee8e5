using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using StateRelay.Operations;

namespace StateRelay.Tests.Operations;

public sealed class OperationJsonTests
{
    private ManualClock _clock = null!;
    private OperationTracker _job = null!;

    [SetUp]
    public void MakeAnOperationThatHasSomethingOfEverything()
    {
        _clock = new ManualClock();
        _job = new OperationTracker("Nightly import", new OperationTrackerOptions { Unit = "rows" }, _clock);
        var orders = _job.AddItem("orders", total: 120_000);
        _job.AddItem("files", unit: "files");
        orders.Start(worker: 1);
        orders.Advance(500);
        _job.SetDetail("source", "Host=db1");
        _job.SetMetric("speed", 88, "rows/s");
        _job.Log(OperationLogLevel.Info, "begun", orders);
        _job.AddError("bad row", orders);
        _job.AddWarning("slow");
        _clock.Push(2000);
    }

    [TearDown]
    public void DisposeTheTracker() => _job.Dispose();

    [Test]
    public void The_json_has_exactly_the_members_that_the_page_reads()
    {
        var json = JsonNode.Parse(Written())!;
        json["id"] = "8f0c2d4e6a7b9c01";

        Assert.That(json.ToJsonString(new JsonSerializerOptions { WriteIndented = false }), Is.EqualTo(
            """
            {"view":"operation","id":"8f0c2d4e6a7b9c01","title":"Nightly import","status":"running","unit":"rows",
            "startTime":"2026-11-21T22:00:00Z","details":{"source":"Host=db1"},
            "summary":{"items":2,"waiting":1,"active":1,"completed":0,"failed":0,"skipped":0,"cancelled":0,"done":500,"total":120000,
            "percent":0.2,"speed":250,"retries":0,"errors":1,"warnings":1},
            "items":[{"name":"orders","status":"running","total":120000,"done":500,"percent":0.4,"speed":250,"secondsLeft":478,
            "startTime":"2026-11-21T22:00:00Z","retries":0,"errors":1,"warnings":0,"worker":1},
            {"name":"files","status":"pending","unit":"files","done":0,"speed":0,"retries":0,"errors":0,"warnings":0}],
            "metrics":[{"name":"speed","unit":"rows/s","value":88,"history":[{"id":1,"time":"2026-11-21T22:00:00Z","value":88}]}],
            "log":[{"id":1,"time":"2026-11-21T22:00:00Z","level":"info","message":"begun","item":"orders"}],
            "errors":[{"id":1,"time":"2026-11-21T22:00:00Z","message":"bad row","item":"orders","fatal":false}],
            "warnings":[{"id":1,"time":"2026-11-21T22:00:00Z","message":"slow"}]}
            """.ReplaceLineEndings("")));
    }

    [Test]
    public void What_is_written_from_kept_pieces_is_what_is_written_anew()
    {
        var first = Written();
        var second = Written();
        var again = JsonSerializer.Deserialize(first, OperationJson.Default.OperationState);

        Assert.That(second, Is.EqualTo(first));
        Assert.That(JsonSerializer.Serialize(again, OperationJson.Default.OperationState), Is.EqualTo(first));
    }

    [Test]
    public void Texts_of_any_kind_are_written_and_read_back()
    {
        var name = "über \"x\" </script> \u0001 \U0001F600 " + "\uD800";
        _job.AddItem(name);
        _job.Publish();

        var read = JsonSerializer.Deserialize(Written(), OperationJson.Default.OperationState)!;

        Assert.That(read.Items[2].Name, Is.EqualTo(name.Replace('\uD800', '\uFFFD')));
    }

    [Test]
    public void A_progress_delta_has_the_summary_and_the_items_that_move_or_are_done()
    {
        using var state = JsonDocument.Parse(Written());
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            _job.State.Options.ProgressProjection!(writer, state.RootElement);
            writer.WriteEndObject();
        }

        var delta = JsonNode.Parse(buffer.WrittenSpan)!;
        Assert.That(delta["summary"]!.ToJsonString(), Is.EqualTo(state.RootElement.GetProperty("summary").GetRawText()));
        Assert.That(
            delta["items"]!.ToJsonString(),
            Is.EqualTo("""[{"name":"orders","status":"running","done":500,"total":120000,"percent":0.4,"speed":250}]"""));
    }

    private string Written()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            _job.State.Write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

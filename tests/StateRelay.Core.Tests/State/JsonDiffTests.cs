using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StateRelay.State;

namespace StateRelay.Tests.State;

public sealed class JsonDiffTests
{
    private static readonly ImmutableArray<string> Keys = ["id", "key", "name"];

    [TestCase("1", "1")]
    [TestCase("""{"a":[1,{"b":null}]}""", """{"a":[1,{"b":null}]}""")]
    [TestCase("""{"a":1,"b":{"c":2,"d":3}}""", """{"b":{"d":3,"c":2},"a":1}""")]
    [TestCase("""{"a":"a"}""", """{"\u0061":"\u0061"}""")]
    [TestCase("""{"a":1,"a":2}""", """{"a":1,"a":2}""")]
    public void Equal_documents_give_an_empty_patch(string from, string to)
    {
        Assert.That(Diff(from, to), Is.EqualTo("[]"));
    }

    [TestCase("1", "2", """[{"op":"replace","path":"","value":2}]""", TestName = "Another_root_replaces_the_whole")]
    [TestCase("{}", "[]", """[{"op":"replace","path":"","value":[]}]""", TestName = "A_root_of_another_type_replaces_the_whole")]
    [TestCase("""{"a":1,"p":"long enough to stay"}""", """{"a":1.0,"p":"long enough to stay"}""", """[{"op":"replace","path":"/a","value":1.0}]""", TestName = "Numbers_differ_when_their_text_does")]
    [TestCase("""{"a":1,"p":"long enough to stay"}""", """{"p":"long enough to stay"}""", """[{"op":"remove","path":"/a"}]""", TestName = "A_member_that_is_gone_is_removed")]
    [TestCase("""{"p":"long enough to stay"}""", """{"a":null,"p":"long enough to stay"}""", """[{"op":"add","path":"/a","value":null}]""", TestName = "A_member_that_is_null_is_there")]
    [TestCase("""{"":1,"p":"long enough to stay"}""", """{"":2,"p":"long enough to stay"}""", """[{"op":"replace","path":"/","value":2}]""", TestName = "An_empty_name_has_a_pointer")]
    [TestCase("""{"~/":1,"p":"long enough to stay"}""", """{"~/":2,"p":"long enough to stay"}""", """[{"op":"replace","path":"/~0~1","value":2}]""", TestName = "Tilde_and_slash_are_escaped_in_pointers")]
    [TestCase("""{"\u007e\/\u002F\"":1,"p":"long enough to stay"}""", """{"\u007e\/\u002F\"":2,"p":"long enough to stay"}""", """[{"op":"replace","path":"/~0~1~1\"","value":2}]""", TestName = "Tilde_and_slash_are_escaped_in_pointers_also_when_JSON_had_escaped_them")]
    [TestCase("""{"a":1,"a":2,"p":"long enough to stay"}""", """{"a":3,"a":2,"p":"long enough to stay"}""", """[{"op":"replace","path":"","value":{"a":3,"a":2,"p":"long enough to stay"}}]""", TestName = "An_object_that_names_a_member_twice_is_replaced")]
    public void The_patch_says_what_changed(string from, string to, string patch)
    {
        Assert.That(Diff(from, to), Is.EqualTo(patch));
    }

    [Test]
    public void A_window_of_a_thousand_lines_that_slides_by_three_costs_six_operations()
    {
        var from = Lines(0, 1000);
        var to = Lines(3, 1000);

        var patch = Operations(from, to);

        Assert.That(patch, Has.Count.EqualTo(6));
        Assert.That(Encoding.UTF8.GetByteCount(patch.ToJsonString()), Is.LessThan(700));
    }

    [Test]
    public void A_window_of_values_without_keys_slides_as_cheaply()
    {
        var from = $$"""{"values":[{{Numbers(0, 1000)}}]}""";
        var to = $$"""{"values":[{{Numbers(3, 1000)}}]}""";

        Assert.That(Operations(from, to), Has.Count.EqualTo(6));
    }

    [Test]
    public void An_item_inserted_in_front_is_one_addition()
    {
        var patch = Operations(List(1, 2, 3, 4), List(9, 1, 2, 3, 4));

        Assert.That(patch, Has.Count.EqualTo(1));
        Assert.That(Said(patch[0]), Is.EqualTo("add /items/0"));
    }

    [TestCase(new[] { 1, 2, 3, 4, 5 }, new[] { 1, 5, 2, 3, 4 }, "move /items/4 /items/1")]
    [TestCase(new[] { 1, 2, 3, 4, 5 }, new[] { 2, 3, 4, 1, 5 }, "move /items/0 /items/3")]
    public void An_item_that_changed_its_place_is_one_move(int[] from, int[] to, string move)
    {
        var patch = Operations(List(from), List(to));

        Assert.That(patch, Has.Count.EqualTo(1));
        Assert.That(Said(patch[0]), Is.EqualTo(move));
    }

    [Test]
    public void An_item_that_moved_and_changed_is_changed_where_it_was()
    {
        var from = List(1, 2, 3, 4, 5);
        var to = List(1, 5, 2, 3, 4).Replace("\"number 5\"", "\"number five\"", StringComparison.Ordinal);

        var patch = Operations(from, to);

        Assert.That(patch.Select(Said), Is.EqualTo(new[] { "replace /items/4/text", "move /items/4 /items/1" }));
    }

    [Test]
    public void Items_that_nothing_identifies_are_compared_by_position()
    {
        var patch = Operations("""{"l":[[1],[2],[3],[4]],"p":"long enough to stay what it is"}""", """{"l":[[1],[7],[3],[4]],"p":"long enough to stay what it is"}""");

        Assert.That(patch.Select(Said), Is.EqualTo(new[] { "replace /l/1/0" }));
    }

    [Test]
    public void A_key_that_is_not_unique_is_passed_over_for_the_next()
    {
        var from = """[{"id":0,"name":"a","x":"some text to keep"},{"id":0,"name":"b","x":"some text to keep"},{"id":0,"name":"c","x":"some text to keep"}]""";
        var to = """[{"id":0,"name":"b","x":"some text to keep"},{"id":0,"name":"c","x":"some text to keep"},{"id":0,"name":"a","x":"some text to keep"}]""";

        var patched = JsonPatchClient.Apply(JsonPatchClient.Read(from), JsonPatchClient.Read(Diff(from, to)!));

        Assert.That(JsonPatchClient.Same(patched, JsonPatchClient.Read(to)), Is.True);
    }

    [TestCase("odd\\", "odd\\\\")]
    [TestCase("o\"dd", "o\\\"dd")]
    [TestCase("é", "\\u00e9")]
    public void A_key_may_have_any_name(string key, string written)
    {
        var from = List(1, 2, 3, 4, 5).Replace("id", written, StringComparison.Ordinal);
        var to = List(1, 5, 2, 3, 4).Replace("id", written, StringComparison.Ordinal);
        var patch = new ArrayBufferWriter<byte>();

        JsonDiff.TryWrite(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to), [key], int.MaxValue, patch);

        Assert.That(JsonPatchClient.Read(patch.WrittenMemory)!.AsArray().Select(Said), Is.EqualTo(new[] { "move /items/4 /items/1" }));
    }

    [Test]
    public void An_item_is_the_same_however_its_key_is_escaped()
    {
        var from = """[{"id":"\ud83d\ude00","n":1},{"id":"b","n":1},{"id":"\u0063","n":1},{"id":"d","n":1}]""";
        var to = """[{"id":"😀","n":2},{"id":"b","n":1},{"id":"d","n":1}]""";

        Assert.That(Operations(from, to).Select(Said), Is.EqualTo(new[] { "replace /0/n", "remove /2" }));
    }

    [Test]
    public void A_list_that_was_emptied_is_replaced()
    {
        var patch = Operations(Lines(0, 1000), """{"log":[]}""");

        Assert.That(patch, Has.Count.EqualTo(1));
    }

    [Test]
    public void Gives_up_when_the_patch_would_be_larger_than_allowed()
    {
        var from = """{"a":1,"p":"long enough to stay"}""";
        var to = """{"a":2,"p":"long enough to stay"}""";
        var size = Diff(from, to)!.Length;

        Assert.That(Diff(from, to, size), Is.Not.Null);
        Assert.That(Diff(from, to, size - 1), Is.Null);
        Assert.That(Diff("1", "1", 2), Is.EqualTo("[]"));
        Assert.That(Diff("1", "1", 1), Is.Null);
    }

    [TestCase("reversed")]
    [TestCase("shuffled")]
    [TestCase("all replaced")]
    [TestCase("slid by half")]
    public void Ten_thousand_items_turned_over_cost_no_more_than_the_list(string how)
    {
        var numbers = Enumerable.Range(0, 10_000).ToArray();
        var others = numbers.ToArray();
        switch (how)
        {
            case "reversed":
                Array.Reverse(others);
                break;
            case "shuffled":
                new Random(7).Shuffle(others);
                break;
            case "all replaced":
                others = [.. numbers.Select(number => number + 10_000)];
                break;
            default:
                others = [.. numbers.Select(number => number + 5_000)];
                break;
        }

        var (from, to) = (List(numbers), List(others));
        var patch = Diff(from, to, to.Length + 100);

        Assert.That(patch, Is.Not.Null.And.Length.LessThanOrEqualTo(to.Length + 100));
        Assert.That(JsonPatchClient.Same(JsonPatchClient.Apply(JsonPatchClient.Read(from), JsonPatchClient.Read(patch!)), JsonPatchClient.Read(to)), Is.True);
    }

    [TestCase(64)]
    [TestCase(500)]
    [TestCase(100_000)]
    public void Nesting_is_never_too_deep(int depth)
    {
        var from = Deep(depth, "1");
        var to = Deep(depth, "2");

        var patch = Diff(from, to, 10 * to.Length);

        Assert.That(patch, Is.Not.Null);
        if (depth <= 500)
            Assert.That(JsonPatchClient.Same(JsonPatchClient.Apply(JsonPatchClient.Read(from), JsonPatchClient.Read(patch!)), JsonPatchClient.Read(to)), Is.True);
    }

    [Test]
    public void White_space_between_tokens_means_nothing()
    {
        var from = """ { "a" : [ 1 , { "id" : 1 , "x" : 2 } , 3 ] , "b" : "x" , "p" : "long enough to stay" } """;
        var to = """{"a":[1,{"id":1,"x":3 }, 3 ],"b":"x" , "p" : "long enough to stay"}""";

        Assert.That(Operations(from, to).Select(Said), Is.EqualTo(new[] { "replace /a/1/x" }));
    }

    [TestCase("few changes")]
    [TestCase("slid")]
    [TestCase("reordered")]
    public void Memory_does_not_grow_with_the_state(string how)
    {
        var small = Allocated(how, 1_000);
        var large = Allocated(how, 4_000);

        Assert.That(small, Is.LessThan(1_000));
        Assert.That(large, Is.LessThan(1_000));
    }

    // The most that any of several runs allocated once the pools are warm would count a collection that emptied them: so the least.
    private static long Allocated(string how, int count)
    {
        var numbers = Enumerable.Range(0, count).ToArray();
        var from = Encoding.UTF8.GetBytes(List(numbers));
        var to = Encoding.UTF8.GetBytes(how switch
        {
            "slid" => List([.. numbers.Select(number => number + 3)]),
            "reordered" => List([.. numbers[10..], .. numbers[..10]]),
            _ => ChangeTwenty(List(numbers), count / 20),
        });
        var patch = new ArrayBufferWriter<byte>(100_000);
        var least = long.MaxValue;
        for (var run = 0; run < 10; run++)
        {
            patch.ResetWrittenCount();
            var before = GC.GetAllocatedBytesForCurrentThread();
            JsonDiff.TryWrite(from, to, Keys, 50_000, patch);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(patch.WrittenCount, Is.GreaterThan(2));
        return least;
    }

    private static string ChangeTwenty(string json, int step)
    {
        for (var item = 0; item < 20; item++)
            json = json.Replace($"\"number {item * step}\"", $"\"changed {item}\"", StringComparison.Ordinal);
        return json;
    }

    private static string Deep(int depth, string leaf)
    {
        var text = new StringBuilder();
        for (var level = 0; level < depth; level++)
            text.Append(level % 2 == 0 ? "{\"a\":" : "[");
        text.Append(leaf);
        for (var level = depth - 1; level >= 0; level--)
            text.Append(level % 2 == 0 ? '}' : ']');
        return text.ToString();
    }

    private static string Lines(int first, int count) => $$"""{"log":[{{string.Join(',', Enumerable.Range(first, count)
        .Select(line => $$"""{"id":{{line}},"time":"2026-11-21T22:00:00Z","message":"line {{line}} of the log"}"""))}}]}""";

    private static string Numbers(int first, int count) =>
        string.Join(',', Enumerable.Range(first, count).Select(number => (number * 1.25).ToString(CultureInfo.InvariantCulture)));

    private static string List(params int[] numbers) => $$"""{"items":[{{string.Join(',', numbers
        .Select(number => $$"""{"id":{{number}},"text":"number {{number}}","status":"something that stays as it is"}"""))}}]}""";

    private static string Said(JsonNode? operation) =>
        string.Join(' ', new[] { operation!["op"], operation["from"], operation["path"] }.Where(part => part is not null));

    private static JsonArray Operations(string from, string to)
    {
        var patch = JsonPatchClient.Read(Diff(from, to)!)!.AsArray();
        var patched = JsonPatchClient.Apply(JsonPatchClient.Read(from), patch.DeepClone());
        Assert.That(JsonPatchClient.Same(patched, JsonPatchClient.Read(to)), Is.True, patch.ToJsonString());
        return patch;
    }

    private static string? Diff(string from, string to, int maxBytes = int.MaxValue)
    {
        var patch = new ArrayBufferWriter<byte>();
        return JsonDiff.TryWrite(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to), Keys, maxBytes, patch)
            ? Encoding.UTF8.GetString(patch.WrittenSpan)
            : null;
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using StateRelay.State;

namespace StateRelay.Tests.State;

public sealed class JsonDiffPropertyTests
{
    private static readonly ImmutableArray<string> Keys = ["id", "key", "name"];

    [Test]
    public void The_patch_makes_any_document_of_any_other()
    {
        Randomly.Check(SomeJson.Any.Zip(SomeJson.Any, (from, to) => (from, to)), 500, pair => Verify($"{pair.from}", $"{pair.to}"));
    }

    [Test]
    public void The_patch_makes_any_document_of_what_it_was_some_changes_ago()
    {
        var chains = from document in SomeJson.Any
                     from choices in Choices.Some
                     from length in Gen.Choose(1, 6)
                     select (document, choices, length);

        Randomly.Check(chains, 500, chain =>
        {
            var to = chain.document;
            for (var change = 0; change < chain.length; change++)
            {
                var from = to;
                to = to.Changed(chain.choices);
                Verify($"{from}", $"{to}");
            }

            Verify($"{chain.document}", $"{to}");
        });
    }

    [Test]
    public void The_patch_makes_any_list_with_keys_of_any_other()
    {
        var keys = from count in Gen.Choose(0, 12)
                   from numbers in Gen.Shuffle(Enumerable.Range(0, 16).ToArray())
                   from kind in Gen.Choose(0, 4)
                   select numbers.Take(count).Select(number => Key(kind, number)).ToArray();
        var pairs = from one in SomeJson.KeyedList(keys)
                    from other in SomeJson.KeyedList(keys)
                    from choices in Choices.Some
                    from changes in Gen.Choose(0, 2)
                    select (one, Enumerable.Range(0, changes).Aggregate(other, (list, _) => list.Changed(choices)));

        Randomly.Check(pairs, 1000, pair => Verify(pair.one.ToString(), pair.Item2.ToString()));
    }

    [Test]
    public void Windows_slide_for_what_left_and_came()
    {
        var windows = from length in Gen.Choose(100, 150)
                      from left in Gen.Choose(0, 10)
                      from came in Gen.Choose(0, 10)
                      from kind in Gen.Choose(0, 2)
                      select (length, left, came, kind);

        Randomly.Check(windows, 200, window =>
        {
            var from = Window(0, window.length, window.kind);
            var to = Window(window.left, window.length + window.came, window.kind);

            var operations = Verify(from, to);

            Assert.That(operations, Is.EqualTo(window.left + window.came));
        });
    }

    [Test]
    public void Moves_are_as_few_as_the_items_that_must_move()
    {
        var orders = from count in Gen.Choose(1, 30)
                     from order in Gen.Shuffle(Enumerable.Range(0, count).ToArray())
                     select order;

        Randomly.Check(orders, 300, order =>
        {
            var from = List(Enumerable.Range(0, order.Length));
            var to = List(order);

            var operations = Verify(from, to);

            Assert.That(operations, Is.LessThanOrEqualTo(order.Length - LongestRising(order)));
        });
    }

    private static string Key(int kind, int number) => kind switch
    {
        0 => number.ToString(CultureInfo.InvariantCulture),
        1 => $"\"{number}\"",
        2 => number % 2 == 0 ? $"{number}" : $"\"{number}\"",
        3 => $"{number % 5}",
        _ => number % 7 == 0 ? "null" : $"{number}",
    };

    private static string Window(int first, int end, int kind) => $$"""{"log":[{{string.Join(',', Enumerable.Range(first, end - first)
        .Select(line => kind == 2 ? $"\"line number {line} without any key\"" : $$"""{"id":{{Key(kind, line)}},"message":"line number {{line}}"}"""))}}]}""";

    // Long enough items that moving one is always cheaper than replacing the list.
    private static string List(IEnumerable<int> numbers) => $"[{string.Join(',', numbers
        .Select(number => $$"""{"id":{{number}},"text":"a text that is much longer than an operation that moves it to another place"}"""))}]";

    private static int LongestRising(int[] numbers)
    {
        var longest = new int[numbers.Length];
        for (var index = 0; index < numbers.Length; index++)
            longest[index] = 1 + Enumerable.Range(0, index).Where(before => numbers[before] < numbers[index]).Select(before => longest[before]).DefaultIfEmpty().Max();
        return longest.Max();
    }

    // Gives the number of operations.
    private static int Verify(string from, string to)
    {
        var patch = new ArrayBufferWriter<byte>();
        var before = Encoding.UTF8.GetBytes(from);
        var after = Encoding.UTF8.GetBytes(to);

        Assert.That(JsonDiff.TryWrite(before, after, Keys, int.MaxValue, patch), Is.True);

        var text = Encoding.UTF8.GetString(patch.WrittenSpan);
        var operations = JsonPatchClient.Read(text)!;
        var count = operations.AsArray().Count;
        var patched = JsonPatchClient.Apply(JsonPatchClient.Read(from), operations);
        Assert.That(JsonPatchClient.Same(patched, JsonPatchClient.Read(to)), Is.True, $"{from}\n{to}\n{text}");
        Assert.That(text, Has.Length.LessThan(after.Length + 50));
        if (JsonPatchClient.Same(JsonPatchClient.Read(from), JsonPatchClient.Read(to)) && IsPlain(before, 100) && IsPlain(after, 100))
            Assert.That(text, Is.EqualTo("[]"), $"{from}\n{to}");

        VerifyLimit(before, after, patch.WrittenCount);
        return count;
    }

    private static void VerifyLimit(byte[] from, byte[] to, int size)
    {
        foreach (var limit in new[] { size, size - 1, size / 2 })
        {
            var patch = new ArrayBufferWriter<byte>();
            if (JsonDiff.TryWrite(from, to, Keys, limit, patch))
                Assert.That(patch.WrittenCount, Is.InRange(2, limit));
            else
                Assert.That((patch.WrittenCount, limit < size), Is.EqualTo((0, true)), $"limit {limit} of {size}");
        }
    }

    // What is equal costs nothing, unless an object has a name twice or lies very deep: those are replaced when their bytes differ.
    private static bool IsPlain(byte[] json, int depth)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 10_000 });
        return IsPlain(document.RootElement, depth);
    }

    private static bool IsPlain(JsonElement element, int depth) => depth > 0 && element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(member => IsPlain(member.Value, depth - 1))
            && element.EnumerateObject().DistinctBy(member => member.Name).Count() == element.EnumerateObject().Count(),
        JsonValueKind.Array => element.EnumerateArray().All(item => IsPlain(item, depth - 1)),
        _ => true,
    };
}

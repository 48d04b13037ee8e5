using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

using StateRelay.State;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>Patches between any two documents: a client that knows nothing of the library applies them.</summary>
public sealed class JsonDiffFuzzTests
{
    private static readonly ImmutableArray<string> Keys = ["id", "key", "name"];

    private static readonly string[] Documents =
    [
        """{"name":"fleet","trucks":[{"id":"T1","speed":81},{"id":"T2","speed":0,"cargo":"bricks"},{"id":"T3","speed":7}],"load":0.25}""",
        """{"items":[{"id":1,"done":10},{"id":2,"done":20},{"id":3,"done":30},{"id":4}],"log":["a","b","c","d","e"],"status":"running"}""",
        """{"a":{"b":{"c":{"d":[[[1,2],[3]],[]]}}},"~":1,"/":2,"":3,"a/b~c":{"m~0n":4}}""",
        """[{"key":"x","key":"y"},{"name":"\u0061"},{"id":null},{"id":{}},{"id":1.0},{"id":1}]""",
        """[0,-0,1,1.0,1e0,100000,1E5,"1",null,true,false,{},[],"\ud83d\ude00","é"]""",
        """{"list":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}""",
        "null", "\"\\\"}]\"", "{}", "[]",
    ];

    private static readonly string[] Words = ["\"id\":", "\"key\":", "\"name\":", "{\"id\":1}", "\"speed\":81", ",{\"id\":\"T4\"}", "\"\\u007e\"", "\"~1\"", "[1,2]", "1.0", ",0"];

    [Test]
    public void Any_patch_makes_the_new_document_of_the_old()
    {
        // The mutator makes few documents that are JSON: those before serve again, as the other one of a pair.
        var valid = Documents.Select(Encoding.UTF8.GetBytes).ToArray();
        var next = 0;

        FuzzLoop.Run(Corpus.Of(Documents), Words, input =>
        {
            if (!IsJson(input))
                return;
            var at = next++ % valid.Length;
            Verify(valid[at], input);
            Verify(input, valid[at]);
            if (next % 8 == 0)
                valid[at] = input.Length <= 4096 ? input : valid[at];
        });
    }

    // A version is what a JSON writer writes: the shortest form of something that is JSON, in UTF-8.
    private static bool IsJson(byte[] input)
    {
        if (!Utf8.IsValid(input))
            return false;
        try
        {
            using var document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = 900 });
            return !HasLoneSurrogate(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Then the client that applies patches cannot read it.
    private static bool HasLoneSurrogate(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is null,
                JsonValueKind.Object => element.EnumerateObject().Any(member => member.Name is null || HasLoneSurrogate(member.Value)),
                JsonValueKind.Array => element.EnumerateArray().Any(HasLoneSurrogate),
                _ => false,
            };
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static void Verify(byte[] from, byte[] to)
    {
        var patch = new ArrayBufferWriter<byte>();
        if (!JsonDiff.TryWrite(from, to, Keys, int.MaxValue, patch))
            return;
        var patched = JsonPatchClient.Apply(JsonPatchClient.Read(from), JsonPatchClient.Read(patch.WrittenMemory));
        Corpus.Must(
            JsonPatchClient.Same(patched, JsonPatchClient.Read(to)),
            $"from {Convert.ToBase64String(from)} to {Convert.ToBase64String(to)}: {Encoding.UTF8.GetString(patch.WrittenSpan)}");

        var limited = new ArrayBufferWriter<byte>();
        var fits = JsonDiff.TryWrite(from, to, Keys, to.Length, limited);
        Corpus.Must(fits ? limited.WrittenCount <= to.Length : limited.WrittenCount == 0, "A patch is no larger than it may be.");
    }
}

using System.Text;
using System.Text.Json;

using StateRelay.Connect;

using JsonPatchException = StateRelay.Connect.JsonPatchException;

namespace StateRelay.Tests.Connect;

public sealed class JsonPatchTests
{
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/b","value":[]}]""", """{"a":1,"b":[]}""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/a","value":2}]""", """{"a":2}""")]
    [TestCase("""{"a":[1,3]}""", """[{"op":"add","path":"/a/1","value":2},{"op":"add","path":"/a/-","value":4}]""", """{"a":[1,2,3,4]}""")]
    [TestCase("""{"a":[1,2,3]}""", """[{"op":"remove","path":"/a/0"},{"op":"remove","path":"/a/1"}]""", """{"a":[2]}""")]
    [TestCase("""{"a":{"b":1.50}}""", """[{"op":"replace","path":"/a/b","value":1.0}]""", """{"a":{"b":1.0}}""")]
    [TestCase("""{"a":1}""", """[{"op":"replace","path":"","value":[null]}]""", """[null]""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"","value":2}]""", """2""")]
    [TestCase("""{"a":[1,2,3],"b":{}}""", """[{"op":"move","from":"/a/0","path":"/b/x"},{"op":"move","from":"/a/1","path":"/a/0"}]""", """{"a":[3,2],"b":{"x":1}}""")]
    [TestCase("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b/x","value":2}]""", """{"a":{"x":1},"b":{"x":2}}""")]
    [TestCase("""{"a":{"x":1}}""", """[{"op":"add","path":"/a/y","value":0},{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/a/x","value":2}]""", """{"a":{"x":2,"y":0},"b":{"x":1,"y":0}}""")]
    [TestCase("""{"a/b":{"~":1}}""", """[{"op":"replace","path":"/a~1b/~0","value":2}]""", """{"a/b":{"~":2}}""")]
    [TestCase("""{"":{"":1}}""", """[{"op":"replace","path":"//","value":2}]""", """{"":{"":2}}""")]
    [TestCase("""{"a":[{"b":1.0}]}""", """[{"op":"test","path":"/a","value":[{"b":1}]},{"op":"remove","path":"/a"}]""", """{}""")]
    [TestCase("""{"a":1}""", """[]""", """{"a":1}""")]
    public void A_patch_makes_of_a_value(string before, string patch, string after)
    {
        var tree = Tree(before);

        var patched = JsonPatch.Apply(tree, Element(patch));

        Assert.That(JsonPatchClient.Same(JsonPatchClient.Read(Text(patched)), JsonPatchClient.Read(after)), Is.True, Text(patched));
        Assert.That(Text(tree), Is.EqualTo(before), "what was there before");
    }

    [TestCase("""[{"op":"remove","path":"/b"}]""")]
    [TestCase("""[{"op":"replace","path":"/b","value":1}]""")]
    [TestCase("""[{"op":"replace","path":"/a/0/x/y","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/a/3","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/a/01","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/a/+1","value":1}]""")]
    [TestCase("""[{"op":"remove","path":"/a/2"}]""")]
    [TestCase("""[{"op":"remove","path":"/a/-"}]""")]
    [TestCase("""[{"op":"remove","path":""}]""")]
    [TestCase("""[{"op":"add","path":"b","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/~2","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/b~","value":1}]""")]
    [TestCase("""[{"op":"move","from":"/a","path":"/a/0"}]""")]
    [TestCase("""[{"op":"move","from":"/c","path":"/a/0"}]""")]
    [TestCase("""[{"op":"test","path":"/a/0","value":2}]""")]
    [TestCase("""[{"op":"increase","path":"/a/0"}]""")]
    [TestCase("""[{"op":"add","path":"/b"}]""")]
    [TestCase("""[{"op":"add","path":"/b\ud800","value":1}]""")]
    [TestCase("""[{"path":"/a"}]""")]
    [TestCase("""[1]""")]
    public void One_that_does_not_fit_changes_nothing(string patch)
    {
        const string Before = """{"a":[1,{"x":2}]}""";
        var tree = Tree(Before);

        Assert.That(() => JsonPatch.Apply(tree, Element($$"""[{"op":"replace","path":"/a/1/x","value":3},{{patch.Trim('[', ']')}}]""")), Throws.TypeOf<JsonPatchException>());

        Assert.That(Text(tree), Is.EqualTo(Before));
    }

    [Test]
    public void What_a_patch_does_not_touch_is_shared_with_the_value_before()
    {
        var tree = (JsonMembers)Tree("""{"a":{"x":1},"b":{"y":1}}""");

        var patched = (JsonMembers)JsonPatch.Apply(tree, Element("""[{"op":"replace","path":"/a/x","value":2}]"""));

        Assert.That(patched.All["b"], Is.SameAs(tree.All["b"]));
        Assert.That(patched.All["a"], Is.Not.SameAs(tree.All["a"]));
    }

    private static JsonElement Element(string json) => JsonElement.Parse(json);

    private static JsonTree Tree(string json) => JsonTree.From(Element(json));

    private static string Text(JsonTree tree)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            tree.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

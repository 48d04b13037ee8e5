namespace StateRelay.Tests.State;

/// <summary>What RFC 6902 says in its appendix A, in our own words: the client that checks our patches is checked itself.</summary>
public sealed class JsonPatchClientTests
{
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"b":2,"a":1}""", TestName = "A_member_is_added")]
    [TestCase("""{"l":["x","z"]}""", """[{"op":"add","path":"/l/1","value":"y"}]""", """{"l":["x","y","z"]}""", TestName = "An_item_is_added_before_the_one_at_its_index")]
    [TestCase("""{"l":["x"]}""", """[{"op":"add","path":"/l/-","value":["y","z"]}]""", """{"l":["x",["y","z"]]}""", TestName = "A_list_added_at_the_end_is_one_item")]
    [TestCase("""{"a":1,"b":2}""", """[{"op":"remove","path":"/a"}]""", """{"b":2}""", TestName = "A_member_is_removed")]
    [TestCase("""{"l":[1,2,3]}""", """[{"op":"remove","path":"/l/1"}]""", """{"l":[1,3]}""", TestName = "An_item_is_removed")]
    [TestCase("""{"a":1,"b":2}""", """[{"op":"replace","path":"/a","value":null}]""", """{"a":null,"b":2}""", TestName = "A_value_is_replaced")]
    [TestCase("""{"a":{"x":1,"y":2},"b":{}}""", """[{"op":"move","from":"/a/x","path":"/b/z"}]""", """{"a":{"y":2},"b":{"z":1}}""", TestName = "A_member_is_moved")]
    [TestCase("""[1,2,3,4]""", """[{"op":"move","from":"/1","path":"/3"}]""", """[1,3,4,2]""", TestName = "An_item_is_moved_to_where_it_stands_afterwards")]
    [TestCase("""{"a":[1]}""", """[{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/0","value":0}]""", """{"a":[1],"b":[0,1]}""", TestName = "A_copy_is_a_value_of_its_own")]
    [TestCase("""{"a":"x","l":[1,"y",2]}""", """[{"op":"test","path":"/a","value":"x"},{"op":"test","path":"/l/1","value":"y"}]""", """{"a":"x","l":[1,"y",2]}""", TestName = "A_test_that_holds_changes_nothing")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/c","value":{"d":{}}},{"op":"add","path":"/c/d/e","value":[]}]""", """{"a":1,"c":{"d":{"e":[]}}}""", TestName = "Operations_see_what_earlier_ones_did")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/b","value":2,"extra":3}]""", """{"a":1,"b":2}""", TestName = "Members_nobody_knows_are_ignored")]
    [TestCase("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]""", """{"~1":10}""", TestName = "Tildes_and_slashes_are_escaped")]
    [TestCase("""{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""", TestName = "An_empty_name_is_a_name")]
    [TestCase("""{"a":1}""", """[{"op":"replace","path":"","value":[]}]""", """[]""", TestName = "The_whole_document_is_replaced")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/a","value":2}]""", """{"a":2}""", TestName = "Adding_what_is_there_replaces_it")]
    public void The_patch_is_applied(string document, string patch, string expected)
    {
        var patched = JsonPatchClient.Apply(JsonPatchClient.Read(document), JsonPatchClient.Read(patch));

        Assert.That(JsonPatchClient.Same(patched, JsonPatchClient.Read(expected)), Is.True, patched?.ToJsonString());
    }

    [TestCase("""[{"op":"add","path":"/b/c","value":1}]""", JsonPatchError.NotFound)]
    [TestCase("""[{"op":"remove","path":"/b"}]""", JsonPatchError.NotFound)]
    [TestCase("""[{"op":"replace","path":"/b","value":1}]""", JsonPatchError.NotFound)]
    [TestCase("""[{"op":"move","from":"/b","path":"/c"}]""", JsonPatchError.NotFound)]
    [TestCase("""[{"op":"add","path":"/l/4","value":1}]""", JsonPatchError.BadIndex)]
    [TestCase("""[{"op":"replace","path":"/l/3","value":1}]""", JsonPatchError.BadIndex)]
    [TestCase("""[{"op":"remove","path":"/l/-"}]""", JsonPatchError.BadIndex)]
    [TestCase("""[{"op":"remove","path":"/l/01"}]""", JsonPatchError.BadIndex)]
    [TestCase("""[{"op":"test","path":"/a","value":1.0}]""", JsonPatchError.TestFailed)]
    [TestCase("""[{"op":"test","path":"/a","value":"1"}]""", JsonPatchError.TestFailed)]
    [TestCase("""[{"op":"move","from":"/l","path":"/l/0"}]""", JsonPatchError.IntoItself)]
    [TestCase("""[{"op":"add","path":"b","value":1}]""", JsonPatchError.BadPointer)]
    [TestCase("""[{"op":"add","path":"/~2","value":1}]""", JsonPatchError.BadPointer)]
    [TestCase("""[{"op":"add","path":"/b"}]""", JsonPatchError.BadPatch)]
    [TestCase("""[{"op":"spam","path":"/b"}]""", JsonPatchError.BadPatch)]
    [TestCase("""{"op":"remove","path":"/a"}""", JsonPatchError.BadPatch)]
    public void A_patch_that_does_not_fit_is_refused_by_name(string patch, JsonPatchError error)
    {
        var document = JsonPatchClient.Read("""{"a":1,"l":[1,2,3]}""");

        var refusal = Assert.Throws<JsonPatchException>(() => JsonPatchClient.Apply(document, JsonPatchClient.Read(patch)));

        Assert.That(refusal!.Error, Is.EqualTo(error));
    }

    [TestCase("""{"a":1,"b":[null]}""", """{"b":[null],"a":1}""", true)]
    [TestCase("[1]", "[1.0]", false)]
    [TestCase("[1,2]", "[2,1]", false)]
    [TestCase("""{"a":null}""", "{}", false)]
    [TestCase("\"a\"", "\"\\u0061\"", true)]
    [TestCase("""{"a":1,"a":2}""", """{"a":2}""", true)]
    [TestCase("false", "null", false)]
    public void Values_are_the_same_when_they_say_the_same(string one, string other, bool same)
    {
        Assert.That(JsonPatchClient.Same(JsonPatchClient.Read(one), JsonPatchClient.Read(other)), Is.EqualTo(same));
    }
}

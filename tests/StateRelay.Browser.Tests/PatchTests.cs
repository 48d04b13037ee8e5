using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>The client's patch applier, run where it is at home.</summary>
public sealed class PatchTests : PageTest
{
    private const string Apply = """
        async ([document, patch]) => {
          const { applyPatch } = await import('./static/patch.js');
          const freeze = value => {
            if (typeof value === 'object' && value !== null) {
              Object.values(value).forEach(freeze);
              Object.freeze(value);
            }
            return value;
          };
          const before = freeze(JSON.parse(document));
          try {
            return JSON.stringify(applyPatch(before, freeze(JSON.parse(patch))));
          } catch (error) {
            if (error.name !== 'PatchError') {
              throw error;
            }
            return 'refused';
          }
        }
        """;

    [TestCase("""{"a":1}""", """[]""", """{"a":1}""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"","value":[0]}]""", """[0]""")]
    [TestCase("""[1,3]""", """[{"op":"add","path":"/1","value":2}]""", """[1,2,3]""")]
    [TestCase("""[1]""", """[{"op":"add","path":"/-","value":2}]""", """[1,2]""")]
    [TestCase("""[1]""", """[{"op":"add","path":"/1","value":2}]""", """[1,2]""")]
    [TestCase("""{"a":{"b":[{"c":1}]}}""", """[{"op":"replace","path":"/a/b/0/c","value":null}]""", """{"a":{"b":[{"c":null}]}}""")]
    [TestCase("""{"a":1,"b":2}""", """[{"op":"remove","path":"/a"}]""", """{"b":2}""")]
    [TestCase("""[1,2,3]""", """[{"op":"remove","path":"/0"}]""", """[2,3]""")]
    [TestCase("""[1,2,3]""", """[{"op":"move","from":"/0","path":"/2"}]""", """[2,3,1]""")]
    [TestCase("""{"a":{"x":1}}""", """[{"op":"move","from":"/a/x","path":"/b"}]""", """{"a":{},"b":1}""")]
    [TestCase("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b/x","value":2}]""", """{"a":{"x":1},"b":{"x":2}}""")]
    [TestCase("""{"a":{}}""", """[{"op":"add","path":"/a/x","value":1},{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/a/x","value":2}]""", """{"a":{"x":2},"b":{"x":1}}""")]
    [TestCase("""{"a":[1,{"b":2}]}""", """[{"op":"test","path":"/a","value":[1,{"b":2}]},{"op":"remove","path":"/a/1"}]""", """{"a":[1]}""")]
    [TestCase("""{"":{"":1}}""", """[{"op":"replace","path":"//","value":2}]""", """{"":{"":2}}""")]
    [TestCase("""{"a/b":1,"m~n":2}""", """[{"op":"replace","path":"/a~1b","value":3},{"op":"replace","path":"/m~0n","value":4}]""", """{"a/b":3,"m~n":4}""")]
    [TestCase("""{"~1":1}""", """[{"op":"remove","path":"/~01"}]""", """{}""")]
    [TestCase("""{"0":1}""", """[{"op":"replace","path":"/0","value":2}]""", """{"0":2}""")]
    [TestCase("""{"é":"🚚"}""", """[{"op":"replace","path":"/é","value":"x"}]""", """{"é":"x"}""")]
    [TestCase("""{}""", """[{"op":"add","path":"/__proto__","value":{"x":1}}]""", """{"__proto__":{"x":1}}""")]
    [TestCase("""{"__proto__":{"x":1}}""", """[{"op":"replace","path":"/__proto__/x","value":2},{"op":"add","path":"/y","value":3}]""", """{"__proto__":{"x":2},"y":3}""")]
    [TestCase("""{"__proto__":1,"a":2}""", """[{"op":"remove","path":"/__proto__"}]""", """{"a":2}""")]
    [TestCase("""{"constructor":{"prototype":{"x":1}}}""", """[{"op":"replace","path":"/constructor/prototype/x","value":2}]""", """{"constructor":{"prototype":{"x":2}}}""")]
    public async Task A_patch_that_fits_is_applied(string document, string patch, string expected)
    {
        await OpenEmptyAsync();

        var result = await Page.EvaluateAsync<string>(Apply, new[] { document, patch });

        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(result), JsonNode.Parse(expected)), Is.True, result);
    }

    [TestCase("""{"a":1}""", """[{"op":"remove","path":"/b"}]""")]
    [TestCase("""{"a":1}""", """[{"op":"replace","path":"/b","value":1}]""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/b/c","value":1}]""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/a/c","value":1}]""")]
    [TestCase("""{"a":1}""", """[{"op":"add","path":"/b"}]""")]
    [TestCase("""[1]""", """[{"op":"add","path":"/2","value":1}]""")]
    [TestCase("""[1]""", """[{"op":"replace","path":"/01","value":1}]""")]
    [TestCase("""[1]""", """[{"op":"replace","path":"/-","value":1}]""")]
    [TestCase("""[1]""", """[{"op":"remove","path":"/length"}]""")]
    [TestCase("""{"a":1}""", """[{"op":"test","path":"/a","value":2}]""")]
    [TestCase("""{"a":{}}""", """[{"op":"move","from":"/a","path":"/a/b"}]""")]
    [TestCase("""{"a":1}""", """[{"op":"copy","from":"/b","path":"/c"}]""")]
    [TestCase("""{"a":1}""", """[{"op":"dance","path":"/a"}]""")]
    [TestCase("""{"a":1}""", """[{"op":"remove","path":"a"}]""")]
    [TestCase("""{"a~":1}""", """[{"op":"remove","path":"/a~"}]""")]
    [TestCase("""{"a":1}""", """{"op":"remove","path":"/a"}""")]
    [TestCase("""{}""", """[{"op":"replace","path":"/__proto__","value":1}]""")]
    [TestCase("""{}""", """[{"op":"add","path":"/__proto__/polluted","value":1}]""")]
    [TestCase("""{}""", """[{"op":"add","path":"/constructor/prototype/polluted","value":1}]""")]
    [TestCase("""[]""", """[{"op":"copy","from":"/constructor","path":"/-"}]""")]
    public async Task A_patch_that_does_not_fit_is_refused_and_spoils_nothing(string document, string patch)
    {
        await OpenEmptyAsync();

        var result = await Page.EvaluateAsync<string>(Apply, new[] { document, patch });

        Assert.That(result, Is.EqualTo("refused"));
        Assert.That(await Page.EvaluateAsync<bool>("() => ({}).polluted === undefined && [].polluted === undefined"), Is.True);
    }

    [Test]
    public async Task What_a_patch_did_not_touch_is_the_same_object_afterwards()
    {
        await OpenEmptyAsync();

        var same = await Page.EvaluateAsync<bool[]>("""
            async () => {
              const { applyPatch } = await import('./static/patch.js');
              const before = { a: { x: {} }, b: [{}, {}, {}] };
              const after = applyPatch(before, [{ op: 'add', path: '/a/y', value: 1 }, { op: 'remove', path: '/b/0' }]);
              return [before !== after, before.a !== after.a, before.a.x === after.a.x, before.b[2] === after.b[1]];
            }
            """);

        Assert.That(same, Is.EqualTo(new[] { true, true, true, true }));
    }

    /// <summary>The modules alone, without the page that uses them.</summary>
    private async Task OpenEmptyAsync()
    {
        await Page.RouteAsync("**/", route => route.FulfillAsync(new() { Body = "<!DOCTYPE html>", ContentType = "text/html" }));
        await using var served = await Served.StartAsync("{}");
        await Page.GotoAsync(served.Address.ToString());
        await Page.EvaluateAsync("() => import('./static/patch.js').then(() => {})");
    }
}

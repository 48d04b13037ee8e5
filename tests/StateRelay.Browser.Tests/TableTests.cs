namespace StateRelay.Browser.Tests;

/// <summary>Tables: patched in place, sorted, filtered, and as smooth with thousands of rows as with ten.</summary>
public sealed class TableTests : PageTest
{
    private static readonly string[] Expected = ["item 1", "Item 2", "item 9", "item 10", "item 100"];

    [Test]
    public async Task A_row_is_patched_in_place_with_selection_and_scroll_kept()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Items(300)));
        await OpenAsync(served);
        await Scroller.EvaluateAsync("scroller => { scroller.scrollTop = 3600; }");
        await Expect(Row("item 105")).ToBeVisibleAsync();
        await Page.EvaluateAsync("""
            () => {
              window.kept = document.querySelector("tr[data-key='item 105']");
              getSelection().selectAllChildren(window.kept.querySelector('th'));
            }
            """);

        for (var done = 200; done <= 900; done += 100)
        {
            served.Mutate(state => { state["items"]![104]!["done"] = done; state["items"]![104]!["percent"] = done / 10.0; });
            await Expect(Row("item 105").Locator(".percent")).ToHaveTextAsync($"{done / 10}.0 %");
        }

        var kept = await Page.EvaluateAsync<string>("""
            () => [
              window.kept === document.querySelector("tr[data-key='item 105']"),
              getSelection().toString(),
              document.querySelector('.scroller').scrollTop,
            ].join()
            """);
        Assert.That(kept, Is.EqualTo("true,item 105,3600"));
    }

    [Test]
    public async Task A_row_that_moves_in_the_list_stays_the_same_element()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Item("a"), Some.Item("b"), Some.Item("c")));
        await OpenAsync(served);
        await Page.EvaluateAsync("""() => { window.kept = document.querySelector("tr[data-key='c']"); }""");

        served.Mutate(state =>
        {
            var items = state["items"]!.AsArray();
            items.RemoveAt(0);
            items.Insert(1, Some.Item("new"));
        });

        await Expect(Names).ToHaveTextAsync(["b", "new", "c"]);
        Assert.That(await Page.EvaluateAsync<bool>("""() => window.kept === document.querySelector("tr[data-key='c']")"""), Is.True);
    }

    [Test]
    public async Task A_click_on_a_header_sorts_and_a_second_one_reverses()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", [.. new[] { "item 10", "item 9", "Item 2", "item 100", "item 1" }.Select(name => Some.Item(name))]));
        await OpenAsync(served);

        await Header("Item").ClickAsync();
        await Expect(Names).ToHaveTextAsync(Expected);
        await Expect(Page.Locator("th[data-column=name]").First).ToHaveAttributeAsync("aria-sort", "ascending");

        await Header("Item").ClickAsync();
        await Expect(Names).ToHaveTextAsync([.. Expected.Reverse()]);
        await Expect(Page.Locator("th[data-column=name]").First).ToHaveAttributeAsync("aria-sort", "descending");
    }

    [Test]
    public async Task The_order_follows_the_values_it_is_sorted_by()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Item("a", done: 1), Some.Item("b", done: 2), Some.Item("c", done: 3)));
        await OpenAsync(served);
        await Header("Done").ClickAsync();
        await Expect(Names).ToHaveTextAsync(["a", "b", "c"]);

        served.Mutate(state => state["items"]![0]!["done"] = 900);

        await Expect(Names).ToHaveTextAsync(["b", "c", "a"]);
    }

    [Test]
    public async Task Filters_by_text_and_by_status()
    {
        await using var served = await Served.StartAsync(Some.Operation(
            "running", Some.Item("orders"), Some.Item("order lines", "failed"), Some.Item("prices", "failed")));
        await OpenAsync(served);

        await Page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter Items" }).FillAsync("ORD");
        await Expect(Names).ToHaveTextAsync(["orders", "order lines"]);
        await Expect(Page.Locator(".table-view .count")).ToHaveTextAsync("2 of 3");

        await Page.GetByRole(AriaRole.Button, new() { Name = "Failed 2" }).ClickAsync();
        await Expect(Names).ToHaveTextAsync(["order lines"]);

        served.Mutate(state => state["items"]![0]!["status"] = "failed");

        await Expect(Names).ToHaveTextAsync(["orders", "order lines"]);
    }

    [Test]
    public async Task A_long_text_is_cut_and_makes_its_row_no_higher()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Item("short"), Some.Item(string.Join(' ', Enumerable.Repeat("long", 200)))));
        await OpenAsync(served);
        await Expect(Rows).ToHaveCountAsync(2);

        var heights = await Page.EvaluateAsync<double[]>("() => [...document.querySelectorAll('tr[data-key]')].map(row => row.getBoundingClientRect().height)");

        Assert.That(heights[1], Is.EqualTo(heights[0]));
    }

    [Test]
    public async Task Five_thousand_rows_are_few_elements_and_every_one_can_be_reached()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Items(5000)));

        await OpenAsync(served);
        await Expect(Page.Locator("table")).ToHaveAttributeAsync("aria-rowcount", "5001");
        Assert.That(await Rows.CountAsync(), Is.InRange(10, 100));

        await Scroller.EvaluateAsync("scroller => { scroller.scrollIntoView({ block: 'end' }); scroller.scrollTop = scroller.scrollHeight; }");
        await Expect(Row("item 5000")).ToBeInViewportAsync();
        await Expect(Row("item 5000")).ToHaveAttributeAsync("aria-rowindex", "5001");
        Assert.That(await Rows.CountAsync(), Is.InRange(10, 100));
    }

    [Test]
    public async Task A_change_of_one_row_among_five_thousand_writes_only_that_row()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Items(5000)));
        await OpenAsync(served);
        await Expect(Row("item 3")).ToBeVisibleAsync();
        await SettledAsync();
        await Page.EvaluateAsync("""
            () => {
              window.touched = new Set();
              new MutationObserver(records => {
                for (const { target } of records) {
                  const row = (target instanceof Element ? target : target.parentElement)?.closest('tr, tbody');
                  if (row) {
                    window.touched.add(row.dataset.key ?? row.tagName);
                  }
                }
              }).observe(document.querySelector('.scroller'), { subtree: true, childList: true, characterData: true, attributes: true });
            }
            """);

        for (var done = 500; done < 510; done++)
        {
            served.Mutate(state => state["items"]![2]!["done"] = done);
            await Expect(Row("item 3").Locator("td[data-column=done]")).ToHaveTextAsync($"{done} of 1,000");
        }

        Assert.That(await Page.EvaluateAsync<string[]>("() => [...window.touched]"), Is.EqualTo(new[] { "item 3" }));
    }

    /// <summary>Completes when the table was left as it is for ten frames in a row: its first layout is over.</summary>
    private async Task SettledAsync() => await Page.EvaluateAsync("""
        async () => {
          let quiet = 0;
          const watch = new MutationObserver(() => quiet = 0);
          watch.observe(document.querySelector('.scroller'), { subtree: true, childList: true, characterData: true, attributes: true });
          for (; quiet < 10; quiet++) {
            await new Promise(requestAnimationFrame);
          }
          watch.disconnect();
        }
        """);

    private ILocator Scroller => Page.Locator(".scroller");

    private ILocator Rows => Page.Locator("tbody tr[data-key]");

    private ILocator Names => Page.Locator("tbody tr[data-key] th");

    private ILocator Row(string key) => Page.Locator($"tr[data-key='{key}']");

    private ILocator Header(string name) => Page.Locator("thead").GetByRole(AriaRole.Button, new() { Name = name });
}

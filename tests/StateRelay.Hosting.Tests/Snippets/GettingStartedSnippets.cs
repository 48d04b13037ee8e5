using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace StateRelay.Tests.Hosting.Snippets;

/// <summary>The C# of docs/getting-started.md that needs a generic host, word for word.</summary>
internal static class GettingStartedSnippets
{
    public static async Task GenericHost(string[] args)
    {
        // snippet: generic host with a worker
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddStateRelay()
            .AddOperation("Nightly import")
            .AddListener<ImportLog>();
        builder.Services.AddHostedService<Importer>();
        await builder.Build().RunAsync();
        // end snippet
    }
}

internal static class Orders
{
    public static async IAsyncEnumerable<IReadOnlyList<int>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stopping)
    {
        await Task.CompletedTask.WaitAsync(stopping);
        yield return [1, 2, 3];
    }
}

// snippet: worker
internal sealed class Importer(OperationTracker job) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var orders = job.AddItem("orders", total: 120_000);
        orders.Start();
        await foreach (var batch in Orders.ReadAsync(stoppingToken))
            orders.Advance(batch.Count);
        orders.Complete();
        job.Complete();
    }
}

internal sealed class ImportLog(OperationTracker job) : IStateListener
{
    public void OnStateChange(StateChange change)
    {
        if (change.Event is { } happened)
            Console.WriteLine($"{job.State.Current.Status}: {happened.Type}");
    }
}
// end snippet

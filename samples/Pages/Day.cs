namespace StateRelay.Samples.Pages;

/// <summary>Lets the day go by, and begins another when all ferries have left.</summary>
internal sealed class Day(StateStore<Harbour> harbour) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var moments = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        while (await moments.WaitForNextTickAsync(stoppingToken))
        {
            harbour.Update(now => now.Ferries.All(ferry => ferry.Status == "Departed")
                ? Harbour.Today(TimeProvider.System.GetLocalNow())
                : now.Later(Random.Shared.Next(12)));
        }
    }
}

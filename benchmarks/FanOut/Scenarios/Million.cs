using StateRelay.Benchmarks.FanOut.Peers;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>A million events, as fast as they come, into a hub that a hundred readers follow: what is kept must not grow with them.</summary>
internal static class Million
{
    private const int Events = 1_000_000;
    private const int Readers = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync()
    {
        using var hub = new Hub();
        using var patience = new CancellationTokenSource(Patience);
        var readers = Enumerable.Range(0, Readers).Select(index => ReadAsync(hub, $"org{index % Relayed.Organizations}", patience.Token)).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var began = TimeProvider.System.GetTimestamp();
        for (var number = 1; number <= Events; number++)
        {
            var (organization, sha) = ($"org{number % Relayed.Organizations}", $"{number:x40}");
            var url = $"{PRInfo.Prefix}{organization}/rocket/pull/{number}";
            hub.CommitCache.Note(organization, "rocket", sha, number, url);
            hub.Broadcast(new Event("pull_request") { Url = url, CommitSha = sha }, EventAudience.ForOrganization(organization));
        }

        var took = TimeProvider.System.GetElapsedTime(began);
        var all = new Subscription { Organization = Subscription.AllOrganizations };
        var head = hub.Head;
        var held = 0;
        await foreach (var read in hub.ReadAsync(all, head with { Seq = 0 }, patience.Token))
        {
            held += read.IsGap ? 0 : 1;
            if (read.Position == head)
                break;
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        hub.Stop();
        var counts = await Task.WhenAll(readers);
        Console.WriteLine($"events broadcast      {head.Seq} in {took.TotalSeconds:F2} s, {Events / took.TotalSeconds:F0} a second");
        Console.WriteLine($"events held by log    {held}");
        Console.WriteLine($"commits remembered    {hub.CommitCache.Count}");
        Console.WriteLine($"read by {Readers} readers   {counts.Sum(count => count.Events)} of {(long)Events * Readers / Relayed.Organizations}, told of {counts.Sum(count => count.Gaps)} gaps");
        Console.WriteLine($"managed memory        {before / 1e6:F1} MB before, {after / 1e6:F1} MB after");
    }

    private static async Task<(long Events, long Gaps)> ReadAsync(Hub hub, string organization, CancellationToken patience)
    {
        var (events, gaps) = (0L, 0L);

        // Begins here, on the caller's thread: it follows when the call returns.
        await foreach (var read in hub.ReadAsync(new Subscription { Organization = organization }, null, patience))
        {
            if (read.IsGap)
                gaps++;
            else
                events++;
        }

        return (events, gaps);
    }
}

using System.Net;
using System.Text.Json;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>Many clients, nine of ten in v1 and one plain, are shown every change: none is lost, none comes out of order, and the end is the state.</summary>
internal static class LoadHeld
{
    private const int PerSecond = 5;

    public static async Task RunAsync(Report report, Scale scale, bool isMapped)
    {
        var (clients, seconds) = (scale.Of(5000, 100), scale.Seconds(600, 3));
        var setup = new Setup(isMapped);
        var name = $"load held, {setup.Transport}";
        await using var server = await ServerProcess.StartAsync(setup);
        var tally = new Tally();
        await using var crowd = new Crowd(server.Address, tally, setup.Cells);
        await crowd.JoinAsync(clients, everyPlain: 10);
        var before = await server.FiguresAsync();

        var beats = seconds * PerSecond;
        await server.BeatAsync(PerSecond, beats);
        var last = await server.BeatenAsync(TimeSpan.FromSeconds(seconds));
        await crowd.CatchUpAsync(last);

        var after = await server.FiguresAsync();
        var cells = await CellsAsync(server.Address);
        var wrong = crowd.Followers.Count(follower => follower.N != last || (follower.IsV1 && !follower.Cells.SequenceEqual(cells)));
        report.Tell(name, $"{Written.Count(clients)} clients, {PerSecond} deltas a second of 1 KB, {seconds} s: {Written.Count(tally.Frames)} frames, {Written.Count(tally.Merged)} beats merged into a later frame, p50 {Written.Ms(tally.LateAt(0.5))}, p99 {Written.Ms(tally.LateAt(0.99))}, memory {Written.MiB(before.Resident)} to {Written.MiB(after.Resident)}");
        report.Must(name, $"{tally.Frames + tally.Merged} beats shown, {tally.Lost} lost", $"{(long)beats * clients} shown, 0 lost", tally.Lost == 0 && tally.Frames + tally.Merged == (long)beats * clients);
        report.Must(name, $"{tally.Disordered} out of order, {tally.Unreadable} not whole", "0", tally.Disordered + tally.Unreadable == 0);
        report.Must(name, $"{tally.Failed} connections lost, {after.Clients} there at the end", $"0, {clients}", tally.Failed == 0 && after.Clients == clients);
        report.Must(name, $"{wrong} clients end with another state than /api/state", "0", wrong == 0);
    }

    private static async Task<long[]> CellsAsync(IPEndPoint server)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var state = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"http://{server}/api/state")));
        return [.. state.RootElement.GetProperty("state").GetProperty("cells").EnumerateArray().Select(cell => Board.NumberOf(System.Text.Encoding.UTF8.GetBytes(cell.GetString()!)))];
    }
}

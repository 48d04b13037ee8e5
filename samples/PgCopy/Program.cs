using System.Runtime.InteropServices;

using Npgsql;

using StateRelay;
using StateRelay.Samples.PgCopy;

// Copies tables between two PostgreSQL databases, and shows how that goes.

if (!Arguments.TryParse(args, out var arguments, out var problem))
{
    Console.Error.WriteLine($"{problem} Try --help.");
    return 2;
}

if (arguments.Help)
{
    Console.WriteLine(Arguments.Usage);
    return 0;
}

using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

using var job = new OperationTracker("Copy of a database", new OperationTrackerOptions { Unit = "rows" });
await using var server = new WebServer(job.State, arguments.Port);
try
{
    await server.StartAsync();
}
catch (WebServerBindException error)
{
    Console.Error.WriteLine($"{error.Message} Choose another port with --port N.");
    return 1;
}

Console.WriteLine($"Watch it at {server.Address}{(arguments.Exit ? "" : " (Ctrl+C ends it)")}");

await using var source = NpgsqlDataSource.Create(arguments.Source);
await using var target = NpgsqlDataSource.Create(arguments.Target);
await new CopyJob(job, arguments, source, target).RunAsync(stopping.Token);

var end = job.State.Current;
Console.WriteLine(
    $"{end.Status}: {end.Summary.Completed:N0} of {end.Summary.Items:N0} tables, {end.Summary.Done:N0} rows, {end.Summary.Skipped:N0} skipped, {end.Summary.Retries:N0} retries");
foreach (var error in end.Errors)
    Console.Error.WriteLine(error.Item is null ? error.Message : $"{error.Item}: {error.Message}");

// Let a page that is open show the end; ends at once when none is.
await server.WaitForCompletionAckAsync(TimeSpan.FromSeconds(10));
if (!arguments.Exit && !stopping.IsCancellationRequested)
    await Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
await server.ShutdownAsync();
return end.Status == OperationStatus.Completed ? 0 : 1;

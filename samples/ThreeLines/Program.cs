using StateRelay;

// The three lines that show a job to the world.
var job = new OperationTracker("Count to a thousand", new OperationTrackerOptions { Unit = "numbers" });
await using var server = new WebServer(job.State, args is [var port] ? int.Parse(port, null) : 8080);
await server.StartAsync();

Console.WriteLine($"Watch it at {server.Address}");

// The job. It knows nothing of who watches.
job.Run();
var numbers = job.AddItem("numbers", total: 1_000);
numbers.Start();
for (var number = 1; number <= 1_000; number++)
{
    numbers.Advance();
    await Task.Delay(10);
}

numbers.Complete();
job.Complete();

// Ends at once where nobody watches, and else when a page has shown the end.
await server.WaitForCompletionAckAsync(TimeSpan.FromSeconds(10));

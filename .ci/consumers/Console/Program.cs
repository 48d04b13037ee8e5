using StateRelay;

var job = new OperationTracker("Nightly import");
await using var server = new WebServer(job.State, new WebServerOptions { Port = null });
await server.StartAsync();

Console.WriteLine($"Listening on {server.Address}");
await Task.Delay(Timeout.Infinite);

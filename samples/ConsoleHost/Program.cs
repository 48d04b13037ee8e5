using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using StateRelay;
using StateRelay.Samples.ConsoleHost;

// Hashes every file below a folder, and shows how that goes: as a page, and as a line in the terminal.

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

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.None);
builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

// The relay and the job. The job comes last, so that the page is there before it begins and after it ends.
builder.Services.AddSingleton(arguments);
builder.Services
    .AddStateRelay(options => options.Port = arguments.Port ?? options.Port)
    .AddOperation($"SHA-256 of {arguments.Folder}", new OperationTrackerOptions { Unit = "bytes" })
    .AddListener<TerminalLine>();
builder.Services.AddSingleton<HashJob>();
builder.Services.AddHostedService(services => services.GetRequiredService<HashJob>());

using var host = builder.Build();
try
{
    await host.StartAsync();
}
catch (Exception error) when (error is WebServerBindException or OptionsValidationException)
{
    Console.Error.WriteLine(error is WebServerBindException ? $"{error.Message} Choose another port with --port N." : error.Message);
    return 1;
}

var server = host.Services.GetRequiredService<WebServer>();
Console.WriteLine($"Watch it at {server.ViewerLink ?? server.Address}{(arguments.Exit ? "" : " (Ctrl+C ends it)")}");

var job = host.Services.GetRequiredService<HashJob>();
job.Begin();
await host.WaitForShutdownAsync();
return job.Succeeded ? 0 : 1;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using StateRelay;
using StateRelay.Samples.GenericHost;

// A worker service. Its worker tells a tracker and a state of its own what it does, and knows nothing of who watches.

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptions<PackingOptions>().BindConfiguration("Packing");
builder.Services.AddStateRelay()
    .AddOperation("How small files get", new OperationTrackerOptions { Unit = "bytes" })
    .AddState(Record.None, RecordJson.Default.Record, "record")
    .AddListener<RecordLog>("record");
builder.Services.AddHealthChecks()
    .AddStateRelay()
    .AddCheck<RoundHealth>("round");
builder.Services.AddHostedService<Packer>();

await builder.Build().RunAsync();

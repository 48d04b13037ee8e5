using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddStateRelay(options => options.Port = null).AddOperation("Nightly import");
await builder.Build().RunAsync();

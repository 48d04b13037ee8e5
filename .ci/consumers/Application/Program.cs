var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddStateRelay().AddOperation("Nightly import");

var app = builder.Build();
app.MapStateRelay("/relay");
await app.RunAsync();

using StateRelay.Samples.Pages;

// The web site of a ferry company. Its own page shows the departures live; the relay that it follows is a part of the site.

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddStateRelay().AddState(Harbour.Today(TimeProvider.System.GetLocalNow()), HarbourJson.Default.Harbour);
builder.Services.AddHostedService<Day>();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapStateRelay("/relay");
await app.RunAsync();

using System.Globalization;

using StateRelay;
using StateRelay.Benchmarks.WebhookLoad;

// How a server of events bears its load: signed deliveries in over HTTP, events out to subscribers over WebSockets, all of it on
// loopback and in this one process, so that the figures hold the clients' work too. With --million: how much a hub keeps of a million
// events that nothing slows down.
//
//   WebhookLoad [SUBSCRIBERS [PER_SECOND [SECONDS]]]     by default 1000 1000 10
//   WebhookLoad --million

const int Organizations = 50;

if (args is ["--million"])
{
    await Million.RunAsync(Organizations);
    return 0;
}

int[] least = [0, 1, 1], most = [1900, 10_000, 60], asked = [1000, 1000, 10];
for (var index = 0; index < args.Length; index++)
{
    if (index >= asked.Length
        || !int.TryParse(args[index], NumberStyles.None, CultureInfo.InvariantCulture, out asked[index])
        || asked[index] < least[index] || asked[index] > most[index])
    {
        Console.Error.WriteLine("WebhookLoad [SUBSCRIBERS [PER_SECOND [SECONDS]]]: 0 to 1900, 1 to 10000, 1 to 60. Or: WebhookLoad --million");
        return 2;
    }
}

var (subscriberCount, perSecond, seconds) = (asked[0], asked[1], asked[2]);
var secret = Guid.NewGuid().ToString("N");
var people = Enumerable.Range(0, Organizations).Select(index =>
    KeyValuePair.Create(new Secret($"token{index}"), new ClientIdentity($"person{index}") { Organizations = [$"org{index}"] }));
var options = new WebServerOptions
{
    Port = null,
    MaxConnections = 2000,
    MaxConnectionsPerAddress = 2000,
    MaxConnectsPerMinute = 100_000,
    ViewerToken = Secret.Random(),
};
using var hub = new Hub();
await using var server = new WebServer(hub, new StaticTokenAuthenticator(people), options)
    .AddGitHubWebhooks(hub, new GitHubWebhookOptions { Secrets = { new Secret(secret) } });
await server.StartAsync();

using var subscribers = new Subscribers();
var began = TimeProvider.System.GetTimestamp();
await subscribers.ConnectAsync(server.Address, subscriberCount, Organizations);
Console.WriteLine($"subscribers           {hub.ClientCount} connected in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F2} s, in {Organizations} organizations");

var expected = 0L;
using var deliveries = new Deliveries(server.Address, secret, perSecond, perSecond * seconds, Organizations);
await deliveries.SendAsync(organization =>
    Interlocked.Add(ref expected, (subscriberCount / Organizations) + (organization < subscriberCount % Organizations ? 1 : 0)));

// What is on its way arrives, or does not, within ten seconds.
began = TimeProvider.System.GetTimestamp();
while (subscribers.Received < expected && TimeProvider.System.GetElapsedTime(began).TotalSeconds < 10)
    await Task.Delay(10);
var lag = TimeProvider.System.GetElapsedTime(began);
Console.WriteLine($"events received       {subscribers.Received} of {expected} expected, the last {lag.TotalMilliseconds:F0} ms after the last answer");
Console.WriteLine($"events of the hub     {hub.Head.Seq}; subscribers lost {subscribers.Lost}");
Console.WriteLine($"managed memory        {GC.GetTotalMemory(forceFullCollection: true) / 1e6:F1} MB");
await subscribers.EndAsync();
return subscribers.Received == expected && deliveries.Accepted == perSecond * seconds ? 0 : 1;

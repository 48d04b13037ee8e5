// Asks a relay for its page, its JSON and one frame of its stream. Arguments: the relay's address.
using System.Net.WebSockets;
using System.Text;

var address = new Uri(args[0]);
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
using var http = new HttpClient { BaseAddress = address };

Expect("page", await http.GetStringAsync("", patience.Token), "static/page.js");
Expect("script", await http.GetStringAsync("static/page.js", patience.Token), "import");
Expect("JSON", await http.GetStringAsync("api/state", patience.Token), "\"title\":\"Nightly import\"");

using var socket = new ClientWebSocket();
await socket.ConnectAsync(new UriBuilder(new Uri(address, "ws")) { Scheme = "ws" }.Uri, patience.Token);
var buffer = new byte[64 * 1024];
var frame = await socket.ReceiveAsync(buffer, patience.Token);
Expect("frame", Encoding.UTF8.GetString(buffer, 0, frame.Count), "\"type\":\"state_snapshot\"");

static void Expect(string what, string text, string part)
{
    if (!text.Contains(part, StringComparison.Ordinal))
        throw new InvalidOperationException($"The {what} does not contain {part}: {text[..Math.Min(200, text.Length)]}");
    Console.WriteLine($"  {what}: {text.Length} characters");
}

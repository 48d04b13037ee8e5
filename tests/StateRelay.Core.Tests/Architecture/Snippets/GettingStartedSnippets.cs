using System.Text.Json.Serialization;

namespace StateRelay.Tests.Architecture.Snippets;

/// <summary>The C# of docs/getting-started.md that stands in no other document, word for word.</summary>
internal static class GettingStartedSnippets
{
    public static async Task End(WebServer server)
    {
        // snippet: a program that ends
        await server.WaitForCompletionAckAsync(TimeSpan.FromSeconds(10)); // at once where nobody watches
        await server.ShutdownAsync();
        // end snippet
    }

    public static void Replace()
    {
        // snippet: a state that is replaced
        var weather = new StateStore<Weather>(new Weather(18), WeatherJson.Default.Weather);
        weather.Update(now => now with { Degrees = 21 }, new StateEvent("warmer"));
        // end snippet
    }

    public static async Task Read(Hub hub, CancellationToken stopping)
    {
        // snippet: read events
        await foreach (var read in hub.ReadAsync(new Subscription { Organization = "acme" }, cancellationToken: stopping))
        {
            if (read.Event is { } happened)
                Console.WriteLine($"{happened.Type} {happened.Url}");
        }
        // end snippet
    }
}

internal sealed record Weather(int Degrees);

[JsonSerializable(typeof(Weather))]
internal sealed partial class WeatherJson : JsonSerializerContext;

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace StateRelay.Benchmarks.Support;

/// <summary>A state of any size: ships in a harbour, about 180 bytes of JSON each. Immutable.</summary>
internal sealed record Harbour(string Name, ImmutableArray<Ship> Ships)
{
    public static Harbour Of(int ships) => new("Lamplight Bay", [.. Enumerable.Range(0, ships).Select(Ship.Numbered)]);

    /// <summary>The same, with so many percent of its ships moved on, at least one.</summary>
    public Harbour WithMoved(int percent)
    {
        var step = Math.Min(100 / percent, Ships.Length);
        return this with { Ships = [.. Ships.Select((ship, index) => index % step == step / 2 ? ship.Moved() : ship)] };
    }
}

internal sealed record Ship(string Id, string Name, string Status, double Latitude, double Longitude, double Speed, long Distance, DateTimeOffset Seen)
{
    public static Ship Numbered(int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"ship-{number:D6}"),
        $"Morning Star {number}",
        (number % 3) switch { 0 => "at anchor", 1 => "under way", _ => "moored" },
        Math.Round(53.5 + (number * 0.000137), 6),
        Math.Round(9.9 - (number * 0.000211), 6),
        number % 23,
        1000L * number,
        new DateTimeOffset(2026, 11, 21, 22, 0, number % 60, TimeSpan.Zero));

    public Ship Moved() => this with
    {
        Latitude = Math.Round(Latitude + 0.001, 6),
        Longitude = Math.Round(Longitude - 0.001, 6),
        Speed = Speed + 1,
        Distance = Distance + 42,
        Seen = Seen.AddSeconds(1),
    };
}

[JsonSerializable(typeof(Harbour))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class HarbourJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace StateRelay.Samples.Pages;

/// <summary>One ferry that leaves today.</summary>
/// <param name="Name">The ferry's name, one of a kind: by it the list's items are known.</param>
/// <param name="To">Where it goes.</param>
/// <param name="At">When it leaves, as the board shows it.</param>
/// <param name="Boarded">How many are on board.</param>
/// <param name="Seats">How many may be.</param>
/// <param name="Status">What the board says.</param>
internal sealed record Ferry(string Name, string To, string At, int Boarded, int Seats, string Status);

/// <summary>What the board shows. Immutable.</summary>
internal sealed record Harbour(string Title, IReadOnlyList<Ferry> Ferries)
{
    private static readonly (string Name, string To, int Seats)[] Fleet =
        [("Gannet", "Skerry", 120), ("Petrel", "Long Island", 80), ("Heron", "Skerry", 120), ("Tern", "Northhaven", 200)];

    /// <summary>A new day's departures, one every ten minutes.</summary>
    public static Harbour Today(DateTimeOffset now) => new(
        "Departures",
        [.. Fleet.Select((ferry, place) => new Ferry(ferry.Name, ferry.To, now.AddMinutes(10 * (place + 1)).ToString("HH:mm", null), 0, ferry.Seats, "Waiting"))]);

    /// <summary>The same a moment later: the first ferry that is still here takes people on, and leaves when it is full.</summary>
    public Harbour Later(int more)
    {
        var next = Ferries.FirstOrDefault(ferry => ferry.Status != "Departed");
        return next is null ? this : this with { Ferries = [.. Ferries.Select(ferry => ferry == next ? Later(ferry, more) : ferry)] };
    }

    private static Ferry Later(Ferry ferry, int more) => ferry.Boarded == ferry.Seats
        ? ferry with { Status = "Departed" }
        : ferry with { Boarded = Math.Min(ferry.Seats, ferry.Boarded + more), Status = "Boarding" };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Harbour))]
internal sealed partial class HarbourJson : JsonSerializerContext;

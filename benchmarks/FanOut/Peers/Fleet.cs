using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>A state of a thousand items, of which each tick changes twenty.</summary>
internal sealed class Fleet
{
    private const int Items = 1000, Changed = 20;

    private int _next;

    public string Tick { get; private set; } = "";

    public IReadOnlyList<Truck> Trucks { get; } = [.. Enumerable.Range(0, Items).Select(index => new Truck($"T{index}"))];

    /// <summary>Moves the next twenty trucks, and says when.</summary>
    public void Change(string tick)
    {
        Tick = tick;
        for (var count = 0; count < Changed; count++)
        {
            // A step that has no divisor in common with the count, so that those which change lie apart.
            _next = (_next + 37) % Items;
            Trucks[_next].Move();
        }
    }

    internal sealed class Truck(string id)
    {
        public string Id { get; } = id;

        public string Driver { get; } = "Amy Harbour";

        public string From { get; } = "North pier";

        public string To { get; } = "South depot";

        public string Status { get; } = "driving";

        public int Speed { get; private set; } = 80;

        public double Distance { get; private set; }

        public void Move()
        {
            Speed = 60 + ((Speed + 7) % 40);
            Distance += Speed / 4.0;
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Fleet))]
internal sealed partial class FleetJson : JsonSerializerContext;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.EndToEnd;

/// <summary>Changes a fleet at random: trucks come, go, move and are renamed. The seed replays it.</summary>
internal sealed class RandomFleet(int seed)
{
    private readonly Random _random = new(seed);
    private int _lastTruck;

    public Fleet Next(Fleet fleet) => _random.Next(10) switch
    {
        0 when fleet.Trucks.Count < 60 => fleet with { Trucks = fleet.Trucks.Insert(_random.Next(fleet.Trucks.Count + 1), new Truck($"T{++_lastTruck}", 0) { Cargo = new string('c', 300) }) },
        1 when fleet.Trucks.Count > 20 => fleet with { Trucks = fleet.Trucks.RemoveAt(_random.Next(fleet.Trucks.Count)) },
        2 when fleet.Trucks.Count > 1 => Move(fleet),
        3 => fleet with { Name = $"fleet \"{_random.Next(1000)}\" / ~ é 🚚" },
        4 => fleet with { Load = _random.NextDouble() * 1e6 },
        _ when fleet.Trucks.Count > 0 => fleet.With(fleet.Trucks[_random.Next(fleet.Trucks.Count)].Id, _random.Next(200)),
        _ => fleet with { Load = fleet.Load + 1 },
    };

    private Fleet Move(Fleet fleet)
    {
        var truck = fleet.Trucks[_random.Next(fleet.Trucks.Count)];
        var without = fleet.Trucks.Remove(truck);
        return fleet with { Trucks = without.Insert(_random.Next(without.Count + 1), truck) };
    }
}

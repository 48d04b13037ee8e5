using System.Text.Json.Serialization;

namespace StateRelay.Tests.State;

public sealed partial class StateStoreTests
{
    [Test]
    public void The_first_value_is_version_one_and_each_change_adds_one()
    {
        var store = new StateStore<Box>(new Box(1), BoxJson.Default.Box);

        store.Update(box => box with { Value = 2 });

        Assert.That(store.Version, Is.EqualTo(2));
        Assert.That(store.Current.Value, Is.EqualTo(2));
    }

    internal sealed record Box(int Value);

    [JsonSerializable(typeof(Box))]
    private sealed partial class BoxJson : JsonSerializerContext;
}

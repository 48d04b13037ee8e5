using System.Text.Json.Serialization;

namespace StateRelay.Tests.Support;

/// <summary>A valid one of anything, with only the interesting part spelled out.</summary>
internal static partial class Some
{
    /// <summary>A store of a small state.</summary>
    public static StateStore<Job> Store(string name = "nightly", double done = 0) => new(new Job(name, done), SomeJson.Default.Job);

    /// <summary>Options for any free port of this machine.</summary>
    public static WebServerOptions Options(Action<WebServerOptions>? change = null)
    {
        var options = new WebServerOptions { Port = null };
        change?.Invoke(options);
        return options;
    }

    internal sealed record Job(string Name, double Done);

    [JsonSerializable(typeof(Job))]
    private sealed partial class SomeJson : JsonSerializerContext;
}

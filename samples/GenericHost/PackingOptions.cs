using System.Runtime.InteropServices;

namespace StateRelay.Samples.GenericHost;

/// <summary>What the worker does, as the configuration section <c>Packing</c> says.</summary>
internal sealed class PackingOptions
{
    /// <summary>The folder whose files are packed; by default that of the running .NET.</summary>
    public string Folder { get; set; } = RuntimeEnvironment.GetRuntimeDirectory();

    /// <summary>How long the worker rests after a round. Default 10 s.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(10);
}

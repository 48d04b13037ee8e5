using System.Buffers;
using System.Collections.Immutable;

namespace StateRelay.State;

/// <summary>Finds what changed between two JSON documents, as an RFC 6902 patch.</summary>
internal static class JsonDiff
{
    /// <summary>
    /// Writes the patch that makes <paramref name="to"/> of <paramref name="from"/>, a JSON array, and gives true; gives false as
    /// soon as it would be larger than <paramref name="maxBytes"/>, and what was written by then means nothing.
    /// </summary>
    public static bool TryWrite(
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        ImmutableArray<string> listKeys,
        int maxBytes,
        IBufferWriter<byte> patch)
    {
        throw new NotSupportedException();
    }
}

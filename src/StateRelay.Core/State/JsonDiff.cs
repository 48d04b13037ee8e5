using System.Buffers;
using System.Collections.Immutable;

namespace StateRelay.State;

/// <summary>Finds what changed between two JSON documents, as an RFC 6902 patch.</summary>
internal static class JsonDiff
{
    /// <summary>
    /// Writes the patch that makes <paramref name="to"/> of <paramref name="from"/>, a JSON array, and gives true; gives false,
    /// and writes nothing, when it would be larger than <paramref name="maxBytes"/>, or when finding the shortest way took many
    /// times that in a document that is large. Both are whole, valid UTF-8 JSON. Items of
    /// lists are matched by the first of <paramref name="listKeys"/> that tells them apart, otherwise by position. Takes time
    /// that grows with the documents (n log n for lists that are reordered), and pooled memory only. Any thread.
    /// </summary>
    public static bool TryWrite(
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        ImmutableArray<string> listKeys,
        int maxBytes,
        IBufferWriter<byte> patch)
    {
        var walk = new JsonDiffWalk(from, to, listKeys, maxBytes);
        try
        {
            return walk.TryWrite(patch);
        }
        finally
        {
            walk.Dispose();
        }
    }
}

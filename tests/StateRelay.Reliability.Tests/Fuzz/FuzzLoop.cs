using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>
/// Gives a target very many inputs and expects it to bear each: what it throws is printed with the input, made small, in base64. Figures
/// are printed and nothing is asserted about time. The first inputs are those of the corpus as they are.
/// </summary>
internal static class FuzzLoop
{
    private const int MaxSmallerTries = 2000, KeptSlowest = 3;
    private const long MaxGrowthBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs the target; fails at the first input that it does not bear.</summary>
    /// <param name="corpus">What to begin with.</param>
    /// <param name="words">What means something to the target.</param>
    /// <param name="target">Reads an input; what it throws is a failure.</param>
    /// <param name="cost">For a target that takes so many times longer than others; the short form tries fewer then.</param>
    public static void Run(IEnumerable<byte[]> corpus, IEnumerable<string> words, Action<byte[]> target, int cost = 1)
    {
        var seed = Scale.Seed();
        TestContext.Out.WriteLine($"To try the same inputs again: STATERELAY_SEED={seed}");
        byte[][] begin = [.. corpus];
        var mutator = new Mutator(seed, begin, words);
        var count = Math.Max(begin.Length, Scale.Of(30_000 / cost, Scale.FuzzInputs));

        var figures = new Figures();
        for (var index = 0; index < count; index++)
        {
            if (index == count / 10)
                figures.Settle();
            Try(target, index < begin.Length ? begin[index] : mutator.Next(), figures);
        }

        var growth = figures.Growth();
        TestContext.Out.WriteLine(figures.ToString());
        Assert.That(growth, Is.LessThan(MaxGrowthBytes), "Memory that is still held after all inputs.");
    }

    /// <summary>Makes an input small that fails: leaves out pieces, as long as it still does.</summary>
    public static byte[] Smaller(byte[] input, Predicate<byte[]> fails)
    {
        var tries = 0;
        for (var piece = Math.Max(1, input.Length / 2); piece > 0; piece = piece == 1 ? 0 : piece / 2)
        {
            for (var at = 0; at + piece <= input.Length && tries < MaxSmallerTries; tries++)
            {
                byte[] without = [.. input.AsSpan(0, at), .. input.AsSpan(at + piece)];
                if (fails(without))
                    input = without;
                else
                    at += piece;
            }
        }

        return input;
    }

    private static void Try(Action<byte[]> target, byte[] input, Figures figures)
    {
        try
        {
            var begun = Stopwatch.GetTimestamp();
            target(input);
            var took = Stopwatch.GetElapsedTime(begun);
            figures.Add(input, took, took < Slow ? took : FastestOfThree(target, input));
        }
        catch (Exception error)
        {
            var small = Smaller(input, candidate => Fails(target, candidate, error.GetType()));
            Assert.Fail($"{error}\nInput: {Convert.ToBase64String(small)}\nAs text: {Encoding.UTF8.GetString(small)}");
        }
    }

    private static bool Fails(Action<byte[]> target, byte[] input, Type error)
    {
        try
        {
            target(input);
            return false;
        }
        catch (Exception other)
        {
            return other.GetType() == error;
        }
    }

    // A collection or another program may have come between; an input that is slow by itself is so every time.
    private static TimeSpan FastestOfThree(Action<byte[]> target, byte[] input)
    {
        var fastest = TimeSpan.MaxValue;
        for (var time = 0; time < 3; time++)
        {
            var begun = Stopwatch.GetTimestamp();
            target(input);
            var took = Stopwatch.GetElapsedTime(begun);
            fastest = took < fastest ? took : fastest;
        }

        return fastest;
    }

    /// <summary>What is told of a run.</summary>
    private sealed class Figures
    {
        private readonly List<(TimeSpan Took, byte[] Input)> _slowest = [];
        private readonly long _begun = Stopwatch.GetTimestamp();
        private long _inputs;
        private long _bytes;
        private long _heldBefore;
        private long _heldAfter;
        private int _seemedSlow;
        private int _slow;

        public void Add(byte[] input, TimeSpan took, TimeSpan alone)
        {
            _inputs++;
            _bytes += input.Length;
            _seemedSlow += took >= Slow ? 1 : 0;
            _slow += alone >= Slow ? 1 : 0;
            if (_slowest.Count == KeptSlowest && alone <= _slowest[^1].Took)
                return;
            _slowest.Add((alone, input));
            _slowest.Sort((one, other) => other.Took.CompareTo(one.Took));
            if (_slowest.Count > KeptSlowest)
                _slowest.RemoveAt(KeptSlowest);
        }

        /// <summary>Everything is warm: slow ones are counted from here.</summary>
        public void Settle()
        {
            _heldBefore = GC.GetTotalMemory(forceFullCollection: true);
            _slowest.Clear();
            (_seemedSlow, _slow) = (0, 0);
        }

        public long Growth() => (_heldAfter = GC.GetTotalMemory(forceFullCollection: true)) - _heldBefore;

        public override string ToString()
        {
            var text = new StringBuilder();
            var seconds = Stopwatch.GetElapsedTime(_begun).TotalSeconds;
            text.AppendLine(CultureInfo.InvariantCulture, $"{_inputs:N0} inputs of {_bytes / Math.Max(1, _inputs):N0} bytes on average in {seconds:N1} s, no failure.");
            text.AppendLine(CultureInfo.InvariantCulture, $"Over {Slow.TotalMilliseconds:N0} ms: {_slow}, and {_seemedSlow - _slow} that were not when tried three times more.");
            text.AppendLine(CultureInfo.InvariantCulture, $"Held after a collection: {(_heldAfter - _heldBefore) / 1024.0:N0} KiB more than after the first tenth.");
            foreach (var (took, input) in _slowest)
            {
                var shown = input.Length <= 512 ? Convert.ToBase64String(input) : $"begins {Convert.ToBase64String(input.AsSpan(0, 384))}";
                text.AppendLine(CultureInfo.InvariantCulture, $"Slowest: {took.TotalMicroseconds:N0} µs for {input.Length:N0} bytes, {shown}");
            }

            return text.ToString();
        }
    }
}

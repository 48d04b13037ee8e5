using System.Numerics;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>How long messages took, counted in steps of at most 1.6 %. Used by one thread.</summary>
internal sealed class Latency
{
    private const int StepsPerPower = 64;

    private readonly long[] _counts = new long[64 * StepsPerPower];

    public long Count { get; private set; }

    public void Add(long microseconds)
    {
        _counts[Step(Math.Max(0, microseconds))]++;
        Count++;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    /// <summary>What a part of all took at most, in milliseconds; NaN when there are none.</summary>
    public double At(double part)
    {
        if (Count == 0)
            return double.NaN;
        var left = (long)(part * (Count - 1)) + 1;
        var step = 0;
        for (; step < _counts.Length && (left -= _counts[step]) > 0; step++)
        {
        }

        return Value(step) / 1000.0;
    }

    private static int Step(long value)
    {
        if (value < StepsPerPower)
            return (int)value;
        var shift = BitOperations.Log2((ulong)value) - 6;
        return ((shift + 1) * StepsPerPower) + (int)((value >> shift) - StepsPerPower);
    }

    private static long Value(int step)
    {
        var (group, rest) = Math.DivRem(step, StepsPerPower);
        return group == 0 ? rest : (StepsPerPower + rest) << (group - 1);
    }
}

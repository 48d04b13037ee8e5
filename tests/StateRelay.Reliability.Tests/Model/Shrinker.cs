namespace StateRelay.Tests.Reliability.Model;

/// <summary>Makes a sequence that fails short: drops steps, then makes their numbers small, as long as it still fails.</summary>
internal static class Shrinker
{
    private const int MaxTries = 3000;

    public static Step[] Shortest(Step[] steps, Predicate<Step[]> fails)
    {
        var tries = 0;
        bool shorter;
        do
        {
            shorter = false;
            for (var piece = Math.Max(1, steps.Length / 2); piece > 0; piece /= 2)
            {
                for (var at = 0; at + piece <= steps.Length;)
                {
                    Step[] without = [.. steps.AsSpan(0, at), .. steps.AsSpan(at + piece)];
                    if (tries++ < MaxTries && fails(without))
                        (steps, shorter) = (without, true);
                    else
                        at += piece;
                }
            }
        }
        while (shorter && tries < MaxTries);

        for (var at = 0; at < steps.Length; at++)
        {
            foreach (var simpler in new[] { steps[at] with { Value = 0 }, steps[at] with { Value = steps[at].Value % 12 } })
            {
                Step[] with = [.. steps];
                with[at] = simpler;
                if (simpler == steps[at] || tries++ >= MaxTries || !fails(with))
                    continue;
                steps = with;
                break;
            }
        }

        return steps;
    }
}

namespace StateRelay.Tests.Reliability.Interleavings;

/// <summary>
/// Lets several things happen at once in an order that a seed chooses, as far as one can: each runs on a thread of its own and gives way at
/// moments that the seed decides. What the library itself hands to the thread pool goes on there, in an order that nobody chooses; so a
/// seed makes an order likely to come again, not certain.
/// </summary>
internal sealed class Chance(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Runs a scenario with many seeds; the first that fails is printed.</summary>
    public static void Try(int usual, int inTheLongForm, Action<Chance> scenario)
    {
        var first = Scale.Seed();
        TestContext.Out.WriteLine($"To try the same again: STATERELAY_SEED={first}");
        var unobserved = new List<Exception>();
        void Keep(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            lock (unobserved)
                unobserved.Add(args.Exception);
        }

        TaskScheduler.UnobservedTaskException += Keep;
        try
        {
            for (var index = 0; index < Scale.Of(usual, inTheLongForm); index++)
            {
                var seed = unchecked(first + index);
                try
                {
                    scenario(new Chance(seed));
                }
                catch (Exception error)
                {
                    Assert.Fail($"STATERELAY_SEED={seed}\n{error}");
                }
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Keep;
        }

        Assert.That(unobserved, Is.Empty);
    }

    public int Next(int limit) => _random.Next(limit);

    /// <summary>Runs all of these at once, and waits for each; rethrows what the first threw.</summary>
    public void Together(params IReadOnlyList<Action<Moments>> several)
    {
        using var start = new Barrier(several.Count);
        var errors = new Exception?[several.Count];
        var threads = new Thread[several.Count];
        for (var index = 0; index < threads.Length; index++)
        {
            var own = index;
            var moments = new Moments(_random.Next());
            threads[own] = new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    moments.Pass();
                    several[own](moments);
                }
                catch (Exception error)
                {
                    errors[own] = error;
                }
            });
            threads[own].Start();
        }

        foreach (var thread in threads)
        {
            if (!thread.Join(TestTimeouts.Guard))
                throw new TimeoutException("Something that runs at once with others does not end.");
        }

        if (Array.Find(errors, error => error is not null) is { } first)
            throw new InvalidOperationException("One of those that ran at once failed.", first);
    }
}

/// <summary>The moments at which one thread gives way.</summary>
internal sealed class Moments(int seed)
{
    private readonly Random _random = new(seed);

    public int Next(int limit) => _random.Next(limit);

    /// <summary>Gives way, or not, or for a little longer.</summary>
    public void Pass()
    {
        switch (_random.Next(6))
        {
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.SpinWait(_random.Next(200));
                break;
            case 2:
                Thread.SpinWait(_random.Next(5000));
                break;
        }
    }
}

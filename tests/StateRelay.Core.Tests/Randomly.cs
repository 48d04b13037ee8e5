using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace StateRelay.Tests;

/// <summary>
/// Runs a test on random values. Each run prints the seed it started from; with that number in the environment variable
/// <c>STATERELAY_SEED</c> the same values come again.
/// </summary>
internal static class Randomly
{
    public static void Check<T>(Gen<T> values, int count, Action<T> test)
    {
        var given = Environment.GetEnvironmentVariable("STATERELAY_SEED");
        var seed = given is null ? (ulong)Random.Shared.NextInt64() : ulong.Parse(given, CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"To see the same values again: STATERELAY_SEED={seed}");

        var config = Config.QuickThrowOnFailure
            .WithMaxTest(count)
            .WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));
        FsCheck.Check.One(config, Prop.ForAll(Arb.From(values), test));
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>The other tests of this folder are worth something only if the watch sees what is said.</summary>
[NonParallelizable]
public sealed class WatchTests
{
    private const string Mark = "a/mark that+is?seen";

    [TestCase(Mark)]
    [TestCase("a%2Fmark%20that%2Bis%3Fseen")]
    [TestCase("YS9tYXJrIHRoYXQraXM/c2Vlbg==")]
    [TestCase("YS9tYXJrIHRoYXQraXM_c2Vlbg")]
    [TestCase("612f6d61726b20746861742b69733f7365656e")]
    public void A_mark_is_found_however_it_is_written(string written)
    {
        using var watch = new Watch();

        watch.See($"before{written}behind");

        Assert.That(() => Quietly(() => watch.ExpectNoneOf(Mark)), Throws.InstanceOf<AssertionException>());
    }

    [Test]
    public void It_sees_log_lines_their_exceptions_measurements_and_activities()
    {
        using var watch = new Watch();
        using var meter = new Meter("StateRelay");
        using var source = new ActivitySource("StateRelay");

#pragma warning disable CA1848, CA1873, CA2254 // The line is only of this test.
        watch.CreateLogger("StateRelay.Http").LogTrace(new InvalidOperationException("of an exception"), "of a line");
#pragma warning restore CA1848, CA1873, CA2254
        meter.CreateCounter<long>("counted").Add(1, new KeyValuePair<string, object?>("tag", "of a measurement"));
        source.StartActivity("done")?.SetTag("tag", "of an activity").Stop();

        Assert.That(string.Join('\n', watch.Seen), Does.Contain("of an exception").And.Contain("of a line").And.Contain("of a measurement").And.Contain("of an activity"));
    }

    private static void Quietly(Action check)
    {
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
            check();
    }
}

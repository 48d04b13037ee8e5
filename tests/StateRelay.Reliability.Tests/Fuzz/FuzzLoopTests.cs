using System.Text;

namespace StateRelay.Tests.Reliability.Fuzz;

public sealed class FuzzLoopTests
{
    [Test]
    public void A_seed_makes_the_same_inputs_again()
    {
        var once = Inputs(seed: 7);
        var again = Inputs(seed: 7);
        var other = Inputs(seed: 8);

        Assert.That(again, Is.EqualTo(once));
        Assert.That(other, Is.Not.EqualTo(once));
    }

    [Test]
    public void A_target_that_breaks_at_a_word_is_found_to()
    {
        static void Breaks(byte[] input)
        {
            if (Encoding.UTF8.GetString(input).Contains("needle9223372036854775808", StringComparison.Ordinal))
                throw new FormatException("found");
        }

        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            var failure = Assert.Throws<AssertionException>(() => FuzzLoop.Run([Encoding.UTF8.GetBytes("""{"a":"needle1"}""")], ["needle"], Breaks))!;

            Assert.That(failure.Message, Does.Contain("FormatException: found"));
            Assert.That(failure.Message, Does.Contain($"Input: {Convert.ToBase64String("needle9223372036854775808"u8)}"));
        }
    }

    [Test]
    public void An_input_that_fails_is_made_as_small_as_it_can_be()
    {
        var large = Encoding.UTF8.GetBytes("some words before it, the cause, and some after it");

        var small = FuzzLoop.Smaller(large, input => Encoding.UTF8.GetString(input).Contains("cause", StringComparison.Ordinal));

        Assert.That(Encoding.UTF8.GetString(small), Is.EqualTo("cause"));
    }

    private static byte[][] Inputs(int seed)
    {
        var mutator = new Mutator(seed, ["""{"type":"ping","seq":1}"""u8.ToArray(), "abc"u8.ToArray()], ["ping"]);
        return [.. Enumerable.Range(0, 1000).Select(_ => mutator.Next())];
    }
}

using System.Diagnostics;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>
/// Random sequences of all that can happen to a relay and its clients, held after each step to what the protocol promises. A sequence that
/// breaks a promise is made short and printed, as <see cref="A_sequence_that_broke_a_promise_once_keeps_it"/> takes it.
/// </summary>
public sealed class ModelTests
{
    [Test]
    public void Whatever_happens_in_whatever_order_every_promise_is_kept()
    {
        var first = Scale.Seed();
        TestContext.Out.WriteLine($"To run the same sequences again: STATERELAY_SEED={first}");
        var begun = Stopwatch.GetTimestamp();
        var count = Scale.Of(2000, Scale.ModelSequences);
        var steps = 0L;

        for (var index = 0; index < count; index++)
        {
            var sequence = Step.Sequence(unchecked(first + index));
            steps += sequence.Length;
            if (Violation(sequence) is { } violation)
                Assert.Fail(Told(sequence, violation));
        }

        TestContext.Out.WriteLine($"{count:N0} sequences of {steps:N0} steps in {Stopwatch.GetElapsedTime(begun).TotalSeconds:N1} s.");
    }

    [Test]
    public void A_sequence_leads_to_the_same_end_again()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var sequence = Step.Sequence(seed);

            var once = World.Run(sequence);
            var again = World.Run(sequence);

            Assert.That(again, Is.EqualTo(once), $"Seed {seed}");
        }
    }

    [Test]
    public void A_sequence_is_read_as_it_is_written()
    {
        var sequence = Step.Sequence(seed: 1);

        var read = Step.Parse(Step.Text(sequence));

        Assert.That(read, Is.EqualTo(sequence));
    }

    [Test]
    public void A_sequence_that_fails_is_made_as_short_as_it_can_be()
    {
        var sequence = Step.Sequence(seed: 2);
        sequence[^1] = new Step(StepKind.Stop, 3, 50);

        var shortest = Shrinker.Shortest(sequence, steps => steps.Any(step => step is { Kind: StepKind.Stop, Slot: 3 }) && steps.Any(step => step.Kind == StepKind.Push));

        Assert.That(shortest, Has.Length.EqualTo(2));
        Assert.That(Step.Text(shortest), Does.EndWith("; Stop 3 0"));
    }

    [TestCase("Join 0 2; Subscribe 0 0; Update 0 4; Push 0 3; Drop 0 0; Update 0 13; Join 0 2; Return 0 0", TestName = "A_client_comes_back_to_the_state(steps)")]
    [TestCase("Join 0 2; Subscribe 0 1; Publish 0 0; Drop 0 0; Publish 0 17; Join 0 2; Return 0 145", TestName = "A_client_comes_back_behind_a_gap(steps)")]
    [TestCase("Join 0 2; Subscribe 0 3; ChangeRights 0 0; Publish 0 2; ChangeRights 0 0; Publish 0 2; Kick 0 0", TestName = "Rights_come_and_go(steps)")]
    [TestCase("Join 0 11; Subscribe 0 450; Push 0 8", TestName = "A_pause_is_lifted_after_a_ping(steps)")]
    public void A_sequence_that_broke_a_promise_once_keeps_it(string steps)
    {
        Assert.That(Violation(Step.Parse(steps))?.Message, Is.Null);
    }

    private static Exception? Violation(Step[] sequence)
    {
        try
        {
            World.Run(sequence);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static string Told(Step[] sequence, Exception violation)
    {
        // Said before it is made short, which takes a while.
        TestContext.Progress.WriteLine($"{violation}\n[TestCase(\"{Step.Text(sequence)}\")]");
        if (violation is RestlessException)
            return $"{violation}\n[TestCase(\"{Step.Text(sequence)}\")]";
        var shortest = Shrinker.Shortest(sequence, steps => Violation(steps)?.GetType() == violation.GetType());
        var told = Violation(shortest) ?? violation;
        return $"{told}\n[TestCase(\"{Step.Text(shortest)}\")]";
    }
}

using StateRelay.Operations;

namespace StateRelay.Tests.Operations;

public sealed class StatusRulesTests
{
    private static readonly Dictionary<OperationStatus, OperationStatus[]> OperationMoves = new()
    {
        [OperationStatus.Initializing] = [OperationStatus.Preparing, OperationStatus.Confirming, OperationStatus.Failed, OperationStatus.Cancelled],
        [OperationStatus.Confirming] = [OperationStatus.Preparing, OperationStatus.Cancelled],
        [OperationStatus.Preparing] = [OperationStatus.Running, OperationStatus.Completed, OperationStatus.Failed, OperationStatus.Cancelled],
        [OperationStatus.Running] = [OperationStatus.Completed, OperationStatus.Failed, OperationStatus.Cancelled],
        [OperationStatus.Completed] = [],
        [OperationStatus.Failed] = [],
        [OperationStatus.Cancelled] = [],
    };

    private static readonly Dictionary<ItemStatus, ItemStatus[]> ItemMoves = new()
    {
        [ItemStatus.Pending] = [ItemStatus.Queued, ItemStatus.Running, ItemStatus.Skipped, ItemStatus.Cancelled],
        [ItemStatus.Queued] = [ItemStatus.Running, ItemStatus.Skipped, ItemStatus.Cancelled],
        [ItemStatus.Running] = [ItemStatus.Completed, ItemStatus.Failed, ItemStatus.Retrying, ItemStatus.Cancelled],
        [ItemStatus.Retrying] = [ItemStatus.Running, ItemStatus.Failed, ItemStatus.Cancelled],
        [ItemStatus.Failed] = [ItemStatus.Retrying],
        [ItemStatus.Completed] = [],
        [ItemStatus.Skipped] = [],
        [ItemStatus.Cancelled] = [],
    };

    [Test]
    public void An_operation_moves_as_its_table_says_and_no_other_way([Values] OperationStatus from, [Values] OperationStatus to)
    {
        Assert.That(StatusRules.Allows(from, to), Is.EqualTo(from == to || OperationMoves[from].Contains(to)));
    }

    [Test]
    public void An_item_moves_as_its_table_says_and_no_other_way([Values] ItemStatus from, [Values] ItemStatus to)
    {
        Assert.That(StatusRules.Allows(from, to), Is.EqualTo(from == to || ItemMoves[from].Contains(to)));
    }

    [Test]
    public void A_status_that_nobody_knows_allows_nothing_in_either_direction()
    {
        Assert.That(StatusRules.Allows((OperationStatus)99, OperationStatus.Running), Is.False);
        Assert.That(StatusRules.Allows(OperationStatus.Running, (OperationStatus)99), Is.False);
        Assert.That(StatusRules.Allows((OperationStatus)99, (OperationStatus)99), Is.False);
        Assert.That(StatusRules.Allows((ItemStatus)99, ItemStatus.Running), Is.False);
        Assert.That(StatusRules.Allows(ItemStatus.Running, (ItemStatus)99), Is.False);
        Assert.That(StatusRules.Allows((ItemStatus)99, (ItemStatus)99), Is.False);
    }

    [TestCase(OperationStatus.Initializing, "initializing")]
    [TestCase(OperationStatus.Confirming, "confirming")]
    [TestCase(OperationStatus.Preparing, "preparing")]
    [TestCase(OperationStatus.Running, "running")]
    [TestCase(OperationStatus.Completed, "completed")]
    [TestCase(OperationStatus.Failed, "failed")]
    [TestCase(OperationStatus.Cancelled, "cancelled")]
    public void An_operation_s_status_is_written_as_one_word(OperationStatus status, string text)
    {
        Assert.That(StatusRules.Text(status), Is.EqualTo(text));
        Assert.That(System.Text.Json.JsonSerializer.Serialize(new OperationState { Status = status }, OperationJson.Default.OperationState), Does.Contain($"\"status\":\"{text}\""));
    }

    [TestCase(ItemStatus.Pending, "pending")]
    [TestCase(ItemStatus.Queued, "queued")]
    [TestCase(ItemStatus.Running, "running")]
    [TestCase(ItemStatus.Retrying, "retrying")]
    [TestCase(ItemStatus.Completed, "completed")]
    [TestCase(ItemStatus.Failed, "failed")]
    [TestCase(ItemStatus.Skipped, "skipped")]
    [TestCase(ItemStatus.Cancelled, "cancelled")]
    public void An_item_s_status_is_written_as_one_word(ItemStatus status, string text)
    {
        Assert.That(StatusRules.Text(status), Is.EqualTo(text));
        Assert.That(System.Text.Json.JsonSerializer.Serialize(new OperationItemState { Status = status }, OperationJson.Default.OperationItemState), Does.Contain($"\"status\":\"{text}\""));
    }
}

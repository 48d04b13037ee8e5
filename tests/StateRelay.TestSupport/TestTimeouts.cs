namespace StateRelay.TestSupport;

/// <summary>Guards against a test that hangs. No test asserts how long something takes.</summary>
public static class TestTimeouts
{
    /// <summary>Far longer than anything a test awaits, on the slowest machine: reaching it means that the thing will never happen.</summary>
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);
}

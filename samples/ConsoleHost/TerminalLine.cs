using System.Globalization;

namespace StateRelay.Samples.ConsoleHost;

/// <summary>
/// Listens to the operation inside the program and keeps one line in the terminal up to date; where the output is not a terminal,
/// writes a line at each tenth of the way.
/// </summary>
internal sealed class TerminalLine(OperationTracker job) : IStateListener
{
    private const double StepPercent = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly bool _isTerminal = !Console.IsOutputRedirected;

    // Listeners are called one change at a time.
    private string? _id;
    private OperationStatus _status;
    private double _step;
    private DateTimeOffset _drawn;
    private int _width;

    public void OnStateChange(StateChange change)
    {
        var state = job.State.Current;
        var turned = state.Status != _status || state.Id != _id;
        var step = Math.Floor((state.Summary.Percent ?? 0) / StepPercent);
        if (state.Status is OperationStatus.Initializing or OperationStatus.Preparing)
            return;
        if (!turned && (_isTerminal ? change.Time - _drawn < Interval : step == _step))
            return;

        (_id, _status, _step, _drawn) = (state.Id, state.Status, step, change.Time);
        if (_isTerminal)
            Draw(Text(state), ended: state.EndTime is not null);
        else
            Console.WriteLine(Text(state));
    }

    private void Draw(string text, bool ended)
    {
        var room = Math.Max(20, Console.WindowWidth - 1);
        text = text.Length > room ? text[..room] : text;
        Console.Write("\r" + text.PadRight(_width));
        _width = text.Length;
        if (!ended)
            return;
        Console.WriteLine();
        _width = 0;
    }

    private static string Text(OperationState state)
    {
        var summary = state.Summary;
        var worked = summary.Completed + summary.Failed + summary.Skipped;
        var left = summary.SecondsLeft is { } seconds ? $", {TimeSpan.FromSeconds(Math.Ceiling(seconds)):g} left" : "";
        var errors = summary.Errors > 0 ? $", {summary.Errors:N0} errors" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Status,-9} {summary.Percent ?? 0,5:F1} %  {worked:N0} of {summary.Items:N0} folders, {summary.Done / 1e6:N1} of {summary.Total / 1e6:N1} MB at {summary.Speed / 1e6:N1} MB/s{left}{errors}");
    }
}

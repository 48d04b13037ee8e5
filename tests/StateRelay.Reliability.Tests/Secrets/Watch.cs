using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;

using Microsoft.Extensions.Logging;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>
/// Sees everything that the library says about itself, at every level (log lines with their values and exceptions, tags of measurements,
/// activities), and what a test shows it of answers. Safe for use by any thread.
/// </summary>
internal sealed class Watch : ILoggerFactory
{
    private const string Own = "StateRelay";

    private readonly ConcurrentQueue<string> _seen = new();
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public Watch()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(Own, StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            See($"measured {instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        _meters.Start();

        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith(Own, StringComparison.Ordinal),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => See(
                $"activity {activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)} "
                + string.Join(' ', activity.Events.Select(told => $"{told.Name} {string.Join(' ', told.Tags)}"))),
        };
        ActivitySource.AddActivityListener(_activities);
    }

    /// <summary>Everything seen so far.</summary>
    public IReadOnlyList<string> Seen => [.. _seen];

    /// <summary>Takes in a text.</summary>
    public void See(string text) => _seen.Enqueue(text);

    /// <summary>Fails when a mark stands in anything seen, plainly or as it is written in addresses, in base64 or in hexadecimal digits.</summary>
    public void ExpectNoneOf(params string[] marks)
    {
        var found = from mark in marks
                    from form in FormsOf(mark)
                    from text in _seen
                    where text.Contains(form, StringComparison.OrdinalIgnoreCase)
                    select $"{form} in: {text}";

        Assert.That(found.Distinct(), Is.Empty);
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private static IEnumerable<string> FormsOf(string mark)
    {
        var utf8 = Encoding.UTF8.GetBytes(mark);
        return [mark, Uri.EscapeDataString(mark), Convert.ToBase64String(utf8).TrimEnd('='), Base64Url.EncodeToString(utf8), Convert.ToHexString(utf8)];
    }

    // What an application's own server says is the application's affair.
    private sealed class Logger(Watch watch, string category) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!category.StartsWith(Own, StringComparison.Ordinal))
                return;
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) : "";
            watch.See($"logged {logLevel} {category} {eventId.Id} {formatter(state, exception)} {values} {exception}");
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}

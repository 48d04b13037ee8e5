using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace StateRelay.TestSupport;

/// <summary>Keeps every line that is logged, of every level, for a test to look at. Safe for use by any thread.</summary>
public sealed class CollectingLogger : ILogger, ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, EventId Id, string Text, Exception? Error)> _lines = new();

    public IReadOnlyList<(LogLevel Level, EventId Id, string Text, Exception? Error)> Lines => [.. _lines];

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _lines.Enqueue((logLevel, eventId, formatter(state, exception), exception));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}

namespace StateRelay.Operations;

/// <summary>A metric and its newest points. Used under its owner's gate.</summary>
internal sealed class MetricHistory(string name, int capacity)
{
    private readonly NewestList<MetricPoint> _points = new(capacity);
    private string? _unit;
    private OperationMetric? _shown;

    public string Name => name;

    /// <summary>The metric as it is now; the same object until it is set again.</summary>
    public OperationMetric Shown =>
        _shown ??= new OperationMetric { Name = name, Unit = _unit, Value = _points.Shown[^1].Value, History = _points.Shown };

    public void Set(double value, string? unit, DateTimeOffset now)
    {
        _unit = unit ?? _unit;
        _points.Add(id => new MetricPoint(id, now, value));
        _shown = null;
    }
}

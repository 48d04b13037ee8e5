namespace StateRelay.Samples.WebhookRelay;

/// <summary>The words of a command line, sorted: options that take a value, once or several times, options that take none, and the rest.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _repeated = new(StringComparer.Ordinal);
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly List<string> _rest = [];

    /// <param name="words">What was written after the command.</param>
    /// <param name="values">The options that take a value.</param>
    /// <param name="flags">The options that take none.</param>
    /// <param name="repeated">The options that take a value and may be given several times.</param>
    public CommandLine(ReadOnlySpan<string> words, string[] values, string[] flags, params string[] repeated)
    {
        for (var next = 0; next < words.Length; next++)
        {
            var word = words[next];
            if (flags.Contains(word))
                _flags.Add(word);
            else if (!values.Contains(word) && !repeated.Contains(word))
                AddRest(word);
            else if (++next == words.Length || words[next].StartsWith("--", StringComparison.Ordinal))
                Problem ??= $"{word} must be followed by a value.";
            else if (repeated.Contains(word))
                Add(word, words[next]);
            else if (!_values.TryAdd(word, words[next]))
                Problem ??= $"{word} can be given only once.";
        }
    }

    /// <summary>The first thing that is wrong with it; null when nothing is.</summary>
    public string? Problem { get; private set; }

    public IReadOnlyList<string> Rest => _rest;

    public bool Has(string flag) => _flags.Contains(flag);

    public string? Value(string option) => _values.GetValueOrDefault(option);

    /// <summary>Every value of an option that may be given several times, in order.</summary>
    public IReadOnlyList<string> Values(string option) => _repeated.TryGetValue(option, out var values) ? values : [];

    private void Add(string option, string value)
    {
        if (!_repeated.TryGetValue(option, out var values))
            _repeated[option] = values = [];
        values.Add(value);
    }

    private void AddRest(string word)
    {
        if (word.StartsWith('-'))
            Problem ??= $"There is no argument \"{word}\" of this command.";
        else
            _rest.Add(word);
    }
}

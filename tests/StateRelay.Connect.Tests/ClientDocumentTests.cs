using System.Globalization;
using System.Reflection;

using Microsoft.Extensions.Logging;

using StateRelay.Connect;
using StateRelay.Tests.Architecture;

namespace StateRelay.Tests.Connect;

/// <summary>The tables of docs/client.md say what the code says.</summary>
public sealed class ClientDocumentTests
{
    private const string Client = "docs/client.md";

    private static IEnumerable<TestCaseData> Options =>
        typeof(RelayConnectionOptions).GetProperties().Select(option =>
            new TestCaseData(option.Name, InWords(option.Name, option.GetValue(new RelayConnectionOptions()))).SetArgDisplayNames(option.Name));

    [TestCaseSource(nameof(Options))]
    public void Every_option_has_a_row_with_its_default(string option, string theDefault)
    {
        var row = Documents.Rows(Client).Single(row => row[0] == $"`{option}`");

        Assert.That(row[1], Is.EqualTo(theDefault));
    }

    [Test]
    public void The_log_lines_are_those_of_the_code()
    {
        var lines = typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(line => $"{line.EventId} {line.Level} {line.Message}")
            .ToArray();

        var written = Documents.Rows(Client).Where(row => int.TryParse(row[0], out _) && Enum.TryParse<LogLevel>(row[1], out _)).Select(row => $"{row[0]} {row[1]} {row[2]}");

        Assert.That(written, Is.EquivalentTo(lines));
        Assert.That(lines.Select(line => line[..4]), Is.Unique);
    }

    private static string InWords(string option, object? value) => value switch
    {
        null => "none",
        TimeSpan time when time < TimeSpan.FromSeconds(1) => $"{time.TotalMilliseconds:0} ms",
        TimeSpan time => $"{time.TotalSeconds:0} s",
        int bytes when option.EndsWith("Bytes", StringComparison.Ordinal) => $"{bytes >> 20} MiB",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
    };
}

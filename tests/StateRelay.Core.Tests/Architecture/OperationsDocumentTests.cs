using System.Collections;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;

using Microsoft.Extensions.Logging;

using StateRelay.Connections;
using StateRelay.Diagnostics;

namespace StateRelay.Tests.Architecture;

/// <summary>The tables of docs/operations.md say what the code says: options and defaults, log lines, instruments.</summary>
public sealed class OperationsDocumentTests
{
    private const string Operations = "docs/operations.md";

    private static readonly object[] OptionsAsTheyAre = [new WebServerOptions(), new StateOptions(), new OperationTrackerOptions(), new StateRelayHostOptions(), new GitHubWebhookOptions(), new HubOptions(), new GitHubAuthenticatorOptions()];

    private static IEnumerable<TestCaseData> Options =>
        from options in OptionsAsTheyAre
        from option in options.GetType().GetProperties()
        select new TestCaseData(option.Name, InWords(option.Name, option.GetValue(options))).SetArgDisplayNames(option.Name);

    [TestCaseSource(nameof(Options))]
    public void Every_option_has_a_row_with_its_default(string option, string theDefault)
    {
        var rows = Documents.Rows(Operations).Where(row => row[0] == $"`{option}`").ToArray();

        // Options of several classes may share a name; then each has its row.
        Assert.That(rows, Has.Length.EqualTo(OptionsAsTheyAre.Count(options => options.GetType().GetProperty(option) is not null)), $"Rows for {option} in {Operations}.");
        Assert.That(rows.Select(row => row[1]), Does.Contain(theDefault));
    }

    [TestCaseSource(nameof(Options))]
    public void The_readme_gives_the_same_default_where_it_names_an_option(string option, string theDefault)
    {
        var row = Documents.Rows("README.md").FirstOrDefault(row => row[0] == $"`{option}`");

        Assert.That(row is null || row[1] == theDefault, Is.True, row is null ? "" : string.Join(" | ", row));
    }

    [Test]
    public void The_log_lines_are_those_of_the_code()
    {
        var lines = typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(line => $"{line.EventId} {line.Level} {line.Message}");

        var written = Documents.Rows(Operations).Where(row => int.TryParse(row[0], out _) && Enum.TryParse<LogLevel>(row[1], out _)).Select(row => $"{row[0]} {row[1]} {row[2]}");

        Assert.That(written, Is.EquivalentTo(lines));
    }

    [Test]
    public void The_instruments_are_those_of_the_code()
    {
        var instruments = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName && !instruments.Contains(Row(instrument)))
                instruments.Add(Row(instrument));
        };
        listener.Start();
        using var made = new Instruments();

        var written = Documents.Rows(Operations).Where(row => row.Length == 3 && row[0].StartsWith("`staterelay.", StringComparison.Ordinal)).Select(row => string.Join(' ', row));

        Assert.That(written, Is.EquivalentTo(instruments));
    }

    [Test]
    public void The_reasons_for_ending_a_connection_are_those_of_the_code()
    {
        var reasons = typeof(DisconnectReason).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(field => field.GetValue(null))
            .OfType<DisconnectReason>()
            .Select(reason => $"`{reason.Name}` {CodeOf(reason, reason.Code)} {CodeOf(reason, (int)reason.PlainCode)} {(reason.MayReturn ? "yes" : "no")}");

        var written = Documents.Rows(Operations).Where(row => row.Length == 5 && row[3] is "yes" or "no").Select(row => string.Join(' ', row[..4]));

        Assert.That(written, Is.EquivalentTo(reasons));
    }

    [Test]
    public void No_two_log_lines_share_an_id()
    {
        var ids = typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .Where(id => id is not null);

        Assert.That(ids, Is.Unique);
    }

    private static string CodeOf(DisconnectReason reason, int code) => reason.CanBeTold ? $"{code}" : "none";

    private static string Row(Instrument instrument) => $"`{instrument.Name}` {instrument.Unit} {instrument.Description}";

    private static string InWords(string option, object? value) => value switch
    {
        null => "none",
        TimeSpan time when time < TimeSpan.FromSeconds(1) => $"{time.TotalMilliseconds:0} ms",
        TimeSpan time when time < TimeSpan.FromMinutes(2) => $"{time.TotalSeconds:0.###} s",
        TimeSpan time => $"{time.TotalMinutes:0.###} min",
        Uri address => $"`{address}`",
        bool flag => flag ? "yes" : "no",
        string text => $"`{text}`",
        int or long when option.EndsWith("Bytes", StringComparison.Ordinal) => Size(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        int port when option == nameof(WebServerOptions.Port) => $"{port}",
        int or long => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
        IEnumerable list when !list.GetEnumerator().MoveNext() => "none",
        IEnumerable<string> texts => string.Join(", ", texts.Select(text => $"`{text}`")),
        _ => value.ToString()!,
    };

    private static string Size(long bytes) => bytes % (1 << 20) == 0 ? $"{bytes >> 20} MiB" : $"{bytes >> 10} KiB";
}

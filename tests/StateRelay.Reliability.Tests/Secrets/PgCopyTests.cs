using System.Diagnostics;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>The sample PgCopy, as a process: the passwords in its arguments stand neither in what it writes nor in what its page is told.</summary>
public sealed class PgCopyTests
{
    private const string OfSource = "mark-of-the-source";
    private const string OfTarget = "mark-of-the-target";

    private static string Program =>
        Path.Combine(AppContext.BaseDirectory, "..", "..", "PgCopy", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "PgCopy");

    // Nobody listens on port 1.
    [TestCase("Host=127.0.0.1;Port=1;Database=shop;Username=amy;Password={0};Timeout=1")]
    [TestCase("Host=127.0.0.1;Port=1;Password='{0}")]
    [TestCase("Host=127.0.0.1;Port={0};Password={0}")]
    [TestCase("Host=127.0.0.1;{0}={0}")]
    [TestCase("Password={0}")]
    [TestCase("{0}")]
    [TestCase("postgres://amy:{0}@127.0.0.1:1/shop")]
    [TestCase("--{0}=x")]
    public async Task Nothing_that_it_writes_has_a_password(string connection)
    {
        using var watch = new Watch();
        using var process = Start("--source", string.Format(null, connection, OfSource), "--target", string.Format(null, connection, OfTarget), "--port", $"{FreePort()}", "--exit");

        watch.See(await process.StandardOutput.ReadToEndAsync().WaitAsync(TestTimeouts.Guard));
        watch.See(await process.StandardError.ReadToEndAsync().WaitAsync(TestTimeouts.Guard));
        await process.WaitForExitAsync().WaitAsync(TestTimeouts.Guard);

        Assert.That(process.ExitCode, Is.Not.Zero);
        Assert.That(string.Concat(watch.Seen), Is.Not.Empty);
        watch.ExpectNoneOf(OfSource, OfTarget);
    }

    [Test]
    public async Task Nothing_that_its_page_is_told_has_a_password()
    {
        using var watch = new Watch();
        const string Connection = "Host=127.0.0.1;Port=1;Database=shop;Username=amy;Timeout=1;Password=";
        using var process = Start("--source", Connection + OfSource, "--target", Connection + OfTarget, "--port", $"{FreePort()}");
        try
        {
            var first = await process.StandardOutput.ReadLineAsync().WaitAsync(TestTimeouts.Guard);
            var failed = await process.StandardOutput.ReadLineAsync().WaitAsync(TestTimeouts.Guard);
            var address = new Uri(first!.Split(' ')[3]);

            var state = await Exchange.AskAsync(address, $"GET /api/state HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n");
            watch.See(state);

            Assert.That(failed, Does.StartWith("Failed"));
            Assert.That(state, Does.Contain("\"status\":\"failed\"").And.Contain("127.0.0.1"));
            watch.ExpectNoneOf(OfSource, OfTarget);
        }
        finally
        {
            process.Kill();
        }
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }
}

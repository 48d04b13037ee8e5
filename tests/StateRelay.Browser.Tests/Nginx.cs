using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace StateRelay.Browser.Tests;

/// <summary>
/// The machine's own nginx, on a free port of this machine, set up as docs/operations.md says. Where there is none the test is skipped,
/// except under <c>CI=true</c>, where it fails.
/// </summary>
internal sealed partial class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("staterelay-nginx-");
    private Process? _process;

    /// <summary>Where browsers find it: under a name that the servers behind it do not have by themselves.</summary>
    public Uri Address { get; } = new($"http://relay.localhost:{FreePort()}/");

    /// <summary>Starts it in front of a server, whichever of those in the document that one is.</summary>
    public async Task StartAsync(Uri server)
    {
        var block = Block().Match(RepositoryFolder.Read("docs/operations.md")).Groups[1].Value;
        var documented = block
            .Replace("listen 80;", $"listen 127.0.0.1:{Address.Port};", StringComparison.Ordinal)
            .Replace(":8080", $":{server.Port}", StringComparison.Ordinal)
            .Replace(":5000", $":{server.Port}", StringComparison.Ordinal);
        var file = Path.Combine(_folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr notice;
            events {}
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                {{documented}}
            }
            """);

        // The first thing it says, when it listens, is a notice.
        var first = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = new ProcessStartInfo(Find(), ["-p", _folder.FullName, "-c", file, "-e", "stderr"]) { RedirectStandardError = true } };
        _process.ErrorDataReceived += (_, line) => first.TrySetResult(line.Data);
        _process.Start();
        _process.BeginErrorReadLine();
        Assert.That(await first.Task.WaitAsync(TestTimeouts.Guard), Does.Contain("[notice]"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin");
        if (folders.Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists) is { } found)
            return found;

        const string None = "There is no nginx: install it.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(None);
        Assert.Ignore(None);
        return "";
    }

    [GeneratedRegex(@"^```nginx\r?\n([\s\S]*?)^```", RegexOptions.Multiline)]
    private static partial Regex Block();
}

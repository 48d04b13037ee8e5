using System.Diagnostics;
using System.Globalization;

using StateRelay.Benchmarks.FanOut.Peers;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>A peer in a process of its own, which is this program started once more. Used by one thread.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        (_process, Port) = (process, port);
    }

    public int Port { get; }

    /// <summary>Processor time so far, in seconds.</summary>
    public double Cpu => Libc.ProcessCpu(_process.Id);

    /// <summary>Resident memory now, in bytes.</summary>
    public long Resident
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public static ServerProcess Start(string peer)
    {
        var process = Process.Start(StartInfo(peer))!;
        var said = process.StandardOutput.ReadLine();
        if (said?.Split(' ') is [ServerLoop.Listening, var port])
            return new ServerProcess(process, int.Parse(port, CultureInfo.InvariantCulture));
        process.WaitForExit();
        throw new IOException($"The server {peer} did not start: {said}");
    }

    /// <summary>Says something and gives the number that is answered.</summary>
    public long Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLine() ?? throw new IOException($"The server ended when it was told: {line}");
        return long.Parse(answer, CultureInfo.InvariantCulture);
    }

    /// <summary>Tells that every client has this message.</summary>
    public void Acknowledge(long seq)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ack {seq}"));
        _process.StandardInput.Flush();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string peer)
    {
        // Under the SDK's own program this one is its first argument.
        var program = Environment.ProcessPath!;
        var info = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            info.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        info.ArgumentList.Add("serve");
        info.ArgumentList.Add(peer);
        return info;
    }
}

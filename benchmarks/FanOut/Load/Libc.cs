using System.Runtime.InteropServices;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>The calls to Linux that the load client and the raw peer make, without anything in between.</summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyInternet = 2;
    public const int Stream = 1, NonBlocking = 0x800, CloseOnExec = 0x80000;
    public const int LevelSocket = 1, LevelIp = 0, LevelTcp = 6;
    public const int ReuseAddress = 2, SocketError = 4, ReceiveBuffer = 8, Linger = 13;
    public const int NoDelay = 1, BindAddressNoPort = 24;
    public const int Peek = 0x2, DoNotWait = 0x40, NoSignal = 0x4000;
    public const int Again = 11, Interrupted = 4, InProgress = 115;
    public const short PollOut = 4;

    private const int ThreadCpuClock = 3;
    private const int OpenFiles = 7;

    /// <summary>Processor time of the calling thread, in seconds.</summary>
    public static double ThreadCpu() => Read(ThreadCpuClock);

    /// <summary>Processor time of a process, in seconds: what <c>/proc/PID/stat</c> gives as user and system time, but to the nanosecond.</summary>
    public static double ProcessCpu(int process) => Read((~process << 3) | 2);

    /// <summary>How many descriptors this process may have open; raised as far as the system lets it.</summary>
    public static long RaiseOpenFiles(long wanted)
    {
        Limit limit;
        if (getrlimit(OpenFiles, &limit) != 0)
            return 0;
        if (limit.Now >= wanted)
            return limit.Now;

        var raised = new Limit { Now = wanted, Most = Math.Max(wanted, limit.Most) };
        if (setrlimit(OpenFiles, &raised) == 0)
            return wanted;
        limit.Now = limit.Most;
        return setrlimit(OpenFiles, &limit) == 0 ? limit.Now : 0;
    }

    /// <summary>Sets an option whose value is a number.</summary>
    public static void SetOption(int socket, int level, int name, int value)
    {
        if (setsockopt(socket, level, name, &value, sizeof(int)) != 0)
            throw Failed(nameof(setsockopt));
    }

    /// <summary>Closes so that the other side is reset and no port waits.</summary>
    public static void Cut(int socket)
    {
        var linger = stackalloc int[] { 1, 0 };
        _ = setsockopt(socket, LevelSocket, Linger, linger, 2 * sizeof(int));
        _ = close(socket);
    }

    /// <summary>What the last call says that failed.</summary>
    public static IOException Failed(string call) => new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int socket, InternetAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int socket, InternetAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int socket, int level, int name, void* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* entries, int most, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int name, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, Time* time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, Limit* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, Limit* limit);

    private static double Read(int clock)
    {
        Time time;
        return clock_gettime(clock, &time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : throw Failed(nameof(clock_gettime));
    }

    /// <summary>An IPv4 address and port, as the system takes them.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct InternetAddress
    {
        private ushort _family;
        private ushort _port;
        private uint _address;
        private readonly ulong _nothing;

        /// <summary>127.0.0.<paramref name="host"/>, port <paramref name="port"/>.</summary>
        public static InternetAddress Loopback(int host, int port) => new()
        {
            _family = AddressFamilyInternet,
            _port = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)port),
            _address = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(0x7F000000u | (uint)host),
        };
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public long Now;
        public long Most;
    }
}

using System.Runtime.InteropServices;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>Which of many sockets can be read or written now: one epoll descriptor. Used by one thread.</summary>
internal sealed unsafe class Readiness : IDisposable
{
    public const uint CanRead = 1, CanWrite = 4;

    private const int Add = 1, Remove = 2, Change = 3;
    /// <summary>The most that one <see cref="Wait"/> gives.</summary>
    public const int MostAtOnce = 1024;

    // The kernel's entry is packed on x64 only.
    private static readonly int EntrySize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EntrySize - 8;

    private readonly int _epoll;
    private readonly byte* _entries;

    public Readiness()
    {
        _epoll = Libc.epoll_create1(Libc.CloseOnExec);
        if (_epoll < 0)
            throw Libc.Failed(nameof(Libc.epoll_create1));
        _entries = (byte*)NativeMemory.Alloc((nuint)(MostAtOnce * EntrySize));
    }

    public void Watch(int socket, uint what, int index) => Control(Add, socket, what, index);

    public void WatchFor(int socket, uint what, int index) => Control(Change, socket, what, index);

    public void Forget(int socket) => Control(Remove, socket, 0, 0);

    /// <summary>Waits for at most that long; gives how many can be asked for by <see cref="Index"/>.</summary>
    public int Wait(int milliseconds) => Math.Max(0, Libc.epoll_wait(_epoll, _entries, MostAtOnce, milliseconds));

    /// <summary>Whose the <paramref name="number"/>th entry is.</summary>
    public int Index(int number) => *(int*)(_entries + (number * EntrySize) + DataOffset);

    public void Dispose()
    {
        _ = Libc.close(_epoll);
        NativeMemory.Free(_entries);
    }

    private void Control(int operation, int socket, uint what, int index)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = what;
        *(long*)(entry + DataOffset) = index;
        if (Libc.epoll_ctl(_epoll, operation, socket, entry) != 0)
            throw Libc.Failed(nameof(Libc.epoll_ctl));
    }
}

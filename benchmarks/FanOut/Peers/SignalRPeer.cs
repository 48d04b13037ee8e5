using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>SignalR with its JSON protocol, as its documentation has it: a hub, and <c>Clients.All</c> of its context.</summary>
/// <param name="state">The state that is sent whole with each message; null for messages alone.</param>
internal sealed class SignalRPeer(Fleet? state = null) : KestrelPeer
{
    private static int _clients;

    public override int Clients => Volatile.Read(ref _clients);

    public override async ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        var all = Services.GetRequiredService<IHubContext<TickHub>>().Clients.All;
        for (var index = 0; index < burst.Length; index++)
        {
            var text = burst.Span[index];
            if (state is null)
            {
                await all.SendAsync("tick", Tick.Of(text));
            }
            else
            {
                state.Change(text);
                await all.SendAsync("state", state);
            }
        }
    }

    protected override void Add(IServiceCollection services) => services.AddSignalR();

    protected override void Use(WebApplication app) => app.MapHub<TickHub>("/hub");

    /// <summary>Counts who is there.</summary>
    internal sealed class TickHub : Microsoft.AspNetCore.SignalR.Hub
    {
        public override Task OnConnectedAsync()
        {
            Interlocked.Increment(ref _clients);
            return base.OnConnectedAsync();
        }

        public override Task OnDisconnectedAsync(Exception? exception)
        {
            Interlocked.Decrement(ref _clients);
            return base.OnDisconnectedAsync(exception);
        }
    }
}

using System.Runtime.InteropServices;

using StateRelay.Samples.WebhookRelay;

// Takes in GitHub's webhooks and relays each event to those who may see it and want it; sends such webhooks; follows the events.

if (args is ["-h" or "-?", ..] || args.Contains("--help"))
{
    Console.WriteLine(Arguments.Usage);
    return 0;
}

if (!Arguments.TryParse(args, Environment.GetEnvironmentVariable, out var arguments, out var problem))
{
    Console.Error.WriteLine($"{problem} Try --help.");
    return 2;
}

using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

return arguments switch
{
    ServeArguments serve => await Serve.RunAsync(serve, stopping.Token),
    SendArguments send => await Send.RunAsync(send, stopping.Token),
    ListenArguments listen => await new Listener(listen).RunAsync(stopping.Token),
    _ => throw new InvalidOperationException($"There is no command for {arguments.GetType().Name}."),
};

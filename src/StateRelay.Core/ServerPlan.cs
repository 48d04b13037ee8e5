using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;

using StateRelay.Connections;
using StateRelay.Dashboard;

namespace StateRelay;

/// <summary>What a server was told to serve, and with what it works. Immutable.</summary>
/// <param name="Options">Checked, and nobody else's.</param>
/// <param name="States">The states by name, the first one first.</param>
/// <param name="Events">The events; null for none.</param>
/// <param name="Webhooks">Deliveries to take in; null for none.</param>
/// <param name="Loggers">Where to log.</param>
/// <param name="Clock">Times everything.</param>
/// <param name="Meters">Makes the meter; null for one of the server's own.</param>
/// <param name="Health">Answers for the program; null where the server answers for itself alone.</param>
internal sealed record ServerPlan(
    WebServerOptions Options,
    IReadOnlyList<KeyValuePair<string, StateStore>> States,
    EventTopic? Events,
    WebhookPlan? Webhooks,
    ILoggerFactory Loggers,
    TimeProvider Clock,
    IMeterFactory? Meters,
    HealthInquiry? Health);

/// <summary>Deliveries of GitHub's that are taken in. Immutable.</summary>
/// <param name="Hub">Whom they are handed to.</param>
/// <param name="Options">Checked, and nobody else's.</param>
internal sealed record WebhookPlan(Hub Hub, GitHubWebhookOptions Options);

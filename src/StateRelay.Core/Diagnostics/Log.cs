namespace StateRelay.Diagnostics;

/// <summary>
/// Every line StateRelay logs, one file a room: 1000 State, 1100 Operations, 1200 Connections, 1300 Http, 1400 Dashboard,
/// 1500 WebServer, 1600 GitHub, 1700 Events. Parameters are ids, counts, paths and reasons; tokens and payloads have no overload here.
/// </summary>
internal static partial class Log;

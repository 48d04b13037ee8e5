using System.Text.Json;

namespace StateRelay.Http;

/// <summary>An answer, whole: status, content type, body and the headers that are particular to it. Immutable.</summary>
internal sealed record HttpAnswer(int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    public const string Json = "application/json; charset=utf-8";
    public const string Html = "text/html; charset=utf-8";

    /// <summary>Headers particular to this answer, in order; those that every answer carries are added when it is sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether the connection is closed after it: for refusals of requests whose body was not read.</summary>
    public bool CloseConnection { get; init; }

    /// <summary>An answer with a JSON body.</summary>
    public static HttpAnswer OfJson(int status, ReadOnlyMemory<byte> json) => new(status, Json, json);

    /// <summary>A refusal as every endpoint gives it: <c>{"type":"error","error":CODE,"message":TEXT}</c>.</summary>
    public static HttpAnswer Refusal(int status, string error, string message, params IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "error"u8);
            writer.WriteString("error"u8, error);
            writer.WriteString("message"u8, message);
            writer.WriteEndObject();
        }

        return new HttpAnswer(status, Json, body.WrittenMemory) { Headers = headers, CloseConnection = true };
    }

    /// <summary>An answer without a body.</summary>
    public static HttpAnswer Empty(int status, params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new(status, null, default) { Headers = headers };
}

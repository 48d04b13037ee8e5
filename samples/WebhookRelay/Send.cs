using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace StateRelay.Samples.WebhookRelay;

/// <summary>Posts a payload as GitHub would: signed, with its type and its id in headers.</summary>
internal static class Send
{
    public static async Task<int> RunAsync(SendArguments arguments, CancellationToken stopping)
    {
        try
        {
            var payload = await File.ReadAllBytesAsync(arguments.PayloadFile, stopping);
            var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(arguments.Secret), payload);

            using var request = new HttpRequestMessage(HttpMethod.Post, arguments.Url) { Content = new ByteArrayContent(payload) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add("X-GitHub-Event", arguments.EventType);
            request.Headers.Add("X-GitHub-Delivery", arguments.DeliveryId);
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(signature)}");

            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            using var answer = await http.SendAsync(request, stopping);
            Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stopping)}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"It could not be sent: {error.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine(stopping.IsCancellationRequested ? "It was not waited for." : "There was no answer in time.");
            return 1;
        }
    }
}

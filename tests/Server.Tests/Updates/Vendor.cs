using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Appliance.Server.Tests.Updates;

/// <summary>Where somebody announces releases, over real HTTP.</summary>
internal sealed class Vendor : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _times;

    private Vendor(WebApplication app) => _app = app;

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string KeyText => Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo());

    public Uri Url => new(_app.Urls.First() + "/release.json");

    public int Status { get; set; } = 200;

    public byte[] Answer { get; set; } = [];

    /// <summary>Takes the request and says nothing.</summary>
    public bool Silent { get; set; }

    public int Times => _times;

    /// <summary>What the last request said of itself.</summary>
    public string[] Headers { get; private set; } = [];

    public Task Asked => _asked.Task;

    public static async Task<Vendor> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var vendor = new Vendor(builder.Build());
        vendor._app.Run(vendor.AnswerAsync);
        await vendor._app.StartAsync();
        return vendor;
    }

    public void Announce(string version, ECDsa? signer = null, bool signed = true)
    {
        (Status, Silent) = (200, false);
        Answer = Encoding.UTF8.GetBytes(Manifest(version, signed ? signer ?? Key : null));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Key.Dispose();
    }

    private static string Manifest(string version, ECDsa? signer)
    {
        string[] services = ["app", "certificates", "db", "proxy"];
        var id = "sha256:" + new string('1', 64);
        var text = $"appliance release 1\nversion {version}\nupgrade-from 0.0.1\n" + string.Concat(services.Select(s => $"image {s} {s} - {id} 1000\n"));
        var signature = signer is null ? "" : $",\"signature\":\"{Convert.ToBase64String(signer.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}\"";
        return $$"""{"form":1,"version":"{{version}}","upgradeFrom":"0.0.1","images":{{{string.Join(',', services.Select(s => $$"""
            "{{s}}":{"name":"{{s}}","id":"{{id}}","bytes":1000}
            """))}}}{{signature}}}""";
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _times);
        Headers = [.. context.Request.Headers.Select(h => string.Create(CultureInfo.InvariantCulture, $"{h.Key}: {h.Value}"))];
        _asked.TrySetResult();
        if (Silent) await Task.Delay(Timeout.Infinite, context.RequestAborted);
        context.Response.StatusCode = Status;
        await context.Response.Body.WriteAsync(Answer);
    }
}

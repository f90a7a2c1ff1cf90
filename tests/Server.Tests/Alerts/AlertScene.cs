using System.Collections.Concurrent;
using System.Net;
using Appliance.Catalog;
using Appliance.Engine.Alerts;
using Appliance.Server.Alerts;
using Appliance.Server.Api;
using Appliance.Server.Tests.Budget;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrgSimulator;

namespace Appliance.Server.Tests.Alerts;

/// <summary>A watch and a delivery over a catalog of their own, looked with by hand, and a receiver of webhooks that answers what the test wants.</summary>
internal sealed class AlertScene : IAsyncDisposable
{
    private readonly WebApplication _receiver;
    private readonly List<AlertSender> _senders = [];

    private AlertScene(BudgetScene backups, WebApplication receiver)
    {
        (Backups, _receiver) = (backups, receiver);
        var time = TimeProvider.System;
        Alerts = new Catalog.Alerts(backups.Db, time);
        Channels = new AlertChannels(backups.Db, new SecretBox(new byte[32]), time);
        Watch = new AlertWatch(Alerts, backups.Jobs, backups.Orgs, new AnomalyLook(backups.Vaults, backups.Snapshots), Options, time, NullLogger<AlertWatch>.Instance);
        Delivery = NewDelivery();
        Changes = NewChanges(Options);
    }

    public static AlertOptions Options { get; } = new()
    {
        PrivateAddresses = true, Retries = [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero], AnswerWithin = TimeSpan.FromSeconds(20),
    };

    public BudgetScene Backups { get; }
    public Catalog.Alerts Alerts { get; }
    public AlertChannels Channels { get; }
    public AlertWatch Watch { get; }
    public AlertDelivery Delivery { get; }
    public AlertChanges Changes { get; }
    public ConcurrentQueue<(IHeaderDictionary Headers, byte[] Body)> Received { get; } = new();
    public Func<HttpContext, int> Answer { get; set; } = _ => 200;
    public string Url => _receiver.Urls.First() + "/hook";

    public static async Task<AlertScene> NewAsync(ServerFixture server, SimulatorOptions? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = builder.Build();
        var scene = new AlertScene(await BudgetScene.NewAsync(server, options ?? new() { Generate = 300, Files = 2, Seed = 3 }), receiver);
        receiver.MapPost("/hook", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            scene.Received.Enqueue((context.Request.Headers.ToDictionary(h => h.Key, h => h.Value) is var copy ? new HeaderDictionary(copy) : null!, body.ToArray()));
            context.Response.StatusCode = scene.Answer(context);
            if (context.Response.StatusCode == 302) context.Response.Headers.Location = "/elsewhere";
        });
        await receiver.StartAsync();
        return scene;
    }

    /// <summary>A watch that is told of the front door's certificate.</summary>
    public AlertWatch WatchOver(string certificateFile, TimeProvider time) =>
        new(Alerts, Backups.Jobs, Backups.Orgs, new AnomalyLook(Backups.Vaults, Backups.Snapshots), Options with { CertificateFile = certificateFile }, time, NullLogger<AlertWatch>.Instance);

    public AlertDelivery NewDelivery(AlertOptions? options = null)
    {
        var sender = Sender(options ?? Options);
        return new AlertDelivery(Alerts, Channels, Backups.Orgs, sender, options ?? Options, TimeProvider.System, NullLogger<AlertDelivery>.Instance);
    }

    /// <summary>The watch of another process, which has its own way to the catalog.</summary>
    public AlertWatch WatchOver(CatalogDatabase db)
    {
        var (time, orgs) = (TimeProvider.System, new Orgs(db, new SecretBox(new byte[32]), TimeProvider.System));
        return new AlertWatch(new Catalog.Alerts(db, time), new Catalog.Jobs(db, time), orgs, new AnomalyLook(Backups.Vaults, new Snapshots(db)), Options, time, NullLogger<AlertWatch>.Instance);
    }

    /// <summary>The delivery of another process.</summary>
    public AlertDelivery DeliveryOver(CatalogDatabase db)
    {
        var (time, secrets) = (TimeProvider.System, new SecretBox(new byte[32]));
        return new AlertDelivery(new Catalog.Alerts(db, time), new AlertChannels(db, secrets, time), new Orgs(db, secrets, time), Sender(Options), Options, time, NullLogger<AlertDelivery>.Instance);
    }

    public AlertChanges NewChanges(AlertOptions options) =>
        new(Alerts, Channels, Backups.Orgs, Sender(options), options, new AuditLog(Backups.Db, TimeProvider.System), TimeProvider.System);

    public async Task<(AlertChannelRow Row, string Key)> WebhookAsync(params string[] events)
    {
        var (row, key, mistakes) = await Changes.PutAsync(null, new ChannelWish { Name = "Operations", Kind = "webhook", Url = Url, Events = events }, "ann", default);
        Xunit.Assert.Equal("", mistakes);
        return (row!, key!);
    }

    public async Task<AlertRow> RaiseAsync(string title = "Something happened")
    {
        var alert = new AlertRow { Id = Guid.CreateVersion7(), OrgId = Backups.Org.Id, Kind = AlertKind.JobFailed, Title = title, Text = "The cause.", Remedy = "The remedy.", RaisedAt = DateTimeOffset.UtcNow };
        Xunit.Assert.True(await Alerts.RaiseAsync(alert, $"test/{alert.Id}", default));
        return alert;
    }

    public async Task<AlertDeliveryRow> DeliveryOfAsync(AlertRow alert) => Xunit.Assert.Single((await Alerts.ListAsync(null, 50, default)).Single(a => a.Alert.Id == alert.Id).Deliveries);

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders) sender.Dispose();
        Watch.Dispose();
        Delivery.Dispose();
        await _receiver.DisposeAsync();
        await Backups.DisposeAsync();
    }

    private AlertSender Sender(AlertOptions options)
    {
        var settings = new ServerSettings
        {
            CatalogConnectionString = "", StorageRoot = "", StoragePlain = true, KeysDirectory = "", PublicUrl = new Uri("https://appliance.example"), JobLease = TimeSpan.FromSeconds(1),
            Place = new Appliance.Engine.AppliancePlace("", "", "", null, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty),
        };
        _senders.Add(new AlertSender(options, settings, TimeProvider.System));
        return _senders[^1];
    }
}

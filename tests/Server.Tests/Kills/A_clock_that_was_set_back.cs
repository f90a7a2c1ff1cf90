using Appliance.Catalog;
using Appliance.Server.Jobs;
using Appliance.Server.Tests.Alerts;
using Appliance.Server.Tests.Budget;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Kills;

/// <summary>A machine's clock stood years too late for a while. What was put off then must not wait for that time.</summary>
public sealed class A_clock_that_was_set_back(ServerFixture server)
{
    private static SimulatorOptions Small => new() { Generate = 40, Files = 0, Seed = 3 };

    [Fact]
    public async Task Lets_no_schedule_sleep()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 5, 10, 0, 0, TimeSpan.Zero));
        time.AdjustTime(new DateTimeOffset(2031, 5, 5, 10, 0, 0, TimeSpan.Zero));
        var schedules = new Schedules(scene.Db, time);
        using var clock = new ScheduleClock(schedules, new JobWake(), time, NullLogger<ScheduleClock>.Instance);
        var id = Guid.CreateVersion7();
        await schedules.PutAsync(new ScheduleRow { Id = id, OrgId = scene.Org.Id, Kind = "full", Cadence = "daily 02:30", TimeZone = "Europe/Berlin", NextDue = time.GetUtcNow(), CreatedBy = "ann" }, default);
        Assert.Equal(1, await clock.FireAsync(default));                                           // the clock is wrong: it fires, and is put off to the next night of 2031
        Assert.Equal(2031, (await schedules.FindAsync(scene.Org.Id, id, default))!.NextDue!.Value.Year);

        time.AdjustTime(new DateTimeOffset(2026, 5, 5, 10, 0, 0, TimeSpan.Zero));
        Assert.Equal(0, await clock.FireAsync(default));
        Assert.Equal(new DateTimeOffset(2026, 5, 6, 0, 30, 0, TimeSpan.Zero), (await schedules.FindAsync(scene.Org.Id, id, default))!.NextDue);
        var job = Assert.Single(await scene.Jobs.ListAsync(scene.Org.Id, 10, default));
        Assert.True(await scene.Jobs.AskAbortAsync(job.Id, default));
        time.Advance(TimeSpan.FromHours(15));
        Assert.Equal(1, await clock.FireAsync(default));
        Assert.Equal(0, await clock.FireAsync(default));                                           // once, and what is due as it should be stays so
    }

    /// <summary>Of alerts it is the database's clock that decides.</summary>
    [Fact]
    public async Task Lets_no_alert_wait()
    {
        await using var scene = await AlertScene.NewAsync(server, Small);
        await scene.WebhookAsync();
        var alert = await scene.RaiseAsync();
        await PutOffAsync("INTERVAL 10 HOUR");
        Assert.Equal(0, await scene.Delivery.SendDueAsync(default));
        await PutOffAsync("INTERVAL 5 YEAR");
        Assert.Equal(1, await scene.Delivery.SendDueAsync(default));
        Assert.Equal(DeliveryState.Delivered, (await scene.DeliveryOfAsync(alert)).State);

        async Task PutOffAsync(string interval)
        {
            await using var connection = await scene.Backups.Db.Source.OpenConnectionAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = $"UPDATE alert_deliveries SET next_at = UTC_TIMESTAMP(6) + {interval}";
            await command.ExecuteNonQueryAsync();
        }
    }
}

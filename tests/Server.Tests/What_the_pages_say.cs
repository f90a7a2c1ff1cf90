using Appliance.Catalog;
using Appliance.Server.Pages;
using Appliance.Server.Pages.Parts;
using Appliance.Vault;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class What_the_pages_say : BunitContext
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    public What_the_pages_say()
    {
        Services.AddSingleton<TimeProvider>(_time);
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(999, "999 bytes")]
    [InlineData(1_000, "1.0 KB")]
    [InlineData(543_210, "543 KB")]
    [InlineData(9_940_000_000, "9.9 GB")]
    [InlineData(long.MaxValue, "9223372 TB")]
    public void Sizes_as_disks_are_sold(long bytes, string text) => Assert.Equal(text, Wording.Bytes(bytes));

    [Theory]
    [InlineData(3, "just now")]
    [InlineData(59, "59 seconds ago")]
    [InlineData(60, "1 minute ago")]
    [InlineData(7_300, "2 hours ago")]
    [InlineData(200_000, "2 days ago")]
    public void Times_as_people_say_them(int secondsAgo, string text) => Assert.Equal(text, Wording.Ago(_time.GetUtcNow().AddSeconds(-secondsAgo), _time.GetUtcNow()));

    [Fact]
    public void Each_state_and_kind_of_a_job_has_words()
    {
        Assert.All(Enum.GetValues<JobState>(), state => Assert.NotEmpty(Wording.Of(state)));
        Assert.All(Enum.GetValues<JobKind>(), kind => Assert.NotEmpty(Wording.Of(kind)));
    }

    [Fact]
    public void A_jobs_row_shows_its_state_in_words_and_leads_to_the_job()
    {
        var job = Job(JobState.CompletedWithWarnings) with { Progress = """{"phase":"sealing","objectsDone":4,"objectsTotal":4,"recordsDone":12345,"bytesRead":1,"bytesStored":2}""" };
        var table = Render<JobTable>(p => p.Add(t => t.Jobs, [job]));
        var row = table.Find("[data-testid=job-row]");
        Assert.Contains("Completed with warnings", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("12,345", row.TextContent, StringComparison.Ordinal);
        Assert.Equal($"/jobs/{job.Id}", row.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public void A_certificate_is_green_only_without_a_gap_and_names_each_gap()
    {
        var object1 = new ObjectCertificate { Name = "Account", Complete = true, Method = ProofMethod.Ids, HeldLive = 7, Ranges = [new IdRange(null, null, 7, 7)] };
        var whole = new CompletenessCertificate
        {
            SnapshotId = Guid.CreateVersion7(), VaultId = Guid.CreateVersion7(), OrgId = "00D", StartedAt = _time.GetUtcNow(), IssuedAt = _time.GetUtcNow(), Complete = true, Objects = [object1],
        };
        var green = Render<CertificatePanel>(p => p.Add(c => c.Certificate, whole));
        Assert.Contains("Nothing is missing", green.Markup, StringComparison.Ordinal);
        Assert.Empty(green.FindAll("[data-testid=gap-row]"));

        var gap = new CompletenessGap(GapKind.Files, "1 files could not be read from Salesforce") { Count = 1, Ids = ["068000000000001AAA"] };
        var lacking = Render<CertificatePanel>(p => p.Add(c => c.Certificate, whole with { Complete = false, Objects = [object1 with { Complete = false, Gaps = [gap] }] }));
        Assert.DoesNotContain("Nothing is missing", lacking.Markup, StringComparison.Ordinal);
        Assert.Contains("068000000000001AAA", lacking.Find("[data-testid=gap-row]").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-10, 80, "80 days left", "good")]
    [InlineData(-80, 15, "15 days left", "warn")]
    [InlineData(-80, 2, "2 days left", "bad")]
    [InlineData(-80, -1, "ended", "bad")]
    public void The_front_doors_certificate_by_the_days_that_are_left(int from, int to, string text, string tone)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $$"""{"looked":"{{_time.GetUtcNow():O}}","serial":"0a","notBefore":"{{_time.GetUtcNow().AddDays(from):O}}","notAfter":"{{_time.GetUtcNow().AddDays(to):O}}"}""");
            Services.AddSingleton(new ServerSettings
            {
                CatalogConnectionString = "", StorageRoot = "", StoragePlain = true, KeysDirectory = "", PublicUrl = new Uri("https://appliance.example"), JobLease = TimeSpan.FromSeconds(1),
                Place = new Appliance.Engine.AppliancePlace("", "", "", null, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("Server:Certificate", file)),
            });
            var days = Render<CertificateDays>();
            Assert.Contains(text, days.Find("[data-testid=certificate-days]").TextContent, StringComparison.Ordinal);
            Assert.Contains(tone, days.Markup, StringComparison.Ordinal);
            File.Delete(file);
            Assert.Equal("", Render<CertificateDays>().Markup.Trim());      // a machine without an agent says nothing of it
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_rate_is_told_from_what_was_added_and_starts_anew_with_each_phase()
    {
        var rate = new JobRate(_time);
        Assert.Null(rate.Add(Figures("reading", 0)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(500, rate.Add(Figures("reading", 1000)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(rate.Add(Figures("planning", 0)));
    }

    [Fact]
    public void A_job_that_has_told_nothing_yet_shows_zeros() => Assert.Equal(0, JobFigures.Of(Job(JobState.Queued)).RecordsDone);

    private static JobFigures Figures(string phase, long records) => new(phase, 0, 0, records, null, 0, 0);

    private JobRow Job(JobState state) => new()
    {
        Id = Guid.CreateVersion7(), OrgId = Guid.CreateVersion7(), Kind = JobKind.Backup, State = state, Parameters = "{}", CreatedAt = _time.GetUtcNow(), CreatedBy = "admin",
    };
}

using System.Security.Cryptography;
using System.Text;
using ExampleStacks;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Releases;
using Xunit;

namespace Provisioner.Tests.Deploying;

/// <summary>To a real sshd; the engine there is a script that takes a file of one line, "image ID", for an image, and whatever follows for its layers.</summary>
public sealed class Images_carried_over_ssh(LoopbackHost host) : IAsyncLifetime, IClassFixture<LoopbackHost>
{
    private const int Size = 3_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("carried-").FullName;

    public ValueTask InitializeAsync()
    {
        host.Ready();
        host.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Stand_there_under_a_name_that_tells_their_id_and_are_carried_once()
    {
        var (app, db) = (Image("appliance"), Image("db"));
        var told = new List<string>();
        await Executor().DeployAsync(Plan(app, db), TestPlan.Modest, line => { told.Add(line); return Task.CompletedTask; }, CancellationToken.None);
        Assert.Equal(["carry image appliance", "carry image db"], told.Where(l => l.StartsWith("carry", StringComparison.Ordinal)));
        Assert.Equal(app.Id, Held(app.Reference));
        Assert.Equal($"carried.invalid/appliance:sha256-{app.Id[7..]}", app.Reference);
        Assert.Empty(Directory.GetFiles(host.At("/var/tmp/appliance-deploy-root")));
        using var proxy = new FaultProxy(host.Port, long.MaxValue);
        await Executor(proxy.Port).DeployAsync(Plan(app, db), TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
        Assert.True(proxy.Passed < 100_000, $"{proxy.Passed} bytes were sent");
        // One that somebody removed is carried again, and it alone.
        File.Delete($"{host.Folder}/images/{db.Reference.Replace('/', '_')}");
        Assert.Equal(["carry image db", "version 1.0.0 noted"], Plan(app, db).DifferenceTo(await Executor().LookAsync(Plan(app, db), CancellationToken.None)).Select(s => s.ToString()));
    }

    [Theory]
    [InlineData(".tar.gz")]
    [InlineData(".tar.zst")]
    public async Task Travel_compressed(string ending)
    {
        var image = Image("appliance", ending);
        await DeployAsync(Plan(image));
        Assert.Equal(image.Id, Held(image.Reference));
    }

    [Fact]
    public async Task Go_on_where_the_link_was_cut()
    {
        var image = Image("appliance");
        using (var cut = new FaultProxy(host.Port, Size / 2))
        {
            var broken = await Assert.ThrowsAsync<DeployException>(() => Executor(cut.Port).DeployAsync(Plan(image), TestPlan.Modest, TestPlan.Silent, CancellationToken.None));
            Assert.Contains("again", broken.Remedy, StringComparison.Ordinal);
        }
        var there = new FileInfo(Assert.Single(Directory.GetFiles(host.At("/var/tmp/appliance-deploy-root")))).Length;
        Assert.InRange(there, Size / 4, Size / 2);
        using var proxy = new FaultProxy(host.Port, long.MaxValue);
        await Executor(proxy.Port).DeployAsync(Plan(image), TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
        Assert.InRange(proxy.Passed, Size - there, Size - there + 150_000);
        Assert.Equal(image.Id, Held(image.Reference));
    }

    [Fact]
    public async Task Are_sent_whole_when_what_was_there_does_not_belong()
    {
        var image = Image("appliance");
        var digest = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(CarriedFile(image))));
        Directory.CreateDirectory(host.At("/var/tmp/appliance-deploy-root"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(host.At($"/var/tmp/appliance-deploy-root/{digest}"), new string('x', 1000));
        await DeployAsync(Plan(image));
        Assert.Equal(image.Id, Held(image.Reference));
    }

    [Fact]
    public async Task Are_refused_and_thrown_away_when_the_file_holds_another()
    {
        var image = Image("appliance") with { Id = TestRelease.Digest("what the manifest says") };
        File.Move(CarriedFile(Image("appliance")), $"{_folder}/{image.FileName}.tar");
        var refused = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(Plan(image)));
        Assert.Contains("another image than the release manifest names", refused.Message, StringComparison.Ordinal);
        Assert.Contains("releaseManifest", refused.Remedy, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles($"{host.Folder}/images"));
        Assert.Empty(Directory.GetFiles(host.At("/var/tmp/appliance-deploy-root")));
        Assert.Null(host.Read("/srv/appliance/counted"));       // no command came after it
    }

    [Fact]
    public async Task Are_refused_before_anything_is_touched_when_one_is_missing_here_or_the_host_has_no_room()
    {
        var image = Image("appliance");
        var large = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(Plan(image with { Bytes = ReleaseManifest.LargestImage })));
        Assert.Contains("where Docker keeps images, has", large.Message, StringComparison.Ordinal);
        Assert.Contains("1049600 are needed", large.Message, StringComparison.Ordinal);
        File.Delete(CarriedFile(image));
        var missing = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(Plan(image)));
        Assert.Contains($"has no {image.FileName}.tar.gz", missing.Message, StringComparison.Ordinal);
        Assert.All([large, missing], r => Assert.True(r.Untouched && r.Remedy.Length > 5));
        Assert.Empty(Directory.GetFileSystemEntries($"{host.Folder}/lib"));
    }

    private static DeployPlan Plan(params CarriedImage[] images) => TestPlan.Of() with { Carried = [.. images] };

    private CarriedImage Image(string name, string ending = ".tar")
    {
        var image = new CarriedImage(name, TestRelease.Digest(name), Size, _folder);
        var content = new byte[Size];
        new Random(name.Length).NextBytes(content);
        Encoding.ASCII.GetBytes($"image {image.Id}\n").CopyTo(content, 0);
        var plain = $"{_folder}/{image.FileName}.tar";
        File.WriteAllBytes(plain, content);
        if (ending is not ".tar")
        {
            using var packer = System.Diagnostics.Process.Start(ending is ".tar.gz" ? "gzip" : "zstd", ending is ".tar.gz" ? ["-q", plain] : ["-q", "--rm", plain]);
            packer.WaitForExit();
        }
        return image;
    }

    private string CarriedFile(CarriedImage image) => $"{_folder}/{image.FileName}.tar";

    private string Held(string reference) => File.ReadAllText($"{host.Folder}/images/{reference.Replace('/', '_')}").Trim();

    private DeployExecutor Executor(int? port = null) => new(host.Login(port), TimeProvider.System, TestPlan.Quick);

    private Task<HostState> DeployAsync(DeployPlan plan) => Executor().DeployAsync(plan, TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
}

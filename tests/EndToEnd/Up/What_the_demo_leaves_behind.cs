using System.Diagnostics;
using Xunit;

namespace EndToEnd.Up;

public sealed class What_the_demo_leaves_behind(PlainDemo demo) : IClassFixture<PlainDemo>
{
    [Fact]
    public async Task Opens_with_the_stock_zstd_as_valid_CSV()
    {
        long rows = 0;
        var segments = demo.Files("*.csv.zst").ToList();
        Assert.NotEmpty(segments);
        foreach (var file in segments)
        {
            var table = PlainDemo.ReadCsv(await PlainDemo.UnpackAsync(file));
            Assert.Equal("Id", table[0][0]);
            Assert.All(table, row => Assert.Equal(table[0].Count, row.Count));
            var ids = table.Skip(1).Select(r => r[0]).ToList();
            Assert.Equal(ids.Order(StringComparer.Ordinal).Distinct(), ids);
            rows += ids.Count;
        }
        Assert.True(rows >= demo.Report.GetProperty("records").GetInt64());
        foreach (var file in demo.Files("*.zst").Except(segments)) await PlainDemo.UnpackAsync(file);
        Assert.Empty(demo.Files("*.enc"));
    }

    [Fact]
    public async Task Holds_no_field_value_of_the_org_in_MySQL_nor_in_a_log()
    {
        var values = await DistinctiveValuesAsync();
        Assert.True(values.Count > 1000, $"only {values.Count} values to look for");

        var places = new Dictionary<string, string> { ["the MySQL dump"] = await DumpAsync() };
        foreach (var log in Directory.GetFiles(demo.State, "*.log").Append(Path.Combine(demo.State, "nginx", "run", "access.log")))
            places[Path.GetFileName(log)] = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        Assert.Contains("CREATE TABLE", places["the MySQL dump"], StringComparison.Ordinal);
        Assert.Contains("Demo org", places["the MySQL dump"], StringComparison.Ordinal);     // the rows are in it, in clear text
        foreach (var (place, text) in places)
            Assert.Empty(values.Where(v => text.Contains(v, StringComparison.OrdinalIgnoreCase)).Take(5).Select(v => $"{place} holds '{v}'"));
    }

    [Fact]
    public async Task Is_verified_whole_and_one_flipped_byte_is_named()
    {
        var sound = await VerifyAsync();
        Assert.True(sound.ExitCode == 0, sound.Output + sound.Errors);

        var segment = demo.Files("*.csv.zst").OrderByDescending(f => new FileInfo(f).Length).First();
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
        try
        {
            var spoiled = await VerifyAsync();
            Assert.Equal(1, spoiled.ExitCode);
            Assert.Contains(Path.GetRelativePath(demo.Vault, segment), spoiled.Output, StringComparison.Ordinal);
        }
        finally
        {
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
        }
    }

    private Task<ProcessResult> VerifyAsync() =>
        Repository.RunAsync("dotnet", ["run", "--no-build", "-c", "Release", "--project", Path.Combine(Repository.Root, "appliance/Cli"), "--", "verify", "--vault", demo.Vault, "--key", Path.Combine(demo.State, "keys/master.key")]);

    /// <summary>Values that can only come from records: 8 characters or more, no name of an object or field, and no word that the appliance
    /// uses itself (something with a digit, a space, an @ or other mark beside letters). Ids count too, but not those of the org and its users, which the
    /// catalog needs to know whom it speaks to.</summary>
    private async Task<HashSet<string>> DistinctiveValuesAsync()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var values = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in demo.Files("*.csv.zst"))
        {
            var objectName = Path.GetFileName(Path.GetDirectoryName(file)!);
            names.Add(objectName);
            var table = PlainDemo.ReadCsv(await PlainDemo.UnpackAsync(file));
            if (table[0].Count == 1) continue;      // tombstones
            names.UnionWith(table[0]);
            foreach (var value in table.Skip(1).SelectMany(r => r))
            {
                if (objectName is "Organization" or "User" or "Profile") known.Add(value);
                else if (value.Length >= 8 && value.Any(char.IsAsciiLetter) && value.Any(c => !char.IsAsciiLetter(c)) && !IsStamp(value)) values.Add(value);
            }
        }
        values.ExceptWith(names);
        values.ExceptWith(known);
        return values;
    }

    private static bool IsStamp(string value) => value.Length >= 10 && char.IsAsciiDigit(value[0]) && value[4] == '-' && value[7] == '-';

    /// <summary>The whole database of the demo, read by a server started on what it left.</summary>
    private async Task<string> DumpAsync()
    {
        using var folder = new TemporaryFolder();       // a socket's path must be short
        var socket = Path.Combine(folder.Path, "s");
        var start = new ProcessStartInfo("mariadbd",
            ["--no-defaults", $"--datadir={demo.State}/db", $"--socket={socket}", $"--user={Environment.UserName}", "--skip-networking", $"--pid-file={folder.Path}/pid", $"--log-error={folder.Path}/log"]);
        start.Environment["PATH"] += ":/usr/sbin";
        start.Environment["TMPDIR"] = folder.Path;
        using var server = Process.Start(start)!;
        try
        {
            while (true)
            {
                var dump = await Repository.RunAsync("mariadb-dump", ["--no-defaults", $"--socket={socket}", "--skip-extended-insert", "appliance"]);
                if (dump.ExitCode == 0) return dump.Output;
                Assert.False(server.HasExited, "the database does not start: " + dump.Errors);
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            await Repository.TerminateAsync(server);
        }
    }
}

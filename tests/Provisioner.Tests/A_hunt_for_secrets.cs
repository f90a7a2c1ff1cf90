using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Xunit;

namespace Provisioner.Tests;

/// <summary>The hunt that the tests of secrets rely on finds what it is there to find, and lets alone what is allowed.</summary>
public sealed class A_hunt_for_secrets : IDisposable
{
    private const string Secret = "planted-where-it-must-not-be-1234567";
    private readonly string _folder = Directory.CreateTempSubdirectory("hunt-").FullName;
    private readonly SecretHunt _hunt = new(("the secret", Secret));

    public void Dispose()
    {
        _hunt.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Finds_it_in_texts_as_it_is_in_hexadecimal_digits_and_in_base64_at_any_place()
    {
        _hunt.In("harmless", "planted-where-it-must-not-be");
        Assert.Empty(_hunt.Findings);
        _hunt.In("plain", $"password={Secret}&x");
        _hunt.In("hexadecimal", Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"a{Secret}b")));
        foreach (var before in new[] { "", "a", "ab", "abc" }) _hunt.In($"base64 {before}", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{Secret}{before}:")));
        Assert.Equal(["base64 : the secret", "base64 a: the secret", "base64 ab: the secret", "base64 abc: the secret", "hexadecimal: the secret", "plain: the secret"], _hunt.Findings);
        Assert.DoesNotContain(_hunt.Findings, f => f.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0b110_000_000, 0b111_101_101, false)]
    [InlineData(0b110_100_000, 0b111_101_101, false)]
    [InlineData(0b110_100_100, 0b111_101_101, true)]
    [InlineData(0b110_110_000, 0b111_101_101, true)]       // wider than 0640
    [InlineData(0b110_100_100, 0b111_000_000, false)]      // in a folder that is closed to others
    public void Finds_it_in_files_that_others_may_read(int file, int folder, bool found)
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        var inner = Directory.CreateDirectory($"{_folder}/inner").FullName;
        File.WriteAllText($"{inner}/file", $"key: {Secret}\n");
        File.SetUnixFileMode($"{inner}/file", (UnixFileMode)file);
        File.SetUnixFileMode(inner, (UnixFileMode)folder);
        _hunt.InOpenFiles(_folder);
        Assert.Equal(found, _hunt.Findings.Count == 1);
        _hunt.InAllFiles(_folder);
        Assert.Single(_hunt.Findings);
        File.SetUnixFileMode(inner, (UnixFileMode)0b111_000_000);
    }

    [Fact]
    public void Finds_it_in_archives()
    {
        using (var archive = ZipFile.Open($"{_folder}/a.zip", ZipArchiveMode.Create))
        using (var entry = new StreamWriter(archive.CreateEntry("log.txt").Open())) entry.Write(Secret);
        _hunt.InArchive($"{_folder}/a.zip");
        Assert.Equal(["a.zip/log.txt: the secret"], _hunt.Findings);
    }

    [Theory]
    [InlineData("sleep 60", "command line of sh", Secret)]
    [InlineData("export LEAK=" + Secret + "; exec setpriv --reuid=65534 --regid=65534 --clear-groups sleep 60", "an environment that another user may read", "")]
    public async Task Finds_it_in_the_process_list(string script, string place, string argument)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "becoming another user needs root");
        var start = new ProcessStartInfo("sh", ["-s", argument]) { RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(script);
        process.StandardInput.Close();
        _hunt.WatchProcesses();
        try
        {
            for (var left = 600; _hunt.Findings.Count == 0; left--)
            {
                Assert.True(left > 0, "not found within half a minute");
                await Task.Delay(50);
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
        await _hunt.StopWatchingAsync();
        Assert.Equal([$"{place}: the secret"], _hunt.Findings);
    }
}

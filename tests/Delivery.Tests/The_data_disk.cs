using System.Security.Cryptography;
using Provisioner.Delivery.Rendering;
using Xunit;

namespace Delivery.Tests;

/// <summary>The script that a machine runs at every boot, with real blkid, mkfs and resize2fs on a file that stands for the disk. Only mounting is played.</summary>
public sealed class The_data_disk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("data-disk-").FullName;
    private readonly string _disk;

    public The_data_disk()
    {
        _disk = Path.Combine(_folder, "disk");
        Resize(64);
        Directory.CreateDirectory(_folder + "/bin");
        foreach (var (name, text) in new[] { ("mount", "echo mounted \"$@\" >>" + _folder + "/mounts"), ("mountpoint", "exit 1"), ("systemctl", "exit 0") })
        {
            File.WriteAllText($"{_folder}/bin/{name}", "#!/bin/sh\n" + text + "\n");
            Tool.Run("chmod", ["0755", $"{_folder}/bin/{name}"]);
        }
        File.WriteAllText(_folder + "/fstab", "# system\nUUID=root / ext4 defaults 0 1\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Is_formatted_once_and_mounted_by_its_UUID_however_often_the_script_runs()
    {
        var (code, output) = Run();
        Assert.True(code == 0, output);
        var fstab = File.ReadAllText(_folder + "/fstab");
        var uuid = Tool.Run("blkid", ["-p", "-s", "UUID", "-o", "value", _disk]).Output.Trim();
        Assert.Contains($"UUID={uuid} {_folder}/data ext4 defaults,nofail,", fstab, StringComparison.Ordinal);
        Assert.Contains("UUID=root / ext4", fstab, StringComparison.Ordinal);
        for (var again = 0; again < 4; again++)
        {
            (code, output) = Run();
            Assert.True(code == 0 && !output.Contains("making", StringComparison.Ordinal), output);
        }
        Assert.Equal(fstab, File.ReadAllText(_folder + "/fstab"));
        Assert.Equal(uuid, Tool.Run("blkid", ["-p", "-s", "UUID", "-o", "value", _disk]).Output.Trim());
    }

    [Fact]
    public void Lets_its_file_system_grow_with_it()
    {
        Run();
        var before = Blocks();
        Resize(128);
        var (code, output) = Run();
        Assert.True(code == 0, output);
        Assert.True(Blocks() > before * 3 / 2, $"{before} → {Blocks()} blocks");
    }

    [Theory]
    [InlineData("xfs-like")]
    [InlineData("partitioned")]
    [InlineData("unknown bytes")]
    public void Is_never_formatted_when_anything_stands_on_it(string what)
    {
        switch (what)
        {
            case "xfs-like": Tool.Run("mkswap", [_disk]); break;
            case "partitioned": Tool.Run("sfdisk", [_disk], ",,\n"); break;
            default:
                using (var disk = File.OpenWrite(_disk))
                {
                    disk.Position = 5_000_000;
                    disk.Write("somebody's data"u8);
                }
                break;
        }
        var before = SHA256.HashData(File.ReadAllBytes(_disk));
        var (code, output) = Run();
        Assert.NotEqual(0, code);
        Assert.Contains("Nothing was touched", output, StringComparison.Ordinal);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(_disk)));
        Assert.False(File.Exists(_folder + "/mounts"));
    }

    [Fact]
    public void Is_asked_for_by_name_when_it_does_not_come()
    {
        File.Delete(_disk);
        var (code, output) = Run();
        Assert.Equal(1, code);
        Assert.Contains("no data disk", output, StringComparison.Ordinal);
        Assert.Contains(_disk, output, StringComparison.Ordinal);
    }

    private (int, string) Run()
    {
        var script = Template.Fill(Template.Read("cloud-init/data-disk"), new Dictionary<string, string> { ["candidates"] = "/dev/disk/by-id/absent " + _disk });
        return Tool.Run("sh", ["-s"], script, new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder}/bin:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin", ["DATA_DISK_WAIT"] = "0", ["DATA_DISK_MOUNT"] = _folder + "/data", ["DATA_DISK_FSTAB"] = _folder + "/fstab",
        });
    }

    private void Resize(int mib)
    {
        using var disk = File.Open(_disk, FileMode.OpenOrCreate);
        disk.SetLength(mib * 1024L * 1024);
    }

    private long Blocks() => long.Parse(Tool.Run("dumpe2fs", ["-h", _disk]).Output.Split('\n').Single(l => l.StartsWith("Block count:", StringComparison.Ordinal))[12..].Trim(), System.Globalization.CultureInfo.InvariantCulture);
}

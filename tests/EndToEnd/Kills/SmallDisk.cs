using System.Diagnostics;
using Xunit;

namespace EndToEnd.Kills;

/// <summary>A disk of eight MiB in memory, which a test can fill. Mounting needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int Size = 8 * 1024 * 1024;

    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Ballast => Path.Combine(Folder, "ballast");

    public static async Task<SmallDisk> MountAsync()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("Filling a disk needs a small one of its own, and mounting it needs root");
        var folder = Directory.CreateTempSubdirectory("appliance-disk-").FullName;
        var refused = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size}", "appliance-test", folder);
        if (refused is null) return new SmallDisk(folder);
        Directory.Delete(folder);
        Assert.Skip($"This machine lets nobody mount a disk: {refused}");
        return null!;
    }

    public async Task FillAsync(int leave)
    {
        var free = new DriveInfo(Folder).AvailableFreeSpace - leave;
        await File.WriteAllBytesAsync(Ballast, new byte[free]);
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        if (await RunAsync("umount", Folder) is { } refused) throw new InvalidOperationException($"{Folder} cannot be unmounted: {refused}");
        Directory.Delete(Folder);
    }

    /// <summary>What the command complained about; null when it did its work.</summary>
    private static async Task<string?> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var complaint = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : complaint.Trim();
    }
}

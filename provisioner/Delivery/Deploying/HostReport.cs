using System.Globalization;

namespace Provisioner.Delivery.Deploying;

/// <summary>Reads what <see cref="HostScripts.Look"/> prints.</summary>
internal static class HostReport
{
    /// <returns>Null when the end is missing.</returns>
    public static HostState? Parse(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || lines[^1] != "end") return null;
        var (state, facts) = (HostState.Empty, HostFacts.None);
        foreach (var fields in lines.Select(l => l.Split('\t')))
        {
            (state, facts) = fields switch
            {
                ["file", var path, var digest, var mode] => (state with { Files = state.Files.SetItem(path, new StandingFile(digest, mode)) }, facts),
                ["link", var path, var target] => (state with { Links = state.Links.SetItem(path, target) }, facts),
                ["owned", var path] => (state with { Owned = state.Owned.Add(path) }, facts),
                ["done", var name, var digest] => (state with { Done = state.Done.SetItem(name, digest) }, facts),
                ["service", var name, var image] => (state with { Services = state.Services.SetItem(name, image) }, facts),
                ["image", var reference, var id] => (state with { Images = state.Images.SetItem(reference, id) }, facts),
                ["version", var version] => (state with { Version = version }, facts),
                ["free", var path, var kib] => (state, facts with { FreeKib = facts.FreeKib.SetItem(path, Number(kib)) }),
                ["fact", "system", var text] => (state, facts with { System = text }),
                ["fact", "architecture", var text] => (state, facts with { Architecture = text }),
                ["fact", "processors", var text] => (state, facts with { Processors = (int)Number(text) }),
                ["fact", "memory", var text] => (state, facts with { MemoryKib = Number(text) }),
                ["fact", "docker-root", var text] => (state, facts with { DockerRoot = text }),
                ["fact", "docker-store", var text] => (state, facts with { ImagesByManifest = text.Contains("io.containerd.snapshotter", StringComparison.Ordinal) }),
                ["fact", "docker", var text] => (state, facts with { Docker = text }),
                ["fact", "compose", var text] => (state, facts with { Compose = text }),
                _ => (state, facts),
            };
        }
        return state with { Facts = facts };
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

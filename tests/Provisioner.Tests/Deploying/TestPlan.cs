using System.Collections.Immutable;
using Provisioner.Delivery.Deploying;

namespace Provisioner.Tests.Deploying;

/// <summary>A small plan whose command counts how often it ran.</summary>
internal static class TestPlan
{
    public const UnixFileMode Readable = (UnixFileMode)0b110_100_100, Private = (UnixFileMode)0b110_000_000, Runnable = (UnixFileMode)0b111_101_101;

    public static DeployPlan Of(string version = "1.0.0", string content = "one\n", string extra = "") => new("test", version,
        [
            PlannedFile.Text("/opt/appliance/release/compose.yaml", content, Readable),
            PlannedFile.Text("/opt/appliance/nginx/render", "#!/bin/sh\n" + extra, Runnable),
            PlannedFile.Text("/srv/appliance/tls/01/server.key", "not a key, but as secret\n", Private, secret: true),
        ],
        [new PlannedLink("/srv/appliance/tls/current", "01")],
        [
            new PlannedCommand("count", "counted", "echo once >> /srv/appliance/counted", "/opt/appliance/release/compose.yaml", "/srv/appliance/tls/current"),
            new PlannedCommand("other", "the other one", "echo other >> /srv/appliance/other", "/opt/appliance/nginx/render"),
        ],
        ImmutableArray<string>.Empty);

    /// <summary>Short enough for a test to wait until a lock runs out.</summary>
    public static DeployOptions Quick { get; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));

    public static HostRequirements Modest { get; } = HostRequirements.Files;

    public static Task Silent(string step) => Task.CompletedTask;
}

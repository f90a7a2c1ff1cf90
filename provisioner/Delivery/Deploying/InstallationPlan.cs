using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Provisioner.Delivery.Releases;
using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Deploying;

/// <summary>The plan of the products on a host: pure text from the settings.</summary>
public static class InstallationPlan
{
    public const string Scope = "installation", Root = "/opt/appliance", Data = "/srv/appliance", Rollout = Root + "/bin/rollout";

    internal const string NoSystemsManager = "deployVia: ssm (port forwarding through Systems Manager) is not built yet. Set deployVia to ssh.";

    /// <summary>Of others' making, so they have versions of their own: a release that leaves them alone leaves their containers alone.</summary>
    public const string ProxyVersion = "1.28", DatabaseVersion = "8.4";

    private static readonly string[] FrontDoor = ["appliance.conf", "tls.conf", "headers.conf", "plain.conf", "hops.conf", "stapling.conf"];

    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100, Private = (UnixFileMode)0b110_000_000, Runnable = (UnixFileMode)0b111_101_101;

    /// <summary>What this provisioner cannot carry out yet; each with what to do. Empty: the plan can be made.</summary>
    public static ImmutableArray<string> NotBuilt(StackSettings settings)
    {
        var missing = ImmutableArray.CreateBuilder<string>();
        if (settings.Access.Via == DeployVia.Ssm) missing.Add(NoSystemsManager);
        if (settings.Storage.S3 is not null && settings.Cloud != Cloud.Aws) missing.Add("storage: s3 needs an access key on a host that is not on AWS, and keys of a storage are not carried to hosts yet. Choose disk, or a stack on AWS, whose machine has a role.");
        else if (settings.Storage.S3?.AccessKey is not null) missing.Add("s3AccessKey: keys of a storage are not carried to hosts yet. Remove it, s3SecretKey and s3Endpoint, and name a bucket of AWS: the machine's role reaches that.");
        if (settings.Release.DevOpsVersion is not null) missing.Add("devopsVersion: the vendor's DevOps image is not part of this release. Remove the key.");
        if (settings.Storage.Disk.Device is not null) missing.Add("storageDevice: preparing the disk of an existing host is not built yet. Mount it on /srv/appliance yourself and remove the key.");
        return missing.ToImmutable();
    }

    /// <summary>Settings that are judged and kept, but that the server of this version does not take yet.</summary>
    public static ImmutableArray<string> NotTaken(StackSettings settings)
    {
        var idle = ImmutableArray.CreateBuilder<string>();
        if (!settings.Alerts.Emails.IsEmpty) idle.Add("alertEmails");
        if (settings.Alerts.Webhook is not null) idle.Add("alertWebhook");
        if (settings.Identity is not null) idle.Add("identityIssuer");
        if (settings.Licence is not null) idle.Add("licence");
        return idle.ToImmutable();
    }

    /// <summary>Why the settings must not follow those of before: the appliance would find no backup at another place. Null: they may.</summary>
    public static string? Moves(StackSettings before, StackSettings now)
    {
        var (was, becomes) = (before.Storage.S3, now.Storage.S3);
        if (was is null == becomes is null && (was is null || becomes is null || ((was.Bucket ?? becomes.Bucket) == (becomes.Bucket ?? was.Bucket) && was.Prefix == becomes.Prefix))) return null;
        return $"The vaults lie {Place(was)}, and these settings look for them {Place(becomes)}; a deployment moves none. Set storage as it was; docs/storage.md tells how to move.";

        static string Place(S3Settings? s3) => s3 is null ? "on the machine's disk" : $"in s3://{s3.Bucket ?? "(the stack's bucket)"}/{s3.Prefix}";
    }

    /// <exception cref="ArgumentException">Something of <see cref="NotBuilt"/> is asked for, or the bucket has no name yet (<see cref="StackSettings.WithBucket"/>).</exception>
    public static DeployPlan For(StackSettings settings)
    {
        if (NotBuilt(settings) is { IsEmpty: false } missing) throw new ArgumentException(string.Join(' ', missing), nameof(settings));
        var files = ImmutableArray.Create(
            PlannedFile.Text($"{Root}/release/compose.yaml", Template.Read("host/compose.yaml"), Readable),
            PlannedFile.Text($"{Root}/release/host.yaml", Template.Read("host/host.yaml"), Readable),
            PlannedFile.Text($"{Root}/release/environment", Environment(settings), Private),
            PlannedFile.Text(Rollout, Template.Read("host/rollout"), Runnable),
            PlannedFile.Text($"{Root}/appliance.service", Template.Read("host/appliance.service"), Readable),
            PlannedFile.Text($"{Root}/nginx/render", Template.Read("nginx/render"), Runnable),
            PlannedFile.Text($"{Root}/nginx/serve", Template.Read("nginx/serve"), Runnable));
        // Not of the release itself: it is no other release for it.
        if (settings.Release.DowntimeFor is { } version) files = files.Add(PlannedFile.Text($"{Root}/release/downtime", version + "\n", Readable));
        files = files.AddRange(FrontDoor.Select(name => PlannedFile.Text($"{Root}/nginx/{name}", Template.Read($"nginx/{name}"), Readable)));
        var images = Images(settings.Release);
        return new DeployPlan(Scope, settings.Release.Version, files, [],
        [
            new PlannedCommand("folders", "folders and database passwords made", Template.Read("host/folders")),
            .. FetchedImages(settings.Release, [.. images.Values.Distinct().Order(StringComparer.Ordinal)]),
            new PlannedCommand("unit", "start at boot enabled", Template.Read("host/unit"), $"{Root}/appliance.service"),
            new PlannedCommand("start", "products started", Template.Read("host/start"), [.. files.Select(f => f.Path).Where(Walked)], images),
        ], [])
        {
            Carried = CarriedImages.Of(settings.Release),
            UpgradeFrom = settings.Release.Manifest?.UpgradeFrom,
        };
    }

    /// <summary>Nothing where images are carried. The sign-in goes by standard input, as Docker's own file has it, so that it is in no argument, no environment and no file that stays.</summary>
    private static ImmutableArray<PlannedCommand> FetchedImages(ReleaseSettings release, ImmutableArray<string> images)
    {
        if (release.Source != ImageSource.Registry) return [];
        var host = release.Registry!.Split('/')[0];
        var signIn = release is { RegistryUser: { } user, RegistryPassword: { } password } ? new Secret(new JsonObject
        {
            ["auths"] = new JsonObject { [host == "docker.io" ? "https://index.docker.io/v1/" : host] = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password.Reveal()}")) } },
        }.ToJsonString()) : null;
        return [new PlannedCommand("images", "images fetched", Template.Read("host/images") + string.Concat(images.Select(i => $"fetch '{i}'\n"))) { Images = images, Input = signIn }];
    }

    /// <summary>Stops the products; with <paramref name="wipe"/> the data goes, too.</summary>
    public static string StopScript(bool wipe) => Template.Read("host/stop") + (wipe ? $"docker volume rm -f appliance_data appliance_keys appliance_db >/dev/null\nrm -rf {Data}/vaults {Data}/keys {Data}/db {Data}/state\n" : "");

    /// <summary>What makes a release: another content is another walk. The walk's own script and the unit are not.</summary>
    private static bool Walked(string path) => path.StartsWith($"{Root}/release/", StringComparison.Ordinal) || path.StartsWith($"{Root}/nginx/", StringComparison.Ordinal);

    /// <summary>Service → image: by digest where the release has a manifest, by id where it is carried, else by tag.</summary>
    public static ImmutableSortedDictionary<string, string> Images(ReleaseSettings release)
    {
        var images = release.Manifest is { } manifest
            ? manifest.Images.ToImmutableSortedDictionary(i => i.Key, i => release.Source == ImageSource.Registry ? $"{release.Registry}/{i.Value.Name}@{i.Value.Digest}" : new CarriedImage(i.Value.Name, i.Value.Id, i.Value.Bytes, null).Reference, StringComparer.Ordinal)
            : new[] { ("app", $"appliance:{release.Version}"), ("certificates", $"certificates:{release.Version}"), ("proxy", $"proxy:{ProxyVersion}"), ("db", $"db:{DatabaseVersion}") }.ToImmutableSortedDictionary(s => s.Item1, s => $"{release.Registry}/{s.Item2}", StringComparer.Ordinal);
        return images.Add("worker", images["app"]);
    }

    private static string Environment(StackSettings settings)
    {
        var images = Images(settings.Release);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Generated by the deployer; it is overwritten.
            APPLIANCE_URL={settings.Domain.Url}
            APPLIANCE_VERSION={settings.Release.Version}
            APPLIANCE_PORT=443
            HTTP_PORT=80
            SERVER_NAME={settings.Domain.Name}
            TLS_FOLDER=current
            APPLIANCE_TLS={Data}/tls
            APPLIANCE_FRONT={Data}/front
            APPLIANCE_NGINX={Data}/front/nginx
            APPLIANCE_STATE={Data}/state
            CERTIFICATES_SETTINGS={CertificatePlan.Settings}
            APPLIANCE_IMAGE={images["app"]}
            CERTIFICATES_IMAGE={images["certificates"]}
            PROXY_IMAGE={images["proxy"]}
            DB_IMAGE={images["db"]}

            """) + (settings.Storage.S3 is { } s3 ? $"APPLIANCE_STORAGE={Address(s3)}\nAPPLIANCE_SPOOL=/data/spool\n" : "")
            + (settings.Release.Updates is { } updates ? $"UPDATES_URL={updates.Url.AbsoluteUri}\nUPDATES_KEY={updates.Key}\n" : "");
    }

    /// <summary>As the app takes it (docs/storage.md). Who opens the bucket is the machine's role, so nothing here is secret.</summary>
    private static string Address(S3Settings s3)
    {
        var words = new List<string> { $"region={s3.Region}" };
        if (s3.KeyId is { } key) words.Add($"kmsKeyId={key}");
        if (s3.ObjectLockDays is { } days) words.Add(string.Create(CultureInfo.InvariantCulture, $"lockDays={days}"));
        return $"s3://{s3.Bucket ?? throw new ArgumentException("The bucket has no name yet.", nameof(s3))}/{s3.Prefix.TrimEnd('/')}?{string.Join('&', words)}";
    }
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CsCheck;
using ExampleStacks;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Releases;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

public sealed class A_release_manifest
{
    private const string Host = "host-disk-customer", Carried = "host-s3-customer-vpn";

    private static readonly Gen<string> Digest = Gen.Int[0, 1 << 20].Select(i => TestRelease.Digest($"{i}"));
    private static readonly Gen<ReleaseVersion> Version = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3], Pick("", "rc.1", "rc.2", "rc.10", "rc", "alpha", "1", "rc.1.1")).Select((a, b, c, tag) => new ReleaseVersion(a, b, c, tag));
    private static readonly Gen<ReleaseImage> Image = Gen.Select(Pick("db", "a/b", "a.b_c--d/e"), Digest, Digest, Gen.Long[1, ReleaseManifest.LargestImage], Gen.Bool).Select((name, digest, id, bytes, pushed) => new ReleaseImage(name, pushed ? digest : null, id, bytes));
    private static readonly Gen<ReleaseManifest> Manifest = Gen.Select(Version, Version, Image, Image, Image).Select((a, b, app, db, proxy) =>
        new ReleaseManifest(a > b ? a : b, a > b ? b : a, ImmutableSortedDictionary<string, ReleaseImage>.Empty.WithComparers(StringComparer.Ordinal).Add("app", app).Add("certificates", db).Add("db", db).Add("proxy", proxy), null));

    [Fact]
    public void Is_read_as_it_was_written() => Manifest.Sample(manifest =>
    {
        var read = ReleaseManifest.Parse(manifest.ToJson());
        Assert.Equal((manifest.SignedText, manifest.ToJson()), (read.SignedText, read.ToJson()));
    });

    [Fact]
    public void Loses_its_signature_with_any_change_and_under_any_other_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Gen.Select(Manifest, Manifest).Sample((manifest, changed) =>
        {
            var signed = ReleaseManifest.Parse(manifest.Sign(key).ToJson());
            Assert.True(signed.IsSignedBy(key));
            Assert.False(signed.IsSignedBy(other));
            Assert.False(manifest.IsSignedBy(key));
            Assert.Equal(changed.SignedText == manifest.SignedText, (changed with { Signature = signed.Signature }).IsSignedBy(key));
            var bytes = Convert.FromBase64String(signed.Signature!);
            bytes[^1] ^= 1;
            Assert.False((signed with { Signature = Convert.ToBase64String(bytes) }).IsSignedBy(key));
        }, iter: 200);
    }

    [Fact]
    public async Task Is_signed_by_openssl_as_well()
    {
        var folder = Directory.CreateTempSubdirectory("manifest-").FullName;
        await File.WriteAllTextAsync($"{folder}/text", TestRelease.Manifest().SignedText);
        Assert.Equal(0, Tool.Run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", $"{folder}/key"]).ExitCode);
        Assert.Equal(0, Tool.Run("openssl", ["dgst", "-sha256", "-sign", $"{folder}/key", "-out", $"{folder}/signature", $"{folder}/text"]).ExitCode);
        using var key = ReleaseManifest.ReadKey(Tool.Run("openssl", ["pkey", "-in", $"{folder}/key", "-pubout"]).Output);
        Assert.True((TestRelease.Manifest() with { Signature = Convert.ToBase64String(await File.ReadAllBytesAsync($"{folder}/signature")) }).IsSignedBy(key!));
        Assert.Null(ReleaseManifest.ReadKey(await File.ReadAllTextAsync($"{folder}/key")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Is_read_or_refused_with_a_reason_whatever_it_is() => Gen.Select(Manifest, Gen.Int[0, 2000], Gen.Char, Gen.Int[0, 3]).Sample((manifest, at, letter, kind) =>
    {
        var text = manifest.ToJson();
        at %= text.Length;
        text = kind switch { 0 => text[..at], 1 => text[..at] + letter + text[at..], 2 => text[..at] + letter + text[(at + 1)..], _ => text.Remove(at, Math.Min(40, text.Length - at)) };
        try
        {
            ReleaseManifest.Parse(text);
        }
        catch (FormatException reason)
        {
            Assert.EndsWith(".", reason.Message, StringComparison.Ordinal);
        }
    }, iter: 2000);

    // path in the JSON | its new value ("-": taken away; "+…": JSON) | words of the reason
    [Theory]
    [InlineData("form", "+2", "its form is 2, and this provisioner reads form 1")]
    [InlineData("form", "1", "reads form 1")]
    [InlineData("form", "+1.5", "reads form 1")]
    [InlineData("form", "-", "form is missing")]
    [InlineData("version", "-", "version is missing")]
    [InlineData("version", "latest", "version is latest, and no version")]
    [InlineData("version", "0.1", "no version")]
    [InlineData("version", "0.1.0-", "no version")]
    [InlineData("version", "+1", "version is no text")]
    [InlineData("version", "0.2.0", "it is of version 0.2.0, and version is 0.1.0")]
    [InlineData("upgradeFrom", "-", "upgradeFrom is missing")]
    [InlineData("upgradeFrom", "0.1.1", "upgradeFrom 0.1.1 is later than version 0.1.0")]
    [InlineData("images", "-", "images is missing")]
    [InlineData("images", "+[]", "images is no JSON object")]
    [InlineData("images.db", "-", "images.db is missing")]
    [InlineData("images.db", "registry.example.org/db:8.4", "images.db is no JSON object")]
    [InlineData("images.worker", "+{}", "images has a member worker that this provisioner does not know")]
    [InlineData("images.app.name", "-", "images.app.name is missing")]
    [InlineData("images.app.name", "Appliance", "no name of a repository")]
    [InlineData("images.app.name", "appliance:0.1.0", "no name of a repository")]
    [InlineData("images.app.name", "../appliance", "no name of a repository")]
    [InlineData("images.app.name", "app liance' 'x", "no name of a repository")]
    [InlineData("images.app.digest", "latest", "images.app.digest is no digest")]
    [InlineData("images.app.digest", "sha256:ABCDEF", "images.app.digest is no digest")]
    [InlineData("images.app.digest", "-", "it has no digest for app: the release was made without a registry")]
    [InlineData("images.app.id", "-", "images.app.id is missing")]
    [InlineData("images.app.id", "sha512:00", "images.app.id is no digest")]
    [InlineData("images.app.bytes", "-", "images.app.bytes is missing")]
    [InlineData("images.app.bytes", "+0", "no whole number from 1")]
    [InlineData("images.app.bytes", "+1.5", "no whole number from 1")]
    [InlineData("images.app.bytes", "+99999999999999999999", "no whole number from 1")]
    [InlineData("images.app.bytes", "many", "no whole number from 1")]
    [InlineData("images.app.entrypoint", "/bin/sh", "images.app has a member entrypoint")]
    [InlineData("signature", "???", "signature is no base64")]
    [InlineData("signature", "+7", "signature is no text")]
    [InlineData("signed", "yes", "it has a member signed")]
    [InlineData("", "+[]", "it is no JSON object")]
    [InlineData("", "", "it is no JSON")]
    [InlineData("", "{\"form\": 1, \"form\": 1}", "it is no JSON")]
    [InlineData("", "{\"form\": 1,", "it is no JSON")]
    public void That_is_broken_is_a_mistake_of_the_stack(string path, string value, string words)
    {
        JsonNode? root = JsonNode.Parse(TestRelease.Manifest().ToJson());
        if (path.Length > 0)
        {
            var parts = path.Split('.');
            var holder = parts.SkipLast(1).Aggregate(root!, (node, part) => node[part]!).AsObject();
            if (value == "-") holder.Remove(parts[^1]);
            else holder[parts[^1]] = value.StartsWith('+') ? JsonNode.Parse(value[1..]) : value;
        }
        var text = path.Length > 0 ? root!.ToJsonString() : value.StartsWith('+') ? value[1..] : value.Length > 0 ? value : "release.json";
        var mistake = Assert.Single(Judge(Host, ("releaseManifest", text)).Mistakes);
        Assert.Equal("appliance:releaseManifest", mistake.Key);
        Assert.True(mistake.Reason.Contains(words, StringComparison.OrdinalIgnoreCase) && mistake.Reason.EndsWith('.') && mistake.Remedy.Length > 5, mistake.ToString());
    }

    [Fact]
    public void Must_bear_the_signature_that_the_stack_asks_for()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var (good, pem) = (TestRelease.Manifest().Sign(key), key.ExportSubjectPublicKeyInfoPem());
        Assert.True(Judge(Host, ("releaseManifest", good.ToJson()), ("releaseKey", pem)).Settings!.Release.ManifestIsChecked);
        Assert.False(Judge(Host, ("releaseManifest", good.ToJson())).Settings!.Release.ManifestIsChecked);
        foreach (var (manifest, trusted, told, words) in new[]
        {
            (TestRelease.Manifest().ToJson(), pem, "releaseManifest", "not signed"),
            (TestRelease.Manifest().Sign(other).ToJson(), pem, "releaseManifest", "not by releaseKey"),
            ((TestRelease.Manifest() with { UpgradeFrom = new ReleaseVersion(0, 0, 1, ""), Signature = good.Signature }).ToJson(), pem, "releaseManifest", "not by releaseKey"),
            (good.ToJson(), large.ExportSubjectPublicKeyInfoPem(), "releaseKey", "no public key on P-256"),
            (good.ToJson(), key.ExportPkcs8PrivateKeyPem(), "releaseKey", "no public key on P-256"),
            (good.ToJson(), "key.pem", "releaseKey", "no public key on P-256"),
        })
        {
            var mistake = Assert.Single(Judge(Host, ("releaseManifest", manifest), ("releaseKey", trusted)).Mistakes);
            Assert.True(mistake.Key == "appliance:" + told && mistake.Reason.Contains(words, StringComparison.Ordinal), mistake.ToString());
        }
        Assert.Contains("missing; releaseKey is set", Assert.Single(Judge(Host, ("releaseKey", pem)).Mistakes).Reason, StringComparison.Ordinal);
        Assert.Contains("needed where images is archive or engine", Assert.Single(Judge(Carried, ("releaseManifest", null)).Mistakes).Reason, StringComparison.Ordinal);
    }

    /// <summary>The appliance has a reader of its own, for it tells of newer releases: its tests (Server.Tests/Updates) are held to this very file.</summary>
    [Fact]
    public async Task Has_the_form_that_the_appliance_reads()
    {
        var golden = Path.Combine(RepositoryFolder.Root, "tests", "Delivery.Tests", "Golden");
        var text = await File.ReadAllTextAsync(Path.Combine(golden, "release.json"));
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(await File.ReadAllTextAsync(Path.Combine(golden, "release.key"))), out _);
        var manifest = ReleaseManifest.Parse(text);
        Assert.True(manifest.IsSignedBy(key));
        Assert.Equal(text, manifest.ToJson());
        Assert.Equal("1.10.0", manifest.Version.ToString());
    }

    /// <summary>Nobody is asked unasked, and nobody is believed without the key.</summary>
    [Fact]
    public void Is_looked_for_by_the_appliance_where_the_stack_says_so()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (string, string?)[] stack = [("storageDevice", null), ("releaseManifest", TestRelease.Manifest().Sign(key).ToJson()), ("releaseKey", key.ExportSubjectPublicKeyInfoPem())];
        Assert.DoesNotContain("UPDATES_", Environment(stack), StringComparison.Ordinal);
        Assert.EndsWith($"\nUPDATES_URL=https://releases.example.org/appliance.json\nUPDATES_KEY={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}\n", Environment([.. stack, ("updatesUrl", "https://releases.example.org/appliance.json")]), StringComparison.Ordinal);
        var compose = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "appliance", "compose.yaml"));
        Assert.All(new[] { "Updates__Url: ${UPDATES_URL:-}", "Updates__Key: ${UPDATES_KEY:-}" }, line => Assert.Contains(line, compose, StringComparison.Ordinal));

        Assert.Contains("updatesUrl is set, and only what this key has signed", Assert.Single(Judge(Host, ("updatesUrl", "https://releases.example.org/")).Mistakes).Reason, StringComparison.Ordinal);
        Assert.Equal("appliance:updatesUrl", Assert.Single(Judge(Host, [.. stack, ("updatesUrl", "https://releases.example.org/$HOME")]).Mistakes).Key);

        static string Environment((string, string?)[] changes) =>
            System.Text.Encoding.UTF8.GetString(InstallationPlan.For(Judge(Host, changes).Settings!).Files.Single(f => f.Path.EndsWith("/environment", StringComparison.Ordinal)).Content.Span);
    }

    [Fact]
    public void Gives_compose_its_images_by_digest_and_carried_ones_by_id()
    {
        var manifest = TestRelease.Manifest();
        var plan = InstallationPlan.For(Judge(Host, ("storageDevice", null), ("alertEmails", null), ("releaseManifest", manifest.ToJson())).Settings!);
        var environment = System.Text.Encoding.UTF8.GetString(plan.Files.Single(f => f.Path.EndsWith("/environment", StringComparison.Ordinal)).Content.Span);
        foreach (var (variable, service) in new[] { ("APPLIANCE", "app"), ("PROXY", "proxy"), ("DB", "db") })
            Assert.Contains($"\n{variable}_IMAGE=registry.example.org/backup/{manifest.Images[service].Name}@{manifest.Images[service].Digest}\n", environment, StringComparison.Ordinal);
        Assert.Empty(plan.Carried);

        plan = InstallationPlan.For(Judge(Host, ("storageDevice", null), ("imageRegistry", null), ("images", "engine"), ("releaseManifest", manifest.ToJson())).Settings!);
        environment = System.Text.Encoding.UTF8.GetString(plan.Files.Single(f => f.Path.EndsWith("/environment", StringComparison.Ordinal)).Content.Span);
        Assert.Contains($"\nDB_IMAGE=carried.invalid/db:{manifest.Images["db"].Id.Replace(':', '-')}\n", environment, StringComparison.Ordinal);
        Assert.Equal(manifest.Images.Values.Select(i => (i.Name, i.Id)), plan.Carried.Select(c => (c.Name, c.Id)));
        Assert.DoesNotContain(plan.Commands, c => c.Name == "images");
    }

    [Theory]
    [InlineData("0.1.0", "0.3.0", true)]
    [InlineData("0.3.0-rc.1", "0.3.0", true)]
    [InlineData("0.3.0", "0.3.0", false)]
    [InlineData("0.10.0", "0.9.9", false)]
    [InlineData(null, "0.3.0", false)]      // nothing stands there yet
    public void Is_refused_by_a_host_that_is_too_old(string? has, string from, bool refused)
    {
        var plan = InstallationPlan.For(Judge(Host, ("storageDevice", null), ("version", "0.11.0"), ("releaseManifest", TestRelease.Manifest("0.11.0", from).ToJson())).Settings!);
        var reason = plan.RefusalOf(HostState.Empty with { Version = has });
        Assert.Equal(refused, reason is not null);
        if (refused) Assert.Contains($"it has version {has}, and 0.11.0 can follow {from} or later", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_versions_as_semantic_versioning_does()
    {
        string[] inOrder = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "1.10.0", "2.0.0"];
        var versions = inOrder.Select(v => ReleaseVersion.Parse(v)!.Value).ToArray();
        for (var i = 0; i < versions.Length; i++)
            for (var j = 0; j < versions.Length; j++) Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(versions[i].CompareTo(versions[j])));
        Gen.Select(Version, Version).Sample((a, b) => Assert.Equal(Math.Sign(a.CompareTo(b)), -Math.Sign(b.CompareTo(a))));
    }

    private static Gen<string> Pick(params string[] from) => Gen.Int[0, from.Length - 1].Select(i => from[i]);

    private static Judgement Judge(string example, params (string, string?)[] changes) => SettingsJudge.Judge(ExampleStack.Named(example).With(changes).Input, DateTimeOffset.UtcNow);
}

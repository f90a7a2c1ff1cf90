using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Appliance.Engine.Backups;
using Appliance.Salesforce;
using Appliance.Vault;
using OrgSimulator;
using OrgSimulator.Metadata;
using Xunit;
using MetadataType = OrgSimulator.Metadata.MetadataType;

namespace Engine.Tests.Metadata;

/// <summary>An org with metadata of many kinds, backed up with one object only so that the tests are quick, and held against the simulator's own view of it.</summary>
internal sealed class MetadataScene(TestOrg org) : IAsyncDisposable
{
    private static readonly BackupChoice OneObject = new([new ChosenObject("Lead", null, [])]);

    public TestOrg Org => org;

    public OrgMetadata Metadata => org.Simulator.Metadata;

    public static async Task<MetadataScene> StartAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = new SimulatorOptions { Seed = 3 };
        var scene = new MetadataScene(await TestOrg.StartAsync(change?.Invoke(options) ?? options));
        for (var i = 0; i < 9; i++) scene.Class($"Class{i}", $"public class Class{i} {{ /* ü {i} */ }}");
        scene.Keep("LightningComponentBundle", "tile", ("lwc/tile/tile.js", "export default 1"), ("lwc/tile/tile.html", "<template></template>"), ("lwc/tile/tile.js-meta.xml", "<LightningComponentBundle/>"));
        scene.Keep("Layout", "Account-Account %28Sales%2C Europe%29 Layout", ("layouts/Account-Account %28Sales%2C Europe%29 Layout.layout", "<Layout/>"));
        scene.Keep("Layout", "Lead-Lead, with a comma", ("layouts/Lead-Lead, with a comma.layout", "<Layout><a/></Layout>"));
        scene.Keep("CustomObjectTranslation", "Account-de", ("objectTranslations/Account-de.objectTranslation", "<CustomObjectTranslation/>"));
        scene.Keep("PermissionSet", "Sales", ("permissionsets/Sales.permissionset", "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Sales</label></PermissionSet>"));
        scene.Keep("Report", "Sales", ("reports/Sales-meta.xml", "<ReportFolder/>"));
        for (var i = 0; i < 6; i++) scene.Keep("Report", $"Sales/Won{i}", ($"reports/Sales/Won{i}.report", $"<Report>{i}</Report>"));
        scene.Keep("Report", "unfiled$public/Loose", ("reports/unfiled$public/Loose.report", "<Report/>"));
        scene.Keep("EmailTemplate", "Mails", ("email/Mails-meta.xml", "<EmailFolder/>"));
        scene.Keep("EmailTemplate", "Mails/Hello", ("email/Mails/Hello.email", "Hello {!Contact.Name}"), ("email/Mails/Hello.email-meta.xml", "<EmailTemplate/>"));
        scene.Keep("Document", "Logos", ("documents/Logos-meta.xml", "<DocumentFolder/>"));
        scene.Keep("Document", "Logos/logo.png", ("documents/Logos/logo.png", "PNG"), ("documents/Logos/logo.png-meta.xml", "<Document/>"));
        scene.Keep("StaticResource", "noise", ("staticresources/noise.resource", Convert.ToBase64String(Noise(9_000))), ("staticresources/noise.resource-meta.xml", "<StaticResource/>"));
        scene.Keep("StandardValueSet", "Industry", ("standardValueSets/Industry.standardValueSet", "<StandardValueSet/>"));
        scene.Keep("Flow", "Onboard", ("flows/Onboard.flow", "<Flow/>"));
        return scene;
    }

    public void Class(string name, string text) => Keep("ApexClass", name, ($"classes/{name}.cls", text), ($"classes/{name}.cls-meta.xml", "<ApexClass><status>Active</status></ApexClass>"));

    public void Keep(string type, string name, params (string Path, string Text)[] files) =>
        Metadata.Keep(type, name, files.ToImmutableSortedDictionary(f => f.Path, f => Encoding.UTF8.GetBytes(f.Text), StringComparer.Ordinal));

    public void Rules(Func<OrgSimulator.Rules.OrgRules, OrgSimulator.Rules.OrgRules> change)
    {
        lock (org.Simulator.Store.WriteLock) OrgSimulator.Rules.SchemaRules.Apply(org.Simulator.Store, change(org.Simulator.Store.Rules.Rules));
    }

    public Task<BackupSummary> BackupAsync(Guid? id = null, Guid? parent = null, bool metadata = true) =>
        org.BackupAsync(new BackupOrder(parent is null ? SnapshotKind.Full : SnapshotKind.Incremental, parent, Choice: OneObject, Metadata: metadata), id);

    /// <summary>As a job does it: what fails goes on with the same snapshot.</summary>
    public async Task<BackupSummary> ResumedAsync(Guid? id = null, Guid? parent = null)
    {
        id ??= Guid.CreateVersion7();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await BackupAsync(id, parent);
            }
            catch (Exception e) when (attempt < 25 && (e is SalesforceException or AggregateException { InnerException: SalesforceException }))
            {
            }
        }
    }

    /// <summary>All files by path, as one retrieve without limits would give them.</summary>
    public Dictionary<string, string> Truth()
    {
        var members = MetadataType.All.SelectMany(type => type.InFolder
            ? Metadata.List(type.Name == "EmailTemplate" ? "EmailFolder" : type.Name + "Folder").Select(f => f.FullName).Append("unfiled$public")
                .SelectMany(folder => Metadata.List(type.Name, folder).Select(l => l.FullName).Prepend(folder)).Where(name => name != "unfiled$public").Select(name => (type.Name, name))
            : Metadata.List(type.Name).Select(l => (type.Name, l.FullName)));
        var all = new Retrieval(Metadata, new SimulatorOptions()).Run(new PackageXml([.. members], "66.0"), "");
        Assert.Null(all.Failure);
        using var zip = new ZipArchive(new MemoryStream(all.Zip));
        return zip.Entries.Where(e => e.FullName != "package.xml").ToDictionary(e => e.FullName, e => new StreamReader(e.Open()).ReadToEnd(), StringComparer.Ordinal);
    }

    public async Task<Dictionary<string, string>> HeldAsync(SnapshotManifest manifest)
    {
        await using var vault = await org.OpenVaultAsync();
        var held = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var file in vault.ReadMetadataAsync(manifest, default))
        {
            using var text = new StreamReader(await vault.OpenFileAsync(file.Content, default));
            held.Add(file.Path, await text.ReadToEndAsync());
        }
        return held;
    }

    /// <summary>What the snapshot holds is what the org has: the same files with the same text. A joined file has the same entries in another order.</summary>
    public async Task AssertHoldsAsync(SnapshotManifest manifest, string? trouble = null)
    {
        var (truth, held) = (Truth(), await HeldAsync(manifest));
        Assert.Equal(truth.Keys.Order(StringComparer.Ordinal), held.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, text) in truth) Assert.True(Same(path, text, held[path]), $"{trouble}: {path}: {held[path]}");
    }

    /// <summary>The vault is sound, and the certificate fits what is stored.</summary>
    public async Task AssertSoundAsync(SnapshotManifest manifest)
    {
        await using var vault = await org.OpenVaultAsync();
        Assert.Empty(await vault.VerifyAsync(null, default).ToListAsync());
        Assert.Empty(await vault.CheckCertificateAsync(manifest, (await vault.ReadCertificateAsync(manifest, default))!, default).ToListAsync());
    }

    public static string Gaps(CompletenessCertificate certificate) => string.Join("; ", certificate.Metadata?.Gaps.Select(g => $"{g.Text} [{string.Join(' ', g.Ids)}]") ?? []);

    public ValueTask DisposeAsync() => org.DisposeAsync();

    public static bool Same(string path, string a, string b) => a == b || (path.StartsWith("profiles/", StringComparison.Ordinal) && Entries(a).SequenceEqual(Entries(b), StringComparer.Ordinal));

    private static IEnumerable<string> Entries(string xml) =>
        System.Xml.Linq.XDocument.Parse(xml).Root!.Elements().Select(e => e.ToString(System.Xml.Linq.SaveOptions.DisableFormatting)).Order(StringComparer.Ordinal);

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(7).NextBytes(noise);
        return noise;
    }
}

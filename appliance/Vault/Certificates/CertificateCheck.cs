using System.Globalization;
using System.Runtime.CompilerServices;

namespace Appliance.Vault;

/// <summary>One thing in a certificate that does not fit what the vault holds.</summary>
/// <param name="Object">Null when it concerns the certificate as a whole.</param>
public sealed record CertificateFinding(string? Object, string What);

/// <summary>Holds a certificate against the vault alone: hash, chain, signatures, and the stored rows counted again range by range.</summary>
internal static class CertificateCheck
{
    public static async IAsyncEnumerable<CertificateFinding> RunAsync(
        OrgVault vault, SnapshotManifest manifest, CompletenessCertificate certificate, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var wrong in Whole(manifest, certificate)) yield return new CertificateFinding(null, wrong);
        if (await ChainAsync(vault, manifest, certificate, cancellationToken) is { } broken) yield return new CertificateFinding(null, broken);

        var certified = certificate.Objects.ToDictionary(o => o.Name, StringComparer.Ordinal);
        var reader = vault.Open(manifest);
        foreach (var entry in manifest.Objects)
        {
            if (!certified.Remove(entry.Name, out var said))
            {
                yield return new CertificateFinding(entry.Name, "the snapshot holds this object, the certificate does not speak of it");
                continue;
            }
            foreach (var wrong in Inside(said)) yield return new CertificateFinding(entry.Name, wrong);
            var counted = new RangeCount([.. said.Ranges.Select(r => (r.After, r.UpTo))]);
            await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: true, cancellationToken)) counted.Add(record);
            foreach (var wrong in Counted(said, counted)) yield return new CertificateFinding(entry.Name, wrong);
        }
        foreach (var name in certified.Keys) yield return new CertificateFinding(name, "the certificate speaks of this object, the snapshot does not hold it");
        foreach (var wrong in await MetadataAsync(vault, manifest, certificate.Metadata, cancellationToken)) yield return new CertificateFinding("metadata", wrong);
    }

    private static IEnumerable<string> Whole(SnapshotManifest manifest, CompletenessCertificate certificate)
    {
        if (certificate.SnapshotId != manifest.SnapshotId || certificate.VaultId != manifest.VaultId || certificate.OrgId != manifest.OrgId)
            yield return "it is the certificate of another snapshot";
        if (certificate.ParentId != manifest.ParentId) yield return "it names another parent than the manifest";
        if (certificate.Complete != (certificate.Gaps.IsEmpty && certificate.Objects.All(o => o.Complete) && certificate.Metadata?.Complete is not false)) yield return "what it says as a whole is not what it says of its objects";
    }

    // The parent may have been removed by retention since; where it stands, its hash must fit.
    private static async Task<string?> ChainAsync(OrgVault vault, SnapshotManifest manifest, CompletenessCertificate certificate, CancellationToken cancellationToken)
    {
        if (manifest.ParentId is not { } parentId) return certificate.ParentSha256 is null ? null : "it has a parent's hash, and the snapshot has no parent";
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken))
            if (id == parentId)
                return (await vault.ReadManifestAsync(id, cancellationToken)).CertificateSha256 == certificate.ParentSha256 ? null : "its parent's certificate is another one now";
        return null;
    }

    private static IEnumerable<string> Inside(ObjectCertificate said)
    {
        if (said.Complete != said.Gaps.IsEmpty) yield return "it is called complete beside a gap, or incomplete without one";
        if (said.Ranges.IsEmpty)
        {
            if (said.Complete) yield return "it is called complete, and no range was counted";
            yield break;
        }
        if (said.Ranges[0].After is not null || said.Ranges[^1].UpTo is not null) yield return "its ranges do not reach from end to end";
        for (var i = 1; i < said.Ranges.Length; i++)
            if (said.Ranges[i].After is not { } after || after != said.Ranges[i - 1].UpTo) yield return "its ranges do not follow each other";
        if (said.Ranges.Sum(r => r.Held) != said.HeldLive) yield return "its ranges do not add up";
        if (said.Complete && said.Method != ProofMethod.Carried && said.Ranges.Any(r => r.Org != r.Held)) yield return "it is called complete, and the org's numbers differ from ours";
    }

    private static IEnumerable<string> Counted(ObjectCertificate said, RangeCount counted)
    {
        for (var i = 0; i < said.Ranges.Length; i++)
            if (said.Ranges[i].Held != counted.Live[i])
                yield return $"Ids {said.Ranges[i].After ?? "from the first"} to {said.Ranges[i].UpTo ?? "the last"}: {Number(said.Ranges[i].Held)} rows are certified, {Number(counted.Live[i])} are stored";
        if (said.HeldLive != counted.Total.Live) yield return $"{Number(said.HeldLive)} live rows are certified, {Number(counted.Total.Live)} are stored";
        if (said.HeldDeleted != counted.Total.Deleted) yield return $"{Number(said.HeldDeleted)} deleted rows are certified, {Number(counted.Total.Deleted)} are stored";
        if (said.Buried != counted.Total.Buried) yield return $"{Number(said.Buried)} buried rows are certified, {Number(counted.Total.Buried)} are stored";
    }

    private static async Task<List<string>> MetadataAsync(OrgVault vault, SnapshotManifest manifest, MetadataCertificate? said, CancellationToken cancellationToken)
    {
        if (said is null || manifest.Metadata is null) return said is null && manifest.Metadata is null ? [] : ["one of snapshot and certificate has metadata, and the other has none"];
        var wrong = new List<string>();
        if (said.Complete != said.Gaps.IsEmpty) wrong.Add("it is called complete beside a gap, or incomplete without one");
        if ((said.ReadAt, said.SnapshotId) != (manifest.Metadata.ReadAt, manifest.Metadata.SnapshotId)) wrong.Add("it tells of another reading than the manifest");
        var stored = new Dictionary<string, (HashSet<string> Components, long Files)>(StringComparer.Ordinal);
        await foreach (var file in vault.ReadMetadataAsync(manifest, cancellationToken))
        {
            var (components, files) = stored.GetValueOrDefault(file.Type, ([], 0));
            components.Add(file.FullName);
            stored[file.Type] = (components, files + 1);
        }
        foreach (var type in said.Types)
        {
            var (held, files) = stored.Remove(type.Name, out var counted) ? (counted.Components.Count, counted.Files) : (0, 0);
            if (type.Held != held || type.Files != files)
                wrong.Add($"{type.Name}: {Number(type.Held)} components in {Number(type.Files)} files are certified, {Number(held)} in {Number(files)} are stored");
            if (said is { Complete: true, Carried: false } && type.Listed is { } listed && listed > held) wrong.Add($"{type.Name}: it is called complete, and the org lists more than is held");
        }
        wrong.AddRange(stored.Keys.Select(name => $"{name}: it is stored, and the certificate does not speak of it"));
        return wrong;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

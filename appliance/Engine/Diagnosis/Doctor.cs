using System.Collections.Immutable;
using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.Diagnosis;

/// <summary>What a look at the appliance gave.</summary>
/// <param name="Catalog">Null when it could not be read.</param>
public sealed record Report(string Version, DateTimeOffset At, ImmutableArray<Finding> Findings, CatalogDiagnosis? Catalog)
{
    public Grade Worst => Findings.Select(f => f.Grade).DefaultIfEmpty(Grade.Well).Max();
}

/// <summary>
/// Looks at everything that the appliance stands on, with or without a server that runs. It changes nothing but for a file that it writes into the storage and removes again. A check that
/// cannot be made is a finding itself and hinders no other.
/// </summary>
/// <param name="certificateFile">The certificate that the front door shows (PEM); null when there is none to look at.</param>
public sealed class Doctor(AppliancePlace place, EngineOptions options, string? certificateFile, TimeProvider time)
{
    public async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        CatalogDiagnosis? catalog = null;
        try
        {
            await using var db = CatalogDatabase.Attach(place.ConnectionString);
            var before = time.GetUtcNow();
            catalog = await CatalogDiagnosis.ReadAsync(db, cancellationToken);
            findings.AddRange(CatalogChecks.Look(catalog, before, time.GetUtcNow()));
        }
        catch (CatalogException e)
        {
            findings.Add(Finding.Error("catalog", e.Message, e.Remedy));
        }
        var now = time.GetUtcNow();
        await AddAsync("storage", () => StorageChecks.LookAsync(place, options, catalog, time, cancellationToken));
        await AddAsync("keys", () => Task.FromResult(KeyChecks.Look(place, catalog)));
        await AddAsync("vault", () => VaultChecks.LookAsync(place, catalog, options, time, cancellationToken));
        if (catalog is not null) findings.AddRange(OrgChecks.Look(catalog));
        if (catalog is not null) findings.AddRange(JobChecks.Look(catalog));
        if (certificateFile is not null) await AddAsync("certificate", () => Task.FromResult<IEnumerable<Finding>>([CertificateCheck.Look(certificateFile, now)]));
        await AddAsync("self-backup", () => SelfBackupChecks.LookAsync(place, time, cancellationToken));
        if (catalog is not null) findings.AddRange(UpdateChecks.Look(place, catalog.Update, now));
        return new Report(ApplianceVersion.Current, now, findings.ToImmutable(), catalog);

        async Task AddAsync(string check, Func<Task<IEnumerable<Finding>>> look)
        {
            try
            {
                findings.AddRange(await look());
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                findings.Add(Unmade(check, e));
            }
        }
    }

    internal static Finding Unmade(string check, Exception e) => e switch
    {
        VaultException v => Finding.Error(check, v.Message, v.Remedy),
        EngineException v => Finding.Error(check, v.Message, v.Remedy),
        CatalogException v => Finding.Error(check, v.Message, v.Remedy),
        UnauthorizedAccessException v => Finding.Error(check, v.Message, "Run this as the user that the server runs as, or as root."),
        _ => Finding.Error(check, $"This could not be looked at ({e.GetType().Name}: {e.Message}).", "Look at what is named here; if it stays, send a support bundle."),
    };
}

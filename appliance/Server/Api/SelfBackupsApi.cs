using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.SelfBackups;
using Appliance.Server.Access;
using Appliance.Vault;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class SelfBackupsApi
{
    /// <param name="RecoveryKeyId">Null while no recovery key was made: then no self-backup is taken.</param>
    public sealed record State(string? RecoveryKeyId, IEnumerable<SelfBackup> Backups);

    public sealed record Taken(string Name, long Bytes, long Rows);

    /// <param name="Key">Shown here and never again.</param>
    public sealed record NewKey(string Id, string Key);

    public static void MapSelfBackups(this RouteGroupBuilder api)
    {
        var self = api.MapGroup("/self-backups").WithTags("Self-backup");
        self.MapGet("/", StateAsync).WithSummary("The appliance's own backups, newest first");
        self.MapPost("/", TakeAsync).WithSummary("Take one now");
        self.MapPost("/recovery-key", NewKeyAsync).WithSummary("Make the recovery key; it is shown once");
    }

    private static async Task<Ok<State>> StateAsync(SelfBackups backups, CancellationToken cancellationToken) =>
        TypedResults.Ok(new State((await backups.RecoveryAsync(cancellationToken))?.Id, await backups.ListAsync(cancellationToken)));

    private static async Task<Results<Created<Taken>, ProblemHttpResult>> TakeAsync(
        SelfBackups backups, CatalogDatabase db, AuditLog audit, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await backups.RecoveryAsync(cancellationToken) is null)
            return Problems.Of(StatusCodes.Status409Conflict, "There is no recovery key yet.", "Make one first (POST /api/v1/self-backups/recovery-key) and keep it outside this machine.");
        var taken = await backups.TakeAsync(db, cancellationToken);
        await audit.AppendAsync(user.UserName, "self-backup taken", taken.Backup.Name, null, cancellationToken);
        return TypedResults.Created("/api/v1/self-backups", new Taken(taken.Backup.Name, taken.Bytes, taken.Rows.Rows));
    }

    private static async Task<Ok<NewKey>> NewKeyAsync(SelfBackups backups, AuditLog audit, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        using var key = RecoveryKey.New(out var text);
        var half = await backups.UseAsync(key, cancellationToken);
        await audit.AppendAsync(user.UserName, "recovery key made", half.Id, null, cancellationToken);
        return TypedResults.Ok(new NewKey(half.Id, text));
    }
}

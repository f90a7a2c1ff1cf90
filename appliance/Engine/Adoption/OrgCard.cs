using System.Text.Json;
using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.Adoption;

/// <summary>Whose vault this is, kept in the vault itself (FORMAT.md §8): what a catalog that is built anew cannot know otherwise. No token is in it.</summary>
public sealed record OrgCard(string Name, Uri LoginUrl, Uri InstanceUrl, string ClientId)
{
    private const string Document = "org.json";

    public static OrgCard Of(OrgRow org)
    {
        ArgumentNullException.ThrowIfNull(org);
        return new OrgCard(org.Name, org.LoginUrl, org.InstanceUrl, org.ClientId);
    }

    public async Task WriteAsync(OrgVault vault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        if (await ReadAsync(vault, cancellationToken) != this)
            await vault.ReplaceDocumentAsync(Document, JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web), cancellationToken);
    }

    /// <summary>Null in a vault that has none, or one that cannot be read: it is a help, not a need.</summary>
    public static async Task<OrgCard?> ReadAsync(OrgVault vault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        try
        {
            return await vault.GetDocumentAsync(Document, cancellationToken) is { } json ? JsonSerializer.Deserialize<OrgCard>(json, JsonSerializerOptions.Web) : null;
        }
        catch (Exception e) when (e is JsonException or VaultException { Kind: Appliance.Vault.FailureKind.Permanent })
        {
            return null;
        }
    }
}

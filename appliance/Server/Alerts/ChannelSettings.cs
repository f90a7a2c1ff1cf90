using System.Text.Json;
using Appliance.Catalog;

namespace Appliance.Server.Alerts;

/// <summary>A mail server and who gets the mail. Kept in the clear; the password is not part of it.</summary>
/// <param name="Security">startTls, tls or none.</param>
public sealed record MailSettings(string Host, int Port, string Security, string? User, string From, string[] To);

/// <summary>What nobody may read in the catalog: a webhook's address (it often holds a token) and signing key, or the mail server's password.</summary>
public sealed record ChannelSecret(Uri? Url = null, string? Key = null, string? Password = null)
{
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static ChannelSecret Of(AlertChannelRow channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Secret is null ? new() : JsonSerializer.Deserialize<ChannelSecret>(channel.Secret, JsonSerializerOptions.Web) ?? new();
    }

    public override string ToString() => "(secret)";
}

using System.Net.Mail;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Alerts;
using Appliance.Server.Access;
using Appliance.Server.Alerts;

namespace Appliance.Server.Api;

/// <summary>A channel as somebody typed it. Secrets that are not given stay as they are.</summary>
public sealed record ChannelWish
{
    public string? Name { get; init; }
    public string? Kind { get; init; }
    public Guid? OrgId { get; init; }
    public string[]? Events { get; init; }
    public bool? Enabled { get; init; }
    public MailSettings? Mail { get; init; }
    public string? Password { get; init; }
    public string? Url { get; init; }
    /// <summary>What webhooks are signed with; one is made when none is given.</summary>
    public string? Key { get; init; }
}

/// <summary>Judges, stores and audits channels and rules of alerts. The API and the page both come here.</summary>
public sealed class AlertChanges(Catalog.Alerts alerts, AlertChannels channels, Orgs orgs, AlertSender sender, AlertOptions options, AuditLog audit, TimeProvider time)
{
    private const int LongestName = 120, ShortestKey = 16, LongestKey = 256, MostReceivers = 50;

    /// <returns>The channel, with the signing key when one was made just now; or null and every mistake.</returns>
    public async Task<(AlertChannelRow? Row, string? NewKey, string Mistakes)> PutAsync(AlertChannelRow? known, ChannelWish wish, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var wrong = new List<string>();
        var name = (wish.Name ?? known?.Name ?? "").Trim();
        if (name.Length is 0 or > LongestName) wrong.Add($"A channel's name has 1 to {LongestName} characters.");
        var kind = known?.Kind ?? AlertChannelKind.Mail;
        if (known is null && !(Enum.TryParse(wish.Kind, ignoreCase: true, out kind) && Enum.IsDefined(kind))) wrong.Add("The kinds of channels are mail, webhook and slack.");
        if (known is not null && wish.Kind is not null && !wish.Kind.Equals(known.Kind.ToString(), StringComparison.OrdinalIgnoreCase)) wrong.Add("A channel keeps its kind; make another one.");
        var events = new List<AlertKind>();
        foreach (var text in wish.Events ?? known?.Events.Select(e => e.ToString()) ?? [])
            if (Enum.TryParse<AlertKind>(text, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)) events.Add(parsed);
            else wrong.Add($"There is no alert of the kind '{text}'.");
        var orgId = wish.OrgId ?? known?.OrgId;
        if (orgId is { } id && await orgs.FindAsync(id, cancellationToken) is null) wrong.Add("There is no such org.");
        var (content, secret, fresh) = kind is AlertChannelKind.Mail ? Mail(known, wish, wrong) : Web(known, wish, kind, wrong);
        if (wrong.Count > 0) return (null, null, string.Join(" ", wrong));
        var row = new AlertChannelRow
        {
            Id = known?.Id ?? Guid.CreateVersion7(time.GetUtcNow()), OrgId = orgId, Name = name, Kind = kind, Events = events, Enabled = wish.Enabled ?? known?.Enabled ?? true,
            Settings = content, Secret = secret.ToJson(), ChangedAt = time.GetUtcNow(), ChangedBy = user,
        };
        await channels.PutAsync(row, cancellationToken);
        await audit.AppendAsync(user, known is null ? "alert channel made" : "alert channel changed", $"channel {row.Id}", $"{row.Name}, {kind}{(row.Enabled ? "" : ", disabled")}", cancellationToken);
        return (row, fresh, "");
    }

    public async Task<bool> RemoveAsync(Guid id, string user, CancellationToken cancellationToken)
    {
        if (!await channels.RemoveAsync(id, cancellationToken)) return false;
        await audit.AppendAsync(user, "alert channel removed", $"channel {id}", null, cancellationToken);
        return true;
    }

    /// <summary>Sends a test over the channel now, whatever it wants to be told, and keeps it in the log.</summary>
    public async Task<Sent> TestAsync(AlertChannelRow channel, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var alert = new AlertRow
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()), Kind = AlertKind.Test, Title = "Test of the Backup & Archive appliance's alerts", RaisedAt = time.GetUtcNow(),
            Text = $"{user} asked for this message. Alerts of the channel “{channel.Name}” arrive here.",
        };
        await alerts.RaiseAsync(alert, $"test/{alert.Id:N}", channel.Id, cancellationToken);
        // The delivery of this process or another one may be quicker; then this is a second copy, which a test may be.
        var sent = await sender.SendAsync(alert, null, channel, 0, cancellationToken);
        if ((await alerts.ListAsync(null, 20, cancellationToken)).FirstOrDefault(a => a.Alert.Id == alert.Id).Deliveries is [{ State: DeliveryState.Waiting, Attempts: 0 } delivery])
            await alerts.NoteAsync(delivery, sent.Delivered, sent.Answer, again: null, cancellationToken);
        await audit.AppendAsync(user, "alert channel tested", $"channel {channel.Id}", sent.Delivered ? "delivered" : "not delivered", cancellationToken);
        return sent;
    }

    public async Task<AnomalyRule> RuleAsync(Guid orgId, CancellationToken cancellationToken) => AnomalyRule.Parse(await alerts.RuleAsync(orgId, cancellationToken));

    /// <returns>What is wrong; empty when the rule holds.</returns>
    public async Task<string> SetRuleAsync(Guid orgId, AnomalyRule rule, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (rule.Mistake() is { } mistake) return mistake;
        await alerts.SetRuleAsync(orgId, rule.ToJson(), user, cancellationToken);
        await audit.AppendAsync(user, "rule of unusual activity set", $"org {orgId}", rule.ToJson(), cancellationToken);
        return "";
    }

    private static (string Settings, ChannelSecret Secret, string? NewKey) Mail(AlertChannelRow? known, ChannelWish wish, List<string> wrong)
    {
        var mail = wish.Mail ?? (known is null ? null : JsonSerializer.Deserialize<MailSettings>(known.Settings, JsonSerializerOptions.Web));
        if (mail is null)
        {
            wrong.Add("A mail channel wants mail: {host, port, security, from, to}.");
            return ("{}", new(), null);
        }
        if (string.IsNullOrWhiteSpace(mail.Host) || Uri.CheckHostName(mail.Host) is UriHostNameType.Unknown) wrong.Add("The mail server's host is missing or is none.");
        if (mail.Port is < 1 or > 65_535) wrong.Add("The mail server's port is 1 to 65535.");
        if (mail.Security is not ("tls" or "startTls" or "none")) wrong.Add("The security of mail is tls, startTls or none.");
        if (mail.Security is "none" && !string.IsNullOrEmpty(mail.User)) wrong.Add("A password is not sent over an unencrypted connection: choose tls or startTls.");
        if (!MailAddress.TryCreate(mail.From, out _)) wrong.Add($"'{mail.From}' is no mail address.");
        if (mail.To is not { Length: > 0 and <= MostReceivers }) wrong.Add($"A mail has 1 to {MostReceivers} receivers.");
        wrong.AddRange((mail.To ?? []).Where(to => !MailAddress.TryCreate(to, out _)).Select(to => $"'{to}' is no mail address."));
        var old = known is null ? new() : ChannelSecret.Of(known);
        // A stored password goes to the server that it was given for, and to no other.
        if (wish.Password is null && old.Password is not null && JsonSerializer.Deserialize<MailSettings>(known!.Settings, JsonSerializerOptions.Web) is { } was
            && (mail.Host, mail.Port, mail.Security, mail.User) != (was.Host, was.Port, was.Security, was.User))
            wrong.Add("Another mail server or user wants its password again.");
        return (JsonSerializer.Serialize(mail, JsonSerializerOptions.Web), new ChannelSecret(Password: wish.Password ?? old.Password), null);
    }

    private (string Settings, ChannelSecret Secret, string? NewKey) Web(AlertChannelRow? known, ChannelWish wish, AlertChannelKind kind, List<string> wrong)
    {
        var old = known is null ? new() : ChannelSecret.Of(known);
        var url = old.Url;
        if (wish.Url is not null && !Uri.TryCreate(wish.Url, UriKind.Absolute, out url)) wrong.Add("The address is none.");
        if (url is null) wrong.Add("A webhook wants a url.");
        else if (url.UserInfo.Length > 0 || (url.Scheme != Uri.UriSchemeHttps && !(options.PrivateAddresses && url.Scheme == Uri.UriSchemeHttp))) wrong.Add("The address is of the form https://host/path.");
        else if (!options.PrivateAddresses && System.Net.IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && !PublicAddresses.IsPublic(address)) wrong.Add("The address is one of a private network.");
        if (wish.Key is { } typed && typed.Length is < ShortestKey or > LongestKey) wrong.Add($"A signing key has {ShortestKey} to {LongestKey} characters.");
        var fresh = kind is AlertChannelKind.Webhook && wish.Key is null && old.Key is null ? OneTimeSecret.New() : null;
        return (JsonSerializer.Serialize(new { host = url?.IdnHost }), new ChannelSecret(url, kind is AlertChannelKind.Webhook ? wish.Key ?? old.Key ?? fresh : null), fresh);
    }
}

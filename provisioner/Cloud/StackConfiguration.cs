using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>The stack's configuration, judged whole before the first resource.</summary>
internal static class StackConfiguration
{
    /// <exception cref="RunException">There are mistakes; the message lists every one of them.</exception>
    public static StackSettings Judged()
    {
        var judgement = SettingsJudge.Judge(Read(), TimeProvider.System.GetUtcNow());
        return judgement.Settings ?? throw new RunException(judgement.ToString());
    }

    /// <summary>The appliance's own keys that may be seen.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Clear => Own(secret: false);

    /// <summary>Those that may not.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Secrets => Own(secret: true);

    private static IEnumerable<KeyValuePair<string, string>> Own(bool secret)
    {
        var input = Read();
        var prefix = StackInput.Namespace + ":";
        return input.Values
            .Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal) && input.SecretKeys.Contains(v.Key) == secret)
            .Select(v => KeyValuePair.Create(v.Key[prefix.Length..], v.Value));
    }

    /// <summary>Pulumi's Config answers one key at a time and does not tell which are secret; both stand in the environment that it reads itself.</summary>
    private static StackInput Read() => StackInput.Parse(
        Deployment.Instance.StackName,
        Environment.GetEnvironmentVariable("PULUMI_CONFIG"),
        Environment.GetEnvironmentVariable("PULUMI_CONFIG_SECRET_KEYS"));
}

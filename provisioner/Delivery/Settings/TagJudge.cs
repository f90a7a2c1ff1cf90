using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Settings;

/// <summary>Tags as each cloud takes them, so that none is refused in the middle of a creation.</summary>
internal static partial class TagJudge
{
    /// <summary>AWS and Azure take 50 on a resource; ours need some of them.</summary>
    private const int Most = 40;

    public static ImmutableSortedDictionary<string, string> Judge(SettingValues values, Cloud? cloud)
    {
        var tags = values.Map("tags");
        if (tags.Count > Most) values.Report("tags", $"there are {tags.Count}; the clouds take 50 on a resource, and some of them are the program's own.", $"Keep at most {Most}.");
        foreach (var (name, value) in tags)
        {
            if (name.StartsWith("appliance", StringComparison.OrdinalIgnoreCase)) values.Report("tags", $"'{SettingReader.Printable(name)}' begins with appliance, as the program's own tags do.", "Name it otherwise.");
            var why = cloud switch
            {
                Cloud.Aws => name.StartsWith("aws:", StringComparison.OrdinalIgnoreCase) ? "names that begin with aws: belong to AWS."
                    : !AwsName().IsMatch(name) || !AwsValue().IsMatch(value) ? "AWS takes names to 128 and values to 256 letters, digits, spaces and _ . : / = + - @." : null,
                Cloud.Azure => name.Length is 0 or > 512 || value.Length > 256 || name.IndexOfAny(['<', '>', '%', '&', '\\', '?', '/']) >= 0 ? "Azure takes names to 512 characters without < > % & \\ ? /, and values to 256." : null,
                Cloud.Gcp => !GcpName().IsMatch(name) || !GcpValue().IsMatch(value) ? "GCP takes labels of lower-case letters, digits, _ and - only, to 63 characters, the name beginning with a letter." : null,
                Cloud.Host or null => null,
            };
            if (why is not null) values.Report("tags", $"'{SettingReader.Printable(name)}': {why}", "Change that tag.");
        }
        return tags;
    }

    [GeneratedRegex(@"\A[\p{L}\p{N} _.:/=+@-]{1,128}\z")]
    private static partial Regex AwsName();

    [GeneratedRegex(@"\A[\p{L}\p{N} _.:/=+@-]{0,256}\z")]
    private static partial Regex AwsValue();

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,62}\z")]
    private static partial Regex GcpName();

    [GeneratedRegex(@"\A[a-z0-9_-]{0,63}\z")]
    private static partial Regex GcpValue();
}

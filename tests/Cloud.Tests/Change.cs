namespace Cloud.Tests;

/// <summary>Settings as a test writes them: "key=value;key=value"; the value "-" takes the key away.</summary>
internal static class Change
{
    public static (string Key, string? Value)[] Of(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(c => c.Split('=', 2)).Select(c => (c[0], c[1] == "-" ? null : c[1]))];
}

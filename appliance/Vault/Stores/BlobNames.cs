using System.Buffers;

namespace Appliance.Vault;

internal static class BlobNames
{
    /// <summary>The last part of the name of an unfinished write begins so.</summary>
    public const string TemporaryPrefix = ".tmp-";

    private const int LongestName = 1000;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>True for a name that a store may use: this is also where leaving the root by ".." is refused.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > LongestName) return false;
        foreach (var range in name.Split('/'))
        {
            var part = name[range];
            if (part.IsEmpty || part.Length > 255 || part[0] == '.' || part.ContainsAnyExcept(Allowed)) return false;
        }
        return true;
    }

    public static string Checked(string name) =>
        IsWellFormed(name) ? name : throw new ArgumentException($"'{name}' is no name for a stored file.", nameof(name));
}

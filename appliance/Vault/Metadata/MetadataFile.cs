using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Appliance.Vault;

/// <summary>One file of the org's metadata, as a row of the list (FORMAT.md §11).</summary>
/// <param name="Path">In the package, such as classes/A.cls.</param>
/// <param name="ComponentId">Salesforce's; empty where the component has none.</param>
/// <param name="LastModifiedDate">Of the component, in Salesforce's words; empty where it has none.</param>
public sealed record MetadataFile(string Path, string Type, string FullName, string ComponentId, string LastModifiedDate, ContentReference Content)
{
    public static ImmutableArray<string> Columns { get; } = ["Id", "Path", "Type", "FullName", "ComponentId", "LastModifiedDate", "Content"];

    private const int LongestId = 255, LongestPath = 2000;
    private static readonly SearchValues<char> s_neverInPaths = SearchValues.Create("\\\u007f" + string.Concat(Enumerable.Range(0, 32).Select(i => (char)i)));

    public (string Type, string FullName) Component => (Type, FullName);

    public string Id => IdOf(Path);

    /// <summary>True for a path that stays in the folder into which it is written, whatever folder that is.</summary>
    public static bool IsSound(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty || path.Length > LongestPath || path.ContainsAny(s_neverInPaths)) return false;
        foreach (var range in path.Split('/'))
            if (path[range] is "" or "." or "..") return false;
        return path.Length < 2 || path[1] != ':';
    }

    public static string IdOf(string path) =>
        path[0] != '~' && path.AsSpan().IndexOfAny(",\"\r\n") < 0 && Encoding.UTF8.GetByteCount(path) <= LongestId ? path
            : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));

    public void WriteTo(SegmentWriter rows)
    {
        rows.BeginRow();
        foreach (var value in (ReadOnlySpan<string>)[Id, Path, Type, FullName, ComponentId, LastModifiedDate, Content.ToString()]) rows.Add(Encoding.UTF8.GetBytes(value));
        rows.EndRow();
    }

    internal static MetadataFile Of(StoredRecord row)
    {
        var path = row["Path"] ?? "";
        return IsSound(path) && IdOf(path) == row.Id && ContentReference.TryParse(row["Content"], out var content)
            ? new MetadataFile(path, row["Type"] ?? "", row["FullName"] ?? "", row["ComponentId"] ?? "", row["LastModifiedDate"] ?? "", content)
            : throw VaultException.Damaged(VaultNames.Segments + MetadataEntry.Name, $"the row '{row.Id}' of the list of metadata names no file");
    }
}

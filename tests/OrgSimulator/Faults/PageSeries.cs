using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrgSimulator;

/// <summary>Which pages are those of one query: of REST the ones that share a cursor, of Bulk the ones of a job.</summary>
internal static partial class PageSeries
{
    /// <summary>Whether a page other than the first is asked for.</summary>
    public static bool IsFollowing(string path) => Cursor().IsMatch(path)
        || path.IndexOf("locator=", StringComparison.OrdinalIgnoreCase) is var at and >= 0 && path[(at + 8)..] is { Length: > 0 } locator && !locator.StartsWith('&') && !locator.StartsWith("null", StringComparison.Ordinal);

    /// <summary>Whether any page is asked for, the first or another.</summary>
    public static bool IsPage(string path) => Query().IsMatch(path) || Of(path) is not null;

    /// <summary>The name of the series; null when the path is of none.</summary>
    public static string? Of(string path) => Job().Match(path) is { Success: true } job ? job.Groups[1].Value
        : Cursor().Match(path) is { Success: true } cursor ? cursor.Groups[1].Value : null;

    /// <summary>The same for an answer: the first page of a REST query names the cursor in its body.</summary>
    public static string? Of(string path, byte[] body) => Of(path)
        ?? (Query().IsMatch(path) ? Of(Next(body)) : null);

    /// <summary>Of the query itself: its children name cursors of their own.</summary>
    private static string Next(byte[] body)
    {
        using var page = JsonDocument.Parse(body);
        return page.RootElement.ValueKind == JsonValueKind.Object && page.RootElement.TryGetProperty("nextRecordsUrl", out var next) ? next.GetString() ?? "" : "";
    }

    [GeneratedRegex("/jobs/query/(750[0-9a-z]+)/results([?]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Job();

    [GeneratedRegex("/query(?:all)?/(01g[0-9a-z]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Cursor();

    [GeneratedRegex("/query(all)?/?([?]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Query();
}

using System.Text.Json;
using Appliance.Catalog;

namespace Appliance.Server.Pages;

/// <summary>The figures of a finished job's result document, with the names people use.</summary>
internal static class ResultLines
{
    private static readonly (string Member, string Label, bool Bytes)[] Known =
    [
        ("objects", "Objects", false), ("records", "Live records in the snapshot", false), ("recordsRead", "Records read", false), ("files", "Files", false),
        ("deletesSeen", "Deletions seen", false), ("undeleted", "Taken from the recycle bin", false), ("inserted", "Created", false), ("updated", "Updated", false),
        ("unchanged", "Left as they were", false), ("failed", "Failed", false),
    ];

    public static IReadOnlyList<(string Label, string Value)> Of(JobRow job)
    {
        if (string.IsNullOrEmpty(job.Result)) return [];
        var result = JsonElement.Parse(job.Result);
        var lines = new List<(string, string)>();
        foreach (var (member, label, bytes) in Known)
            if (Number(result, member) is { } number) lines.Add((label, bytes ? Wording.Bytes(number) : Wording.Count(number)));
        if (Number(result, "bytesText") is > 0 and { } text && Number(result, "bytesTextStored") is { } stored)
            lines.Add(("Text became smaller by", $"{Math.Max(0, 100 - 100.0 * stored / text):0.0} %"));
        return lines;
    }

    private static long? Number(JsonElement result, string member) =>
        result.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}

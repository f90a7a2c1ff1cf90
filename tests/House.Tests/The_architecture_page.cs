using System.Text.RegularExpressions;
using Xunit;

namespace House.Tests;

/// <summary>Also holds for every other page: a link that leads nowhere is worse than none.</summary>
public sealed partial class The_architecture_page
{
    public static TheoryData<string> Pages => [.. Repository.TrackedFiles.Where(f => f.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_only_to_files_that_are_there(string page)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(page))!;
        var dead = Link().Matches(File.ReadAllText(Repository.PathOf(page)))
            .Select(m => m.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, Uri.UnescapeDataString(target))));
        Assert.Empty(dead);
    }

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}

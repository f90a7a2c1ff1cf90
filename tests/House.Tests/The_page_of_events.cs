using System.Text.RegularExpressions;
using Xunit;

namespace House.Tests;

public sealed partial class The_page_of_events
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.PathOf("docs/events.md"));

    /// <summary>A new LoggerMessage wants a line in docs/events.md: <c>| id | level | message | what to do |</c>.</summary>
    [Fact]
    public void Lists_every_event_of_the_appliance_word_for_word()
    {
        var code = Repository.TrackedFiles.Where(f => f.StartsWith("appliance/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(f => Event().Matches(File.ReadAllText(Repository.PathOf(f))))
            .Select(m => $"| {m.Groups[1].Value} | {m.Groups[2].Value} | {Regex.Unescape(m.Groups[3].Value)} |").ToList();
        var page = Lines.Where(l => Row().IsMatch(l)).Select(l => string.Join('|', l.Split('|')[..4]) + "|").ToList();
        Assert.True(code.Count > 30);
        Assert.Equal(code.Order(StringComparer.Ordinal), page.Order(StringComparer.Ordinal));
        Assert.Equal(code.Count, code.Select(c => c.Split('|')[1]).Distinct().Count());
    }

    [Fact]
    public void Says_of_every_warning_and_error_what_to_do() =>
        Assert.All(Lines.Where(l => Row().IsMatch(l) && l.Split('|')[2].Trim() is "Warning" or "Error" or "Critical"), l => Assert.True(l.Split('|')[4].Trim().Length > 10, l));

    [GeneratedRegex("""LoggerMessage\((\d+),\s*LogLevel\.(\w+),\s*"((?:[^"\\]|\\.)*)"\)""")]
    private static partial Regex Event();

    [GeneratedRegex(@"^\| \d+ \|")]
    private static partial Regex Row();
}

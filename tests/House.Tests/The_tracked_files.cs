using System.Text.RegularExpressions;
using Xunit;

namespace House.Tests;

public sealed partial class The_tracked_files
{
    private static readonly string[] Binary = [".png", ".ico", ".woff2", ".zst", ".enc", ".gz", ".jpg"];

    private static readonly IReadOnlyList<(string Name, string Text)> Texts =
        [.. Repository.TrackedFiles.Where(f => !Binary.Contains(Path.GetExtension(f))).Select(f => (f, File.ReadAllText(Repository.PathOf(f))))];

    [Fact]
    public void Name_no_path_of_one_machine() => AssertNone(MachinePath());

    [Fact]
    public void Hold_no_secret() => AssertNone(Secret());

    [Fact]
    public void Hold_no_unfinished_mark() =>
        AssertNone(UnfinishedMark(), name => name.EndsWith(".cs", StringComparison.Ordinal) || name.EndsWith(".razor", StringComparison.Ordinal) || name.EndsWith(".sh", StringComparison.Ordinal));

    [Fact]
    public void Say_in_their_first_comment_why_they_are_longer_than_400_lines()
    {
        foreach (var (name, text) in Texts.Where(t => Path.GetExtension(t.Name) is ".cs" or ".razor" or ".css" or ".js" or ".sh" or ""))
        {
            if (name is "LICENSE" || text.AsSpan().Count('\n') <= 400) continue;
            var head = string.Join('\n', text.Split('\n').Take(12));
            Assert.True(Comment().IsMatch(head), $"{name} is long; its first comment should say why");
        }
    }

    [Fact]
    public void Are_free_of_attic_folders() =>
        Assert.DoesNotContain(Repository.TrackedFiles, f => f.Split('/')[..^1].Any(d => d is "Shared" or "Common" or "Core" or "Utils" or "Helpers" or "Abstractions" or "Infrastructure" or "Manager"));

    [Fact]
    public void Hold_shell_scripts_that_shellcheck_would_accept()
    {
        var scripts = Texts.Where(t => t.Text.StartsWith("#!/bin/sh", StringComparison.Ordinal) || t.Text.StartsWith("#!/usr/bin/env bash", StringComparison.Ordinal)).ToList();
        Assert.Contains(scripts, s => s.Name == "up");
        foreach (var (name, text) in scripts)
        {
            var (code, _, errors) = Repository.Run(text.StartsWith("#!/bin/sh", StringComparison.Ordinal) ? "sh" : "bash", ["-n", name]);
            Assert.True(code == 0, errors);
            Assert.Matches("(?m)^(set -e|exec )", text);
        }
    }

    private static void AssertNone(Regex pattern, Func<string, bool>? of = null) =>
        Assert.Empty(Texts.Where(t => of?.Invoke(t.Name) ?? true).SelectMany(t => pattern.Matches(t.Text).Select(m => $"{t.Name}: {m.Value}")));

    // The patterns are written so that they do not find themselves.
    [GeneratedRegex(@"/(wor[k]|far[m]|bash_job[s]|roo[t]|hom[e])/[\w.-]+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"-----BEGIN (RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}")]
    private static partial Regex Secret();

    [GeneratedRegex(@"\b(TOD[O]|FIXM[E]|HAC[K]|NotImplementedExceptio[n])\b|Skip\s*=\s*[""]")]
    private static partial Regex UnfinishedMark();

    [GeneratedRegex(@"(?m)^\s*(//|/\*|#|@\*|<!--)")]
    private static partial Regex Comment();
}

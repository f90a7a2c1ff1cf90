using System.Text.Json;
using Xunit;

namespace FrontDoor.Tests;

/// <summary>testssl of the distribution against the door, and the rules of an A+ (SSL Labs' guide) on what it measured.</summary>
public sealed class What_testssl_finds(RunningDoor door) : IClassFixture<RunningDoor>
{
    private sealed record Finding(string Id, string Severity, string Text);

    [Fact]
    public void Is_nothing_of_medium_or_worse_and_an_A_plus()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("NIGHTLY") is not null, "a long run: ./test --nightly");
        Assert.SkipUnless(File.Exists("/usr/bin/testssl"), "testssl.sh is not installed");
        var file = $"{door.Folder}/testssl.json";
        var (code, output, errors) = Repository.Run("testssl", "--add-ca", door.CaFile, "--ip", "127.0.0.1", "--warnings", "batch", "--color", "0", "--jsonfile", file, $"{RunningDoor.Name}:{door.Port}");
        Assert.True(File.Exists(file), $"{code} {output}{errors}");
        var findings = JsonElement.Parse(File.ReadAllText(file)).EnumerateArray().Select(f => new Finding(f.GetProperty("id").GetString()!, f.GetProperty("severity").GetString()!, f.GetProperty("finding").GetString()!)).ToList();
        var known = new[] { "OK", "INFO", "LOW", "WARN", "DEBUG" };     // WARN: testssl could not look; each of those is listed below
        Assert.All(findings, f => Assert.Contains(f.Severity, known));
        Assert.All(findings.Where(f => f.Severity == "WARN"), f => Assert.Contains(f.Id, new[] { "scanTime", "engine_problem", "old_fart" }));

        // The caps: no old protocol, forward secrecy and AEAD, a trusted chain for this name, HSTS of at least 180 days, none of the old attacks.
        foreach (var old in new[] { "SSLv2", "SSLv3", "TLS1", "TLS1_1" }) Assert.StartsWith("not offered", Of(old).Text, StringComparison.Ordinal);
        Assert.StartsWith("offered", Of("TLS1_2").Text, StringComparison.Ordinal);
        Assert.StartsWith("offered", Of("TLS1_3").Text, StringComparison.Ordinal);
        Assert.Equal("OK", Of("cert_chain_of_trust").Severity);
        Assert.Equal("OK", Of("cert_trust").Severity);
        Assert.Equal("OK", Of("HSTS_time").Severity);
        foreach (var attack in new[] { "heartbleed", "CCS", "ticketbleed", "ROBOT", "secure_renego", "secure_client_renego", "POODLE_SSL", "SWEET32", "FREAK", "DROWN", "LOGJAM", "BEAST", "RC4" })
            Assert.Contains(Of(attack).Severity, new[] { "OK", "INFO" });
        var grade = findings.SingleOrDefault(f => f.Id == "overall_grade")?.Text;
        TestContext.Current.SendDiagnosticMessage($"grade {grade}; {findings.Count} findings: {string.Join(", ", findings.GroupBy(f => f.Severity).Select(g => $"{g.Count()} {g.Key}"))}; {findings.SingleOrDefault(f => f.Id == "scanTime")?.Text} s");
        if (grade is not null) Assert.Equal("A+", grade);

        Finding Of(string id) => findings.FirstOrDefault(f => f.Id == id) ?? throw new InvalidOperationException($"testssl says nothing about {id}.");
    }
}

using PulumiEngine.Projects;

namespace PulumiEngine.Tests;

public sealed class Stack_files_are_read_as_pulumi_reads_them : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stack").FullName;

    [Fact]
    public void Settings_become_texts_and_secrets_are_known_by_name()
    {
        var file = Load("""
            # Before the first run:
            #   pulumi config set --secret licence
            #   pulumi config set --secret aws:token
            #   pulumi config set chain < chain.pem
            config:
              probe:size: 40
              probe:flag: true
              probe:account: "0123"
              probe:ratio: 1.5
              plain: text
              aws:region: eu-west-1
              probe:list: [a, "1", 2]
              probe:tags: { owner: crm, nested: { n: 1 } }
              probe:password: { secure: "local:hunter2" }
              probe:theirs: { secure: v1:abc:def }
              probe:mixed: { user: me, key: { secure: "local:k" } }
            """);
        Assert.Equal("40|true|0123|1.5|text|eu-west-1", string.Join('|', new[] { "probe:size", "probe:flag", "probe:account", "probe:ratio", "probe:plain", "aws:region" }.Select(k => file.Values[k])));
        Assert.Equal("""["a","1",2]""", file.Values["probe:list"]);
        Assert.Equal("""{"owner":"crm","nested":{"n":1}}""", file.Values["probe:tags"]);
        Assert.Equal("hunter2", file.Values["probe:password"]);
        Assert.Equal("""{"user":"me","key":"k"}""", file.Values["probe:mixed"]);
        Assert.Equal(["probe:mixed", "probe:password", "probe:theirs"], file.SecretKeys.Order(StringComparer.Ordinal));
        Assert.Equal(["probe:theirs"], file.UnreadableKeys);
        Assert.False(file.Values.ContainsKey("probe:theirs"));
        Assert.Equal([("aws:token", true), ("probe:chain", false), ("probe:licence", true)], file.Announced.Select(a => (a.Key, a.Value)).Order());
    }

    [Theory]
    [InlineData("config: [")]
    [InlineData("- a\n- b")]
    public void What_is_no_stack_file_is_refused(string text) => Assert.Matches("cannot be read|is no mapping", Assert.Throws<EngineException>(() => Load(text)).Message);

    [Fact]
    public void An_unknown_stack_lists_the_known_ones()
    {
        File.WriteAllText(Path.Combine(_folder, "Pulumi.yaml"), "name: probe\nruntime: dotnet\nmain: program\nstackConfigDir: stacks\nplugins: { providers: [{ name: acme, path: plugin }] }");
        Directory.CreateDirectory(Path.Combine(_folder, "stacks"));
        foreach (var stack in new[] { "one", "two" }) File.WriteAllText(Path.Combine(_folder, "stacks", $"Pulumi.{stack}.yaml"), "config: {}");
        var project = ProjectFile.Load(_folder);
        Assert.Equal(("probe", Path.Combine(_folder, "program"), Path.Combine(_folder, "plugin")), (project.Name, project.ProgramFolder, project.ProviderFolders["acme"]));
        Assert.Equal("There is no stack 'three'. Known are: one, two.", Assert.Throws<EngineException>(() => project.StackFileOf("three")).Message);
        Assert.Throws<EngineException>(() => project.StackFileOf("../stacks/one"));
    }

    [Theory]
    [InlineData("preview|one|--config|a", "'a' is not KEY=VALUE.")]
    [InlineData("preview|one|--config", "--config lacks its value.")]
    [InlineData("preview|one|--colour", "Unknown option '--colour'.")]
    [InlineData("preview", "What shall be done, and to which stack?")]
    [InlineData("deploy|one", "'deploy one' is not understood.")]
    public void A_wrong_command_line_is_refused(string line, string cause) => Assert.Equal(cause, Assert.Throws<EngineException>(() => CommandLine.Parse(line.Split('|'))).Cause);

    private StackFile Load(string text)
    {
        var path = Path.Combine(_folder, "Pulumi.dev.yaml");
        File.WriteAllText(path, text);
        return StackFile.Load(path, "probe");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ExampleStacks;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

/// <summary>The page and the schema are written from the table. WRITE_PAGES=1 writes them anew.</summary>
public sealed partial class The_settings_pages
{
    private const string Begin = "<!-- keys: written from the table, do not edit -->\n", End = "<!-- end of keys -->";
    private static readonly string Page = Path.Combine(RepositoryFolder.Root, "stacks", "README.md");
    private static readonly string Schema = Path.Combine(RepositoryFolder.Root, "stacks", "settings.schema.json");

    [Fact]
    public void List_every_key_once_and_as_the_table_has_it()
    {
        var text = File.ReadAllText(Page);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var expected = "\n" + SettingsPages.Markdown() + "\n";
        if (Environment.GetEnvironmentVariable("WRITE_PAGES") is not null) File.WriteAllText(Page, text = text[..from] + expected + text[to..]);
        else Assert.Equal(expected, text[from..to]);
        foreach (var key in SettingKeys.All) Assert.Single(KeyRow().Matches(text), m => m.Groups[1].Value == key.Name);
    }

    [Fact]
    public void Give_editors_the_same_keys()
    {
        if (Environment.GetEnvironmentVariable("WRITE_PAGES") is not null) File.WriteAllText(Schema, SettingsPages.Schema());
        Assert.Equal(SettingsPages.Schema(), File.ReadAllText(Schema));
        var known = JsonNode.Parse(File.ReadAllText(Schema))!["properties"]!["config"]!["properties"]!.AsObject();
        foreach (var stack in ExampleStack.All)
            Assert.All(stack.Input.Values.Keys, k => Assert.True(known.ContainsKey(k), k));
    }

    [Fact]
    public void Name_no_key_that_is_not_there()
    {
        var names = SettingKeys.All.Select(k => k.Name).ToHashSet();
        Assert.Equal(names.Count, SettingKeys.All.Length);
        foreach (var where in SettingKeys.All.SelectMany(k => k.Only.Concat(k.Required ?? [])))
        {
            Assert.Contains(where.Key, names);
            Assert.All(where.Values, v => Assert.Contains(v, SettingKeys.ByName[where.Key].Choices));
        }
    }

    [Fact]
    public void Give_examples_and_defaults_that_are_good_themselves()
    {
        foreach (var key in SettingKeys.All)
            foreach (var text in new[] { key.Default, key.Name == "sshPublicKey" ? null : key.Example }.OfType<string>())
                Assert.Null(SettingReader.Read(key, text, key.Forms.FirstOrDefault()?.Cloud).Reason);
    }

    [GeneratedRegex(@"(?m)^\| `(\w+)` \|")]
    private static partial Regex KeyRow();
}

using System.Xml.Linq;
using Xunit;

namespace House.Tests;

public sealed class The_solution
{
    /// <summary>What each project may reference. A new project is entered here with its reason to exist: the compiler must forbid something.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Appliance.Salesforce"] = [],
        ["Appliance.Vault"] = [],
        ["Appliance.Catalog"] = [],
        ["Appliance.Engine"] = ["Appliance.Salesforce", "Appliance.Vault", "Appliance.Catalog"],
        ["Appliance.Server"] = ["Appliance.Engine"],
        ["Appliance.Cli"] = ["Appliance.Engine", "Appliance.Vault", "Appliance.Catalog"],     // the reader of a vault uses the second alone
        ["OrgSimulator"] = [],      // a Salesforce that knew our client would agree with its mistakes
        ["Demo"] = [],              // judges the appliance from outside
        ["Certificates"] = [],      // runs on the host, alone: neither Pulumi nor SSH
        ["Delivery"] = ["Certificates"],          // settings, pre-flight, rendering: everything of a deployment that is not Pulumi
        ["Cloud"] = ["Delivery"],   // the only one that knows Pulumi
        ["Provider"] = ["Delivery"],
        ["Cli"] = ["Delivery"],     // `provisioner`
    };

    private static readonly IReadOnlyList<string> Projects = [.. Repository.TrackedFiles.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal))];

    [Fact]
    public void Lists_every_project()
    {
        var listed = File.ReadAllText(Repository.PathOf("Appliance.sln")).Replace('\\', '/');
        Assert.NotEmpty(Projects);
        Assert.All(Projects, p => Assert.Contains($"\"{p}\"", listed, StringComparison.Ordinal));
    }

    [Fact]
    public void Lets_dependencies_point_one_way_only()
    {
        foreach (var project in Projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var references = References(project);
            if (Arrows.TryGetValue(name, out var allowed)) Assert.Empty(references.Except(allowed).Select(r => $"{name} → {r}"));
            else Assert.True(project.StartsWith("tests/", StringComparison.Ordinal), $"{project} has no entry in the table of arrows");
        }
    }

    [Fact]
    public void Keeps_test_projects_out_of_the_product()
    {
        foreach (var project in Projects.Where(p => !p.StartsWith("tests/", StringComparison.Ordinal)))
            Assert.DoesNotContain("tests/", File.ReadAllText(Repository.PathOf(project)).Replace('\\', '/'), StringComparison.Ordinal);
    }

    [Fact]
    public void Pins_package_versions_in_one_place_only()
    {
        foreach (var project in Projects)
            Assert.All(XDocument.Load(Repository.PathOf(project)).Descendants("PackageReference"), p => Assert.Null(p.Attribute("Version")));
        var pins = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion").Select(p => p.Attribute("Version")!.Value);
        Assert.All(pins, version => Assert.Matches(@"^[0-9][\w.-]*$", version));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Repository.PathOf(project)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
}

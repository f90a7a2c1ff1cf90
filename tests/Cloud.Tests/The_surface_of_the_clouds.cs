using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Xunit;

namespace Cloud.Tests;

/// <summary>The types that the program was built on, held against the property lists of the real providers' packages: an input that is one of two there must be one of two here.</summary>
public sealed class The_surface_of_the_clouds
{
    /// <summary>Text or an object, text or an enum. Where a list says text or another resource, the package for C# takes text alone. Azure and Google Cloud have none.</summary>
    [Fact]
    public void Of_AWS_has_a_union_where_the_real_package_has_one()
    {
        var model = Path.Combine(Repository.Root, "..", "shared", "data", "pulumi", "model-aws.json");
        Assert.SkipUnless(File.Exists(model), "../shared is absent, so there is no list of the providers' properties.");
        using var document = JsonDocument.Parse(File.ReadAllBytes(model));
        var unions = document.RootElement.GetProperty("resources").EnumerateArray().Where(r => r.GetProperty("token").GetString() is { Length: > 0 }).ToDictionary(r => r.GetProperty("token").GetString()!,
            r => r.GetProperty("inputs").EnumerateArray().Where(i => IsUnion(i.GetProperty("type"))).Select(i => i.GetProperty("name").GetString()!).ToHashSet());
        var folder = Path.GetDirectoryName(Repository.Program)!;
        var context = new AssemblyLoadContext("surface", isCollectible: true);
        context.Resolving += (_, wanted) => Path.Combine(folder, wanted.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        try
        {
            var (wrong, looked) = (new List<string>(), 0);
            foreach (var resource in context.LoadFromAssemblyPath(Path.Combine(folder, "Pulumi.Aws.dll")).GetExportedTypes())
            {
                var token = resource.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.Name.EndsWith("ResourceTypeAttribute", StringComparison.Ordinal))?.ConstructorArguments[0].Value as string;
                if (token is null || !unions.TryGetValue(token, out var expected)) continue;
                looked++;
                var arguments = resource.GetConstructors().SelectMany(c => c.GetParameters()).First(p => p.ParameterType.Name.EndsWith("Args", StringComparison.Ordinal)).ParameterType;
                foreach (var property in arguments.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    if (property.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.Name == "InputAttribute")?.ConstructorArguments[0].Value is not string input) continue;
                    var isUnion = property.PropertyType.Name.StartsWith("InputUnion", StringComparison.Ordinal);
                    if (isUnion != expected.Contains(input)) wrong.Add($"{arguments.Name}.{property.Name}: {(isUnion ? "a union here, none there" : "a union there, none here")}");
                }
            }
            Assert.Empty(wrong);
            Assert.InRange(looked, 5, 2000);
        }
        finally
        {
            context.Unload();
        }
    }

    private static bool IsUnion(JsonElement type) => type.GetProperty("k").GetString() == "union" && type.GetProperty("of").EnumerateArray().Any(member => member.GetProperty("k").GetString() is "obj" or "enum");
}

using System.Collections.Immutable;

namespace OrgSimulator.Metadata;

/// <summary>A component with the files that make it, by their paths in a package (classes/A.cls).</summary>
public sealed record Component(string Type, string FullName, ImmutableSortedDictionary<string, byte[]> Files, string Id, uint Created, uint Modified)
{
    public string FileName => Files.Keys.FirstOrDefault(path => !path.EndsWith("-meta.xml", StringComparison.Ordinal)) ?? Files.Keys.First();
}

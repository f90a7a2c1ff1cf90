using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Metadata;

/// <summary>How large components are: what the snapshot before knows, else what is usual. Wrong estimates cost a retrieve that is refused and asked for again in halves, nothing else.</summary>
public sealed class MetadataSizes
{
    /// <summary>Text becomes about an eighth in the zip; what does not compress is counted so often, so that one limit will do for both.</summary>
    private const int BinaryWeight = 8;

    private readonly Dictionary<(string Type, string FullName), (int Files, long Bytes)> _known = [];

    public void Know(MetadataFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (files, bytes) = _known.GetValueOrDefault(file.Component);
        _known[file.Component] = (files + 1, bytes + file.Content.Length);
    }

    public PlannedComponent Plan(MetadataComponent component, MetadataType type, bool guessed = false)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(type);
        var (files, bytes) = _known.TryGetValue((component.Type, component.FullName), out var known) ? known : (type.Suffix is null ? 6 : type.MetaFile ? 2 : 1, Usual(component.Type));
        return new PlannedComponent(
            component.Type, component.FullName, component.FileName, component.Id, component.LastModifiedDate, Math.Max(1, files), bytes * (IsBinary(component.Type) ? BinaryWeight : 1), guessed);
    }

    private static bool IsBinary(string type) => type is "StaticResource" or "Document" or "ContentAsset" or "Scontrol" or "WaveDataflow" or "ExperienceBundle";

    private static long Usual(string type) => type switch
    {
        "Profile" => 300_000,
        "PermissionSet" => 60_000,
        "CustomObject" => 60_000,
        "StaticResource" => 300_000,
        "Document" or "ContentAsset" => 150_000,
        "Translations" or "CustomLabels" => 200_000,
        "Layout" or "FlexiPage" or "ApexClass" or "AuraDefinitionBundle" or "LightningComponentBundle" => 20_000,
        "Flow" or "ExperienceBundle" => 60_000,
        _ => 6_000,
    };
}

namespace Pulumi;

/// <summary>How the engine treats a resource, beside its inputs.</summary>
public abstract class ResourceOptions
{
    public Input<string>? Id { get; set; }

    public string? Urn { get; set; }

    public Resource? Parent { get; set; }

    public InputList<Resource> DependsOn { get => field ??= []; set; }

    public bool? Protect { get; set; }

    public List<string> IgnoreChanges { get => field ??= []; set; }

    public List<string> ReplaceOnChanges { get => field ??= []; set; }

    public string? Version { get; set; }

    public string? PluginDownloadURL { get; set; }

    public ProviderResource? Provider { get; set; }

    public CustomTimeouts? CustomTimeouts { get; set; }

    public List<ResourceTransformation> ResourceTransformations { get => field ??= []; set; }

    public List<Input<Alias>> Aliases { get => field ??= []; set; }

    public bool? RetainOnDelete { get; set; }

    public Resource? DeletedWith { get; set; }

    /// <summary>Lists of both, one after the other; of everything else the second's value, where it has one.</summary>
    private protected static void Merge(ResourceOptions into, ResourceOptions? first, ResourceOptions? second)
    {
        into.Id = second?.Id ?? first?.Id;
        into.Urn = second?.Urn ?? first?.Urn;
        into.Parent = second?.Parent ?? first?.Parent;
        into.Protect = second?.Protect ?? first?.Protect;
        into.Version = second?.Version ?? first?.Version;
        into.PluginDownloadURL = second?.PluginDownloadURL ?? first?.PluginDownloadURL;
        into.Provider = second?.Provider ?? first?.Provider;
        into.CustomTimeouts = second?.CustomTimeouts ?? first?.CustomTimeouts;
        into.RetainOnDelete = second?.RetainOnDelete ?? first?.RetainOnDelete;
        into.DeletedWith = second?.DeletedWith ?? first?.DeletedWith;
        foreach (var from in new[] { first, second })
        {
            if (from is null) continue;
            into.DependsOn.AddRange(from.DependsOn.Clone());
            into.IgnoreChanges.AddRange(from.IgnoreChanges);
            into.ReplaceOnChanges.AddRange(from.ReplaceOnChanges);
            into.ResourceTransformations.AddRange(from.ResourceTransformations);
            into.Aliases.AddRange(from.Aliases);
        }
    }
}

public sealed class CustomResourceOptions : ResourceOptions
{
    public bool? DeleteBeforeReplace { get; set; }

    public List<string> AdditionalSecretOutputs { get => field ??= []; set; }

    public string? ImportId { get; set; }

    public static CustomResourceOptions Merge(CustomResourceOptions? options1, CustomResourceOptions? options2)
    {
        var merged = new CustomResourceOptions
        {
            DeleteBeforeReplace = options2?.DeleteBeforeReplace ?? options1?.DeleteBeforeReplace,
            ImportId = options2?.ImportId ?? options1?.ImportId,
            AdditionalSecretOutputs = [.. options1?.AdditionalSecretOutputs ?? [], .. options2?.AdditionalSecretOutputs ?? []],
        };
        Merge(merged, options1, options2);
        return merged;
    }
}

public sealed class ComponentResourceOptions : ResourceOptions
{
    /// <summary>For the resources below the component that name it as their parent, by package.</summary>
    public List<ProviderResource> Providers { get => field ??= []; set; }

    public static ComponentResourceOptions Merge(ComponentResourceOptions? options1, ComponentResourceOptions? options2)
    {
        var merged = new ComponentResourceOptions { Providers = [.. options1?.Providers ?? [], .. options2?.Providers ?? []] };
        Merge(merged, options1, options2);
        return merged;
    }
}

/// <summary>How long a deed of the provider may take.</summary>
public sealed class CustomTimeouts
{
    public TimeSpan? Create { get; set; }

    public TimeSpan? Update { get; set; }

    public TimeSpan? Delete { get; set; }
}

/// <summary>Another name that the resource had, so that renaming it replaces nothing. Either the whole URN or the parts that differ.</summary>
public sealed class Alias
{
    public string? Urn { get; set; }

    public Input<string>? Name { get; set; }

    public Input<string>? Type { get; set; }

    public Input<string>? Stack { get; set; }

    public Input<string>? Project { get; set; }

    public Resource? Parent { get; set; }

    public Input<string>? ParentUrn { get; set; }

    public bool NoParent { get; set; }
}

/// <summary>How a function of a provider is called.</summary>
public class InvokeOptions
{
    public Resource? Parent { get; set; }

    public ProviderResource? Provider { get; set; }

    public string? Version { get; set; }

    public string? PluginDownloadURL { get; set; }
}

/// <summary>How a function is called whose answer is an output.</summary>
public sealed class InvokeOutputOptions : InvokeOptions
{
    public InputList<Resource> DependsOn { get => field ??= []; set; }
}

public delegate ResourceTransformationResult? ResourceTransformation(ResourceTransformationArgs args);

public readonly struct ResourceTransformationArgs(Resource resource, ResourceArgs args, ResourceOptions options)
{
    public Resource Resource { get; } = resource;

    public ResourceArgs Args { get; } = args;

    public ResourceOptions Options { get; } = options;
}

public readonly struct ResourceTransformationResult(ResourceArgs args, ResourceOptions options)
{
    public ResourceArgs Args { get; } = args;

    public ResourceOptions Options { get; } = options;
}

namespace Pulumi;

/// <summary>Something that the engine keeps: a cloud's object, or a group of such. Constructing it registers it.</summary>
public abstract class Resource
{
    private readonly string _type;
    private readonly string _name;
    private readonly Dictionary<string, ProviderResource> _providers = [];
    private readonly List<Resource> _children = [];

    private protected Resource(string type, string name, bool custom, ResourceArgs args, ResourceOptions options, bool remote = false)
    {
        if (string.IsNullOrEmpty(type)) throw new ArgumentException("A resource needs a type.", nameof(type));
        if (string.IsNullOrEmpty(name)) throw new ArgumentException("A resource needs a name.", nameof(name));
        (_type, _name, IsCustom, IsRemote) = (type, name, custom, remote);

        var deployment = Deployment.Required;
        Parent = this is Stack ? null : options.Parent ?? deployment.Stack;
        for (var ancestor = this; ancestor is not null; ancestor = ancestor.Parent)
            foreach (var transformation in ancestor == this ? options.ResourceTransformations : ancestor.Transformations)
                if (transformation(new ResourceTransformationArgs(this, args, options)) is { } result) (args, options) = (result.Args, result.Options);
        Transformations = options.ResourceTransformations;

        if (Parent is not null)
        {
            lock (Parent._children) Parent._children.Add(this);
            foreach (var (package, provider) in Parent._providers) _providers[package] = provider;
        }
        if (options is ComponentResourceOptions component)
            foreach (var provider in component.Providers) _providers[provider.Package] = provider;
        if (!custom && options.Provider is { } given) _providers[given.Package] = given;
        Provider = custom && this is not ProviderResource ? options.Provider ?? _providers.GetValueOrDefault(type.Split(':')[0]) : options.Provider;

        Protect = options.Protect ?? Parent?.Protect;

        deployment.Begin(this, args, options);
    }

    [Output("urn")]
    public Output<string> Urn { get; private protected set; } = null!;

    internal bool IsCustom { get; }

    internal bool IsRemote { get; }

    internal Resource? Parent { get; }

    internal ProviderResource? Provider { get; }

    /// <summary>Its own, else its parent's; null where nobody has said anything.</summary>
    internal bool? Protect { get; }

    internal IReadOnlyDictionary<string, ProviderResource> Providers => _providers;

    private List<ResourceTransformation> Transformations { get; } = [];

    internal Resource[] Children()
    {
        lock (_children) return [.. _children];
    }

    public string GetResourceType() => _type;

    public string GetResourceName() => _name;
}

/// <summary>A resource that a provider makes and keeps: it has an id.</summary>
public class CustomResource : Resource
{
    public CustomResource(string type, string name, ResourceArgs? args, CustomResourceOptions? options = null)
        : base(type, name, custom: true, args ?? ResourceArgs.Empty, options ?? new CustomResourceOptions()) { }

    [Output("id")]
    public Output<string> Id { get; private protected set; } = null!;
}

/// <summary>A configured provider. Resources name it by their options or inherit it from a component.</summary>
public class ProviderResource : CustomResource
{
    public ProviderResource(string package, string name, ResourceArgs args, CustomResourceOptions? options = null)
        : base($"pulumi:providers:{package}", name, args, options) { }

    internal string Package => GetResourceType().Split(':')[2];
}

/// <summary>A group of resources under one name. It has no provider; its children name it as their parent.</summary>
public class ComponentResource : Resource
{
    public ComponentResource(string type, string name, ComponentResourceOptions? options = null) : this(type, name, ResourceArgs.Empty, options) { }

    public ComponentResource(string type, string name, ResourceArgs? args, ComponentResourceOptions? options = null, bool remote = false)
        : base(type, name, custom: false, args ?? ResourceArgs.Empty, options ?? new ComponentResourceOptions(), remote) { }

    protected void RegisterOutputs() => RegisterOutputs(new Dictionary<string, object?>());

    protected void RegisterOutputs(IDictionary<string, object?> outputs) => RegisterOutputs(Output.Create(outputs));

    protected void RegisterOutputs(Task<IDictionary<string, object?>> outputs) => RegisterOutputs(Output.Create(outputs));

    protected void RegisterOutputs(Output<IDictionary<string, object?>> outputs) => Deployment.Required.RegisterOutputs(this, outputs);
}

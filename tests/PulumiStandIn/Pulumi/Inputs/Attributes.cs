namespace Pulumi;

/// <summary>A member that is sent to the engine, under this name.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class InputAttribute(string name, bool required = false, bool json = false) : Attribute
{
    internal string Name { get; } = name;

    internal bool IsRequired { get; } = required;

    /// <summary>The value travels as JSON text: a provider's inputs that are no strings.</summary>
    internal bool Json { get; } = json;
}

/// <summary>A property of a resource that the engine answers, or an output of a stack.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OutputAttribute(string? name = null) : Attribute
{
    public string? Name { get; } = name;
}

/// <summary>A class that answers are read into, through its constructor marked with <see cref="OutputConstructorAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class OutputTypeAttribute : Attribute;

[AttributeUsage(AttributeTargets.Constructor)]
public sealed class OutputConstructorAttribute : Attribute;

/// <summary>On a parameter of an output constructor whose name is not the wire's.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OutputConstructorParameterAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>A struct of named values that travels as its string (or number), by its explicit conversion.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class EnumTypeAttribute : Attribute;

/// <summary>The type token of a resource class and the version of its package.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class ResourceTypeAttribute(string type, string version) : Attribute
{
    public string Type { get; } = type;

    public string Version { get; } = version;
}

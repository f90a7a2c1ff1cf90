namespace Pulumi.Azure;

/// <summary>What the official package Pulumi.Azure sends with each resource and function: the version of the provider that it was made for.</summary>
internal static class Package
{
    public const string Version = "6.39.0";

    public static CustomResourceOptions Options(CustomResourceOptions? options, params string[] secretOutputs)
    {
        var own = new CustomResourceOptions { Version = Version };
        own.AdditionalSecretOutputs.AddRange(secretOutputs);
        return CustomResourceOptions.Merge(own, options);
    }

    /// <summary>Some arguments are secret whatever the program says.</summary>
    public static Input<string>? Secret(Input<string>? value) => value is null ? null : (Input<string>)Output.Tuple(value, (Input<int>)Output.CreateSecret(0)).Apply(t => t.Item1);

    public static InvokeOptions Invoke(InvokeOptions? options)
    {
        options ??= new InvokeOptions();
        options.Version ??= Version;
        return options;
    }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class AzureResourceTypeAttribute(string type) : ResourceTypeAttribute(type, Package.Version);

namespace Pulumi.Aws;

/// <summary>What the official package Pulumi.Aws sends with each resource and function: the version of the provider that it was made for.</summary>
internal static class Package
{
    public const string Version = "7.48.0";

    public static CustomResourceOptions Options(CustomResourceOptions? options, params string[] secretOutputs)
    {
        var own = new CustomResourceOptions { Version = Version };
        own.AdditionalSecretOutputs.AddRange(secretOutputs);
        return CustomResourceOptions.Merge(own, options);
    }

    public static InvokeOptions Invoke(InvokeOptions? options)
    {
        options ??= new InvokeOptions();
        options.Version ??= Version;
        return options;
    }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class AwsResourceTypeAttribute(string type) : ResourceTypeAttribute(type, Package.Version);

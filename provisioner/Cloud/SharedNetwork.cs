using Pulumi;

namespace Provisioner.Cloud;

/// <summary>The vendor's network, which many stacks of a fleet stand in; a stack of its own makes it and gives its names as outputs.</summary>
internal static class SharedNetwork
{
    public static (Output<string> Network, Output<string> Subnet) Of(string stack, Site site)
    {
        var shared = new StackReference(stack, options: new CustomResourceOptions { Parent = site.Parent });
        return (Text("networkId"), Text("subnetId"));

        Output<string> Text(string output) => shared.RequireOutput(output).Apply(value => value as string
            ?? throw new RunException($"The stack {stack} gives no text as its output {output}; appliance:sharedNetwork must name a stack that does."));
    }
}

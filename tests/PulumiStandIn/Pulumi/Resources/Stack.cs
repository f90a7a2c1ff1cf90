using System.Reflection;

namespace Pulumi;

public class StackOptions
{
    public List<ResourceTransformation> ResourceTransformations { get => field ??= []; set; }
}

/// <summary>The root of all resources. A program derives from it; its properties marked with <see cref="OutputAttribute"/> are the stack's outputs.</summary>
public class Stack : ComponentResource
{
    internal const string Token = "pulumi:pulumi:Stack";

    public Stack(StackOptions? options = null)
        : base(Token, $"{Deployment.Required.ProjectName}-{Deployment.Required.StackName}", new ComponentResourceOptions { ResourceTransformations = options?.ResourceTransformations ?? [] }) =>
        Deployment.Required.Stack = this;

    /// <summary>What the properties marked as outputs hold, once the program's constructor has run.</summary>
    /// <exception cref="RunException">A marked property is no output, or was left empty.</exception>
    internal IDictionary<string, object?> Outputs()
    {
        var outputs = new Dictionary<string, object?>();
        var wrong = new List<string>();
        foreach (var property in GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (property.DeclaringType is not { } declarer || declarer.IsAssignableFrom(typeof(Stack))) continue;
            if (property.GetCustomAttribute<OutputAttribute>() is not { } output) continue;
            var value = property.GetValue(this);
            if (value is not (IOutput or null) || !typeof(IOutput).IsAssignableFrom(property.PropertyType)) wrong.Add($"{property.Name} is not an Output<>");
            else if (value is null) wrong.Add($"{property.Name} was never assigned");
            outputs[output.Name ?? property.Name] = value;
        }
        return wrong.Count == 0 ? outputs : throw new RunException($"The stack's outputs cannot be read: {string.Join("; ", wrong)}.");
    }
}

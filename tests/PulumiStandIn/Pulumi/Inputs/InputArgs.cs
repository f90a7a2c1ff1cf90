using System.Collections.Immutable;
using System.Reflection;

namespace Pulumi;

/// <summary>The base of everything whose members marked with <see cref="InputAttribute"/> travel to the engine.</summary>
public abstract class InputArgs
{
    /// <summary>The members that are set, by their wire names. A required member that is missing is refused here, before the engine hears of it.</summary>
    /// <exception cref="ArgumentNullException">A required member is null; its wire name is the parameter's.</exception>
    internal virtual IReadOnlyDictionary<string, (object? Value, bool Json)> Members()
    {
        var members = new Dictionary<string, (object?, bool)>();
        for (var type = GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var member in type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (member.GetCustomAttribute<InputAttribute>() is not { } input) continue;
                var value = member is FieldInfo field ? field.GetValue(this) : ((PropertyInfo)member).GetValue(this);
                if (value is null && input.IsRequired) throw new ArgumentNullException(input.Name);
                if (value is not null) members.TryAdd(input.Name, (value, input.Json));
            }
        return members;
    }
}

/// <summary>What a resource takes.</summary>
public abstract class ResourceArgs : InputArgs
{
    public static readonly ResourceArgs Empty = new NoArgs();

    private sealed class NoArgs : ResourceArgs;
}

/// <summary>What a function of a provider takes.</summary>
public abstract class InvokeArgs : InputArgs
{
    public static readonly InvokeArgs Empty = new NoArgs();

    private sealed class NoArgs : InvokeArgs;
}

/// <summary>What a resource takes, untyped.</summary>
public sealed class DictionaryResourceArgs(ImmutableDictionary<string, object?> dictionary) : ResourceArgs
{
    internal override IReadOnlyDictionary<string, (object? Value, bool Json)> Members() => dictionary.ToDictionary(p => p.Key, p => (p.Value, false));
}

/// <summary>What a function takes, untyped.</summary>
public sealed class DictionaryInvokeArgs(ImmutableDictionary<string, object?> dictionary) : InvokeArgs
{
    internal override IReadOnlyDictionary<string, (object? Value, bool Json)> Members() => dictionary.ToDictionary(p => p.Key, p => (p.Value, false));
}

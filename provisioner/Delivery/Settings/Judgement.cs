using System.Collections.Immutable;

namespace Provisioner.Delivery.Settings;

/// <summary>The verdict over a stack's configuration.</summary>
/// <param name="Settings">Null when there is any mistake.</param>
public sealed record Judgement(StackSettings? Settings, ImmutableArray<SettingsMistake> Mistakes)
{
    /// <summary>All mistakes as a text for people; empty when there is none.</summary>
    public override string ToString() => Mistakes.IsEmpty
        ? ""
        : $"{Mistakes.Length} mistake{(Mistakes.Length == 1 ? "" : "s")} in the stack's settings; nothing was created:\n"
            + string.Join('\n', Mistakes.Select(m => "  " + m));
}

/// <param name="Key">Full key, such as "appliance:storageSize".</param>
/// <param name="Value">What stands there; "[secret]" for secrets; null when nothing does.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
public sealed record SettingsMistake(string Key, string? Value, string Reason, string Remedy)
{
    public override string ToString() => Value is null ? $"{Key}: {Reason} {Remedy}" : $"{Key} = {Value}: {Reason} {Remedy}";
}

using System.Collections.Immutable;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>Which of the given fields differ between a record as wanted and as it is, seen through the Ids that changed or will change.</summary>
public sealed class FieldComparison(ImmutableArray<FieldDescribe> fields, IdMap map, IReadOnlySet<string> recreated)
{
    public ImmutableArray<string> Differing(StoredRecord wanted, StoredRecord current) =>
        [.. fields.Where(f => Differs(f, wanted[f.Name], current[f.Name])).Select(f => f.Name)];

    private bool Differs(FieldDescribe field, string? wanted, string? current)
    {
        if (field.Type != "reference" || string.IsNullOrEmpty(wanted)) return !Same(wanted, current);
        return recreated.Contains(wanted) || !Same(map.Resolve(wanted), current);   // a parent that gets a new Id must be pointed at again
    }

    private static bool Same(string? a, string? b) => string.IsNullOrEmpty(a) ? string.IsNullOrEmpty(b) : a == b;
}

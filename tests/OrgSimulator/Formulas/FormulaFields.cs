using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Formulas;

/// <summary>Gives every formula field of the org its function.</summary>
public static class FormulaFields
{
    /// <summary>Formulas over formulas, through lookups that form a ring: deeper than the platform allows any formula to reach.</summary>
    private const int DeepestChain = 20;

    [ThreadStatic]
    private static int _depth;

    /// <summary>What is not understood leaves its field empty, which a warning says.</summary>
    public static void Compile(OrgStore store, TextWriter warnings)
    {
        foreach (var type in store.Schema.Objects)
            foreach (var field in type.AllFields)
            {
                if (field is { Source: FieldSource.Formula, Formula: { } formula }) field.Compute = Compile(store, type, field, formula, warnings, "the field stays empty");
                if (field.DefaultFormula is { } given) field.ComputeDefault = Compile(store, type, field, given, warnings, "new records get no default there");
            }
    }

    private static Func<Row, string?>? Compile(OrgStore store, ObjectType type, Field field, string formula, TextWriter warnings, string consequence)
    {
        try
        {
            var evaluate = FormulaParser.Parse(store, type, formula, field.BlanksAreZero);
            return row =>
            {
                if (_depth >= DeepestChain) return null;
                _depth++;
                try
                {
                    return FormulaValue.Store(field, evaluate(row));
                }
                finally
                {
                    _depth--;
                }
            };
        }
        catch (FormulaException problem)
        {
            warnings.WriteLine($"warning: {type.Name}.{field.Name}: its formula is left out, {problem.Message}; {consequence}");
            return null;
        }
    }
}

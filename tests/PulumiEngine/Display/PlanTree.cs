using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Deploying;
using PulumiEngine.Values;

namespace PulumiEngine.Display;

/// <summary>A run as a tree of resources, the way `pulumi preview` shows one.</summary>
public static class PlanTree
{
    public static string Of(EngineResult result, string stack)
    {
        var preview = result.Kind == "preview";
        var text = new StringBuilder();
        text.Append(preview ? "Preview" : char.ToUpperInvariant(result.Kind[0]) + result.Kind[1..]).Append(" of stack '").Append(stack).Append("': ").Append(LocalEngine.About).Append(".\n\n");
        var steps = result.Steps.Where(s => !s.IsDefaultProvider).ToList();
        var rows = new List<(string Sign, string Name, string Type, string Plan)>();
        var known = steps.Select(s => s.Urn).ToHashSet();
        foreach (var root in steps.Where(s => s.Parent.Length == 0 || !known.Contains(s.Parent)).DistinctBy(s => (s.Urn, s.Operation))) Add(root, "", "");
        var (wide, middle) = (rows.Select(r => r.Type.Length).Append(4).Max(), rows.Select(r => r.Name.Length).Append(4).Max());
        if (rows.Count > 0) text.Append($"     {"Type".PadRight(wide)}  {"Name".PadRight(middle)}  {(preview ? "Plan" : "Done")}\n");
        foreach (var row in rows) text.Append($" {row.Sign,-3} {row.Type.PadRight(wide)}  {row.Name.PadRight(middle)}  {row.Plan}".TrimEnd()).Append('\n');
        AppendLogs(text, result);
        AppendOutputs(text, result.Outputs);
        text.Append('\n').Append(Sum(result, preview)).Append('\n');
        return text.ToString();

        void Add(Step step, string indent, string childIndent)
        {
            rows.Add((Sign(step), step.Name, indent + step.Type, Plan(step)));
            var children = steps.Where(s => s.Parent == step.Urn && s != step).DistinctBy(s => (s.Urn, s.Operation))
                .OrderBy(s => s.Type, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal).ToList();     // the program names them in no order that would come twice
            if (steps.First(s => s.Urn == step.Urn) != step) return;    // a second step of the same resource repeats no children
            for (var i = 0; i < children.Count; i++)
            {
                var last = i == children.Count - 1;
                Add(children[i], childIndent + (last ? "└─ " : "├─ "), childIndent + (last ? "   " : "│  "));
            }
        }
    }

    private static string Sign(Step step) => step.Error.Length > 0 ? "!" : step.Operation switch
    {
        Operation.Create => "+",
        Operation.Update => "~",
        Operation.Replace => "+-",
        Operation.Delete => "-",
        Operation.Import => "=",
        Operation.Read => ">",
        Operation.Refresh => step.Changed.Count > 0 ? "~" : "",
        Operation.Same => "",
        _ => "",
    };

    private static string Plan(Step step)
    {
        if (step.Operation is Operation.Same || step is { Operation: Operation.Refresh, Changed.Count: 0, Error.Length: 0 }) return "";
        var words = new List<string> { step.Operation.ToString().ToLowerInvariant() };
        if (step.Changed.Count > 0) words.Add($"[{string.Join(", ", step.Changed.Select(c => step.Replacing.Contains(c) ? c + "!" : c))}]");
        if (step.Retained) words.Add("(kept where it is)");
        if (step.OfReplaced) words.Add("(replaced)");
        if (step.Protect) words.Add("protected");
        if (step.Error.Length > 0) words.Add($"failed: {step.Error.Split('\n')[0]}");
        return string.Join(' ', words);
    }

    private static void AppendLogs(StringBuilder text, EngineResult result)
    {
        var shown = result.Logs.Where(l => l.Severity != Severity.Debug).ToList();
        if (shown.Count == 0) return;
        text.Append("\nDiagnostics:\n");
        foreach (var line in shown) text.Append($"  {line.Severity.ToString().ToLowerInvariant()}: {line.Message.ReplaceLineEndings("\n    ")}\n");
    }

    private static void AppendOutputs(StringBuilder text, Struct outputs)
    {
        if (outputs.Fields.Count == 0) return;
        text.Append("\nOutputs:\n");
        foreach (var (name, value) in outputs.Fields.OrderBy(f => f.Key, StringComparer.Ordinal)) text.Append($"  {name}: {Shown(value)}\n");
    }

    private static string Shown(Value value) => value switch
    {
        _ when PropertyValues.IsSecret(value) => SecretTexts.Blank,
        _ when PropertyValues.IsUnknown(value) => "(known after the run)",
        { KindCase: Value.KindOneofCase.StringValue } => value.StringValue.ReplaceLineEndings("\n    "),
        _ => JsonFormatter.Default.Format(PropertyValues.Map(value, v => PropertyValues.IsSecret(v) ? Value.ForString(SecretTexts.Blank) : PropertyValues.IsUnknown(v) ? Value.ForString("(known after the run)") : null)),
    };

    private static string Sum(EngineResult result, bool preview)
    {
        var counts = new (string Word, string Past, Operation Operation)[]
        {
            ("to create", "created", Operation.Create), ("to import", "imported", Operation.Import), ("to update", "updated", Operation.Update),
            ("to replace", "replaced", Operation.Replace), ("to delete", "deleted", Operation.Delete), ("drifted", "drifted", Operation.Refresh),
        };
        var parts = counts.Select(c => (c.Word, c.Past, Count: result.Changes.Count(s => s.Operation == c.Operation && !s.OfReplaced && s.Error.Length == 0))).Where(c => c.Count > 0)
            .Select(c => $"{c.Count} {(preview ? c.Word : c.Past)}").ToList();
        var same = result.Steps.Count(s => !s.IsDefaultProvider && !s.IsChange);
        var sum = parts.Count == 0 ? "no changes" : string.Join(", ", parts);
        return $"Resources: {sum}{(same > 0 ? $", {same} unchanged" : "")}{(result.Succeeded ? "" : "; failed")}";
    }
}

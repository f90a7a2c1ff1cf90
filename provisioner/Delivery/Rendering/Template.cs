using System.Text;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Rendering;

/// <summary>A text with {{names}} to be filled. A name alone on its line may become many lines, each indented as the name was.</summary>
internal static partial class Template
{
    /// <exception cref="InvalidOperationException">The text has a name without a value, or the other way round.</exception>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var filled = new StringBuilder();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (Alone().Match(line) is { Success: true } alone)
            {
                foreach (var part in Value(alone.Groups[2].Value).TrimEnd('\n').Split('\n'))
                    filled.Append(part.Length == 0 ? "" : alone.Groups[1].Value).Append(part).Append('\n');
            }
            else filled.Append(Name().Replace(line, m => OneLine(m.Groups[1].Value))).Append('\n');
        }
        var idle = values.Keys.Except(used).ToList();
        return idle.Count == 0 ? filled.ToString() : throw new InvalidOperationException($"The template has no place for {string.Join(", ", idle)}.");

        string Value(string name)
        {
            used.Add(name);
            return values.TryGetValue(name, out var value) ? value : throw new InvalidOperationException($"The template wants a value for {name}.");
        }

        string OneLine(string name) => Value(name) is var value && !value.Contains('\n', StringComparison.Ordinal)
            ? value : throw new InvalidOperationException($"{name} has several lines and stands within one.");
    }

    /// <summary>A file of templates/, as it was when the program was built.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(Template).Assembly.GetManifestResourceStream("templates/" + name) ?? throw new InvalidOperationException($"There is no template {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Name();

    [GeneratedRegex(@"^(\s*)\{\{(\w+)\}\}$")]
    private static partial Regex Alone();
}

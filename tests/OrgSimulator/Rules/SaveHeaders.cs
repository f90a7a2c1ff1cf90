namespace OrgSimulator.Rules;

/// <summary>Headers of the running call that bear on saving. They follow the call through every layer and end with it.</summary>
/// <param name="AllowDuplicates"><c>Sforce-Duplicate-Rule-Header: allowSave=true</c></param>
public sealed record SaveHeaders(bool AllowDuplicates)
{
    private static readonly AsyncLocal<SaveHeaders?> Running = new();
    private static readonly SaveHeaders None = new(false);

    public static SaveHeaders Current => Running.Value ?? None;

    public static void Set(Func<string, string?> header)
    {
        var duplicates = header("Sforce-Duplicate-Rule-Header")?.Replace(" ", "", StringComparison.Ordinal);
        Running.Value = duplicates?.Contains("allowSave=true", StringComparison.OrdinalIgnoreCase) == true ? new SaveHeaders(true) : null;
    }
}

using System.Globalization;

namespace Appliance.Engine.Updates;

/// <summary>A version of the appliance, ordered as Semantic Versioning 2.0.0 §11 says. The provisioner has its own, for neither of the two refers to the other; a rule changed here is to be changed there.</summary>
/// <param name="Tag">What follows the hyphen, such as "rc.1"; empty: none, and that is the greater one.</param>
public readonly record struct ReleaseVersion(int Major, int Minor, int Patch, string Tag) : IComparable<ReleaseVersion>
{
    /// <summary>Null where this build does not say.</summary>
    public static ReleaseVersion? Running { get; } = Parse(ApplianceVersion.Current);

    /// <returns>Null: it is none.</returns>
    public static ReleaseVersion? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (numbers, tag) = text.Split('-', 2) is [var before, var after] ? (before, after) : (text, "");
        if (tag.Length > 40 || (tag.Length == 0 && text.Contains('-', StringComparison.Ordinal)) || !tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) return null;
        return numbers.Split('.') is [var first, var second, var third] && Number(first) is { } major && Number(second) is { } minor && Number(third) is { } patch
            ? new ReleaseVersion(major, minor, patch, tag) : null;
    }

    public int CompareTo(ReleaseVersion other)
    {
        if ((Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch)) is not 0 and var numbers) return numbers;
        if (Tag.Length == 0 || other.Tag.Length == 0) return other.Tag.Length.CompareTo(Tag.Length);
        var (mine, theirs) = (Tag.Split('.'), other.Tag.Split('.'));
        return mine.Zip(theirs, Part).FirstOrDefault(c => c != 0) is not 0 and var part ? part : mine.Length.CompareTo(theirs.Length);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}{(Tag.Length > 0 ? "-" : "")}{Tag}");

    public static bool operator <(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) < 0;
    public static bool operator >(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) > 0;
    public static bool operator <=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Numbers by value and before words.</summary>
    private static int Part(string one, string other) => (Number(one), Number(other)) switch
    {
        ({ } a, { } b) => a.CompareTo(b),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => string.CompareOrdinal(one, other),
    };

    private static int? Number(string text) => text.Length is > 0 and <= 9 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

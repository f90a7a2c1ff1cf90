using System.Globalization;

namespace Provisioner.Delivery.Releases;

/// <summary>A version of a product, ordered as Semantic Versioning 2.0.0 §11 says.</summary>
/// <param name="Tag">What follows the hyphen, such as "rc.1"; empty: none, and that is the greater one.</param>
public readonly record struct ReleaseVersion(int Major, int Minor, int Patch, string Tag) : IComparable<ReleaseVersion>
{
    /// <returns>Null: it is none.</returns>
    public static ReleaseVersion? Parse(string text)
    {
        var (numbers, tag) = text.IndexOf('-', StringComparison.Ordinal) is > 0 and var hyphen ? (text[..hyphen], text[(hyphen + 1)..]) : (text, "");
        var parts = numbers.Split('.');
        if (parts.Length != 3 || (tag.Length == 0 && text.Contains('-', StringComparison.Ordinal)) || tag.Length > 40 || !tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) return null;
        return Number(parts[0]) is { } major && Number(parts[1]) is { } minor && Number(parts[2]) is { } patch ? new ReleaseVersion(major, minor, patch, tag) : null;
    }

    public int CompareTo(ReleaseVersion other)
    {
        if ((Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch)) is not 0 and var numbers) return numbers;
        if (Tag == other.Tag) return 0;
        if (Tag.Length == 0 || other.Tag.Length == 0) return Tag.Length == 0 ? 1 : -1;
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

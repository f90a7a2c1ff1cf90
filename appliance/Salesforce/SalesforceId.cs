using System.Diagnostics.CodeAnalysis;

namespace Appliance.Salesforce;

/// <summary>
/// Record ids: 15 case-sensitive characters, or the same with 3 characters that make them safe without case.
/// Two ids are the same when their first 15 characters are. The suffix is never validated: scrubbed data holds wrong ones.
/// </summary>
public static class SalesforceId
{
    private const string SuffixLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    /// <summary>Compares ids by their first 15 characters, so that both forms of one id are equal.</summary>
    public static IEqualityComparer<string> Comparer { get; } = new BothForms();

    /// <summary>The 18-character form. An id that has it already is returned as it is.</summary>
    /// <exception cref="FormatException">The text is not 15 or 18 letters and digits.</exception>
    public static string To18(string id)
    {
        if (!IsId(id))
            throw new FormatException($"'{id}' is not a Salesforce id: it must be 15 or 18 letters and digits.");
        return id.Length == 18 ? id : string.Create(18, id, static (target, source) =>
        {
            source.CopyTo(target);
            for (var chunk = 0; chunk < 3; chunk++)
            {
                var bits = 0;
                for (var at = 0; at < 5; at++)
                    if (char.IsAsciiLetterUpper(source[(chunk * 5) + at]))
                        bits |= 1 << at;
                target[15 + chunk] = SuffixLetters[bits];
            }
        });
    }

    public static bool IsId([NotNullWhen(true)] string? text)
    {
        if (text is not { Length: 15 or 18 })
            return false;
        foreach (var letter in text)
            if (!char.IsAsciiLetterOrDigit(letter))
                return false;
        return true;
    }

    /// <summary>The first three characters, which tell the object (within one org).</summary>
    public static string KeyPrefix(string id) => id.Length >= 3 ? id[..3] : id;

    private sealed class BothForms : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) =>
            x is null || y is null ? ReferenceEquals(x, y) : Short(x).SequenceEqual(Short(y));

        public int GetHashCode(string obj) => string.GetHashCode(Short(obj), StringComparison.Ordinal);

        private static ReadOnlySpan<char> Short(string id) => id.Length == 18 ? id.AsSpan(0, 15) : id;
    }
}

namespace OrgSimulator.Schema;

/// <summary>
/// Ids of 15 base-62 characters and 3 check characters that make them safe where case is lost.
/// Layout here: key prefix (3), instance (2), number (10).
/// </summary>
public static class SalesforceId
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Checks = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    public static string Compose(string keyPrefix, string instance, long number) =>
        string.Create(18, (keyPrefix, instance, number), static (id, parts) => Compose(id, parts.keyPrefix, parts.instance, parts.number));

    /// <param name="id">Room for 18 characters.</param>
    /// <param name="keyPrefix">Three characters.</param>
    /// <param name="instance">Two characters.</param>
    /// <param name="number">Below 62^10.</param>
    public static void Compose(Span<char> id, string keyPrefix, string instance, long number)
    {
        keyPrefix.CopyTo(id);
        instance.CopyTo(id[3..]);
        for (var i = 14; i >= 5; i--)
        {
            (number, var digit) = Math.DivRem(number, 62);
            id[i] = Digits[(int)digit];
        }
        AddChecks(id);
    }

    /// <summary>The 18 character form of an Id of 15 or 18 characters; null when the text is no Id at all.</summary>
    public static string? Complete(ReadOnlySpan<char> text)
    {
        if (text.Length is not (15 or 18)) return null;
        foreach (var letter in text)
            if (!char.IsAsciiLetterOrDigit(letter)) return null;
        Span<char> id = stackalloc char[18];
        text[..15].CopyTo(id);
        AddChecks(id);
        return new string(id);
    }

    /// <summary>The number inside an Id, by which the rows of a table are ordered.</summary>
    public static long Number(ReadOnlySpan<char> id)
    {
        long number = 0;
        foreach (var letter in id[5..15])
            number = number * 62 + (letter <= '9' ? letter - '0' : letter <= 'Z' ? letter - 'A' + 10 : letter - 'a' + 36);
        return number;
    }

    private static void AddChecks(Span<char> id)
    {
        for (var chunk = 0; chunk < 3; chunk++)
        {
            var bits = 0;
            for (var i = 0; i < 5; i++)
                if (char.IsAsciiLetterUpper(id[chunk * 5 + i])) bits |= 1 << i;
            id[15 + chunk] = Checks[bits];
        }
    }
}

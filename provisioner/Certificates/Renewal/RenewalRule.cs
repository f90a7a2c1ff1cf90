using System.Security.Cryptography;
using System.Text;
using Provisioner.Certificates.Acme;

namespace Provisioner.Certificates.Renewal;

/// <summary>When a certificate is to be renewed. Pure; chance comes from the certificate's serial, so that a restart does not draw again.</summary>
public static class RenewalRule
{
    /// <summary>Below this life the authority's own advice is to renew at half.</summary>
    private static readonly TimeSpan ShortLife = TimeSpan.FromDays(10);

    /// <param name="window">What the authority suggests; null: it was not asked, or has no ARI.</param>
    /// <returns>The instant from which on it is due.</returns>
    public static DateTimeOffset DueAt(string serial, DateTimeOffset notBefore, DateTimeOffset notAfter, RenewalWindow? window)
    {
        var chance = Fraction(serial);
        if (window is not null) return window.Start + ((window.End - window.Start) * chance);
        var life = notAfter - notBefore;
        // A third of the life left, half for short ones; up to a thirtieth of the life earlier, so that not all renew at once.
        return notAfter - (life < ShortLife ? life / 2 : life / 3) - (life / 30 * chance);
    }

    /// <summary>When to ask again: the authority's wish within bounds (RFC 9773 §4.3), at least twice a day, and four times in a short life's half.</summary>
    public static TimeSpan AskAgain(TimeSpan life, TimeSpan? asked)
    {
        var (least, most) = (TimeSpan.FromMinutes(1), life < ShortLife ? TimeSpan.FromHours(3) : TimeSpan.FromHours(12));
        var wish = asked ?? TimeSpan.FromHours(6);
        return wish < least ? least : wish > most ? most : wish;
    }

    /// <returns>0 to 1, always the same for a text.</returns>
    private static double Fraction(string text) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0) / (double)uint.MaxValue;
}

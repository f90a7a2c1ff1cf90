using System.Globalization;
using System.Text;

namespace Appliance.Salesforce;

/// <summary>JSON text with escapes that are half a surrogate pair: what the strict reader refuses, but an org may hold.</summary>
internal static class LooseText
{
    /// <summary>Undoes the escapes; a lone half becomes U+FFFD. The result is never longer than the source.</summary>
    public static int Unescape(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var text = new StringBuilder(source.Length);
        for (var at = 0; at < source.Length;)
        {
            var run = source[at..].IndexOf((byte)'\\');
            run = run < 0 ? source.Length - at : run;
            text.Append(Encoding.UTF8.GetString(source.Slice(at, run)));
            at += run;
            if (at >= source.Length)
                break;
            var letter = (char)source[at + 1];
            text.Append(letter switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => (char)ushort.Parse(source.Slice(at + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                _ => letter,
            });
            at += letter == 'u' ? 6 : 2;
        }
        return Encoding.UTF8.GetBytes(text.ToString(), target);   // the encoder replaces lone halves
    }
}

namespace Appliance.Vault;

/// <summary>Finds the cells of canonical CSV that are exactly the text of a content reference: each names a file of the vault.</summary>
internal static class ContentReferences
{
    public static void Scan(ReadOnlySpan<byte> rows, Action<ContentReference> found)
    {
        for (var at = 0; rows[at..].IndexOf(",sha256:"u8) is var next and >= 0;)
        {
            at += next + 1;
            var cell = rows.Slice(at, Math.Min(ContentReference.Longest + 1, rows.Length - at));
            var end = cell.IndexOfAny((byte)',', (byte)'\n');
            if (end > 0 && ContentReference.TryParse(cell[..end], out var reference)) found(reference);
        }
    }
}

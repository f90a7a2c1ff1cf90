namespace Appliance.Engine.Backups;

/// <summary>
/// A set of Salesforce Ids packed to 16 bytes each (15 characters of base 62 fit in 90 bits), for reconciling objects of millions of rows.
/// Order of the packed numbers is the order of the Ids. Ids are compared by their first 15 characters; case matters there.
/// </summary>
public sealed class IdSet
{
    private UInt128[] _ids = new UInt128[1024];
    private bool _sorted = true;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<byte> id)
    {
        if (Count == _ids.Length) Array.Resize(ref _ids, Count * 2);
        _ids[Count++] = PackedId.Of(id);
        _sorted = false;
    }

    public bool Contains(ReadOnlySpan<byte> id) => Contains(PackedId.Of(id));

    public bool Contains(string id)
    {
        Span<byte> ascii = stackalloc byte[18];
        return id.Length is 15 or 18 && Contains(PackedId.Of(ascii[..System.Text.Encoding.ASCII.GetBytes(id, ascii)]));
    }

    private bool Contains(UInt128 packed)
    {
        Sort();
        return Array.BinarySearch(_ids, 0, Count, packed) >= 0;
    }

    private void Sort()
    {
        if (_sorted) return;
        Array.Sort(_ids, 0, Count);
        var kept = 0;
        for (var i = 0; i < Count; i++)
            if (i == 0 || _ids[i] != _ids[i - 1]) _ids[kept++] = _ids[i];
        Count = kept;
        _sorted = true;
    }

    /// <summary>Number of distinct Ids.</summary>
    public int CountDistinct()
    {
        Sort();
        return Count;
    }
}

namespace OrgSimulator.Generating;

/// <summary>Chance without a memory: what falls for a field of a record is a function of seed, field and the record's place alone.</summary>
public readonly struct Dice(ulong seed)
{
    public static Dice For(int seed, string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in name) hash = (hash ^ letter) * 1099511628211UL;
        return new Dice(Mix(hash ^ Mix((uint)seed + 0x9E3779B97F4A7C15UL)));
    }

    public ulong Roll(int field, long index) => Mix(seed ^ Mix((ulong)index * 0x9E3779B97F4A7C15UL + ((ulong)(uint)field << 56 | (uint)field)));

    /// <summary>0 to sides-1.</summary>
    public int Roll(int field, long index, int sides) => (int)((Roll(field, index) >> 32) * (uint)sides >> 32);

    public bool Chance(int field, long index, int percent) => percent >= 100 || Roll(field, index, 100) < percent;

    public static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ value >> 27) * 0x94D049BB133111EBUL;
        return value ^ value >> 31;
    }
}

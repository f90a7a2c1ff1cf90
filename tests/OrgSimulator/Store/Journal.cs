namespace OrgSimulator.Store;

/// <summary>What one call changed, so that it can be undone when the call is all-or-none and something failed.</summary>
public sealed class Journal
{
    private readonly List<(Table Table, Row? Old, Row? New)> _steps = [];

    public void Append(Table table, Row row)
    {
        table.Append(row);
        _steps.Add((table, null, row));
    }

    public void Replace(Table table, Row old, Row? row)
    {
        table.Replace(old, row);
        if (row is null) table.Purged.Add((old.Id, old.DeletedAt));
        _steps.Add((table, old, row));
    }

    /// <summary>Takes over the steps of a call that belongs to the same transaction.</summary>
    public void Absorb(Journal other)
    {
        _steps.AddRange(other._steps);
        other._steps.Clear();
    }

    public void Undo()
    {
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            var (table, old, row) = _steps[i];
            if (old is null) table.Replace(row!, null);
            else if (row is null) table.Revive(old);
            else table.Replace(row, old);
        }
        _steps.Clear();
    }
}

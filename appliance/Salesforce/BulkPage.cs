using System.Globalization;
using System.Runtime.CompilerServices;

namespace Appliance.Salesforce;

/// <summary>
/// One page of a Bulk result. Its batches must be read to the end before the next page is asked for. When the reading breaks off
/// (transient failure), read the same page again from <see cref="Locator"/>: the locator stays valid while the job lives.
/// </summary>
public sealed class BulkPage
{
    private readonly OrgAnswer _answer;
    private readonly string _what;
    private readonly bool _counted;
    private readonly CancellationToken _cancellationToken;

    internal BulkPage(OrgAnswer answer, string? locator, string what, CancellationToken cancellationToken)
    {
        _answer = answer;
        _what = what;
        _cancellationToken = cancellationToken;
        Locator = locator;
        // The last page says "null" in letters. A missing header is read as the last page too: asking on would never end.
        NextLocator = answer.Header("Sforce-Locator") is { Length: > 0 } next && next != "null" ? next : null;
        _counted = long.TryParse(answer.Header("Sforce-NumberOfRecords"), NumberStyles.None, CultureInfo.InvariantCulture, out var records);
        Records = records;
    }

    /// <summary>Where this page begins; null for the first.</summary>
    public string? Locator { get; }

    /// <summary>Where the next page begins; null on the last one.</summary>
    public string? NextLocator { get; }

    /// <summary>Rows on this page as the org announces them; counted while reading when it does not.</summary>
    public long Records { get; private set; }

    public IAsyncEnumerable<RecordBatch> Batches => ReadAsync(_cancellationToken);

    internal bool Drained { get; private set; }

    private async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var splitter = new CsvSplitter(_answer.Body);
        await foreach (var batch in splitter.ReadAsync(cancellationToken))
            yield return batch;
        if (!_counted)
            Records = splitter.Rows;
        else if (splitter.Rows != Records)
            throw new SalesforceException(FailureKind.Transient, $"{_what} broke off: {splitter.Rows} of the page's {Records} rows arrived.",
                "Nothing to do: the page is read again.");
        Drained = true;
    }
}

using System.Text;
using Appliance.Salesforce;
using CsCheck;
using Sylvan.Data.Csv;

namespace Salesforce.Tests;

public sealed class Splitting_csv
{
    private static readonly Gen<string> Value = Gen.Frequency(
        (4, Gen.String[Gen.Char["abcXYZ019 ,\"\n;#äß漢'\\\t"], 0, 12]),
        (1, Gen.Const("")),
        (1, Gen.String[Gen.Char["x\"\n"], 200, 900]));

    private static readonly Gen<(string[][] Rows, bool Quoted, string NewLine, bool LastNewLine, int Buffer, int[] Reads)> Document =
        from columns in Gen.Int[1, 7]
        from rows in Value.Array[columns].Array[0, 60]
        from quoted in Gen.Bool
        from newLine in Gen.Bool.Select(crlf => crlf ? "\r\n" : "\n")
        from last in Gen.Bool
        from buffer in Gen.Int[1, 300]
        from reads in Gen.Int[1, 40].Array[1, 8]
        select (rows, quoted, newLine, last, buffer, reads);

    [Fact]
    public void Agrees_with_another_reader_whatever_the_text_and_wherever_the_buffers_are_cut() =>
        Document.Sample(document =>
        {
            var width = document.Rows.Length > 0 ? document.Rows[0].Length : 1;
            var text = Write([[.. Enumerable.Range(0, width).Select(i => $"Column {i}")], .. document.Rows], document.Quoted, document.NewLine, document.LastNewLine);
            var ours = Read(Encoding.UTF8.GetBytes(text), document.Buffer, document.Reads);
            Assert.Equal(document.Rows, ours);
            Assert.Equal(Theirs(text), ours);
        }, iter: 800);

    [Fact]
    public void Reads_what_the_ingest_writer_wrote() =>
        Document.Sample(document =>
        {
            var width = document.Rows.Length > 0 ? document.Rows[0].Length : 1;
            using var stream = new MemoryStream();
            using (var csv = new IngestCsv(stream, [.. Enumerable.Range(0, width).Select(i => $"Column,{i}")]))
            {
                foreach (var row in document.Rows)
                {
                    foreach (var value in row)
                        csv.Add(value);
                    csv.EndRow();
                }
                Assert.Equal(document.Rows.Length, csv.Rows);
                csv.Flush();
                Assert.Equal(stream.Length, csv.Bytes);
            }
            Assert.Equal(document.Rows, Read(stream.ToArray(), document.Buffer, document.Reads));
        }, iter: 800);

    [Fact]
    public void An_empty_value_clears_the_field_when_asked()
    {
        using var stream = new MemoryStream();
        using (var csv = new IngestCsv(stream, ["Id", "Name"], emptyIsNull: true))
        {
            csv.Add("001");
            csv.Add((string?)null);
            csv.EndRow();
            csv.Add("002"u8);
            csv.Add(" a\"b"u8);
            csv.EndRow();
        }
        Assert.Equal("Id,Name\n001,#N/A\n002,\" a\"\"b\"\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void A_row_of_another_width_is_refused_while_writing()
    {
        using var csv = new IngestCsv(new MemoryStream(), ["Id", "Name"]);
        csv.Add("1");
        Assert.Throws<InvalidOperationException>(csv.EndRow);
        csv.Add("2");
        Assert.Throws<InvalidOperationException>(() => csv.Add("3"));
    }

    [Fact]
    public void Values_of_the_largest_size_pass_whole()
    {
        var large = string.Join("\"\n,", Enumerable.Repeat(new string('ü', 1_000), 131));
        var text = Write([["Id", "Body"], ["1", large], ["2", ""], ["3", large]], quoted: true, "\n", true);
        Assert.Equal([["1", large], ["2", ""], ["3", large]], Read(Encoding.UTF8.GetBytes(text), 1 << 16, [4_096]));
    }

    [Fact]
    public void Batches_hold_a_thousand_rows_at_most()
    {
        var text = "A\n" + string.Concat(Enumerable.Range(0, 2_500).Select(i => $"\"{i}\"\n"));
        using var splitter = new CsvSplitter(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        var sizes = new List<int>();
        foreach (var batch in splitter.ReadAsync(CancellationToken.None).ToBlockingEnumerable())
            sizes.Add(batch.Count);
        Assert.Equal([1_000, 1_000, 500], sizes);
        Assert.Equal(2_500, splitter.Rows);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"Id\",\"Name\"\n")]
    [InlineData("\"Id\",\"Name\"")]
    [InlineData("\uFEFF\"Id\"\r\n\r\n")]
    public void A_result_without_rows_is_no_failure(string text) => Assert.Empty(Read(Encoding.UTF8.GetBytes(text), 16, [3]));

    [Fact]
    public void A_byte_order_mark_is_not_part_of_the_first_column()
    {
        using var splitter = new CsvSplitter(new MemoryStream([.. Encoding.UTF8.Preamble, .. "Id\n1\n"u8]));
        foreach (var batch in splitter.ReadAsync(CancellationToken.None).ToBlockingEnumerable())
            Assert.Equal(["Id"], batch.Columns);
    }

    [Theory]
    [InlineData("\"A\",\"B\"\n\"1\",\"2")]          // cut inside a value
    [InlineData("\"A\",\"B\"\n\"1\"\n")]             // cut between values
    [InlineData("\"A\",\"B\"\n\"1\",\"2\"x\n")]     // text behind the quote
    [InlineData("\"A\",\"B\"\n\"1\",\"2\",\"3\"\n")]
    public void A_broken_text_is_a_transient_failure(string text)
    {
        var failure = Assert.Throws<SalesforceException>(() => Read(Encoding.UTF8.GetBytes(text), 8, [5]));
        Assert.Equal(FailureKind.Transient, failure.Kind);
    }

    private static string Write(string[][] rows, bool quoted, string newLine, bool lastNewLine)
    {
        var text = string.Join(newLine, rows.Select(row => string.Join(',', row.Select(value =>
            quoted || value.Length == 0 || value.AsSpan().ContainsAny(",\"\n ") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value))));
        return lastNewLine ? text + newLine : text;
    }

    private static string[][] Read(byte[] text, int buffer, int[] reads)
    {
        using var splitter = new CsvSplitter(new Sipping(text, reads), buffer);
        var rows = new List<string[]>();
        foreach (var batch in splitter.ReadAsync(CancellationToken.None).ToBlockingEnumerable())
            for (var row = 0; row < batch.Count; row++)
                rows.Add([.. Enumerable.Range(0, batch.Columns.Count).Select(column => batch.Text(row, column))]);
        return [.. rows];
    }

    private static string[][] Theirs(string text)
    {
        using var reader = CsvDataReader.Create(new StringReader(text), new CsvDataReaderOptions { Delimiter = ',', BufferSize = 1 << 16, Comment = '\0' });
        var rows = new List<string[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        return [.. rows];
    }
}

/// <summary>Gives its bytes in sips of the sizes asked for, over and over.</summary>
internal sealed class Sipping(byte[] bytes, int[] sizes) : MemoryStream(bytes)
{
    private int _sip;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, sizes[_sip++ % sizes.Length])], cancellationToken);
}

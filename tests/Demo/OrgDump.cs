using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Demo;

internal sealed record DumpedField(string Name, string Type, bool Calculated, bool AutoNumber, IReadOnlyList<string>? ReferenceTo)
{
    public bool IsReference => Type == "reference" || ReferenceTo is { Count: > 0 };
}

internal sealed record DumpedRecord(string Id, JsonDocument Line) : IDisposable
{
    public JsonElement Fields => Line.RootElement.GetProperty("fields");

    public void Dispose() => Line.Dispose();
}

/// <summary>An org's true content at one moment: a file per object, records in Id order, so that an org of any size is read in one pass.</summary>
internal sealed class OrgDump
{
    private readonly DirectoryInfo _folder;

    private OrgDump(DirectoryInfo folder) => _folder = folder;

    /// <summary>The fields of each object, by name.</summary>
    public SortedDictionary<string, Dictionary<string, DumpedField>> Schema { get; } = new(StringComparer.Ordinal);

    public static DirectoryInfo Before(DirectoryInfo work) => new(Path.Combine(work.FullName, "before"));

    public static DirectoryInfo After(DirectoryInfo work) => new(Path.Combine(work.FullName, "after"));

    /// <summary>The dumps hold the whole org: they go, and the folder too if nothing else is in it.</summary>
    public static void Remove(DirectoryInfo work)
    {
        foreach (var folder in new[] { Before(work), After(work) })
            if (folder.Exists) folder.Delete(recursive: true);
        if (work.Exists && !work.EnumerateFileSystemInfos().Any()) work.Delete();
    }

    /// <summary>Cuts the simulator's stream of lines into one file per object.</summary>
    public static async Task<OrgDump> WriteAsync(Stream lines, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        if (folder.Exists) folder.Delete(recursive: true);
        folder.Create();
        var dump = new OrgDump(folder);
        string? current = null;
        FileStream? file = null;
        try
        {
            await foreach (var line in LinesAsync(lines, cancellationToken))
            {
                var (key, name) = FirstMember(line);
                if (key == "schema")
                {
                    using var schema = JsonDocument.Parse(line);
                    var fields = schema.RootElement.GetProperty("fields").Deserialize<List<DumpedField>>(JsonSerializerOptions.Web)!;
                    dump.Schema[name] = fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
                    continue;
                }
                if (name != current)
                {
                    if (file is not null) await file.DisposeAsync();
                    file = new FileStream(dump.PathOf(name), FileMode.Append, FileAccess.Write, FileShare.None, 1 << 16);
                    current = name;
                }
                foreach (var part in line) await file!.WriteAsync(part, cancellationToken);
                file!.WriteByte((byte)'\n');
            }
        }
        finally
        {
            if (file is not null) await file.DisposeAsync();
        }
        return dump;
    }

    /// <summary>The records of one object in Id order. The caller disposes each.</summary>
    public async IAsyncEnumerable<DumpedRecord> ReadAsync(string objectName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(PathOf(objectName))) yield break;
        await using var file = new FileStream(PathOf(objectName), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var last = "";
        await foreach (var line in LinesAsync(file, cancellationToken))
        {
            var document = JsonDocument.Parse(line.ToArray());   // a copy: the pipe uses its memory again
            var id = document.RootElement.GetProperty("id").GetString()!;
            if (string.CompareOrdinal(last, id) >= 0)
                throw new DemoFailure($"The simulator's dump of {objectName} is not in Id order: {id} comes after {last}.", "This is a defect of the simulator.");
            last = id;
            yield return new DumpedRecord(id, document);
        }
    }

    private string PathOf(string objectName) => Path.Combine(_folder.FullName, $"{objectName}.ndjson");

    private static (string Key, string Value) FirstMember(ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        reader.Read();
        var key = reader.GetString()!;
        reader.Read();
        return (key, reader.GetString()!);
    }

    private static async IAsyncEnumerable<ReadOnlySequence<byte>> LinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1 << 16, leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                if (rest.Slice(0, end) is { Length: > 0 } line) yield return line;
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            if (read.IsCompleted && rest.Length > 0) yield return rest;
            reader.AdvanceTo(read.IsCompleted ? read.Buffer.End : rest.Start, read.Buffer.End);
            if (read.IsCompleted) break;
        }
        await reader.CompleteAsync();
    }
}

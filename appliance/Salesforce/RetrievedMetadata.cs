using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;

namespace Appliance.Salesforce;

/// <summary>A file of metadata.</summary>
/// <param name="Path">In the package, such as classes/A.cls; it never leads out of a folder.</param>
/// <param name="Length">Bytes, unpacked.</param>
public sealed record RetrievedFile(string Path, long Length, Func<Stream> Open);

/// <summary>The files of one retrieve, checked before anybody touches them. Read one after the other; the zip goes with the disposal.</summary>
public sealed class RetrievedMetadata : IAsyncDisposable
{
    /// <summary>What one retrieve may hold.</summary>
    public const int MostFiles = 10_000;
    public const long MostZipBytes = 39L << 20, MostBytes = 600L << 20;

    private const string Root = "unpackaged/", Package = "package.xml";
    private const int LongestPath = 2000;
    private static readonly SearchValues<char> s_neverInPaths = SearchValues.Create("\\:\u007f" + string.Concat(Enumerable.Range(0, 32).Select(i => (char)i)));

    private readonly ZipArchive _zip;
    private long _unpacked;

    private RetrievedMetadata(Stream content, RetrieveStatus status)
    {
        _zip = new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: false);
        Components = [.. status.Properties.Where(p => p.Type != "Package").Select(p => p with { FileName = Inside(p.FileName) })];
        Problems = [.. status.Messages.Select(m => m.Problem)];
        var entries = _zip.Entries.Where(e => !e.FullName.EndsWith('/')).ToList();
        if (entries.Count > MostFiles + 1 || entries.Sum(e => e.Length) > MostBytes) throw TooMuch();
        Files = [.. entries.Select(e => (Path: Inside(e.FullName), Entry: e)).Where(e => e.Path != Package)
            .Select(e => StaysInside(e.Path) ? new RetrievedFile(e.Path, e.Entry.Length, () => new Measured(e.Entry.Open(), Count)) : throw Refused($"a file of it is named '{Shown(e.Path)}'"))];
        if (Files.DistinctBy(f => f.Path, StringComparer.Ordinal).Count() != Files.Length) throw Refused("two files of it have one name");
    }

    /// <summary>Of the components that were found; those without a file of their own too.</summary>
    public ImmutableArray<MetadataComponent> Components { get; }

    /// <summary>What the org says of components that it could not give.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>In the order of the zip, without the package.xml.</summary>
    public ImmutableArray<RetrievedFile> Files { get; }

    /// <exception cref="SalesforceException">It is no zip, or one that we do not unpack.</exception>
    internal static RetrievedMetadata Open(Stream zip, RetrieveStatus status)
    {
        try
        {
            zip.Position = 0;
            return new RetrievedMetadata(zip, status);
        }
        catch (InvalidDataException e)
        {
            throw Refused(e.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        _zip.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Entries of a zip may claim any length: what really comes out counts.</summary>
    private void Count(int bytes)
    {
        if ((_unpacked += bytes) > MostBytes) throw TooMuch();
    }

    private static string Inside(string path) => path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : path;

    private static bool StaysInside(string path) =>
        path.Length is > 0 and <= LongestPath && !path.AsSpan().ContainsAny(s_neverInPaths) && path.Split('/').All(part => part is not ("" or "." or ".."));

    private static string Shown(string path) => string.Concat(path.Take(100).Select(c => char.IsControl(c) ? '?' : c));

    private static SalesforceException TooMuch() => new(FailureKind.Permanent, "The metadata that the org sent unpacks to more than Salesforce allows.", "Check whether a proxy answers in the org's place.");

    private static SalesforceException Refused(string why) => new(FailureKind.Permanent, $"The metadata that the org sent is not unpacked: {why}.", "Check whether a proxy answers in the org's place.");

    private sealed class Measured(Stream inner, Action<int> count) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int length) => Read(buffer.AsSpan(offset, length));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                var read = inner.Read(buffer);
                count(read);
                return read;
            }
            catch (InvalidDataException e)
            {
                throw Refused(e.Message);
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                count(read);
                return read;
            }
            catch (InvalidDataException e)
            {
                throw Refused(e.Message);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int length, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, length), cancellationToken).AsTask();
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int length) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

namespace Appliance.Vault;

/// <summary>
/// What a put writes, before any of it is sent: in memory while it is small, then in a file that vanishes when it is closed. An upload can
/// so be repeated without asking the writer again, and a writer that fails has sent nothing.
/// </summary>
internal sealed class Spool(string folder) : IAsyncDisposable
{
    private const int MemoryBytes = 8 * 1024 * 1024;

    private readonly Target _target = new(folder);

    /// <summary>Where the writer writes. Only forward.</summary>
    public Stream Writer => _target;

    public long Length => _target.Length;

    /// <summary>The file's path when the content has become too large for memory.</summary>
    public string? Path => _target.FilePath;

    /// <summary>The content from its start, when it is in memory.</summary>
    public Stream Content
    {
        get
        {
            _target.Inner.Position = 0;
            return _target.Inner;
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => new(_target.Inner.FlushAsync(cancellationToken));

    public ValueTask DisposeAsync() => _target.Inner.DisposeAsync();

    private sealed class Target(string folder) : Stream
    {
        public Stream Inner { get; private set; } = new MemoryStream();

        public string? FilePath { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Inner.Length;

        public override long Position { get => Inner.Position; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => For(buffer.Length).Write(buffer);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            For(count).WriteAsync(buffer, offset, count, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            For(buffer.Length).WriteAsync(buffer, cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private Stream For(int more)
        {
            if (FilePath is not null || Inner.Length + more <= MemoryBytes) return Inner;
            Directory.CreateDirectory(folder);
            var path = System.IO.Path.Combine(folder, System.IO.Path.GetRandomFileName());
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous, BufferSize = 128 * 1024,
            };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(path, options);
            ((MemoryStream)Inner).WriteTo(file);
            (Inner, FilePath) = (file, path);
            return file;
        }
    }
}

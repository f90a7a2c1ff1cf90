namespace OrgSimulator;

/// <summary>The body of an answer that ends early, stops on its way or breaks. Counts bytes before compression.</summary>
public sealed class FaultyStream(Stream inner, FaultPlan.Hit hit, TimeProvider time, Action abort) : Stream
{
    private readonly PlannedFault _fault = hit.Fault;
    private long _passed;
    private bool _over;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_over && _fault.Kind != FaultKind.Stall) return;
        var room = (int)Math.Min(buffer.Length, Math.Max(0, _fault.Bytes - _passed));
        if (_over || room == buffer.Length)
        {
            _passed += buffer.Length;
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }
        _over = true;
        _passed += room;
        await inner.WriteAsync(buffer[..room], cancellationToken);
        await inner.FlushAsync(cancellationToken);
        hit.Happened();
        switch (_fault.Kind)
        {
            case FaultKind.Stall:
                await Task.Delay(TimeSpan.FromSeconds(_fault.Seconds), time, cancellationToken);
                await inner.WriteAsync(buffer[room..], cancellationToken);
                break;
            case FaultKind.Reset:
                abort();
                throw new OperationCanceledException("the connection was broken on purpose");
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("answers are written asynchronously");
    public override void Flush() => inner.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}

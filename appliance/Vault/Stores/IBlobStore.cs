namespace Appliance.Vault;

/// <summary>
/// Where a vault's files lie. Names are relative, parted by '/', each part of [A-Za-z0-9._-] and not beginning with a dot.
/// </summary>
/// <remarks>
/// The contract, proven for every store by one suite of tests:
/// a put is atomic (nobody ever sees half a file) and durable when the call returns; a call that throws has left either nothing or,
/// if only its answer was lost, the whole file. The callbacks of a put may be called again by a wrapper that retries, so they must begin
/// anew.
/// All members may be called from many threads at once.
/// </remarks>
public interface IBlobStore
{
    /// <summary>
    /// Stores what <paramref name="write"/> writes; false when the name was taken, in which case the bytes that stood there stay.
    /// </summary>
    Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>
    /// The same for content whose name is known only when all of it has been written (files are named by their hash):
    /// the callback writes everything and then tells the name.
    /// </summary>
    Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken);

    /// <summary>
    /// Puts the content in the place of what stood there, if anything did: afterwards the old or the whole new one stands. Only for
    /// files that may change: key sidecars, checkpoints, vault.json.
    /// </summary>
    Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a file for reading from its start. Throws <see cref="VaultException"/> (Permanent, with the name) when it is absent.
    /// </summary>
    Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Reads from <paramref name="offset"/>; fills the buffer unless the file ends before. Returns the bytes read. Throws as <see
    /// cref="OpenReadAsync"/> when the file is absent.
    /// </summary>
    Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Bytes of the file, or null when it is absent.</summary>
    Task<long?> LengthAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Names that begin with <paramref name="prefix"/>, in no promised order, without unfinished writes. Names that are not well-formed
    /// are told too: verification must see them.
    /// </summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes a file; deleting an absent one is fine.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}

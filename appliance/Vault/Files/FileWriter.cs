using System.Buffers;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>Stores the content of files, each content once. Memory: one read-ahead and a block, whatever the length.</summary>
internal sealed class FileWriter(ContainerStore containers)
{
    // Files up to this size are read before anything is written: most files are small, and one that is held already costs no write.
    private const int ReadAhead = 4 * ContainerFormat.BlockBytes;

    // Every eighth block is tried; when that saves less than a thirty-second, the seven after it are stored as they are.
    private const int SampleEvery = 8, PaysPart = 32;

    public async Task<ContentReference> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        var head = ArrayPool<byte>.Shared.Rent(ReadAhead);
        try
        {
            var length = await content.ReadAtLeastAsync(head.AsMemory(0, ReadAhead), ReadAhead, throwOnEndOfStream: false, cancellationToken);
            return length < ReadAhead
                ? await PutSmallAsync(head.AsMemory(0, length), cancellationToken)
                : await PutLargeAsync(head.AsMemory(0, length), content, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    /// <summary>FORMAT.md §6: in an encrypted vault the name must not tell what a file is.</summary>
    public static byte[] NameBytes(VaultKeys? keys, bool encrypted, ReadOnlySpan<byte> sha256) => encrypted ? keys!.FileName(sha256) : sha256.ToArray();

    private async Task<ContentReference> PutSmallAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var facts = new ContentHash();
        facts.Append(content.Span);
        var (reference, sha256) = facts.Finish();
        var name = Name(sha256);
        if (await containers.Store.LengthAsync(name, cancellationToken) is not null) return reference;
        await containers.PutNamedLastAsync(async (writer, token) =>
        {
            var blocks = new SampledBlocks(writer);
            using (blocks)
                for (var at = 0; at < content.Length; at += ContainerFormat.BlockBytes)
                    await blocks.WriteAsync(content.Slice(at, Math.Min(ContainerFormat.BlockBytes, content.Length - at)), token);
            return name;
        }, cancellationToken);
        return reference;
    }

    private async Task<ContentReference> PutLargeAsync(ReadOnlyMemory<byte> head, Stream rest, CancellationToken cancellationToken)
    {
        ContentReference? reference = null;
        var consumed = false;
        var block = ArrayPool<byte>.Shared.Rent(ContainerFormat.BlockBytes);
        try
        {
            await containers.PutNamedLastAsync(async (writer, token) =>
            {
                // The content flows by once: a store that calls again after a failure must not store the half that is left.
                if (consumed) throw new VaultException(FailureKind.Transient, "Storing a large file failed on its way.", "Read the file again and store it anew.");
                consumed = true;
                var facts = new ContentHash();
                using var blocks = new SampledBlocks(writer);
                for (var at = 0; at < head.Length; at += ContainerFormat.BlockBytes)
                    await Next(head.Slice(at, ContainerFormat.BlockBytes));
                int length;
                while ((length = await rest.ReadAtLeastAsync(block.AsMemory(0, ContainerFormat.BlockBytes), ContainerFormat.BlockBytes, throwOnEndOfStream: false, token)) > 0)
                    await Next(block.AsMemory(0, length));
                (reference, var sha256) = facts.Finish();
                return Name(sha256);

                Task Next(ReadOnlyMemory<byte> bytes)
                {
                    facts.Append(bytes.Span);
                    return blocks.WriteAsync(bytes, token);
                }
            }, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
        return reference!;
    }

    private string Name(ReadOnlySpan<byte> sha256) => VaultNames.File(NameBytes(containers.Keys, containers.Encrypted, sha256), containers.Encrypted);

    /// <summary>Decides by sampling whether compressing the next block pays.</summary>
    private sealed class SampledBlocks(ContainerWriter writer) : IDisposable
    {
        private readonly BlockSealer _sealer = writer.NewSealer();
        private bool _pays = true;

        public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            var number = writer.Blocks;
            var sample = number % SampleEvery == 0;
            var entry = _sealer.Seal(number, bytes.Span, compress: sample || _pays);
            if (sample) _pays = entry.StoredLength < bytes.Length - bytes.Length / PaysPart;
            await writer.WriteBlockAsync(entry, _sealer, cancellationToken);
        }

        public void Dispose() => _sealer.Dispose();
    }

    private sealed class ContentHash
    {
        private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5351 // not for security: Salesforce tells an MD5 of every file version, and that is what ours is compared with
        private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        private long _length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            _sha256.AppendData(bytes);
            _md5.AppendData(bytes);
            _length += bytes.Length;
        }

        public (ContentReference Reference, byte[] Sha256) Finish()
        {
            using (_sha256)
            using (_md5)
            {
                var sha256 = _sha256.GetHashAndReset();
                return (new ContentReference(Convert.ToHexStringLower(sha256), _length, Convert.ToHexStringLower(_md5.GetHashAndReset())), sha256);
            }
        }
    }
}

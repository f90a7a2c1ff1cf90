using Appliance.Engine.Jobs;
using Appliance.Vault;

namespace Appliance.Engine.Verification;

/// <summary>What a run of the sweep did; the <c>result</c> of a verification job (API.md).</summary>
public sealed record SweepSummary(long Files, long BytesRead, int Damaged, bool CycleEnded);

/// <summary>
/// Re-reads the next part of a vault, byte for byte, and remembers how far it came: killed anywhere it goes on at the last stretch it finished. Daily parts
/// add up to the whole vault in the days that the options say.
/// </summary>
public sealed class SweepRun(OrgVault vault, JobProgress progress, EngineOptions options, TimeProvider time)
{
    // After so many bytes the state is written.
    private const long Stretch = 256L * 1024 * 1024;

    /// <param name="bytes">How much to read; null reads on to the end of the vault.</param>
    public async Task<SweepSummary> RunAsync(long? bytes, IProgress<string> log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var state = await SweepState.ReadAsync(vault, cancellationToken);
        var damaged = (state.Current?.Damage ?? []).Select(d => d.Name).ToHashSet(StringComparer.Ordinal);
        var (files, read, found, reported) = (0L, 0L, 0, 0L);
        progress.Phase = "verifying";
        progress.CountBytesBy(() => Interlocked.Read(ref read));
        do
        {
            var part = new SweepPart(state.After, Math.Min(Stretch, bytes - read ?? Stretch));
            var done = await vault.SweepAsync(part, options.SweepBytesPerSecond, new Forward(p => Count(p)), cancellationToken);
            reported = 0;
            foreach (var damage in done.Findings.Where(f => f.IsDamage && damaged.Add(f.BlobName)))
            {
                found++;
                log.Report($"{damage.BlobName}: {damage.What}. {damage.Remedy}");
            }
            files += done.Files;
            state = state.With(done, time.GetUtcNow());
            await state.WriteAsync(vault, cancellationToken);
        }
        while (state.Current is not null && (bytes is null || read < bytes));
        return new SweepSummary(files, read, found, state.Current is null);

        void Count(VerifyProgress p)
        {
            Interlocked.Add(ref read, p.Bytes - reported);
            reported = p.Bytes;
        }
    }

    private sealed class Forward(Action<VerifyProgress> report) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => report(value);
    }
}

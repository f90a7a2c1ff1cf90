using PulumiEngine.Providers;
using PulumiEngine.States;
using PulumiEngine.Values;

namespace PulumiEngine.Deploying;

internal sealed partial class Run
{
    /// <summary>The program has said everything: what it no longer names goes, and what was replaced, last made first.</summary>
    public Task FinishAsync(CancellationToken cancellationToken) => InTurnAsync("delete", async () =>
    {
        foreach (var replaced in _doomed.AsEnumerable().Reverse().ToArray())
        {
            await TryAsync(replaced, Operation.Delete, () => DeleteOneAsync(replaced, ofReplaced: true, cancellationToken));
            _doomed.Remove(replaced);
            Save();
        }
        var gone = before.Resources.Where(r => !r.Doomed && !_settled.Contains(r)).ToList();
        Refuse(gone.Where(r => r.Protect && r.Custom));
        await DeleteAsync(gone, cancellationToken);
        return true;
    }, cancellationToken);

    /// <summary>Everything goes, but for what is protected: that stops it before anything has gone, or stays with all that it needs, if so asked.</summary>
    public Task DestroyAsync(CancellationToken cancellationToken) => InTurnAsync("destroy", async () =>
    {
        var staying = new HashSet<string>();
        if (settings.ExcludeProtected)
            foreach (var kept in before.Resources.Where(r => r.Protect && r.Custom)) Stay(kept.Urn);
        else Refuse(before.Resources.Where(r => r.Protect && r.Custom));
        foreach (var replaced in _doomed.ToArray())
        {
            await TryAsync(replaced, Operation.Delete, () => DeleteOneAsync(replaced, ofReplaced: true, cancellationToken));
            _doomed.Remove(replaced);
        }
        await DeleteAsync([.. before.Resources.Where(r => !r.Doomed && !staying.Contains(r.Urn))], cancellationToken);
        return true;

        void Stay(string urn)
        {
            if (urn.Length == 0 || !staying.Add(urn) || before.Resources.FirstOrDefault(r => r.Urn == urn) is not { } state) return;
            if (state.Provider.Length > 0) Stay(state.Provider[..state.Provider.LastIndexOf("::", StringComparison.Ordinal)]);
            foreach (var needed in state.Dependencies.Append(state.Parent)) Stay(needed);
        }
    }, cancellationToken);

    /// <summary>What really stands, instead of what the state says.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => InTurnAsync("refresh", async () =>
    {
        foreach (var state in before.Resources.Where(r => !r.Doomed))
        {
            _settled.Add(state);
            if (!state.Custom || state.External || state.Provider.Length == 0)
            {
                Remember(state, new Step(state.Urn, Operation.Same) { Parent = state.Parent, Id = state.Id });
                continue;
            }
            var provider = await ProviderAsync(state.Provider, cancellationToken);
            var read = await TryAsync(state, Operation.Refresh, () => provider.ReadAsync(Call(state), state.Id, state.Inputs, state.Outputs, cancellationToken));
            if (read is null)
            {
                _steps.Add(new Step(state.Urn, Operation.Delete) { Parent = state.Parent, Id = state.Id, Protect = state.Protect });
                Save();
                continue;
            }
            Done(state with { Id = read.Id }, Operation.Refresh, read.Outputs, PropertyPath.Differences(state.Outputs, read.Outputs), []);
        }
        return true;
    }, cancellationToken);

    private void Refuse(IEnumerable<ResourceState> keepers)
    {
        var urns = keepers.Select(k => k.Urn).ToArray();
        if (urns.Length == 0) return;
        foreach (var urn in urns)
            _errors.Add($"resource \"{urn}\" cannot be deleted because it is protected. Remove its `protect` flag and run `pulumi up`, or use `pulumi state unprotect`");
        throw new RunFailure(_errors[^1]);
    }

    private async Task DeleteAsync(IReadOnlyList<ResourceState> states, CancellationToken cancellationToken)
    {
        var going = states.Select(s => s.Urn).ToHashSet();
        foreach (var state in states.Reverse())
        {
            await TryAsync(state, Operation.Delete, () => DeleteOneAsync(state, ofReplaced: false, cancellationToken, withAnother: going.Contains(state.DeletedWith)));
            _settled.Add(state);
            Save();
        }
    }

    private async Task<bool> DeleteOneAsync(ResourceState state, bool ofReplaced, CancellationToken cancellationToken, bool withAnother = false)
    {
        var real = state is { Custom: true, External: false, RetainOnDelete: false, Provider.Length: > 0 } && !withAnother;
        if (real && !settings.DryRun) await (await ProviderAsync(state.Provider, cancellationToken)).DeleteAsync(Call(state), state.Id, state.Inputs, state.Outputs, cancellationToken);
        if (!state.External)
            _steps.Add(new Step(state.Urn, Operation.Delete)
            {
                Parent = state.Parent, Id = state.Id, Protect = state.Protect, Retained = state is { Custom: true, RetainOnDelete: true }, OfReplaced = ofReplaced, Inputs = state.Inputs, Outputs = state.Outputs,
            });
        return true;
    }

    private static ResourceCall Call(ResourceState state) => new(state.Urn, state.Type, Urn.NameOf(state.Urn));
}

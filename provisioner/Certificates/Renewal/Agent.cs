using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Bought;
using Provisioner.Certificates.Ordering;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Renewal;

/// <summary>What a pass came to.</summary>
public enum PassResult
{
    /// <summary>All is as it should be, or was made so.</summary>
    Well,
    /// <summary>Something failed; what was served before is still served. The status says what and when it is tried again.</summary>
    Failed,
    /// <summary>Somebody else is at it.</summary>
    Busy,
}

/// <summary>
/// One look at the world, and what follows from it: take up what lies in the inbox, order when due, place, prove, tell. It remembers nothing of its own:
/// killed anywhere, the next pass finds in the store, the journal and the status what there is to know.
/// </summary>
public sealed class Agent(AgentSettings settings, TimeProvider time, ILogger log)
{
    private readonly CertificateStore _store = new(settings.Store);
    private readonly HandshakeProof? _proof = settings.ProofAddress is { } address ? new HandshakeProof(address, time) : null;
    private AgentStatus _status = new();

    public CertificateStore Store => _store;

    /// <summary>As of the last pass.</summary>
    public AgentStatus Status => _status;

    /// <param name="asked">By a person: what the ladder says is passed over, what is due is done now.</param>
    /// <param name="even">Order even though nothing is due.</param>
    public async Task<PassResult> PassAsync(bool asked, bool even, CancellationToken cancellationToken)
    {
        using var held = TakeLock();
        if (held is null) return PassResult.Busy;
        _status = AgentStatus.Read(settings.Store) with { Source = settings.Source, Names = settings.Names };
        CertificateException? failure = null;
        try
        {
            _store.ProveWritable();
            if (Inbox.Take(settings, time.GetUtcNow()) is { } bought)
            {
                var stored = _store.Add(bought, new CertificateOrigin("paid", null, null, time.GetUtcNow()));
                // The status remembers it from here on: should it not come to be served now, it is tried again on the ladder, and not whenever the inbox is looked at.
                _status = _status with { Unproven = stored.Serial };
                _status.Write(settings.Store);
                Inbox.Clear(settings.Store);
                await PlaceAsync(stored, cancellationToken);
                _status = _status.Mended();
            }
            if (asked || even || MayTry()) failure = await TryAsync(() => RenewAsync(even, cancellationToken));
            await LookAtProxyAsync(cancellationToken);
        }
        catch (CertificateException refused)
        {
            failure ??= refused;
        }
        if (failure is not null) Note(failure);
        Conclude();
        return failure is null && _status.Failures == 0 ? PassResult.Well : PassResult.Failed;
    }

    /// <summary>Places a bought certificate that was given by hand.</summary>
    public async Task<PassResult> ImportAsync(CheckedCertificate certificate, CancellationToken cancellationToken)
    {
        using var held = TakeLock();
        if (held is null) return PassResult.Busy;
        _status = AgentStatus.Read(settings.Store) with { Source = settings.Source, Names = settings.Names };
        var failure = await TryAsync(() => PlaceAsync(_store.Add(certificate, new CertificateOrigin("paid", null, null, time.GetUtcNow())), cancellationToken));
        if (failure is not null) Note(failure);
        Conclude();
        return failure is null ? PassResult.Well : PassResult.Failed;
    }

    /// <summary>When there is something to do again, as far as is known.</summary>
    public DateTimeOffset Next()
    {
        var next = _status.Looked + TimeSpan.FromHours(1);
        foreach (var one in new[] { _status.Failures > 0 ? _status.NextTry : _status.Due, _status.AskAgain })
            if (one is { } at && at < next) next = at;
        return next;
    }

    private StoreLock? TakeLock()
    {
        try
        {
            return StoreLock.Take(settings.Store);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"{settings.Store} cannot be used: {refused.Message.TrimEnd('.')}.", "Mount it so that root may write there.", refused);
        }
    }

    private bool MayTry() => _status.Failures == 0 || (_status.NextTry is { } next && next <= time.GetUtcNow());

    private static async Task<CertificateException?> TryAsync(Func<Task> deed)
    {
        try
        {
            await deed();
            return null;
        }
        catch (CertificateException failure)
        {
            return failure;
        }
    }

    private async Task RenewAsync(bool even, CancellationToken cancellationToken)
    {
        var current = _store.Current;
        if (_status.Unproven is { } serial)
        {
            // It was paid for with an order: it is brought to be served before another one is asked for.
            if (_store.Find(serial) is { } waiting && waiting.NotAfter > time.GetUtcNow() && waiting.Covers(settings.Names) && waiting.NotAfter >= (current?.NotAfter ?? DateTimeOffset.MinValue)) await PlaceAsync(waiting, cancellationToken);
            else _status = _status with { Unproven = null };
            current = _store.Current;
        }
        if (settings.Authority is not { } authority)
        {
            if (current is null) throw new CertificateException(FailureKind.Operator, $"No certificate stands in {settings.Store}.", "Put fullchain.pem and privkey.pem (or certificate.pfx and password) into its inbox, or run `certificates import`.");
            _status = _status.Mended();
            return;
        }
        var folder = AccountFile.FolderOf(settings.Store, authority.Directory);
        var journal = new OrderJournal(folder);
        var ours = current is not null && current.Covers(settings.Names) && current.Origin is { Source: "acme" } origin && origin.Directory == authority.Directory && origin.Profile == authority.Profile;
        if (ours && !even && journal.Read() is null && await DueAsync(folder, authority, current!, cancellationToken) > time.GetUtcNow())
        {
            _status = _status.Mended();
            return;
        }
        if (!ours) await RehearseAsync(authority, cancellationToken);
        log.OrderBegun(string.Join(", ", settings.Names), authority.Directory.Host);
        var subject = new OrderSubject(settings.Names, authority.Profile, authority.Key);
        var replaces = ours ? RenewalId.Of(current!.Certificate) : null;
        var issued = await OrderAsync(folder, authority.Directory, authority, subject, replaces, cancellationToken);
        var stored = _store.Add(Check(issued), new CertificateOrigin("acme", authority.Directory, authority.Profile, time.GetUtcNow()));
        try
        {
            await PlaceAsync(stored, cancellationToken);
        }
        finally
        {
            // It stands: whatever became of the proof, nothing is to be ordered again for it. The status is written first, because only it knows an unproven one.
            _status.Write(settings.Store);
            journal.Clear();
        }
        log.Renewed(stored.Serial, stored.NotAfter);
        _status = _status.Mended() with { Window = null, AskAgain = null };
        await DueAsync(folder, authority, stored, cancellationToken);
    }

    /// <summary>Asks the authority where the last answer no longer holds; without an answer the life decides.</summary>
    private async Task<DateTimeOffset> DueAsync(string folder, AuthoritySettings authority, StoredCertificate current, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_status.Serial != current.Serial) _status = _status with { Serial = current.Serial, Window = null, AskAgain = null };
        if (RenewalId.Of(current.Certificate) is { } id && (_status.AskAgain is null || _status.AskAgain <= now))
        {
            var window = _status.Window;
            TimeSpan? asked = null;
            try
            {
                using var key = AccountKey.Create(AccountKey.Es256);        // the question is not signed
                window = await new AcmeClient(authority.Http, authority.Directory, key, time).RenewalAsync(id, cancellationToken);
                asked = window?.AskAgain;
            }
            catch (CertificateException silent)
            {
                log.WindowUnknown(silent.Message);
                asked = silent.RetryAfter;
            }
            _status = _status with { Window = window, AskAgain = now + RenewalRule.AskAgain(current.Life, asked) };
        }
        var due = RenewalRule.DueAt(current.Serial, current.NotBefore, current.NotAfter, _status.Window);
        _status = _status with { Due = due };
        return due;
    }

    /// <summary>Before the first order at an authority that counts, the same order at the one beside it that does not.</summary>
    private async Task RehearseAsync(AuthoritySettings authority, CancellationToken cancellationToken)
    {
        if (authority.Rehearsal is not { } directory || RehearsalFile.Holds(settings.Store, settings.Names, authority.Solver.Type, directory)) return;
        var folder = AccountFile.FolderOf(settings.Store, directory);
        try
        {
            await OrderAsync(folder, directory, authority, new OrderSubject(settings.Names, null, authority.Key), null, cancellationToken);
        }
        catch (CertificateException failed)
        {
            throw new CertificateException(failed.Kind, $"The rehearsal failed, so nothing was ordered: {failed.Message}", failed.Remedy, failed) { Problem = failed.Problem, RetryAfter = failed.RetryAfter };
        }
        RehearsalFile.Write(settings.Store, new Rehearsal(settings.Names, authority.Solver.Type, directory, time.GetUtcNow()));
        new OrderJournal(folder).Clear();
    }

    private async Task<IssuedCertificate> OrderAsync(string folder, Uri directory, AuthoritySettings authority, OrderSubject subject, string? replaces, CancellationToken cancellationToken)
    {
        var client = await AccountFile.OpenAsync(folder, authority.Http, directory, authority.Account, time, cancellationToken);
        using var key = client.Key;
        var run = new OrderRun(client, new OrderJournal(folder), authority.Solver, time, log);
        try
        {
            return await run.RunAsync(subject, replaces, cancellationToken);
        }
        catch (CertificateException forgotten) when (forgotten.Problem == "accountDoesNotExist")
        {
            await AccountFile.RegisterAsync(client, folder, AccountFile.Read(folder)!, authority.Account, cancellationToken);
            return await run.RunAsync(subject, replaces, cancellationToken);
        }
    }

    /// <summary>What an authority issues goes through the same door as what was bought.</summary>
    private CheckedCertificate Check(IssuedCertificate issued)
    {
        var mistakes = new List<string>();
        var certificate = BoughtCertificate.FromPem(issued.ChainPem, issued.KeyPem, null, settings.Names[0].Replace("*.", "any.", StringComparison.Ordinal), time.GetUtcNow(), (_, reason, _) => mistakes.Add(reason));
        return certificate ?? throw new CertificateException(FailureKind.Operator, $"The authority issued a certificate that no server could use: {string.Join(" ", mistakes)}", "What was served before is still served. Look at the clock here, and at the authority.");
    }

    private async Task PlaceAsync(StoredCertificate certificate, CancellationToken cancellationToken)
    {
        var (name, old) = (settings.Names[0].Replace("*.", "any.", StringComparison.Ordinal), _store.Current);
        var before = _proof is null ? null : await _proof.ServedAsync(name, cancellationToken);
        _store.Switch(certificate);
        if (_proof is null)
        {
            _status = _status with { Proof = Proof.Unasked, Unproven = null };
            return;
        }
        var patience = before is null ? TimeSpan.Zero : settings.ProofPatience;      // where nobody answered before, nobody is waited for
        var served = await _proof.WaitAsync(name, certificate.Serial, patience, cancellationToken);
        if (served == certificate.Serial)
        {
            log.Proven(certificate.Serial, settings.ProofAddress!);
            _status = _status with { Proof = Proof.Served, Unproven = null };
            return;
        }
        if (before is null && served is null)
        {
            _status = _status with { Proof = Proof.Pending, Unproven = null };
            return;
        }
        if (old is not null && old.Serial != certificate.Serial)
        {
            _store.SwitchBack(old);
            await _proof.WaitAsync(name, old.Serial, settings.ProofPatience, cancellationToken);
        }
        _status = _status with { Unproven = certificate.Serial };
        throw new CertificateException(FailureKind.Operator, $"After the switch {settings.ProofAddress} {(served is null ? "serves no certificate" : $"serves {served}")} and not {certificate.Serial}{(old is null ? "" : $"; it was switched back to {old.Serial}")}.",
            "Look at the proxy's log (`nginx -t`): it did not take the new certificate. The certificate is kept and is tried again; nothing is ordered meanwhile.");
    }

    /// <summary>Every pass: what is served, whoever placed it.</summary>
    private async Task LookAtProxyAsync(CancellationToken cancellationToken)
    {
        if (_proof is null || _store.Current is not { } current) return;
        var name = settings.Names[0].Replace("*.", "any.", StringComparison.Ordinal);
        var served = await _proof.ServedAsync(name, cancellationToken);
        // Just after a reload an old worker of the proxy may still answer: it is asked again before anything is said.
        if (served is not null && served != current.Serial) served = await _proof.WaitAsync(name, current.Serial, settings.ProofPatience, cancellationToken);
        var proof = served is null ? Proof.Pending : served == current.Serial ? Proof.Served : Proof.Differs;
        if (proof == Proof.Differs && _status.Proof != Proof.Differs) log.ServedOther(settings.ProofAddress!, served!, current.Serial);
        _status = _status with { Proof = proof };
    }

    private void Note(CertificateException failure)
    {
        var failures = _status.Failures + 1;
        var wait = Ladder.After(failures, failure.RetryAfter);
        var now = time.GetUtcNow();
        _status = _status with
        {
            Failures = failures, Failure = new AgentFailure(now, failure.Kind, failure.Message, failure.Remedy), FailingSince = _status.FailingSince ?? now, NextTry = wait is { } w ? now + w : null,
        };
        if (wait is null) log.GivenUp(failures, failure.Message, failure.Remedy);
        else log.Failed(failures, failure.Message, failure.Remedy, _status.NextTry!.Value);
    }

    /// <summary>Tells how near the end is, each level once, and leaves the status.</summary>
    private void Conclude()
    {
        var told = (_status.Serial, _status.Alarm);
        try
        {
            _status = _store.Current is not { } current
                ? _status with { Serial = null, Issuer = null, NotBefore = null, NotAfter = null, Alarm = Alarm.None }
                : _status with { Serial = current.Serial, Issuer = current.Certificate.Issuer, NotBefore = current.NotBefore, NotAfter = current.NotAfter, Alarm = Alarms.Of(current.NotBefore, current.NotAfter, time.GetUtcNow()), Due = settings.Authority is null ? null : _status.Due };
        }
        catch (CertificateException)
        {
            // Unreadable: told already, and what was known of it stays in the status.
        }
        if (_status.Alarm > (told.Serial == _status.Serial ? told.Alarm : Alarm.None))
        {
            if (_status.Alarm == Alarm.Notice) log.HalfOver(_status.Serial!, _status.NotAfter!.Value);
            else log.NearEnd(_status.Alarm, _status.Serial!, _status.NotAfter!.Value);
        }
        _status = _status with { Looked = time.GetUtcNow() };
        try
        {
            _status.Write(settings.Store);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            log.StatusUnwritten(refused.Message);
        }
    }
}

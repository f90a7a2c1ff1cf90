using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Challenges;

/// <summary>
/// http-01: answers by itself while a challenge stands, on each of the addresses that can be had (port 80 until the proxy has it, another one that the proxy passes
/// challenges on to), and puts a file where a proxy finds it.
/// </summary>
/// <param name="listen">None: only the file.</param>
/// <param name="folder">Gets .well-known/acme-challenge/TOKEN. Null: no file.</param>
public sealed class HttpSolver(ImmutableArray<IPEndPoint> listen, string? folder) : IChallengeSolver, IDisposable
{
    private const string Path = "/.well-known/acme-challenge/";

    /// <summary>Strangers ask here: bounds on what one may cost.</summary>
    private const int LongestHead = 8192, Guests = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, string> _proofs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _guests = new(Guests);
    private readonly List<TcpListener> _listeners = [];

    public string Type => "http-01";

    public Task PresentAsync(ChallengeProof proof, CancellationToken cancellationToken)
    {
        if (proof.Token.Length == 0 || !proof.Token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) throw new CertificateException(FailureKind.Operator, "The authority's token is none: it would lead out of its folder.", "Look at acmeDirectory: that is no honest authority.");
        _proofs[proof.Token] = proof.Authorization;
        if (folder is not null)
        {
            DurableFiles.Folder(folder);
            var place = folder + Path;
            foreach (var path in new[] { folder, System.IO.Path.GetDirectoryName(place.TrimEnd('/'))!, place })
            {
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, DurableFiles.ReadableFolder);      // what stands in it is public
            }
            DurableFiles.Write(place + proof.Token, proof.Authorization, DurableFiles.Readable);
        }
        if (_listeners.Count == 0) Listen();
        return Task.CompletedTask;
    }

    public Task RemoveAsync(ChallengeProof proof, CancellationToken cancellationToken)
    {
        _proofs.TryRemove(proof.Token, out _);
        if (folder is not null && File.Exists(folder + Path + proof.Token)) File.Delete(folder + Path + proof.Token);
        if (_proofs.IsEmpty) Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var listener in _listeners) listener.Dispose();
        _listeners.Clear();
    }

    private void Listen()
    {
        SocketException? last = null;
        foreach (var address in listen)
        {
            var listener = new TcpListener(address);
            try
            {
                listener.Start();
                _listeners.Add(listener);
                _ = ServeAsync(listener);
            }
            catch (SocketException taken)
            {
                listener.Dispose();     // the proxy has it: it passes challenges on, or finds the file
                last = taken;
            }
        }
        if (_listeners.Count == 0 && folder is null)
            throw new CertificateException(FailureKind.Operator, $"{string.Join(" and ", listen)} cannot be listened on for http-01: {last?.Message.TrimEnd('.')}.", "Free the port, or let what has it pass /.well-known/acme-challenge/ on; or take dns-01.", last);
    }

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                await _guests.WaitAsync();
                _ = AnswerAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            _guests.Release();
        }
    }

    private async Task AnswerAsync(TcpClient guest)
    {
        try
        {
            using (guest)
            {
                using var patience = new CancellationTokenSource(Patience);
                var stream = guest.GetStream();
                var (buffer, length) = (new byte[LongestHead], 0);
                while (length < LongestHead && buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
                    if (await stream.ReadAsync(buffer.AsMemory(length), patience.Token) is > 0 and var read) length += read;
                    else return;
                var words = Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n", 2)[0].Split(' ');
                var found = words is ["GET" or "HEAD", var target, _] && target.StartsWith(Path, StringComparison.Ordinal) ? _proofs.GetValueOrDefault(target[Path.Length..]) : null;
                var body = found is null || words[0] == "HEAD" ? "" : found;
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(found is null ? "404 Not Found" : "200 OK")}\r\nContent-Type: application/octet-stream\r\nContent-Length: {(found ?? "").Length}\r\nConnection: close\r\n\r\n{body}"), patience.Token);
            }
        }
        catch (Exception left) when (left is IOException or OperationCanceledException or SocketException)
        {
            return;
        }
        finally
        {
            _guests.Release();
        }
    }
}

using System.Net.WebSockets;
using System.Text;
using Xunit;

namespace FrontDoor.Tests;

/// <summary>Another server, another certificate: taken up by a reload, while requests come all the time.</summary>
public sealed class A_change_behind_the_door(RunningDoor door) : IClassFixture<RunningDoor>
{
    [Fact]
    public async Task Loses_no_request()
    {
        using var over = new CancellationTokenSource();
        var (answered, lost, servers) = (0, new System.Collections.Concurrent.ConcurrentBag<string>(), new System.Collections.Concurrent.ConcurrentDictionary<string, int>());
        var clients = Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            using var client = door.Client(reuse: n % 2 == 0);
            while (!over.IsCancellationRequested)
            {
                try
                {
                    servers.AddOrUpdate((await client.GetStringAsync("/")).Split(' ')[0], 1, (_, count) => count + 1);
                    Interlocked.Increment(ref answered);
                }
                catch (Exception failure)
                {
                    lost.Add(failure.ToString());
                }
            }
        }, CancellationToken.None)).ToList();
        var changes = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 4 : 100;
        for (var change = 0; change < changes; change++)
        {
            var before = Volatile.Read(ref answered);
            await door.UntilAsync(() => Volatile.Read(ref answered) > before + 20, "answers between two changes");
            var was = door.Serving;
            var next = was.Contains(door.B.Address, StringComparison.Ordinal) ? door.A.Address : door.B.Address;     // another test may have left either
            if (change % 4 < 2) door.Switch(next);
            else door.Place($"change{change}", RunningDoor.Issue());
            await door.UntilAsync(() => door.Serving != was, "the change");
        }
        await over.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(lost);
        Assert.Equal(2, servers.Count);
        TestContext.Current.SendDiagnosticMessage($"{changes} changes, {answered} requests, none lost");
    }

    [Fact]
    public async Task Lets_what_is_under_way_end_where_it_began()
    {
        door.Switch(door.A.Address);
        await door.UntilAsync(() => door.Serving.Contains(door.A.Address, StringComparison.Ordinal), "server a");
        using var client = door.Client();
        var slow = client.GetStringAsync("/slow");
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => door.Trusts(certificate);
        await socket.ConnectAsync(new Uri($"wss://localhost:{door.Port}/_blazor"), CancellationToken.None);
        await EchoAsync(socket, "before");
        door.Switch(door.B.Address);
        await door.UntilAsync(() => door.Serving.Contains(door.B.Address, StringComparison.Ordinal), "server b");
        using var later = door.Client();
        Assert.StartsWith("b ", await later.GetStringAsync("/"), StringComparison.Ordinal);
        await EchoAsync(socket, "after");
        door.A.Release.TrySetResult();
        Assert.StartsWith("a ", await slow, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_is_broken_is_told_and_the_old_one_goes_on()
    {
        using var client = door.Client(reuse: false);
        var good = RunningDoor.Issue();
        door.Place("good", good);
        await door.UntilAsync(() => { _ = client.GetStringAsync("/").GetAwaiter().GetResult(); return door.Seen == good.Certificate.SerialNumber; }, "the good certificate");
        Directory.CreateDirectory($"{door.Folder}/tls/broken");
        await File.WriteAllTextAsync($"{door.Folder}/tls/broken/server.crt", good.ChainPem);
        await File.WriteAllTextAsync($"{door.Folder}/tls/broken/server.key", RunningDoor.Issue().KeyPem);      // of another certificate
        door.Point("broken");
        await door.UntilAsync(() => door.Said.Contains("key values mismatch", StringComparison.Ordinal), "the refusal");
        Assert.NotEmpty(await client.GetStringAsync("/"));
        Assert.Equal(good.Certificate.SerialNumber, door.Seen);
        door.Switch("app-b:8080; include /etc/shadow");
        await door.UntilAsync(() => door.Said.Contains("is no NAME:PORT", StringComparison.Ordinal), "the refusal");
        door.Switch("nowhere.invalid:8080");
        await door.UntilAsync(() => door.Said.Contains("nowhere.invalid:8080 is not found", StringComparison.Ordinal), "the refusal");
        Assert.NotEmpty(await client.GetStringAsync("/"));

        // Cured, it is taken up.
        door.Point("good");
        door.Switch(door.A.Address);
        await door.UntilAsync(() => door.Serving.Contains(door.A.Address, StringComparison.Ordinal), "server a");
    }

    private static async Task EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[100];
        Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, CancellationToken.None)).Count));
    }
}

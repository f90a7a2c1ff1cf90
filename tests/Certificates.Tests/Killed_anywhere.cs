using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Certificates.Tests.Authority;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>The program itself, killed (SIGKILL) while it waits for an answer: before the authority has heard of the call, or after it has acted on it.</summary>
public sealed class Killed_anywhere(TestCa ca) : IClassFixture<TestCa>
{
    public static TheoryData<string, bool> Steps
    {
        get
        {
            var steps = new TheoryData<string, bool>();
            foreach (var kind in new[] { "account", "order", "authorization", "challenge", "finalize", "certificate" })
                foreach (var after in new[] { false, true }) steps.Add(kind, after);
            return steps;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task The_agent_goes_on_and_nothing_is_ordered_twice(string kind, bool after)
    {
        ca.Ready();
        using var store = new TestStore();
        var settings = store.Write(store.Document(ca));
        ca.Proxy.Made.Clear();
        var (there, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        async Task Hold(AcmeCall call)
        {
            if (call.Kind != kind) return;
            there.TrySetResult();
            await go.Task;
            throw new IOException("the caller is dead; what it asked for never arrives, or the answer never goes back");
        }
        if (after) ca.Proxy.After = Hold;
        else ca.Proxy.Before = Hold;
        var agent = Start(settings);
        await Task.WhenAny(there.Task, agent.WaitForExitAsync());
        Assert.True(there.Task.IsCompleted, await ErrorsAsync(agent));
        await Tool.EndAsync(agent);
        (ca.Proxy.Before, ca.Proxy.After) = (null, null);
        go.SetResult();
        // Told to look while nobody answers any more, the authority may have ended the order itself: then, and only then, there is another one.
        await FinishAsync(store, kind == "challenge" && after ? 2 : 1);
    }

    [Fact]
    public async Task The_agent_that_waited_for_the_proof_goes_on_too()
    {
        ca.Ready();
        using var store = new TestStore();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);       // it takes connections, and never says a word
        proxy.Start();
        ca.Proxy.Made.Clear();
        var agent = Start(store.Write(store.Document(ca, proxy.LocalEndpoint.ToString())));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        (await proxy.AcceptTcpClientAsync(patience.Token)).Dispose();         // asked before the switch
        using var asked = await proxy.AcceptTcpClientAsync(patience.Token);   // and after it
        await Tool.EndAsync(agent);
        Assert.NotNull(store.Current);
        Assert.NotNull(store.Journal(ca).Read());
        var serial = store.Current;
        await FinishAsync(store);
        Assert.Equal(serial, store.Current);
    }

    private async Task FinishAsync(TestStore store, int orders = 1)
    {
        var next = store.Agent(ca);
        Assert.True(await next.PassAsync(false, false, default) == PassResult.Well, next.Status.Failure?.ToString());
        Assert.Single(ca.Proxy.Made.Values, "account");
        Assert.InRange(ca.Proxy.Made.Values.Count(k => k == "order"), 1, orders);
        Assert.Null(store.Journal(ca).Read());
        Assert.Single(Directory.GetDirectories(store.Root), d => File.Exists($"{d}/origin.json") && new DirectoryInfo(d).LinkTarget is null);
        var made = ca.Proxy.Made.Count;
        Assert.Equal(PassResult.Well, await store.Agent(ca).PassAsync(false, false, default));
        Assert.Equal(made, ca.Proxy.Made.Count);
    }

    private static Process Start(string settings) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Certificates/release/certificates.dll")), "renew", "--settings", settings]) { RedirectStandardError = true, RedirectStandardOutput = true })!;

    private static async Task<string> ErrorsAsync(Process agent) => agent.HasExited ? await agent.StandardError.ReadToEndAsync() : "it waits where the test wants it";
}

using System.Collections.Concurrent;
using System.Net;
using Certificates.Tests.Authority;
using Microsoft.Extensions.Logging;
using Provisioner.Certificates;
using Provisioner.Certificates.Challenges;
using Provisioner.Certificates.Dns;
using Provisioner.Certificates.Ordering;
using Provisioner.Certificates.Renewal;
using Provisioner.Certificates.Store;

namespace Certificates.Tests;

/// <summary>The true clock, some way off; waits are real.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + Shift;
}

internal sealed class KeptLog : ILogger
{
    public ConcurrentQueue<(int Id, string Text)> Events { get; } = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Enqueue((eventId.Id, formatter(state, exception)));
}

/// <summary>A store in a folder of its own, and an agent for it.</summary>
internal sealed class TestStore : IDisposable
{
    public const string Name = "backup.example.org";

    public string Root { get; } = System.IO.Directory.CreateTempSubdirectory("tls-").FullName;
    public ShiftedTime Time { get; } = new();
    public KeptLog Log { get; } = new();
    public CertificateStore Store => new(Root);
    public AgentStatus Status => AgentStatus.Read(Root);
    public string? Current => new FileInfo(Path.Combine(Root, "current")).LinkTarget;

    public string FileOf(string serial, string name) => Path.Combine(Root, serial, name);

    public void Dispose() => System.IO.Directory.Delete(Root, recursive: true);

    /// <param name="configure">What is different about the document.</param>
    public Agent Agent(TestCa ca, Func<AgentDocument, AgentDocument>? configure = null, string? proof = null)
    {
        var document = Document(ca, proof);
        return new Agent(Load(configure?.Invoke(document) ?? document), Time, Log);
    }

    /// <summary>An agent for bought certificates.</summary>
    public Agent Bought(string? proof = null, int patience = 30) => new(new AgentSettings(Root, [Name], null, proof, TimeSpan.FromSeconds(patience)), Time, Log);

    public AgentDocument Document(TestCa ca, string? proof = null)
    {
        File.WriteAllText(Path.Combine(Root, "root.pem"), ca.RootPem);
        File.WriteAllText(Path.Combine(Root, "eab.key"), TestCa.BindingKey);
        File.WriteAllText(Path.Combine(Root, "dns.key"), NameServer.Key + "\n");
        return new AgentDocument
        {
            Store = Root, Names = [Name], Proof = proof, ProofSeconds = 30,
            Authority = new AuthorityDocument { Directory = ca.Proxy.Directory, RootFile = "root.pem", Listen = [$"127.0.0.1:{ca.HttpPort}"], ExternalKeyId = ca.WantsBinding ? TestCa.BindingId : null, ExternalKeyFile = "eab.key" },
        };
    }

    public static AgentDocument ByDns(AgentDocument document, TestCa ca) => document with
    {
        Authority = document.Authority! with { Challenge = "dns-01", Dns = new DnsDocument { Provider = "rfc2136", Zone = NameServer.Zone, Server = "127.0.0.1", Port = ca.Names.Port, KeyName = NameServer.KeyName, KeyFile = "dns.key" } },
    };

    public string Write(AgentDocument document)
    {
        var path = Path.Combine(Root, "settings.json");
        File.WriteAllText(path, document.ToJson());
        return path;
    }

    private AgentSettings Load(AgentDocument document) => AgentDocument.Load(Write(document), Time, Log);

    public OrderJournal Journal(TestCa ca) => new(AccountFile.FolderOf(Root, ca.Proxy.Directory));
}

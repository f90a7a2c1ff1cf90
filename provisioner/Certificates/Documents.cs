using System.Text.Json;
using System.Text.Json.Serialization;
using Provisioner.Certificates.Ordering;
using Provisioner.Certificates.Renewal;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates;

/// <summary>The JSON documents of docs/certificates.md.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(AccountFile))]
[JsonSerializable(typeof(CertificateOrigin))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(AgentDocument))]
[JsonSerializable(typeof(Rehearsal))]
internal sealed partial class Documents : JsonSerializerContext;

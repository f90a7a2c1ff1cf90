using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;
using Provisioner.Provider.Resources;
using Pulumirpc;

namespace Provisioner.Provider;

/// <summary>What Pulumi's engine asks (docs/provider.md). A preview performs no deed; a failure carries its cause and its remedy.</summary>
internal sealed class ProviderService(EngineLog log, TimeProvider time) : ResourceProvider.ResourceProviderBase, IDisposable
{
    private static readonly string Version = typeof(ProviderService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly HostedResource[] _resources = [new CertificateResource(), new InstallationResource()];
    private readonly CancellationTokenSource _cancelled = new();
    private readonly InputCheck _check = new(log, time);

    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context)
    {
        if (request.EngineAddress.Length > 0) log.Attach(request.EngineAddress);
        return Task.FromResult(new ProviderHandshakeResponse { AcceptSecrets = true });
    }

    public override Task<Empty> Attach(PluginAttach request, ServerCallContext context)
    {
        log.Attach(request.Address);
        return Task.FromResult(new Empty());
    }

    public override Task<PluginInfo> GetPluginInfo(Empty request, ServerCallContext context) => Task.FromResult(new PluginInfo { Version = Version });

    public override Task<GetSchemaResponse> GetSchema(GetSchemaRequest request, ServerCallContext context) => Task.FromResult(new GetSchemaResponse { Schema = Schema.Text(Version) });

    /// <summary>The stack's whole configuration arrives here, because the project's namespace is the package's name. It is not ours: the resources have it.</summary>
    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context)
    {
        var kept = new Struct();
        foreach (var name in new[] { "version", "pluginDownloadURL", "__internal" })
            if (PropertyValues.Member(request.News, name) is { } value) kept.Fields[name] = value;
        return Task.FromResult(new CheckResponse { Inputs = kept });
    }

    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) => Task.FromResult(new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone });

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) => Task.FromResult(new ConfigureResponse { AcceptSecrets = true, SupportsPreview = true });

    public override async Task<CheckResponse> Check(CheckRequest request, ServerCallContext context)
    {
        using var token = Token(context);
        return await _check.OfAsync(Resource(request.Urn, request.Type), request, token.Token);
    }

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) =>
        Task.FromResult(Difference.Of(Resource(request.Urn, request.Type), request.OldInputs ?? new Struct(), request.Olds ?? new Struct(), request.News ?? new Struct()));

    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        var resource = Resource(request.Urn, request.Type);
        if (request.Preview) return new CreateResponse { Properties = await ForeseenAsync(resource, request.Urn, request.Properties, null) };
        var id = HostedInputs.Read(request.Properties).Stack;
        return new CreateResponse { Id = id, Properties = await DeployAsync(resource, request.Urn, id, request.Properties, null, context) };
    }

    public override async Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        var resource = Resource(request.Urn, request.Type);
        var pin = PropertyValues.TextOf(request.Olds, "hostKeyFingerprint");
        return new UpdateResponse
        {
            Properties = request.Preview ? await ForeseenAsync(resource, request.Urn, request.News, pin) : await DeployAsync(resource, request.Urn, request.Id, request.News, pin, context),
        };
    }

    public override async Task<ReadResponse> Read(ReadRequest request, ServerCallContext context)
    {
        var resource = Resource(request.Urn, request.Type);
        if (request.Inputs is not { Fields.Count: > 0 }) throw Failed("It cannot be imported: without its settings nothing tells what to look for.", "Let `pulumi up` make it; on a host that is as planned it changes nothing.");
        using var token = Token(context);
        var (settings, host) = Ready(request.Inputs, PropertyValues.TextOf(request.Properties, "hostKeyFingerprint"));
        if (resource.NotBuilt(settings) is { IsEmpty: false } missing) throw Failed(string.Join(" ", missing), "");
        var outputs = await ToldAsync(() => resource.ReadAsync(settings, host, token.Token));
        return outputs is null ? new ReadResponse() : new ReadResponse { Id = request.Id, Properties = outputs, Inputs = request.Inputs };
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        var resource = Resource(request.Urn, request.Type);
        if (request.OldInputs is not { Fields.Count: > 0 }) throw Failed("The engine did not send what the resource was made from.", "Use Pulumi 3.100 or newer.");
        using var token = Token(context);
        var (settings, host) = Ready(request.OldInputs, PropertyValues.TextOf(request.Properties, "hostKeyFingerprint"));
        await ToldAsync(async () =>
        {
            await resource.DeleteAsync(settings, host, token.Token);
            return true;
        });
        return new Empty();
    }

    public override Task<Empty> Cancel(Empty request, ServerCallContext context)
    {
        _cancelled.Cancel();
        return Task.FromResult(new Empty());
    }

    public void Dispose()
    {
        _cancelled.Dispose();
        _check.Dispose();
    }

    private HostedResource Resource(string urn, string type)
    {
        var token = type.Length > 0 ? type : urn.Split("::") is { Length: > 2 } parts ? parts[2].Split('$')[^1] : "";
        return Array.Find(_resources, r => r.Type == token) ?? throw Failed($"There is no resource {token} in this package.", $"Known are {string.Join(", ", _resources.Select(r => r.Type))}.");
    }

    /// <summary>What a preview may say: from the inputs and the state alone.</summary>
    private async Task<Struct> ForeseenAsync(HostedResource resource, string urn, Struct inputs, string? hostKey)
    {
        var read = HostedInputs.Read(inputs);
        Struct foreseen;
        if (Judged(read) is { } settings)
        {
            foreach (var missing in resource.NotBuilt(settings)) await log.WarnAsync(urn, $"`pulumi up` would refuse: {missing}");
            foreseen = resource.Foreseen(settings, PropertyValues.Member(inputs, "desired")?.StructValue ?? resource.Desired(settings));
        }
        else foreseen = new Struct();       // outputs that are left out count as unknown
        foreseen.Fields["hostKeyFingerprint"] = (read.HostKeyFingerprint ?? hostKey) is { } known ? PropertyValues.Text(known) : PropertyValues.Unknown;
        return foreseen;
    }

    private async Task<Struct> DeployAsync(HostedResource resource, string urn, string id, Struct inputs, string? hostKey, ServerCallContext context)
    {
        using var token = Token(context);
        var (settings, host) = Ready(inputs, hostKey);
        if (resource.NotBuilt(settings) is { IsEmpty: false } missing) throw Failed(string.Join(" ", missing), "");
        if (resource.NotTaken(settings) is { IsEmpty: false } idle) await log.WarnAsync(urn, $"Kept, but without effect, because the server of this version takes no such setting: {string.Join(", ", idle)}.");
        try
        {
            return await resource.DeployAsync(settings, host, step => log.ProgressAsync(urn, step), token.Token);
        }
        catch (DeployException failure) when (!failure.Untouched)
        {
            // It exists in part: the state keeps it, and the next run goes on from there.
            throw Unfinished(id, inputs, $"{failure.Message} {failure.Remedy}", host.HostKey);
        }
        catch (DeployException failure)
        {
            throw Failed(failure.Message, failure.Remedy);
        }
        catch (OperationCanceledException)
        {
            throw Unfinished(id, inputs, "It was cancelled half-way. Run it again: it goes on from where it was.", host.HostKey);
        }
    }

    private (StackSettings Settings, DeployExecutor Host) Ready(Struct inputs, string? hostKey)
    {
        var read = HostedInputs.Read(inputs);
        if (read.Host is not { } address || read.Settings is null) throw Failed("Address or settings of the host are not known.", "Set host and settings; docs/provider.md tells their form.");
        var settings = Judged(read) ?? throw Failed(SettingsJudge.Judge(read.Settings, time.GetUtcNow()).ToString(), "");
        if (settings.Storage.S3 is { Bucket: null }) throw Failed("The bucket of the vaults has no name.", "Set host.bucket, or s3Bucket in the settings.");
        return (settings, new DeployExecutor(new HostLogin(address.Address, address.Port, address.User, settings.Access.PrivateKey, read.HostKeyFingerprint ?? hostKey), time));
    }

    private StackSettings? Judged(HostedInputs read) => read.Settings is null ? null : SettingsJudge.Judge(read.Settings, time.GetUtcNow()).Settings?.WithBucket(read.Bucket);

    private CancellationTokenSource Token(ServerCallContext context) => CancellationTokenSource.CreateLinkedTokenSource(_cancelled.Token, context.CancellationToken);

    private static async Task<T> ToldAsync<T>(Func<Task<T>> deed)
    {
        try
        {
            return await deed();
        }
        catch (DeployException failure)
        {
            throw Failed(failure.Message, failure.Remedy);
        }
    }

    private static RpcException Failed(string message, string remedy) => new(new Status(StatusCode.FailedPrecondition, $"{message} {remedy}".TrimEnd()));

    private static RpcException Unfinished(string id, Struct inputs, string reason, string hostKey)
    {
        var outputs = new Struct();
        if (hostKey.Length > 0) outputs.Fields["hostKeyFingerprint"] = PropertyValues.Text(hostKey);
        var detail = new ErrorResourceInitFailed { Id = id, Properties = outputs, Reasons = { reason }, Inputs = inputs };
        var status = new RpcStatus { Code = (int)StatusCode.Unknown, Message = reason, Details = { Any.Pack(detail) } };
        return new RpcException(new Status(StatusCode.Unknown, reason), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }
}

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumirpc;
using PulumiEngine.Values;

namespace PulumiEngine.Providers;

/// <summary>A provider that runs as a process of its own and speaks the provider protocol, as Pulumi's engine would drive it.</summary>
internal sealed class PluginProvider : IResourceProvider
{
    private readonly PluginProcess _process;
    private readonly GrpcChannel _channel;
    private readonly ResourceProvider.ResourceProviderClient _client;
    private bool _acceptsSecrets;
    private bool _supportsPreview;

    private PluginProvider(PluginProcess process)
    {
        _process = process;
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{process.Port}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true, MaxReceiveMessageSize = 400 << 20, MaxSendMessageSize = 400 << 20,
        });
        _client = new ResourceProvider.ResourceProviderClient(_channel);
    }

    /// <summary>Handshake, CheckConfig, Configure: afterwards it takes resources.</summary>
    /// <exception cref="ProviderException">The process did not come up, or it refuses its configuration.</exception>
    public static async Task<PluginProvider> StartAsync(PluginProcess process, string engineAddress, string urn, string id, string root, string programFolder, Struct config, CancellationToken cancellationToken)
    {
        var provider = new PluginProvider(process);
        try
        {
            await provider.ConfigureAsync(engineAddress, urn, id, root, programFolder, config, cancellationToken);
            return provider;
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    public async Task<Checked> CheckAsync(ResourceCall call, Struct olds, Struct news, CancellationToken cancellationToken)
    {
        var request = new CheckRequest
        {
            Urn = call.Urn, Name = call.Name, Type = call.Type, Olds = Sent(olds), News = Sent(news),
            RandomSeed = ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(call.Urn))),
        };
        var answer = await AskAsync(c => _client.CheckAsync(request, c));
        return new Checked(_acceptsSecrets ? answer.Inputs ?? news : MarkedAsIn(answer.Inputs ?? news, news), [.. answer.Failures.Select(f => (f.Property, f.Reason))]);
    }

    public async Task<Difference> DiffAsync(ResourceCall call, string id, Struct oldInputs, Struct oldOutputs, Struct news, IReadOnlyList<string> ignoreChanges, CancellationToken cancellationToken)
    {
        var request = new DiffRequest { Id = id, Urn = call.Urn, Name = call.Name, Type = call.Type, Olds = Sent(oldOutputs), News = Sent(news), OldInputs = Sent(oldInputs), IgnoreChanges = { ignoreChanges } };
        var answer = await AskAsync(c => _client.DiffAsync(request, c));
        string[] replacing = [.. answer.Replaces.Union(answer.DetailedDiff
            .Where(d => d.Value.Kind is PropertyDiff.Types.Kind.AddReplace or PropertyDiff.Types.Kind.DeleteReplace or PropertyDiff.Types.Kind.UpdateReplace).Select(d => d.Key))];
        string[] changed = answer.HasDetailedDiff && answer.DetailedDiff.Count > 0 ? [.. answer.DetailedDiff.Keys] : [.. answer.Diffs.Union(answer.Replaces)];
        if (answer.Changes == DiffResponse.Types.DiffChanges.DiffUnknown && changed.Length == 0) changed = [.. PropertyPath.Differences(oldInputs, news)];
        if (answer.Changes == DiffResponse.Types.DiffChanges.DiffNone) changed = replacing = [];
        else if (answer.Changes == DiffResponse.Types.DiffChanges.DiffSome && changed.Length == 0) changed = [.. PropertyPath.Differences(oldInputs, news).DefaultIfEmpty("(state)")];
        return new Difference([.. changed.Order(StringComparer.Ordinal)], [.. replacing.Order(StringComparer.Ordinal)], answer.DeleteBeforeReplace);
    }

    public async Task<Made> CreateAsync(ResourceCall call, Struct inputs, bool preview, CancellationToken cancellationToken)
    {
        if (preview && !_supportsPreview) return new Made("", inputs);
        var request = new CreateRequest { Urn = call.Urn, Name = call.Name, Type = call.Type, Properties = Sent(inputs), Preview = preview };
        return await MakeAsync(async c => await _client.CreateAsync(request, c) is var answer ? new Made(preview ? "" : answer.Id, Marked(answer.Properties, inputs)) : throw new InvalidOperationException(), "", inputs, preview);
    }

    public async Task<Made> UpdateAsync(ResourceCall call, string id, Struct oldInputs, Struct oldOutputs, Struct news, IReadOnlyList<string> ignoreChanges, bool preview, CancellationToken cancellationToken)
    {
        if (preview && !_supportsPreview) return new Made(id, news);
        var request = new UpdateRequest
        {
            Id = id, Urn = call.Urn, Name = call.Name, Type = call.Type, Olds = Sent(oldOutputs), News = Sent(news), OldInputs = Sent(oldInputs), IgnoreChanges = { ignoreChanges }, Preview = preview,
        };
        return await MakeAsync(async c => new Made(id, Marked((await _client.UpdateAsync(request, c)).Properties, news)), id, news, preview);
    }

    public async Task<Made?> ReadAsync(ResourceCall call, string id, Struct inputs, Struct outputs, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(c => _client.ReadAsync(new ReadRequest { Id = id, Urn = call.Urn, Name = call.Name, Type = call.Type, Properties = Sent(outputs), Inputs = Sent(inputs) }, c));
        return answer.Id.Length == 0 ? null : new Made(answer.Id, Marked(answer.Properties, outputs));
    }

    public async Task DeleteAsync(ResourceCall call, string id, Struct inputs, Struct outputs, CancellationToken cancellationToken) =>
        await AskAsync(c => _client.DeleteAsync(new DeleteRequest { Id = id, Urn = call.Urn, Name = call.Name, Type = call.Type, Properties = Sent(outputs), OldInputs = Sent(inputs) }, c));

    public Task<Struct> InvokeAsync(string token, Struct args, CancellationToken cancellationToken) =>
        throw new ProviderException($"Functions of provider processes are not driven by the local engine: {token}.");

    /// <summary>The provider may end what it does; then its process ends.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _client.CancelAsync(new Empty(), deadline: DateTime.UtcNow.AddSeconds(2));
        }
        catch (RpcException)
        {
            // It need not know the call, nor be alive.
        }
        _channel.Dispose();
        await _process.DisposeAsync();
    }

    private async Task ConfigureAsync(string engineAddress, string urn, string id, string root, string programFolder, Struct config, CancellationToken cancellationToken)
    {
        try
        {
            var handshake = await _client.HandshakeAsync(new ProviderHandshakeRequest { EngineAddress = engineAddress, RootDirectory = root, ProgramDirectory = programFolder, ConfigureWithUrn = true }, cancellationToken: cancellationToken);
            (_acceptsSecrets, _supportsPreview) = (handshake.AcceptSecrets, true);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
        {
            _acceptsSecrets = true;     // an older provider says it when it is configured; until then secrets are sent as they are
        }
        await AskAsync(c => _client.GetPluginInfoAsync(new Empty(), c));
        var type = Urn.TypeOf(urn);
        var checkedConfig = config;
        try
        {
            var check = await _client.CheckConfigAsync(new CheckRequest { Urn = urn, Name = Urn.NameOf(urn), Type = type, Olds = new Struct(), News = Sent(config) }, cancellationToken: cancellationToken);
            if (check.Failures.Count > 0) throw new ProviderException(string.Join("\n", check.Failures.Select(f => f.Property.Length > 0 ? $"{f.Property}: {f.Reason}" : f.Reason)));
            checkedConfig = check.Inputs ?? config;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
        {
            // Then the configuration goes as it is.
        }
        var bare = PropertyValues.Bare(checkedConfig);
        var request = new ConfigureRequest { Args = checkedConfig, AcceptSecrets = true, AcceptResources = true, SendsOldInputs = true, SendsOldInputsToDelete = true, Id = id, Urn = urn, Name = Urn.NameOf(urn), Type = type };
        foreach (var (name, value) in bare.Fields) request.Variables[$"{Urn.PackageOf(type)}:config:{name}"] = value.KindCase is Value.KindOneofCase.StringValue ? value.StringValue : JsonFormatter.Default.Format(value);
        var configured = await AskAsync(c => _client.ConfigureAsync(request, c));
        (_acceptsSecrets, _supportsPreview) = (configured.AcceptSecrets, _supportsPreview || configured.SupportsPreview);
    }

    private Struct Sent(Struct members) => _acceptsSecrets ? members : PropertyValues.Bare(members);

    /// <summary>A provider that knows no secrets gives them back bare: what came in secret is marked again.</summary>
    private Struct Marked(Struct? outputs, Struct inputs) => _acceptsSecrets ? outputs ?? new Struct() : MarkedAsIn(outputs ?? new Struct(), inputs);

    private static Struct MarkedAsIn(Struct outputs, Struct inputs)
    {
        var marked = outputs.Clone();
        foreach (var (name, value) in inputs.Fields)
            if (PropertyValues.HasSecret(value) && marked.Fields.TryGetValue(name, out var bare)) marked.Fields[name] = PropertyValues.Secret(bare);
        return marked;
    }

    private static async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call)
    {
        try
        {
            return await call(default);
        }
        catch (RpcException exception)
        {
            throw new ProviderException(exception.Status.Detail, exception);
        }
    }

    private static async Task<Made> MakeAsync(Func<CallOptions, Task<Made>> call, string id, Struct inputs, bool preview)
    {
        try
        {
            return await call(default);
        }
        catch (RpcException exception) when (!preview && InitFailure.Of(exception) is { } failed)
        {
            return new Made(failed.Id.Length > 0 ? failed.Id : id, failed.Properties ?? inputs, [.. failed.Reasons.DefaultIfEmpty(exception.Status.Detail)]);
        }
        catch (RpcException exception)
        {
            throw new ProviderException(exception.Status.Detail, exception);
        }
    }
}

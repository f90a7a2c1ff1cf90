using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Values;

namespace PulumiEngine.Simulation;

/// <summary>A resource that a simulated provider answers for. Secret markers are off.</summary>
public sealed record SimulatedResource(string Urn, string Type, string Name, string Id, Struct Inputs)
{
    /// <summary>An input's text (numbers and flags as JSON), or null where it is not set.</summary>
    public string? Text(string name) => Inputs.Fields.TryGetValue(name, out var value)
        ? value.KindCase is Value.KindOneofCase.StringValue ? value.StringValue : JsonFormatter.Default.Format(value)
        : null;

    /// <summary>An address, number or name that is the same for the same resource in every run: 8 hexadecimal digits.</summary>
    public string Hash => Simulated.Hash(Urn + Id);
}

/// <summary>What is known of one resource type: which changes force a replacement, what the provider computes.</summary>
public sealed class SimulatedType
{
    internal List<string> Replacing { get; } = [];

    internal List<(Func<Struct, bool> When, string Path)> ReplacingWhen { get; } = [];

    internal bool DeletesBeforeReplace { get; private set; }

    internal Func<SimulatedResource, string>? Id { get; private set; }

    internal Func<SimulatedResource, object>? Outputs { get; private set; }

    internal HashSet<string> Secrets { get; } = [];

    internal Func<Struct, IEnumerable<(string Property, string Reason)>>? Judge { get; private set; }

    /// <summary>Properties (paths without list indexes) that cannot be changed in place.</summary>
    public SimulatedType Replaces(params string[] paths)
    {
        Replacing.AddRange(paths);
        return this;
    }

    /// <summary>The same, but only where the inputs ask for it.</summary>
    public SimulatedType ReplacesWhen(Func<Struct, bool> when, params string[] paths)
    {
        ReplacingWhen.AddRange(paths.Select(path => (when, path)));
        return this;
    }

    internal bool IsReplacing(string changed, Struct news) =>
        Replacing.Any(path => PropertyPath.Touches(path, changed)) || ReplacingWhen.Any(rule => PropertyPath.Touches(rule.Path, changed) && rule.When(news));

    /// <summary>The old one goes before the new one comes, such as where a name may exist only once.</summary>
    public SimulatedType DeleteBeforeReplace()
    {
        DeletesBeforeReplace = true;
        return this;
    }

    /// <summary>How the provider's id is made; otherwise it is the type's last word with some digits.</summary>
    public SimulatedType WithId(Func<SimulatedResource, string> id)
    {
        Id = id;
        return this;
    }

    /// <summary>What the provider computes: an object (anonymous, or a dictionary) whose members are added to the inputs.</summary>
    public SimulatedType Computes(Func<SimulatedResource, object> outputs)
    {
        Outputs = outputs;
        return this;
    }

    /// <summary>Outputs that the provider itself calls secret.</summary>
    public SimulatedType Conceals(params string[] outputs)
    {
        Secrets.UnionWith(outputs);
        return this;
    }

    /// <summary>Inputs that the provider refuses.</summary>
    public SimulatedType Refuses(Func<Struct, IEnumerable<(string Property, string Reason)>> judge)
    {
        Judge = judge;
        return this;
    }
}

/// <summary>The simulated providers: a table of types and functions. Whatever is not in it is created with its inputs as outputs.</summary>
public sealed class Simulated
{
    private readonly Dictionary<string, SimulatedType> _types = [];
    private readonly Dictionary<string, Func<Struct, object>> _functions = [];
    private readonly Dictionary<string, IReadOnlyDictionary<string, object>> _reads = [];
    private readonly Dictionary<string, (object Outputs, IReadOnlyList<string> Secrets)> _stacks = [];

    private readonly HashSet<string> _skipped = [];

    public SimulatedType Type(string token)
    {
        if (!_types.TryGetValue(token, out var type)) _types[token] = type = new SimulatedType();
        return type;
    }

    /// <summary>What a function answers: an object of its results, made of its arguments.</summary>
    public Simulated Function(string token, Func<Struct, object> answer)
    {
        _functions[token] = answer;
        return this;
    }

    /// <summary>What a resource that exists already looks like, by its id.</summary>
    public Simulated Existing(string type, string id, IReadOnlyDictionary<string, object> properties)
    {
        _reads[$"{type} {id}"] = properties;
        return this;
    }

    /// <summary>What another stack gives out, for stack references.</summary>
    public Simulated StackOutputs(string stack, object outputs, params string[] secretNames)
    {
        _stacks[stack] = (outputs, secretNames);
        return this;
    }

    /// <summary>A resource that the engine leaves alone, as it does in a run of other targets: the program hears "skipped" and its outputs are unknown.</summary>
    public Simulated Skip(string name)
    {
        _skipped.Add(name);
        return this;
    }

    internal bool IsSkipped(string name) => _skipped.Contains(name);

    internal SimulatedType? Find(string token) => _types.GetValueOrDefault(token);

    internal Func<Struct, object>? FindFunction(string token) => _functions.GetValueOrDefault(token);

    internal Struct? FindExisting(string type, string id) => _reads.TryGetValue($"{type} {id}", out var properties) ? Members(properties) : null;

    internal (Struct Outputs, IReadOnlyList<string> Secrets)? FindStack(string name) => _stacks.TryGetValue(name, out var stack) ? (Members(stack.Outputs), stack.Secrets) : null;

    /// <summary>An object as a Struct, by its JSON form.</summary>
    public static Struct Members(object value) => value as Struct ?? JsonParser.Default.Parse<Struct>(JsonSerializer.Serialize(value));

    public static string Hash(string of) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(of)))[..8];
}

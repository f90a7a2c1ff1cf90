using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Pulumi;

/// <summary>One run of a program under the engine. The environment says where the engine is; it is read when the run starts.</summary>
public sealed partial class Deployment
{
    private static readonly AsyncLocal<Deployment?> Running = new();

    private readonly ImmutableDictionary<string, string> _config;
    private Stack? _stack;

    private Deployment(Func<string, string?> environment)
    {
        string Text(string name) => environment(name) is { Length: > 0 } value ? value : throw NoEngine();
        bool Flag(string name) => bool.TryParse(Text(name), out var value) ? value : throw NoEngine();

        var (monitor, engine) = (Text("PULUMI_MONITOR"), Text("PULUMI_ENGINE"));
        (ProjectName, StackName) = (Text("PULUMI_PROJECT"), Text("PULUMI_STACK"));
        IsDryRun = Flag("PULUMI_DRY_RUN");
        Flag("PULUMI_QUERY_MODE");
        if (!int.TryParse(Text("PULUMI_PARALLEL"), NumberStyles.Integer, CultureInfo.InvariantCulture, out _)) throw NoEngine();
        OrganizationName = environment("PULUMI_ORGANIZATION") is { Length: > 0 } organization ? organization : "organization";
        RootDirectory = environment("PULUMI_ROOT_DIRECTORY") ?? "";
        _config = environment("PULUMI_CONFIG") is { Length: > 0 } json ? JsonSerializer.Deserialize<ImmutableDictionary<string, string>>(json)! : ImmutableDictionary<string, string>.Empty;
        Monitor = new Wire.Monitor(monitor, engine);
        Runner = new Runner(Monitor);
        Public = new DeploymentInstance(this);
    }

    public static DeploymentInstance Instance => Required.Public;

    internal static Deployment? Current => Running.Value;

    internal static Deployment Required => Running.Value ?? throw new InvalidOperationException(
        "Trying to use Pulumi outside of a deployment. Resources and configuration exist only while Deployment.RunAsync runs the program.");

    internal string ProjectName { get; }

    internal string StackName { get; }

    internal string OrganizationName { get; }

    internal string RootDirectory { get; }

    internal bool IsDryRun { get; }

    internal Wire.Monitor Monitor { get; }

    internal Runner Runner { get; }

    private DeploymentInstance Public { get; }

    internal Stack Stack
    {
        get => _stack ?? throw new InvalidOperationException("Resources can be made only after the stack was.");
        set => _stack = value;
    }

    internal string? ConfigValue(string key) => _config.GetValueOrDefault(key);

    public static Task<int> RunAsync(Action action) => RunAsync(() =>
    {
        action();
        return Task.CompletedTask;
    });

    public static Task<int> RunAsync(Func<IDictionary<string, object?>> func) => RunAsync(() => Task.FromResult(func()));

    public static Task<int> RunAsync(Func<Task> func) => RunAsync(async () =>
    {
        await func().ConfigureAwait(false);
        return (IDictionary<string, object?>)new Dictionary<string, object?>();
    });

    /// <returns>The process's exit code: 0, or 32 when the user was told what is wrong.</returns>
    public static Task<int> RunAsync(Func<Task<IDictionary<string, object?>>> func, StackOptions? options = null) =>
        RunAsync(() => new Stack(options), _ => Output.Create(func()));

    /// <summary>Runs the program whose resources the stack's constructor makes.</summary>
    public static Task<int> RunAsync<TStack>() where TStack : Stack, new() => RunAsync(Create<TStack>, stack => Output.Create(stack.Outputs()));

    public static Task<int> RunAsync<TStack>(IServiceProvider serviceProvider) where TStack : Stack =>
        RunAsync(() => (TStack?)serviceProvider.GetService(typeof(TStack)) ?? throw new InvalidOperationException($"The service provider has no {typeof(TStack)}."),
            stack => Output.Create(stack.Outputs()));

    /// <summary>The constructor's own exception counts, not one wrapped around it.</summary>
    private static TStack Create<TStack>() =>
        (TStack)Activator.CreateInstance(typeof(TStack), BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions, null, null, null)!;

    private static Task<int> RunAsync(Func<Stack> make, Func<Stack, Output<IDictionary<string, object?>>> outputs)
    {
        var deployment = new Deployment(Environment.GetEnvironmentVariable);
        Running.Value = deployment;
        return deployment.Runner.RunAsync(() =>
        {
            var stack = make();
            deployment.RegisterOutputs(stack, outputs(stack));
        });
    }

    private static InvalidOperationException NoEngine() => new("Program run without the Pulumi engine available; re-run using the `pulumi` CLI");
}

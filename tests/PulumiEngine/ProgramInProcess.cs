using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace PulumiEngine;

/// <summary>
/// The Pulumi program within this process, with packages of its own. Many short runs then start the runtime once. The environment belongs to the whole process,
/// so there is one run at a time; what the program writes to the console is not caught.
/// </summary>
internal static class ProgramInProcess
{
    private static readonly SemaphoreSlim One = new(1, 1);
    private static readonly ConcurrentDictionary<string, MethodInfo> EntryPoints = new();

    /// <exception cref="EngineException">It ran longer than allowed.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string assembly, IReadOnlyDictionary<string, string> environment, TimeSpan limit, CancellationToken cancellationToken)
    {
        var entry = EntryPoints.GetOrAdd(assembly, path => new Packages(path).LoadFromAssemblyPath(path).EntryPoint ?? throw new EngineException($"{path} is no program.", "Name the program's assembly."));
        await One.WaitAsync(cancellationToken);
        var before = environment.Keys.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        try
        {
            foreach (var (name, value) in environment) Environment.SetEnvironmentVariable(name, value);
            return (await Task.Run(() => Run(entry), CancellationToken.None).WaitAsync(limit, cancellationToken), "", "");
        }
        catch (TimeoutException exception)
        {
            throw new EngineException($"The program ran longer than {limit.TotalSeconds:0} s.", "Run it as a process of its own to see what it says.", exception);
        }
        catch (TargetInvocationException exception)
        {
            return (1, "", $"Unhandled exception. {exception.InnerException}");
        }
        finally
        {
            foreach (var (name, value) in before) Environment.SetEnvironmentVariable(name, value);
            One.Release();
        }
    }

    /// <summary>The compiler's entry point of an asynchronous program waits for its end.</summary>
    private static int Run(MethodInfo entry) => entry.Invoke(null, entry.GetParameters().Length == 0 ? null : [Array.Empty<string>()]) is int code ? code : 0;

    private sealed class Packages(string program) : AssemblyLoadContext(Path.GetFileName(program))
    {
        private readonly AssemblyDependencyResolver _resolver = new(program);

        protected override Assembly? Load(AssemblyName assemblyName) => _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) => _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
    }
}

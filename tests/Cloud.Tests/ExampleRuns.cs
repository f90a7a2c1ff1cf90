using System.Collections.Concurrent;
using ExampleStacks;
using PulumiEngine;

namespace Cloud.Tests;

/// <summary>Each example stack's way from nothing to a second preview, walked once and looked at by many tests.</summary>
/// <param name="State">The state file after up, as it stands on the disk.</param>
/// <param name="Standing">The stack as it stands afterwards; changes may be previewed against it.</param>
internal sealed record ExampleRun(ExampleStack Stack, EngineResult Preview, EngineResult Up, string State, EngineResult Again, EngineResult Destroy, StackUnderTest Standing)
{
    public IEnumerable<string> Recordings => new[] { Preview.RecordingPath, Up.RecordingPath, Again.RecordingPath }.OfType<string>();
}

internal static class ExampleRuns
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<ExampleRun>>> Walked = new();

    public static Task<ExampleRun> OfAsync(string name) => Walked.GetOrAdd(name, n => new(() => WalkAsync(Examples.Named(n)))).Value;

    private static async Task<ExampleRun> WalkAsync(ExampleStack stack)
    {
        var tried = new StackUnderTest(stack);
        // An example's first one as a process of its own, as Pulumi starts it; the others are quicker within this one.
        var preview = (await tried.Engine([], $"{stack.Name}-preview", asProcess: ExampleStack.All.Contains(stack)).PreviewAsync()).MustSucceed();
        var up = (await tried.Engine([], $"{stack.Name}-up").UpAsync()).MustSucceed();
        var state = tried.StateText;
        var again = await tried.Engine([], $"{stack.Name}-again").PreviewAsync();
        var destroy = await tried.DestroyAsync();
        // On a host that stands nothing is protected, so that the stack is gone now.
        if (destroy.Succeeded) (await tried.UpAsync()).MustSucceed();
        return new(stack, preview, up, state, again, destroy, tried);
    }
}

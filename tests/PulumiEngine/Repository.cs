namespace PulumiEngine;

/// <summary>The working tree that the engine was built in: where built programs and shared data are.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A built program of this repository, as the SDK choice of the build has it (the environment variable PulumiSdk, else the stand-in).</summary>
    /// <exception cref="EngineException">It is not built.</exception>
    public static string Program(string project, string assembly)
    {
        var official = Environment.GetEnvironmentVariable("PulumiSdk") == "official";
        var path = Path.Combine(Root, "artifacts", "bin", official ? $"{project}.official" : project, "release", $"{assembly}.dll");
        return File.Exists(path) ? path : throw new EngineException($"{path} is not there.", $"Build it: PulumiSdk={(official ? "official" : "standin")} dotnet build -c Release of its project.");
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the engine holds Appliance.sln.");
    }
}

namespace Cloud.Tests;

/// <summary>The working tree that this test was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The program as it was built beside this test: on the stand-in, or on the official packages where PulumiSdk says so.</summary>
    public static string Program { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..",
        Environment.GetEnvironmentVariable("PulumiSdk") == "official" ? "Cloud.official" : "Cloud", new DirectoryInfo(AppContext.BaseDirectory).Name, "Provisioner.Cloud.dll"));

    public static string Recordings { get; } = Path.Combine(Root, "artifacts", "recordings");

    /// <summary>The checker of registrations beside the clone; null where it is absent.</summary>
    public static string? Checker { get; } = Path.Combine(Root, "..", "shared", "tools", "check-registrations") is var path && File.Exists(path) ? path : null;

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the test holds Appliance.sln.");
    }
}

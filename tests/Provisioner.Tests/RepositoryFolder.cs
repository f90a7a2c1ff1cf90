namespace Provisioner.Tests;

/// <summary>The working tree that this test was built from.</summary>
internal static class RepositoryFolder
{
    public static string Root { get; } = Find();

    /// <summary>A program that was built along with the tests.</summary>
    public static string Program(string project, string assembly) => Path.Combine(Root, "artifacts", "bin", project, "release", assembly + ".dll");

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the test holds Appliance.sln.");
    }
}

namespace Vault.Tests;

internal static class RepositoryFolder
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Appliance.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("Appliance.sln stands in no folder above the tests.");
    }
}

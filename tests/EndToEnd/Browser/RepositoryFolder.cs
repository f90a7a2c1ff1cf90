namespace EndToEnd.Browser;

internal static class RepositoryFolder
{
    /// <summary>The folder that holds Appliance.sln.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Appliance.sln"))) return folder.FullName;
        throw new InvalidOperationException("These tests run inside the repository.");
    }
}

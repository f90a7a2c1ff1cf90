using System.Collections.Immutable;
using System.Text.Json;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Renewal;

/// <summary>acme/rehearsed.json.</summary>
internal static class RehearsalFile
{
    public static bool Holds(string store, ImmutableArray<string> names, string challenge, Uri directory)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(PathOf(store)), Documents.Default.Rehearsal) is { } done && done.Names.SequenceEqual(names) && done.Challenge == challenge && done.Directory == directory;
        }
        catch (Exception none) when (none is IOException or JsonException)
        {
            return false;       // then it is rehearsed again, which costs nothing that counts
        }
    }

    public static void Write(string store, Rehearsal done)
    {
        DurableFiles.Folder(Path.GetDirectoryName(PathOf(store))!);
        DurableFiles.Write(PathOf(store), JsonSerializer.Serialize(done, Documents.Default.Rehearsal));
    }

    private static string PathOf(string store) => Path.Combine(store, "acme", "rehearsed.json");
}

using System.Collections.Immutable;
using System.Text.Json;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Ordering;

/// <summary>An order under way. Its key stands here before the authority has heard of it, so that whatever it issues can be used.</summary>
/// <param name="Order">Null: asked for, and the answer has not been written down.</param>
public sealed record JournalEntry(ImmutableArray<string> Names, string? Profile, string? Replaces, string KeyPem, DateTimeOffset Begun, Uri? Order)
{
    public bool IsFor(OrderSubject subject) => Names.SequenceEqual(subject.Names) && Profile == subject.Profile;

    public override string ToString() => $"order for {string.Join(", ", Names)}, begun {Begun:u}";
}

/// <summary>order.json of one authority's folder: what is under way there, if anything. Written before each deed whose repetition would cost.</summary>
public sealed class OrderJournal(string folder)
{
    private string Path => System.IO.Path.Combine(folder, "order.json");

    /// <exception cref="CertificateException">It is there and cannot be read: nobody knows whether an order is under way.</exception>
    public JournalEntry? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path), Documents.Default.JournalEntry) ?? throw new JsonException("it is empty");
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"The journal of orders, {Path}, cannot be read: {broken.Message.TrimEnd('.')}.", "Nothing is ordered meanwhile. Give it back to root with mode 0600; if its content is broken, remove it: an order begun is then begun anew.", broken);
        }
    }

    public void Write(JournalEntry entry)
    {
        DurableFiles.Folder(folder);
        DurableFiles.Write(Path, JsonSerializer.Serialize(entry, Documents.Default.JournalEntry));
    }

    public void Clear()
    {
        if (File.Exists(Path)) DurableFiles.Delete(Path);
    }
}

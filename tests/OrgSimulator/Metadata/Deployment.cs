using System.Collections.Immutable;
using System.Xml;
using System.Xml.Linq;
using OrgSimulator.Schema;

namespace OrgSimulator.Metadata;

/// <summary>How a deployment is to be carried out.</summary>
public sealed record DeployOptions(bool CheckOnly = false, bool RollbackOnError = false, bool SinglePackage = false, bool PurgeOnDelete = false, bool IgnoreWarnings = false);

/// <summary>Judges every component of a package first and then stores those that pass: all of them, or none when one failed and the caller wants that.</summary>
public sealed class Deployment(OrgMetadata metadata, DeployPackage package, DeployOptions options)
{
    private readonly List<DeployMessage> _messages = [];
    private readonly List<(DeployMessage Message, Action Deed)> _deeds = [];
    private readonly ObjectDeployment _objects = new(metadata);

    public IReadOnlyList<DeployMessage> Messages => _messages;
    public int Errors => _messages.Count(message => !message.Success);

    /// <summary>Judges and, unless told to check only, stores.</summary>
    public void Run()
    {
        if (package.DestroyFirst is { } first) Destroy(first, "destructiveChangesPre.xml");
        foreach (var path in package.Strangers) _messages.Add(new DeployMessage("", path, path).Failed($"{path}: the directory belongs to no metadata type"));
        foreach (var ((type, name), files) in package.Components.OrderBy(component => component.Key.Type == "CustomObject" ? 0 : 1))
        {
            if (type == "CustomObject") Object(name, files);
            else Other(type, name, files);
        }
        _deeds.AddRange(_objects.Deeds());
        NamedButAbsent();
        if (package.DestroyLast is { } last) Destroy(last, "destructiveChanges.xml");
        _messages.AddRange(_deeds.Select(deed => deed.Message));
        _messages.Add(new DeployMessage("", "package.xml", "package.xml") { Changed = true });
        if (options.CheckOnly || Errors > 0 && options.RollbackOnError) return;
        lock (metadata.Store.WriteLock)
        {
            foreach (var (_, deed) in _deeds) deed();
            if (_deeds.Count > 0) metadata.Store.Schema.ChangedAt = DateTimeOffset.FromUnixTimeSeconds(metadata.Store.Now);
        }
    }

    private bool Names(string type, string name) => package.Package.Members.Any(member => member.Type == type && (member.Member == "*" || member.Member.Equals(name, StringComparison.OrdinalIgnoreCase)));

    private void Object(string name, ImmutableSortedDictionary<string, byte[]> files)
    {
        var file = files.First();
        if (Parse("CustomObject", name, file.Key, file.Value) is not { } root) return;
        var childNamed = package.Package.Members.Any(member => MetadataType.ParentOf(member.Type) is { Parent.Name: "CustomObject" }
            && (member.Member == "*" || member.Member.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)));
        if (!Names("CustomObject", name) && !childNamed)
        {
            _messages.Add(new DeployMessage("CustomObject", name, file.Key).Failed("Not in package.xml"));
            return;
        }
        _messages.AddRange(_objects.Judge(name, file.Key, root, Names("CustomObject", name), (kind, part) => Names(kind, $"{name}.{part}")));
    }

    private void Other(string type, string name, ImmutableSortedDictionary<string, byte[]> files)
    {
        var kind = MetadataType.Named(type)!;
        var message = new DeployMessage(type, name, files.Keys.FirstOrDefault(path => !path.EndsWith("-meta.xml", StringComparison.Ordinal)) ?? files.Keys.First());
        var isFolder = kind.InFolder && !name.Contains('/', StringComparison.Ordinal);
        if (!Names(type, name) && !(isFolder && package.Package.Members.Any(member => member.Type == type && member.Member.StartsWith(name + "/", StringComparison.Ordinal)))
            && !kind.Children.Any(child => package.Package.Members.Any(member => member.Type == child.Name)))
        {
            _messages.Add(message.Failed("Not in package.xml"));
            return;
        }
        if (kind is { MetaFile: true, Bundle: false } && !isFolder && files.Count < 2)
        {
            var missing = message.FileName.EndsWith("-meta.xml", StringComparison.Ordinal) ? message.FileName[..^"-meta.xml".Length] : message.FileName + "-meta.xml";
            _messages.Add(message.Failed($"{missing}: file not found"));
            return;
        }
        foreach (var (path, content) in files)
            if ((path.EndsWith(".xml", StringComparison.Ordinal) || !kind.MetaFile && !kind.Bundle) && Parse(type, name, path, content) is null) return;
        var created = metadata.Find(type, name) is null;
        _deeds.Add((message with { Created = created, Id = metadata.IdOf(type, name) }, () => metadata.Keep(type, name, files)));
    }

    private XElement? Parse(string type, string name, string path, byte[] content)
    {
        try
        {
            return XDocument.Load(new MemoryStream(content)).Root;
        }
        catch (XmlException problem)
        {
            _messages.Add(new DeployMessage(type, name, path).Failed($"Error parsing file: {problem.Message}", problem.LineNumber, problem.LinePosition));
            return null;
        }
    }

    private void NamedButAbsent()
    {
        foreach (var (type, member) in package.Package.Members.Where(member => member.Member != "*"))
        {
            var absent = MetadataType.ParentOf(type) is { Parent.Name: "CustomObject" } ? !_objects.Holds(type, member)
                : MetadataType.ParentOf(type) is null && !package.Components.Keys.Any(key => key.Type == type && key.Name.Equals(member, StringComparison.OrdinalIgnoreCase));
            if (absent && !_messages.Exists(message => message.Type == type && message.FullName.Equals(member, StringComparison.OrdinalIgnoreCase)))
                _messages.Add(new DeployMessage(type, member, "package.xml").Failed($"An object '{member}' of type {type} was named in package.xml, but was not found in zipped directory"));
        }
    }

    private void Destroy(PackageXml changes, string file)
    {
        foreach (var (type, name) in changes.Members)
        {
            var message = new DeployMessage(type, name, file) { Deleted = true };
            Action? deed = null;
            var schema = metadata.Store.Schema;
            if (type == "CustomObject" && schema.Find(name) is { } doomed)
            {
                if (!doomed.Custom)
                {
                    _messages.Add(message.Failed($"Cannot delete standard object: {name}"));
                    continue;
                }
                deed = () =>
                {
                    schema.Withdraw(doomed);
                    metadata.ForgetObject(name);
                };
            }
            else if (MetadataType.ParentOf(type) is (var parent, { } element) && parent.Name == "CustomObject" && name.Split('.') is [var objectName, var part])
            {
                if (type == "CustomField" && schema.Find(objectName) is { } owner && owner.Find(part) is { Custom: true } field)
                    deed = () =>
                    {
                        metadata.ForgetPart(objectName, element, part);
                        foreach (var component in owner.Fields.Where(other => other.CompoundName == field.Name).ToArray()) owner.Withdraw(component);
                        owner.Withdraw(field);
                        schema.Complete();
                    };
                else if (type != "CustomField" && metadata.HasPart(objectName, element, part)) deed = () => metadata.ForgetPart(objectName, element, part);
            }
            else if (metadata.Find(type, name) is not null) deed = () => metadata.Forget(type, name);
            // What is not there cannot be deleted: a warning, no failure.
            if (deed is null) _messages.Add(message with { Problem = $"No {type} named: {name} found", Changed = false, Deleted = false });
            else _deeds.Add((message with { Id = metadata.IdOf(type, name) }, deed));
        }
    }
}

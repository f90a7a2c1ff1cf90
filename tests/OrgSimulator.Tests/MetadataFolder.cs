namespace OrgSimulator.Tests;

/// <summary>A folder of object metadata in source format, made for one test.</summary>
public sealed class MetadataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("simulator-metadata").FullName;

    public MetadataFolder Object(string name, string body = "<label>Thing</label><pluralLabel>Things</pluralLabel><nameField><type>Text</type><label>Name</label></nameField>") =>
        Write($"objects/{name}/{name}.object-meta.xml", $"<CustomObject xmlns=\"http://soap.sforce.com/2006/04/metadata\">{body}</CustomObject>");

    public MetadataFolder Field(string type, string name, string body) =>
        Write($"objects/{type}/fields/{name}.field-meta.xml", $"<CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\"><fullName>{name}</fullName>{body}</CustomField>");

    public MetadataFolder Formula(string type, string name, string kind, string formula, string more = "") =>
        Field(type, name, $"<type>{kind}</type><formula>{System.Security.SecurityElement.Escape(formula)}</formula>{more}");

    public MetadataFolder Write(string file, string text)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public SimulatorOptions Options => new() { DataFolder = Path, Warnings = TextWriter.Null };

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

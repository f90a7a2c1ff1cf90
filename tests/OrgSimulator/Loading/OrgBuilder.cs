using OrgSimulator.Generating;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Loading;

/// <summary>Puts an org together: standard schema, test data, generated data, the rows that every org has.</summary>
public static class OrgBuilder
{
    /// <exception cref="LoadException">The data folder cannot be loaded.</exception>
    public static OrgStore Build(SimulatorOptions options)
    {
        var schema = new OrgSchema();
        if (options.ObjectReference is { } reference) ObjectReference.Read(reference, schema);
        var recorded = new RecordedDescribes(schema, options.Warnings);
        foreach (var path in options.Describes) recorded.Read(path);
        recorded.Link();
        List<LoadedObject> objects = options.DataFolder is null ? [] : ReadFolder(options.DataFolder, schema, options.Warnings);
        var fitter = new SchemaFitter(schema);
        foreach (var loaded in objects) fitter.Fit(loaded);
        if (options.Generate > 0) GeneratedSchema.Add(schema);
        schema.Complete();
        var store = new OrgStore(schema, options.Time, options.Seed);
        BuiltInRows.Add(store, options);
        BuiltInRows.AddRecordTypes(store, recorded.RecordTypes);
        new RecordLoader(store, options.Warnings).Load(objects);
        if (options.Generate > 0) new Generator(store).Generate(options.Generate);
        new RollUps(store).RecalculateAll();
        return store;
    }

    private static List<LoadedObject> ReadFolder(string folder, OrgSchema schema, TextWriter warnings)
    {
        if (!Directory.Exists(folder)) throw new LoadException(folder, null, "the folder does not exist", "Check the path given to --data");
        if (File.Exists(Path.Combine(folder, IndexedFolder.IndexName))) return IndexedFolder.Read(folder, schema);
        return new ProjectFolder(folder, schema, warnings).Read();
    }
}

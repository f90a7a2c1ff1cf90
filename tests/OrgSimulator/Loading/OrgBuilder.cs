using OrgSimulator.Formulas;
using OrgSimulator.Generating;
using OrgSimulator.Rules;
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
        var declared = new List<(string Object, string DeveloperName, string Name, bool Active)>();
        List<LoadedObject> objects = options.DataFolder is null ? [] : ReadFolder(options.DataFolder, schema, options.Warnings, declared);
        if (options.Rules.PersonAccounts) PersonAccountSchema.Add(schema);
        var fitter = new SchemaFitter(schema);
        foreach (var loaded in objects) fitter.Fit(loaded);
        if (options.Generate > 0) GeneratedSchema.Add(schema);
        schema.Complete();
        var store = new OrgStore(schema, options.Time, options.Seed, options.AsOf);
        FormulaFields.Compile(store, options.Warnings);
        BuiltInRows.Add(store, options);
        BuiltInRows.AddRecordTypes(store, recorded.RecordTypes);
        if (options.Rules.PersonAccounts) declared.Add(("Account", "PersonAccount", "Person Account", true));
        new RecordLoader(store, options.Warnings).Load(objects);
        BuiltInRows.AddDeclared(store, declared);
        if (options.Generate > 0) new Generator(store).Generate(options.Generate, options.Files);
        new RollUps(store).RecalculateAll();
        try
        {
            SchemaRules.Apply(store, options.Rules);
        }
        catch (RuleException problem)
        {
            throw new LoadException("rules", null, problem.Message, "Correct the rule, or load the data that has the object");
        }
        return store;
    }

    private static List<LoadedObject> ReadFolder(string folder, OrgSchema schema, TextWriter warnings,
        List<(string Object, string DeveloperName, string Name, bool Active)> recordTypes)
    {
        if (!Directory.Exists(folder)) throw new LoadException(folder, null, "the folder does not exist", "Check the path given to --data");
        if (File.Exists(Path.Combine(folder, IndexedFolder.IndexName))) return IndexedFolder.Read(folder, schema);
        var project = new ProjectFolder(folder, schema, warnings);
        var objects = project.Read();
        recordTypes.AddRange(project.RecordTypes);
        return objects;
    }
}

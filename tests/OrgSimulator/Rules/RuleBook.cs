using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Rules;

/// <summary>Rules that cannot stand in this org: an unknown object or field, a condition that is no SOQL.</summary>
public sealed class RuleException(string message) : ArgumentException(message);

/// <summary>The rules of an org, checked against its schema and ready to judge records.</summary>
public sealed class RuleBook
{
    private readonly OrgStore _store;
    private readonly Dictionary<ObjectType, List<(ValidationRule Rule, Field? At, Func<Row, bool> Wrong)>> _validations = [];
    private readonly Dictionary<ObjectType, List<(TriggerStub Stub, Field? Sets, Func<Row, bool>? Heeds)>> _triggers = [];
    private readonly Dictionary<ObjectType, List<(DuplicateRule Rule, Field[] Fields)>> _duplicates = [];

    /// <exception cref="RuleException">A rule names what the org does not have.</exception>
    public RuleBook(OrgStore store, OrgRules rules)
    {
        (_store, Rules) = (store, rules);
        foreach (var rule in rules.Validations)
        {
            var type = Type(rule.Object);
            Add(_validations, type, (rule, rule.Field is null ? null : FieldOf(type, rule.Field), Condition(type, rule.Condition)));
        }
        foreach (var stub in rules.Triggers)
        {
            var type = Type(stub.Object);
            if ((stub.Message is null) == (stub.Field is null)) throw new RuleException($"the trigger {stub.Name} must have either a message or a field");
            Add(_triggers, type, (stub, stub.Field is null ? null : Slotted(type, stub.Field), stub.Condition is null ? null : Condition(type, stub.Condition)));
        }
        foreach (var rule in rules.Duplicates)
        {
            var type = Type(rule.Object);
            if (rule.Fields.Count == 0) throw new RuleException($"the duplicate rule {rule.Name} compares no field");
            Add(_duplicates, type, (rule, [.. rule.Fields.Select(name => FieldOf(type, name))]));
        }
    }

    public OrgRules Rules { get; }

    /// <summary>What takes the rules out of the schema again.</summary>
    public Stack<Action> Undo { get; } = [];

    /// <summary>Lets the triggers of the object change the record or refuse it.</summary>
    public SaveError? RunTriggers(ObjectType type, TriggerEvent moment, Row row)
    {
        if (!_triggers.TryGetValue(type, out var stubs)) return null;
        foreach (var (stub, sets, heeds) in stubs)
        {
            if (!stub.RunsOn(moment) || heeds?.Invoke(row) == false) continue;
            if (stub.Message is { } message)
                return new SaveError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", $"{stub.Name}: execution of Before{moment}\n\ncaused by: {message}");
            if (moment == TriggerEvent.Delete) continue;
            if (string.IsNullOrEmpty(stub.Value)) row.Values[sets!.Slot] = null;
            else if (Coercion.TryStore(sets!, stub.Value, out var stored, out var error)) row.Values[sets!.Slot] = stored;
            else return new SaveError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", $"{stub.Name}: execution of Before{moment}\n\ncaused by: {error!.Message}", sets!.Name);
        }
        return null;
    }

    public SaveError? Validate(ObjectType type, Row row)
    {
        if (!_validations.TryGetValue(type, out var rules)) return null;
        foreach (var (rule, at, wrong) in rules)
            if (wrong(row)) return new SaveError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.Message, at is null ? [] : [at.Name]);
        return null;
    }

    public SaveError? FindDuplicate(ObjectType type, Row row, bool insert)
    {
        if (!_duplicates.TryGetValue(type, out var rules)) return null;
        foreach (var (rule, fields) in rules)
        {
            if (!insert && !rule.OnUpdate || rule.AllowSave && SaveHeaders.Current.AllowDuplicates) continue;
            var wanted = Array.ConvertAll(fields, field => FieldReader.Text(type, field, row));
            if (Array.Exists(wanted, value => value is null)) continue;
            if (_store.Table(type).Live().Any(other => other.Id != row.Id
                    && fields.Zip(wanted).All(pair => string.Equals(FieldReader.Text(type, pair.First, other), pair.Second, StringComparison.OrdinalIgnoreCase))))
                return new SaveError("DUPLICATES_DETECTED", "Use one of these records?");
        }
        return null;
    }

    public bool Judges(ObjectType type, TriggerEvent moment) => _triggers.TryGetValue(type, out var stubs) && stubs.Exists(stub => stub.Stub.RunsOn(moment));

    private static void Add<T>(Dictionary<ObjectType, List<T>> all, ObjectType type, T rule)
    {
        if (!all.TryGetValue(type, out var list)) all[type] = list = [];
        list.Add(rule);
    }

    private ObjectType Type(string name) => _store.Schema.Find(name) ?? throw new RuleException($"a rule names the object {name}, which this org does not have");

    private static Field FieldOf(ObjectType type, string name) => type.FindAny(name) ?? throw new RuleException($"a rule names the field {type.Name}.{name}, which this org does not have");

    private static Field Slotted(ObjectType type, string name) =>
        FieldOf(type, name) is { Source: FieldSource.Slot } field ? field : throw new RuleException($"a trigger cannot set {type.Name}.{name}: the platform computes it");

    private Func<Row, bool> Condition(ObjectType type, string condition)
    {
        var soql = $"SELECT Id FROM {type.Name} WHERE {condition}";
        try
        {
            return new ConditionBinder(new Binder(_store, soql), type, null).Bind(Parser.Parse(soql).Where!);
        }
        catch (SoqlException problem)
        {
            throw new RuleException($"the condition of a rule on {type.Name} is no WHERE: {problem.Message}");
        }
    }
}

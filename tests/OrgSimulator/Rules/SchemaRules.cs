using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rules;

/// <summary>The rules that show in the schema itself: field-level security, encryption, createable audit fields.</summary>
public static class SchemaRules
{
    private static readonly string[] AuditFields = ["CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"];

    /// <summary>Objects whose audit fields the permission opens, beside all custom objects.</summary>
    private static readonly HashSet<string> Audited = new(StringComparer.OrdinalIgnoreCase)
    {
        "Account", "ArticleVersion", "Attachment", "CampaignMember", "Case", "CaseComment", "Contact", "ContentVersion", "Contract", "Event", "Idea", "IdeaComment", "Lead",
        "Opportunity", "Question", "Task", "Vote",
    };

    /// <summary>Makes the org obey other rules than before.</summary>
    /// <exception cref="RuleException">A rule names what the org does not have; nothing has changed then.</exception>
    public static void Apply(OrgStore store, OrgRules rules)
    {
        var book = new RuleBook(store, rules);
        var (hidden, readOnly) = (rules.Hidden.Select(path => Find(store, path)).ToList(), rules.ReadOnly.Select(path => Find(store, path)).ToList());
        var encrypted = rules.Encrypted.Select(pair => (Find(store, pair.Key).Field, pair.Value)).ToList();
        foreach (var (type, field) in hidden)
            if (field.Source == FieldSource.Id || field.NameField) throw new RuleException($"{type.Name}.{field.Name} cannot be hidden: every user sees it");
        foreach (var (field, _) in encrypted)
            if (!field.Type.IsText() && field.Type is not (FieldType.Date or FieldType.DateTime)) throw new RuleException($"{field.Name} cannot be encrypted: it is of type {field.Type.Name()}");
        while (store.Rules.Undo.TryPop(out var undo)) undo();
        foreach (var (type, field) in hidden)
        {
            if (field.Hidden) continue;
            type.Hide(field);
            book.Undo.Push(() => type.Hide(field, false));
        }
        foreach (var (_, field) in readOnly)
        {
            var (createable, updateable) = (field.Createable, field.Updateable);
            (field.Createable, field.Updateable) = (false, false);
            book.Undo.Push(() => (field.Createable, field.Updateable) = (createable, updateable));
        }
        foreach (var (field, shield) in encrypted)
        {
            field.Shield = shield;
            book.Undo.Push(() => field.Shield = Shield.None);
        }
        if (!rules.ViewEncryptedData)
            foreach (var field in store.Schema.Objects.SelectMany(type => type.AllFields).Where(field => field.Type == FieldType.EncryptedString))
            {
                field.Masked = true;
                book.Undo.Push(() => field.Masked = false);
            }
        foreach (var type in store.Schema.Objects.Where(type => Audited.Contains(type.Name) || type.Name.EndsWith("__c", StringComparison.Ordinal)))
            foreach (var name in AuditFields)
                if (type.FindAny(name) is { Source: not FieldSource.Slot } field) field.Createable = rules.SetAuditFields;
        store.Rules = book;
    }

    private static (ObjectType Type, Field Field) Find(OrgStore store, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || store.Schema.Find(path[..dot]) is not { } type || type.FindAny(path[(dot + 1)..]) is not { } field)
            throw new RuleException($"a rule names the field {path}, which this org does not have; write Object.Field");
        return (type, field);
    }
}

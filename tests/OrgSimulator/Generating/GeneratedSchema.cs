using OrgSimulator.Loading;
using OrgSimulator.Schema;

namespace OrgSimulator.Generating;

/// <summary>Custom objects of the generated org: two that point at each other, and a junction with two masters and three lookups.</summary>
public static class GeneratedSchema
{
    public static void Add(OrgSchema schema)
    {
        if (schema.Find("Project__c") is not null) return;      // loaded data brought objects of these names: they stay as they are
        var project = CustomObjects.New("Project__c");
        var milestone = CustomObjects.New("Milestone__c");
        var skill = CustomObjects.New("Skill__c");
        var assignment = CustomObjects.New("Assignment__c", hasOwner: false);
        foreach (var type in (ObjectType[])[project, milestone, skill, assignment]) schema.Add(type);

        project.Add(CustomObjects.Lookup(schema, project, "Account__c", "Account"));
        project.Add(CustomObjects.Lookup(schema, project, "LeadTask__c", "Milestone__c"));
        project.Add("Budget__c", FieldType.Currency, field => (field.Precision, field.Scale) = (18, 2));
        project.Add("Start__c", FieldType.Date);
        project.Add("Stage__c", FieldType.Picklist, field =>
        {
            (field.Length, field.RestrictedPicklist) = (255, true);
            field.PicklistValues.AddRange(Words.Stages);
        });
        project.Add("Notes__c", FieldType.TextArea, field => field.Length = 32_768);
        project.Add("Assignments__c", FieldType.Double, field =>
        {
            (field.Precision, field.Calculated, field.Createable, field.Updateable) = (18, true, false, false);
            field.RollUp = new RollUp("count", "Assignment__c", "Project__c", null);
        });

        milestone.Add(CustomObjects.Lookup(schema, milestone, "Project__c", "Project__c"));
        milestone.Add("Due__c", FieldType.DateTime);
        milestone.Add("Done__c", FieldType.Boolean, field => (field.Nillable, field.DefaultedOnCreate, field.DefaultValue) = (false, true, "false"));
        milestone.Add("At__c", FieldType.Time);
        milestone.Add("Weight__c", FieldType.Double, field => (field.Precision, field.Scale) = (18, 6));

        skill.Add("Code__c", FieldType.String, field => (field.Length, field.Unique, field.ExternalId) = (40, true, true));
        skill.Add("Tags__c", FieldType.MultiPicklist, field =>
        {
            field.Length = 4099;
            field.PicklistValues.AddRange(Words.Tags);
        });

        assignment.Add(Master("Project__c", "Project__c", "Assignments", 0));
        assignment.Add(Master("Skill__c", "Skill__c", "Assignments", 1));
        assignment.Add(CustomObjects.Lookup(schema, assignment, "Reviewer__c", "Contact"));
        assignment.Add(CustomObjects.Lookup(schema, assignment, "Milestone__c", "Milestone__c"));
        assignment.Add(CustomObjects.Lookup(schema, assignment, "Replaces__c", "Assignment__c"));
        assignment.Add("Hours__c", FieldType.Double, field => (field.Precision, field.Scale) = (8, 2));
    }

    private static Field Master(string name, string target, string children, int order)
    {
        var field = new Field(name, FieldType.Reference)
        {
            Length = 18, Nillable = false, Updateable = false, RelationshipOrder = order, DeleteRule = DeleteRule.Cascade,
            RelationshipName = name[..^1] + "r", ChildRelationshipName = children,
        };
        field.ReferenceTo.Add(target);
        return field;
    }
}

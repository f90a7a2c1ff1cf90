using System.Collections.Immutable;
using Appliance.Salesforce;

namespace Appliance.Engine.Restores;

/// <summary>What Salesforce lets us write of each object today, read from the org's describe.</summary>
public sealed class Restorability
{
    private readonly Dictionary<string, ObjectDescribe> _objects;

    /// <param name="described">Today's describes; only the restorable ones are kept.</param>
    /// <param name="stored">Objects the snapshot holds.</param>
    public Restorability(IEnumerable<ObjectDescribe> described, IReadOnlySet<string> stored)
    {
        var all = described.ToList();
        Absent = stored.Except(all.Select(d => d.Name)).ToHashSet(StringComparer.Ordinal);
        _objects = all.Where(d => stored.Contains(d.Name) && (IsWritable(d) || d.Name == "ContentDocument"))
            .ToDictionary(d => d.Name, StringComparer.Ordinal);
        Graph = ReferenceGraph.For(_objects.Keys, _objects.Values.SelectMany(References));
    }

    public ReferenceGraph Graph { get; }

    /// <summary>Objects the snapshot holds and the org no longer has, or no longer shows.</summary>
    public IReadOnlySet<string> Absent { get; }

    public ObjectDescribe this[string objectName] => _objects[objectName];

    public bool Contains(string objectName) => _objects.ContainsKey(objectName);

    /// <summary>Identity and set-up objects are matched, never written: a restore must not create users or permissions.</summary>
    private static bool IsWritable(ObjectDescribe describe) =>
        describe.Createable && !Identity.Contains(describe.Name)
        && describe.AssociateEntityType is not ("History" or "Share" or "Feed" or "ChangeEvent")
        && !describe.Name.EndsWith("History", StringComparison.Ordinal) && !describe.Name.EndsWith("Share", StringComparison.Ordinal)
        && !describe.Name.EndsWith("Feed", StringComparison.Ordinal);

    private static readonly HashSet<string> Identity =
    [
        "User", "Group", "GroupMember", "UserRole", "Profile", "PermissionSet", "PermissionSetAssignment", "PermissionSetGroup", "RecordType",
        "Organization", "QueueSobject", "ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "UserLicense", "BusinessHours", "Folder",
    ];

    public FieldDescribe? FileField(string objectName) =>
        objectName is "Attachment" or "ContentVersion" or "Document" ? _objects[objectName].Fields.FirstOrDefault(f => f.Type == "base64") : null;

    public bool CanInsert(string objectName) => _objects[objectName].Createable;

    public bool CanUndelete(string objectName) => _objects[objectName].Undeletable;

    /// <summary>Columns an insert sends: what can be created, without the lookups that wait and without file bytes.</summary>
    public ImmutableArray<FieldDescribe> InsertFields(string objectName, IReadOnlyCollection<string> stored) =>
        [.. _objects[objectName].Fields.Where(f => f.Createable && f.Type != "base64" && stored.Contains(f.Name)
            && !Graph.Deferred.Contains((objectName, f.Name)) && !IsLeftOut(objectName, f.Name))];

    /// <summary>Fields that an update after the insert must fill: waiting lookups, and what can be updated but not created.</summary>
    public ImmutableArray<FieldDescribe> AfterInsertFields(string objectName, IReadOnlyCollection<string> stored) =>
        [.. UpdateFields(objectName, stored).Where(f => !f.Createable || Graph.Deferred.Contains((objectName, f.Name)))];

    public ImmutableArray<FieldDescribe> UpdateFields(string objectName, IReadOnlyCollection<string> stored) =>
        [.. _objects[objectName].Fields.Where(f => f.Updateable && f.Type != "base64" && stored.Contains(f.Name))];

    /// <summary>Fields whose value matters and that can be set at creation only (a master-detail parent): a difference cannot be written back.</summary>
    public ImmutableArray<FieldDescribe> FixedFields(string objectName, IReadOnlyCollection<string> stored) =>
        [.. _objects[objectName].Fields.Where(f => f.Createable && !f.Updateable && f.Type != "base64" && stored.Contains(f.Name))];

    private static IEnumerable<Reference> References(ObjectDescribe describe) =>
        from field in describe.Fields
        where field.Type == "reference" && field.Createable && !IsLeftOut(describe.Name, field.Name)
        from target in field.ReferenceTo
        // A ContentDocument comes into being with its first version, so whoever points at the document waits for the version.
        from parent in target == "ContentDocument" && describe.Name != "ContentVersion" ? new[] { target, "ContentVersion" } : [target]
        select new Reference(describe.Name, field.Name, parent, field is { Nillable: true, Updateable: true });

    /// <summary>Where a version was first published is restored as a ContentDocumentLink; sending it too would link the file twice.</summary>
    private static bool IsLeftOut(string objectName, string field) => objectName == "ContentVersion" && field == "FirstPublishLocationId";
}

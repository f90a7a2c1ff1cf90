using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.Adoption;

internal static class SnapshotRows
{
    public static SnapshotRowKind KindOf(SnapshotKind kind) => kind switch
    {
        SnapshotKind.Full => SnapshotRowKind.Full,
        SnapshotKind.Incremental => SnapshotRowKind.Incremental,
        SnapshotKind.Templated => SnapshotRowKind.Templated,
    };
}

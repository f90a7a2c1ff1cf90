using System.Text;
using System.Text.Json;

namespace Appliance.Salesforce;

/// <summary>The selected columns as a tree of JSON property names: <c>Account.Name</c> stands in the object <c>Account</c>.</summary>
internal sealed class SelectColumns
{
    /// <param name="select">What the query selects.</param>
    /// <param name="datetimes">The object's datetime fields; null when they are not known.</param>
    public SelectColumns(SelectList select, IReadOnlySet<string>? datetimes)
    {
        var columns = select.Columns;
        for (var i = 0; i < columns.Count; i++)
        {
            var node = Root;
            foreach (var step in columns[i].Split('.'))
                node = node.Child(step);
            node.Column = i;
            // A text that merely looks like a time stamp must stay as it is; for a parent's field or an aggregate only its looks are known.
            node.MayBeStamp = datetimes is null || datetimes.Contains(columns[i])
                || columns[i].Contains('.', StringComparison.Ordinal) || select.Computed.Contains(columns[i]);
        }
    }

    public Node Root { get; } = new("");

    internal sealed class Node(string name)
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(name);
        private readonly List<Node> _children = [];

        /// <summary>Number of the column, or -1 for a parent on the way to one.</summary>
        public int Column { get; set; } = -1;

        public bool MayBeStamp { get; set; }

        public Node Child(string step)
        {
            var child = _children.Find(c => string.Equals(c.Name, step, StringComparison.OrdinalIgnoreCase));
            if (child is null)
                _children.Add(child = new Node(step));
            return child;
        }

        private string Name => name;

        /// <summary>The child the reader's property names; they come in the order of the query, so the expected one is tried first.</summary>
        public Node? Find(ref Utf8JsonReader reader, ref int expected)
        {
            if (expected < _children.Count && reader.ValueTextEquals(_children[expected]._name))
                return _children[expected++];
            for (var i = 0; i < _children.Count; i++)
            {
                if (!reader.ValueTextEquals(_children[i]._name))
                    continue;
                expected = i + 1;
                return _children[i];
            }
            if (reader.ValueTextEquals("attributes"u8))
                return null;
            var spelled = reader.GetString();
            return _children.Find(c => string.Equals(c.Name, spelled, StringComparison.OrdinalIgnoreCase));
        }
    }
}

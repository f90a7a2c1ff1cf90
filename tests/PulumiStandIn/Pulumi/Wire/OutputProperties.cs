using System.Collections.Immutable;
using System.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Wire;

/// <summary>The properties of a resource that the engine will answer: there at once as outputs, filled when the answer has come.</summary>
internal sealed class OutputProperties
{
    private readonly Dictionary<string, Pending> _pending = [];

    public OutputProperties(Resource resource)
    {
        for (var type = resource.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (property.GetCustomAttribute<OutputAttribute>() is not { } output) continue;
                if (!property.PropertyType.IsGenericType || property.PropertyType.GetGenericTypeDefinition() != typeof(Output<>)) continue;
                if (property.SetMethod is null) continue;   // computed by the program, such as an output of a stack
                var pending = (Pending)Activator.CreateInstance(typeof(Pending<>).MakeGenericType(property.PropertyType.GetGenericArguments()))!;
                if (!_pending.TryAdd(output.Name ?? property.Name, pending)) continue;
                property.SetValue(resource, pending.Output);
            }
    }

    /// <param name="missingAreUnknown">In a preview, or when the engine could not do it: what was not answered is unknown; else it is the type's default.</param>
    public void Complete(Resource resource, string urn, string id, Struct? answer, bool missingAreUnknown, Func<string, IEnumerable<Resource>>? dependencies = null)
    {
        foreach (var (name, pending) in _pending)
        {
            ImmutableHashSet<Resource> from = [resource, .. dependencies?.Invoke(name) ?? []];
            if (name == "urn") pending.Complete(Value.ForString(urn), from, false, $"{urn} {name}");
            else if (name == "id" && resource.IsCustom) pending.Complete(id.Length > 0 ? Value.ForString(id) : null, from, id.Length == 0, $"{urn} {name}");
            else pending.Complete(answer?.Fields.GetValueOrDefault(name), from, missingAreUnknown, $"{urn} {name}");
        }
    }

    public void Fail(Exception exception)
    {
        foreach (var pending in _pending.Values) pending.Fail(exception);
    }

    private abstract class Pending
    {
        public abstract object Output { get; }

        public abstract void Complete(Value? value, ImmutableHashSet<Resource> from, bool missingIsUnknown, string what);

        public abstract void Fail(Exception exception);
    }

    private sealed class Pending<T> : Pending
    {
        private readonly TaskCompletionSource<OutputData<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Pending() => Output = new Output<T>(_source.Task);

        public override object Output { get; }

        public override void Complete(Value? value, ImmutableHashSet<Resource> from, bool missingIsUnknown, string what)
        {
            if (value is null)
            {
                _source.TrySetResult(new(from, default!, !missingIsUnknown, false));
                return;
            }
            var deserializer = new Deserializer(what);
            var read = deserializer.Read(value, typeof(T));
            _source.TrySetResult(new(from, deserializer.IsUnknown ? default! : (T)read!, !deserializer.IsUnknown, deserializer.IsSecret));
        }

        public override void Fail(Exception exception) => _source.TrySetException(exception);
    }
}

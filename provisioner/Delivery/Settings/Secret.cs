using System.Text.Json;
using System.Text.Json.Serialization;

namespace Provisioner.Delivery.Settings;

/// <summary>A value that must not be seen: it prints, serialises and compares without showing itself. Only <see cref="Reveal"/> gives it out.</summary>
[JsonConverter(typeof(Hidden))]
public sealed class Secret(string value) : IEquatable<Secret>
{
    public string Reveal() => value;

    public override string ToString() => "[secret]";

    public bool Equals(Secret? other) => other is not null && string.Equals(value, other.Reveal(), StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);

    private sealed class Hidden : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A secret is never read from a document.");

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue("[secret]");
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Values;

namespace PulumiEngine.States;

/// <summary>The state of a stack in one JSON file, each resource after those that it depends on. Secrets are encrypted in it.</summary>
public sealed class StackState
{
    /// <summary>A file that this engine did not write is refused rather than misread.</summary>
    private const string Format = "local-engine-1";

    /// <summary>Pulumi's own member for what is encrypted in a state.</summary>
    private const string CipherMember = "ciphertext";

    public IReadOnlyList<ResourceState> Resources { get; init; } = [];

    /// <exception cref="EngineException">The file cannot be read, or the passphrase is not the one it was written with.</exception>
    public static StackState Load(string path, string passphrase)
    {
        if (!File.Exists(path)) return new StackState();
        try
        {
            var file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if ((string?)file["format"] != Format) throw new EngineException($"{path} is no state of the local engine.", "Give another --state folder; states of Pulumi itself are not read here.");
            using var cipher = Cipher(passphrase, Convert.FromBase64String((string)file["salt"]!));
            return new StackState { Resources = [.. file["resources"]!.AsArray().Select(r => Read(r!.AsObject(), cipher))] };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or NullReferenceException)
        {
            throw new EngineException($"The state {path} cannot be read: {exception.Message}", "Put back a copy of it or remove it; without it the stack counts as not made yet.", exception);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new EngineException($"The secrets in {path} were encrypted with another passphrase.", "Set PULUMI_CONFIG_PASSPHRASE to the one of the run that wrote it.", exception);
        }
    }

    /// <summary>Written beside and moved into place: an interrupted run leaves the old state or the new one.</summary>
    public void Save(string path, string passphrase)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        using var cipher = Cipher(passphrase, salt);
        var file = new JsonObject { ["format"] = Format, ["salt"] = Convert.ToBase64String(salt), ["resources"] = new JsonArray([.. Resources.Select(r => Write(r, cipher))]) };
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path + ".new", file.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.Move(path + ".new", path, overwrite: true);
    }

    private static JsonObject Write(ResourceState state, AesGcm cipher)
    {
        var node = new JsonObject { ["urn"] = state.Urn, ["type"] = state.Type, ["custom"] = state.Custom };
        void Text(string name, string value) { if (value.Length > 0) node[name] = value; }
        void Flag(string name, bool value) { if (value) node[name] = true; }
        void List(string name, IReadOnlyList<string> values) { if (values.Count > 0) node[name] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]); }
        Text("id", state.Id);
        Text("parent", state.Parent);
        Text("provider", state.Provider);
        Text("deletedWith", state.DeletedWith);
        Flag("protect", state.Protect);
        Flag("retainOnDelete", state.RetainOnDelete);
        Flag("external", state.External);
        Flag("delete", state.Doomed);
        List("dependencies", state.Dependencies);
        List("additionalSecretOutputs", state.AdditionalSecretOutputs);
        List("initErrors", state.InitErrors);
        node["inputs"] = JsonNode.Parse(JsonFormatter.Default.Format(PropertyValues.Map(state.Inputs, v => Hide(v, cipher))));
        node["outputs"] = JsonNode.Parse(JsonFormatter.Default.Format(PropertyValues.Map(state.Outputs, v => Hide(v, cipher))));
        return node;
    }

    private static ResourceState Read(JsonObject node, AesGcm cipher)
    {
        string Text(string name) => (string?)node[name] ?? "";
        bool Flag(string name) => (bool?)node[name] ?? false;
        IReadOnlyList<string> List(string name) => node[name]?.AsArray().Select(v => (string)v!).ToArray() ?? [];
        Struct Members(string name) => PropertyValues.Map(JsonParser.Default.Parse<Struct>(node[name]!.ToJsonString()), v => Show(v, cipher));
        return new ResourceState
        {
            Urn = Text("urn"), Type = Text("type"), Custom = Flag("custom"), Id = Text("id"), Parent = Text("parent"), Provider = Text("provider"), DeletedWith = Text("deletedWith"),
            Protect = Flag("protect"), RetainOnDelete = Flag("retainOnDelete"), External = Flag("external"), Doomed = Flag("delete"),
            Dependencies = List("dependencies"), AdditionalSecretOutputs = List("additionalSecretOutputs"), InitErrors = List("initErrors"),
            Inputs = Members("inputs"), Outputs = Members("outputs"),
        };
    }

    private static AesGcm Cipher(string passphrase, byte[] salt) => new(Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, 1000, HashAlgorithmName.SHA256, 32), 16);

    private static Value? Hide(Value value, AesGcm cipher)
    {
        if (!PropertyValues.IsSecret(value)) return null;
        var plain = Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(value.StructValue.Fields["value"]));
        var box = new byte[12 + 16 + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, 12));
        cipher.Encrypt(box.AsSpan(0, 12), plain, box.AsSpan(28), box.AsSpan(12, 16));
        return Value.ForStruct(new Struct
        {
            Fields = { [PropertyValues.MarkerKey] = Value.ForString(PropertyValues.SecretMarker), [CipherMember] = Value.ForString(Convert.ToBase64String(box)) },
        });
    }

    private static Value? Show(Value value, AesGcm cipher)
    {
        if (!PropertyValues.IsSecret(value)) return null;
        var box = Convert.FromBase64String(value.StructValue.Fields[CipherMember].StringValue);
        var plain = new byte[box.Length - 28];
        cipher.Decrypt(box.AsSpan(0, 12), box.AsSpan(28), box.AsSpan(12, 16), plain);
        return PropertyValues.Secret(JsonParser.Default.Parse<Value>(Encoding.UTF8.GetString(plain)));
    }
}

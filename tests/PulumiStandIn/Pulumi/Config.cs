using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>The stack's settings under one namespace: the project's name, or that of a provider's package.</summary>
public sealed class Config
{
    private readonly string _name;

    public Config(string? name = null) => _name = name ?? Deployment.Required.ProjectName;

    public string? Get(string key) => Deployment.Required.ConfigValue(Full(key));

    public Output<string>? GetSecret(string key) => Get(key) is { } value ? Output.CreateSecret(value) : null;

    public bool? GetBoolean(string key) => Get(key) switch
    {
        null => null,
        "true" or "True" => true,
        "false" or "False" => false,
        { } value => throw Wrong(key, value, "boolean"),
    };

    public Output<bool>? GetSecretBoolean(string key) => GetBoolean(key) is { } value ? Output.CreateSecret(value) : null;

    public int? GetInt32(string key) => Get(key) switch
    {
        null => null,
        { } value => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(key, value, "Int32"),
    };

    public Output<int>? GetSecretInt32(string key) => GetInt32(key) is { } value ? Output.CreateSecret(value) : null;

    public double? GetDouble(string key) => Get(key) switch
    {
        null => null,
        { } value => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(key, value, "Double"),
    };

    public Output<double>? GetSecretDouble(string key) => GetDouble(key) is { } value ? Output.CreateSecret(value) : null;

    public T? GetObject<T>(string key)
    {
        if (Get(key) is not { } value) return default;
        try
        {
            return JsonSerializer.Deserialize<T>(value);
        }
        catch (JsonException exception)
        {
            throw new RunException($"Configuration '{Full(key)}' could not be read as {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    public Output<T>? GetSecretObject<T>(string key) => Get(key) is null ? null : Output.CreateSecret(GetObject<T>(key)!);

    public string Require(string key) => Get(key) ?? throw Missing(key);

    public Output<string> RequireSecret(string key) => GetSecret(key) ?? throw Missing(key);

    public bool RequireBoolean(string key) => GetBoolean(key) ?? throw Missing(key);

    public Output<bool> RequireSecretBoolean(string key) => GetSecretBoolean(key) ?? throw Missing(key);

    public int RequireInt32(string key) => GetInt32(key) ?? throw Missing(key);

    public Output<int> RequireSecretInt32(string key) => GetSecretInt32(key) ?? throw Missing(key);

    public double RequireDouble(string key) => GetDouble(key) ?? throw Missing(key);

    public Output<double> RequireSecretDouble(string key) => GetSecretDouble(key) ?? throw Missing(key);

    public T RequireObject<T>(string key) => Get(key) is null ? throw Missing(key) : GetObject<T>(key)!;

    public Output<T> RequireSecretObject<T>(string key) => GetSecretObject<T>(key) ?? throw Missing(key);

    private string Full(string key) => $"{_name}:{key}";

    private RunException Wrong(string key, string value, string type) => new($"Configuration '{Full(key)}' value '{value}' is not a valid {type}");

    private RunException Missing(string key) =>
        new($"Missing Required configuration variable '{Full(key)}'\n\tplease set a value using the command `pulumi config set {Full(key)} <value>`");
}

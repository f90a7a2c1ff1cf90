using System.Net;
using System.Text.Json;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>Whatever the customer's key is, it opens the vault, another does not, and it can be changed without touching the backups.</summary>
public sealed class MasterKeyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-keys-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_passphrase_opens_the_vault_and_another_one_does_not()
    {
        var store = new MemoryBlobStore();
        using var passphrase = MasterKey.FromPassphrase("correct horse battery");
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true, passphrase);
        using var again = MasterKey.FromPassphrase("correct horse battery");
        Assert.Empty(await TestVault.VerifyAsync(store, again));
        using var other = MasterKey.FromPassphrase("correct horse batterY");
        var refused = await Assert.ThrowsAsync<VaultException>(() => OrgVault.OpenAsync(store, other, vault.Time, CancellationToken.None));
        Assert.Equal(FailureKind.Operator, refused.Kind);
        Assert.Contains("passphrase", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_passphrase_makes_other_keys_in_another_vault()
    {
        using var passphrase = MasterKey.FromPassphrase("correct horse battery");
        var ids = new List<string?>();
        for (var i = 0; i < 2; i++)
        {
            var store = new MemoryBlobStore();
            await using var vault = await TestVault.CreateAsync(store, encrypted: true, passphrase);
            ids.Add((await VaultFileAsync(store)).GetProperty("keyId").GetString());
        }
        Assert.NotEqual(ids[0], ids[1]);
    }

    [Fact]
    public async Task A_key_of_another_kind_is_refused_by_name()
    {
        var store = new MemoryBlobStore();
        await using var vault = await TestVault.CreateAsync(store, encrypted: true);
        using var passphrase = MasterKey.FromPassphrase("correct horse battery");
        var refused = await Assert.ThrowsAsync<VaultException>(() => OrgVault.OpenAsync(store, passphrase, vault.Time, CancellationToken.None));
        Assert.Equal("The vault opens with a key file, but a passphrase was given.", refused.Message);
    }

    [Fact]
    public async Task A_new_key_opens_the_vault_and_the_old_one_no_more_and_nothing_but_vault_json_changed()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        var before = await ContentsAsync(store);
        using var passphrase = MasterKey.FromPassphrase("correct horse battery");
        await OrgVault.RekeyAsync(store, vault.Key, passphrase, CancellationToken.None);
        var after = await ContentsAsync(store);
        Assert.Equal(["vault.json"], before.Keys.Where(name => before[name] != after[name]));
        Assert.Empty(await TestVault.VerifyAsync(store, passphrase));
        await Assert.ThrowsAsync<VaultException>(() => OrgVault.OpenAsync(store, vault.Key, vault.Time, CancellationToken.None));
        await OrgVault.RekeyAsync(store, passphrase, vault.Key, CancellationToken.None);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
    }

    [Fact]
    public async Task A_key_in_KMS_never_leaves_it_and_is_bound_to_the_vault()
    {
        await using var kms = new KmsOnTheWire();
        using var client = kms.Client();
        var store = new MemoryBlobStore();
        using var key = MasterKey.FromKms(client, "alias/backups");
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true, key);
        using var opener = MasterKey.FromKms(client, null);
        Assert.Empty(await TestVault.VerifyAsync(store, opener));
        Assert.Equal(KmsOnTheWire.Arn, (await VaultFileAsync(store)).GetProperty("kms").GetProperty("keyArn").GetString());
        Assert.All(kms.Contexts, context => Assert.Equal(vault.Vault.VaultId.ToString("D"), context));

        kms.Disabled = true;
        var refused = await Assert.ThrowsAsync<VaultException>(() => OrgVault.OpenAsync(store, opener, vault.Time, CancellationToken.None));
        Assert.Equal(FailureKind.Operator, refused.Kind);
        Assert.Contains("kms:Decrypt", refused.Remedy, StringComparison.Ordinal);
    }

    [Theory, InlineData("short"), InlineData("")]
    public void A_short_passphrase_is_refused(string passphrase) =>
        Assert.Contains("shorter than 12", Assert.Throws<VaultException>(() => MasterKey.FromPassphrase(passphrase)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Rekey_on_the_command_line_refuses_a_wrong_key_before_it_makes_a_new_one()
    {
        var (place, old, fresh) = (Path.Combine(_folder.FullName, "vault"), Path.Combine(_folder.FullName, "old.key"), Path.Combine(_folder.FullName, "new.key"));
        using (var key = MasterKey.CreateFile(old))
        {
            await using var vault = await SmallVault.WriteAsync(new SsdBlobStore(place), encrypted: true, key);
        }
        using (MasterKey.CreateFile(old + "2")) { }
        Assert.Equal(2, await RunAsync("rekey", "--vault", place, "--key", old + "2", "--new-key", fresh));
        Assert.False(File.Exists(fresh));
        Assert.Equal(0, await RunAsync("rekey", "--vault", place, "--key", old, "--new-key", fresh));
        Assert.Equal(2, await RunAsync("verify", "--vault", place, "--key", old));
        Assert.Equal(0, await RunAsync("verify", "--vault", place, "--key", fresh));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "words"), "correct horse battery\n");
        Assert.Equal(0, await RunAsync("rekey", "--vault", place, "--key", fresh, "--new-key", $"passphrase:{_folder.FullName}/words"));
        Assert.Equal(0, await RunAsync("verify", "--vault", place, "--key", $"passphrase:{_folder.FullName}/words"));
    }

    private static Task<int> RunAsync(params string[] args) => Appliance.Cli.ApplianceCommands.RunAsync(args, TextWriter.Null, TextWriter.Null, TimeProvider.System, CancellationToken.None);

    private static async Task<JsonElement> VaultFileAsync(IBlobStore store)
    {
        using var document = await JsonDocument.ParseAsync(await store.OpenReadAsync("vault.json", CancellationToken.None));
        return document.RootElement.Clone();
    }

    private static async Task<Dictionary<string, string>> ContentsAsync(IBlobStore store)
    {
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in await TestVault.ListAsync(store.ListAsync("", CancellationToken.None)))
        {
            await using var stream = await store.OpenReadAsync(name, CancellationToken.None);
            contents[name] = Convert.ToHexString(await System.Security.Cryptography.SHA256.HashDataAsync(stream));
        }
        return contents;
    }
}

/// <summary>AWS KMS as far as a vault uses it, spoken as AWS documents it (JSON 1.1, TrentService.*).</summary>
internal sealed class KmsOnTheWire : IAsyncDisposable
{
    public const string Arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private readonly Dictionary<string, byte[]> _wrapped = new(StringComparer.Ordinal);

    public KmsOnTheWire()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address { get; }

    public bool Disabled { get; set; }

    public List<string> Contexts { get; } = [];

    public AmazonKeyManagementServiceClient Client() => new(
        new BasicAWSCredentials("id", "secret"), new AmazonKeyManagementServiceConfig { ServiceURL = Address, AuthenticationRegion = "eu-central-1", MaxErrorRetry = 0 });

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var request = await JsonDocument.ParseAsync(context.Request.InputStream);
                var (status, answer) = Answer(context.Request.Headers["X-Amz-Target"], request.RootElement);
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/x-amz-json-1.1";
                await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer));
                context.Response.Close();
            }
        }
        catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private (int, Dictionary<string, string>) Answer(string? target, JsonElement request)
    {
        var bound = request.GetProperty("EncryptionContext").GetProperty("appliance-vault").GetString()!;
        Contexts.Add(bound);
        if (Disabled) return (400, new() { ["__type"] = "DisabledException", ["message"] = $"{Arn} is disabled." });
        if (target == "TrentService.GenerateDataKey")
        {
            var (key, name) = (System.Security.Cryptography.RandomNumberGenerator.GetBytes(32), System.Security.Cryptography.RandomNumberGenerator.GetHexString(32));
            _wrapped[name + bound] = key;
            return (200, new() { ["KeyId"] = Arn, ["Plaintext"] = Convert.ToBase64String(key), ["CiphertextBlob"] = Convert.ToBase64String(Convert.FromHexString(name)) });
        }
        var blob = Convert.ToHexString(request.GetProperty("CiphertextBlob").GetBytesFromBase64());
        return _wrapped.TryGetValue(blob + bound, out var found)
            ? (200, new() { ["KeyId"] = Arn, ["Plaintext"] = Convert.ToBase64String(found), ["EncryptionAlgorithm"] = "SYMMETRIC_DEFAULT" })
            : (400, new() { ["__type"] = "InvalidCiphertextException" });
    }
}

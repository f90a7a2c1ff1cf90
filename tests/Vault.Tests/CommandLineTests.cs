using System.Text.Json;
using Appliance.Cli;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-cli-");

    private string Vault => Path.Combine(_folder.FullName, "vault");

    private string Key => Path.Combine(_folder.FullName, "master.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_sound_vault_verifies_with_exit_code_0()
    {
        await WriteVaultAsync(encrypted: true);
        var (code, output, _) = await RunAsync("verify", "--vault", Vault, "--key", Key);
        Assert.Equal(0, code);
        Assert.Contains("no damage found", output, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Damage_is_named_with_its_remedy_and_exit_code_1(bool json)
    {
        await WriteVaultAsync(encrypted: true);
        var segment = Directory.GetFiles(Path.Combine(Vault, "segments", "Contact"), "*.enc").Single();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[10] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        var (code, output, _) = await RunAsync(["verify", "--vault", Vault, "--key", Key, .. json ? (string[])["--json"] : []]);
        Assert.Equal(1, code);
        var name = Path.GetRelativePath(Vault, segment);
        if (!json)
        {
            Assert.Contains($"damaged  {name}", output, StringComparison.Ordinal);
            Assert.Contains("what to do: ", output, StringComparison.Ordinal);
            return;
        }
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(name, lines[0].GetProperty("file").GetString());
        Assert.False(lines[^1].GetProperty("sound").GetBoolean());
    }

    [Fact]
    public async Task A_certificate_is_checked_from_the_vault_alone()
    {
        var snapshots = new List<Guid>();
        await using (var vault = await SmallVault.WriteAsync(new SsdBlobStore(Vault), encrypted: true, MasterKey.CreateFile(Key)))
        {
            snapshots.Add(await vault.Vault.ListSnapshotsAsync(CancellationToken.None).LastAsync());
            snapshots.Add(await SmallVault.CertifyAsync(vault, 3));
            snapshots.Add(await SmallVault.CertifyAsync(vault, 3, new CompletenessGap(GapKind.Rows, "a row is lost") { Ids = ["001Z"] }));
            snapshots.Add(await SmallVault.CertifyAsync(vault, 4));
        }

        var (code, output, error) = await RunAsync("verify", "--vault", Vault, "--key", Key, "--certificate", $"{snapshots[^3]}");
        Assert.True(code == 0, output + error);
        Assert.Contains("nothing was missing", output, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("verify", "--vault", Vault, "--key", Key, "--certificate", $"{snapshots[^2]}");
        Assert.Equal(3, code);
        Assert.Contains("gap    Account: a row is lost", output, StringComparison.Ordinal);
        Assert.Contains("001Z", output, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("verify", "--vault", Vault, "--key", Key, "--certificate", "--json");      // the latest
        Assert.Equal(1, code);
        var said = JsonDocument.Parse(output).RootElement;
        Assert.False(said.GetProperty("holds").GetBoolean());
        Assert.Contains("4 live rows are certified, 3 are stored", output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("verify", "--vault", Vault, "--key", Key, "--certificate", $"{snapshots[0]}")).Code);   // has none
        Assert.Equal(0, (await RunAsync("verify", "--vault", Vault, "--key", Key)).Code);
    }

    [Fact]
    public async Task Wrong_usage_and_wrong_keys_have_exit_code_2_and_say_what_to_do()
    {
        await WriteVaultAsync(encrypted: true);
        Assert.Equal(2, (await RunAsync("verify")).Code);
        Assert.Equal(2, (await RunAsync("verify", "--vault", Path.Combine(_folder.FullName, "none"))).Code);
        Assert.Equal(2, (await RunAsync("verify", "--vault", _folder.FullName)).Code);
        using (MasterKey.CreateFile(Key + "2")) { }
        var (code, _, error) = await RunAsync("verify", "--vault", Vault, "--key", Key + "2");
        Assert.Equal(2, code);
        Assert.Contains("What to do: ", error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("read", "--vault", Vault, "--object", "Account")).Code);
        Assert.Equal(2, (await RunAsync("read", "--vault", Vault, "--key", Key, "--object", "Nothing")).Code);
        Assert.Equal(0, (await RunAsync("--help")).Code);
    }

    [Fact]
    public async Task Without_its_key_an_encrypted_vault_is_never_called_sound_beyond_what_could_be_checked()
    {
        await WriteVaultAsync(encrypted: true);
        var (_, output, _) = await RunAsync("verify", "--vault", Vault);
        Assert.EndsWith("no damage found in what could be checked", output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("\"allChecked\":false", (await RunAsync("verify", "--vault", Vault, "--json")).Output, StringComparison.Ordinal);
        Assert.Contains("\"allChecked\":true", (await RunAsync("verify", "--vault", Vault, "--key", Key, "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_are_read_as_csv_and_as_json_lines()
    {
        await WriteVaultAsync(encrypted: true);
        var (code, csv, _) = await RunAsync("read", "--vault", Vault, "--key", Key, "--object", "Account");
        Assert.Equal(0, code);
        Assert.StartsWith("Id,Name,IsDeleted,Body,Rating__c\n001A,Acme,false,sha256:", csv, StringComparison.Ordinal);
        Assert.Equal(4, csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var snapshots = await RunAsync("snapshots", "--vault", Vault, "--key", Key);
        var first = snapshots.Output[..36];
        var (_, json, _) = await RunAsync("read", "--vault", Vault, "--key", Key, "--snapshot", first, "--object", "Account", "--id", "001A", "--format", "jsonl");
        Assert.Equal("Acme, \"the\" first\nof all", JsonDocument.Parse(json).RootElement.GetProperty("Name").GetString());
        Assert.Equal(2, (await RunAsync("read", "--vault", Vault, "--key", Key, "--object", "Account", "--id", "999")).Code);
    }

    [Fact]
    public async Task A_snapshot_is_exported_with_its_files_and_without_a_key_from_a_plain_vault()
    {
        await WriteVaultAsync(encrypted: false);
        var target = Path.Combine(_folder.FullName, "out");
        var (code, _, _) = await RunAsync("export", "--vault", Vault, "--snapshot", "latest", "--to", target);
        Assert.Equal(0, code);
        Assert.Equal(["Account.csv", "Contact.csv", "Note.csv"], Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("001B,Müller & Söhne,false,files/Account/001B.Body,\n", await File.ReadAllTextAsync(Path.Combine(target, "Account.csv")), StringComparison.Ordinal);
        Assert.Equal(SmallVault.Noise, await File.ReadAllBytesAsync(Path.Combine(target, "files", "Account", "001B.Body")));
        Assert.Equal(2, (await RunAsync("export", "--vault", Vault, "--snapshot", "latest", "--to", target)).Code);
    }

    private async Task WriteVaultAsync(bool encrypted)
    {
        await using var vault = await SmallVault.WriteAsync(new SsdBlobStore(Vault), encrypted, MasterKey.CreateFile(Key));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ApplianceCommands.RunAsync(args, output, error, TimeProvider.System, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}

using Dapper;
using Xunit;

namespace Appliance.Catalog.Tests;

public sealed class Secrets_in_the_catalog(CatalogFixture fixture)
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Come_back_as_they_were_and_stand_nowhere_in_the_clear()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Pending.AddAsync("state-text", new PendingConnection(org.Id, "Acme", org.LoginUrl, "client", "client-secret-text", "verifier-text"), None);

        var read = (await scene.Orgs.FindAsync(org.Id, None))!;
        Assert.Equal(("access-token-text", "refresh-token-text", "client-secret-text"), (read.AccessToken, read.RefreshToken, read.ClientSecret));

        var everything = await DumpAsync(scene.Db);
        foreach (var secret in new[] { "access-token-text", "refresh-token-text", "client-secret-text", "verifier-text", "state-text" })
            Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
        Assert.Contains("Acme", everything, StringComparison.Ordinal);      // the dump does see what is stored
    }

    [Fact]
    public void Do_not_open_in_another_place_or_with_another_key_or_when_a_bit_is_flipped()
    {
        var (row, other) = (Guid.Parse("00000000-0000-0000-0000-000000000001"), Guid.Parse("00000000-0000-0000-0000-000000000002"));
        var secrets = new SecretBox(new byte[32]);
        var box = secrets.Seal("token", "orgs", "access_token", row);
        Assert.Equal("token", secrets.Open(box, "orgs", "access_token", row));
        Assert.NotEqual(box, secrets.Seal("token", "orgs", "access_token", row));

        Assert.Throws<CatalogException>(() => secrets.Open(box, "orgs", "access_token", other));
        Assert.Throws<CatalogException>(() => secrets.Open(box, "orgs", "refresh_token", row));
        Assert.Throws<CatalogException>(() => new SecretBox([.. Enumerable.Repeat((byte)7, 32)]).Open(box, "orgs", "access_token", row));
        for (var bit = 0; bit < box.Length * 8; bit++)
        {
            var damaged = (byte[])box.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CatalogException>(() => secrets.Open(damaged, "orgs", "access_token", row));
        }
    }

    [Fact]
    public void Have_a_key_file_that_is_made_once_for_its_owner_alone()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("secrets").FullName, "secrets.key");
        var box = SecretBox.FromFile(path).Seal("token", "t", "c", Guid.Empty);
        Assert.Equal("token", SecretBox.FromFile(path).Open(box, "t", "c", Guid.Empty));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.WriteAllText(path, "no key");
        Assert.Throws<CatalogException>(() => SecretBox.FromFile(path));
    }

    /// <summary>File.Move looks and then renames: two servers kept two keys, and what one had sealed the other could not open.</summary>
    [Fact]
    public async Task Have_one_key_for_all_servers_that_start_at_once()
    {
        var folder = Directory.CreateTempSubdirectory("secrets");
        for (var round = 0; round < 200; round++)
        {
            var path = Path.Combine(folder.FullName, $"{round}.key");
            using var start = new Barrier(4);
            var boxes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                return SecretBox.FromFile(path);
            }, None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            var told = boxes[0].Seal("token", "t", "c", Guid.Empty);
            Assert.All(boxes, box => Assert.Equal("token", box.Open(told, "t", "c", Guid.Empty)));
        }
        Assert.Equal(200, folder.GetFiles().Length);        // nothing half-made is left
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Of_a_connection_in_the_making_are_given_out_once_to_the_user_who_began_and_not_too_late()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var (user, stranger) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var pending = new PendingConnection(user, "Acme", new Uri("https://login.salesforce.com"), "client", null, "verifier");
        await scene.Pending.AddAsync("one", pending, None);
        Assert.Null(await scene.Pending.TakeAsync("one", stranger, None));
        Assert.Null(await scene.Pending.TakeAsync("another", user, None));
        Assert.Equal(pending, await scene.Pending.TakeAsync("one", user, None));
        Assert.Null(await scene.Pending.TakeAsync("one", user, None));

        await scene.Pending.AddAsync("two", pending, None);
        scene.Time.Advance(PendingConnections.Life);
        Assert.Null(await scene.Pending.TakeAsync("two", user, None));
    }

    [Fact]
    public async Task Of_an_org_change_on_refresh_and_reconnecting_keeps_its_id_and_vault()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Orgs.MarkTokenBrokenAsync(org, None);
        Assert.Equal(TokenState.Broken, (await scene.Orgs.FindAsync(org.Id, None))!.TokenState);

        await scene.Orgs.UpdateTokensAsync(org.Id, "newer", null, new Uri("https://moved.my.salesforce.com"), None);
        var refreshed = (await scene.Orgs.FindAsync(org.Id, None))!;
        Assert.Equal(("newer", "refresh-token-text", TokenState.Valid, "moved.my.salesforce.com"), (refreshed.AccessToken, refreshed.RefreshToken, refreshed.TokenState, refreshed.InstanceUrl.Host));

        scene.Time.Advance(TimeSpan.FromDays(1));
        var again = await scene.Orgs.AddAsync(CatalogScene.Connection(org.SalesforceOrgId) with { Name = "Acme again", AccessToken = "newest" }, None);
        Assert.Equal((org.Id, org.VaultName, "Acme again", "newest"), (again.Id, again.VaultName, again.Name, again.AccessToken));

        // Salesforce ids differ by case alone.
        var other = await scene.OrgAsync("00D000000000001eAA");
        Assert.NotEqual(org.Id, other.Id);
        Assert.Equal(2, (await scene.Orgs.ListAsync(None)).Count);
    }

    private static async Task<string> DumpAsync(CatalogDatabase db)
    {
        await using var connection = await db.Source.OpenConnectionAsync();
        var text = new System.Text.StringBuilder();
        foreach (var table in await connection.QueryAsync<string>("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"))
        {
            await using var reader = await connection.ExecuteReaderAsync($"SELECT * FROM `{table}`");
            while (await reader.ReadAsync())
                for (var i = 0; i < reader.FieldCount; i++)
                    text.AppendLine(reader.GetValue(i) is byte[] bytes ? System.Text.Encoding.Latin1.GetString(bytes) : reader.GetValue(i).ToString());
        }
        return text.ToString();
    }
}

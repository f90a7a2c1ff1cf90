using Xunit;

namespace Appliance.Catalog.Tests;

public sealed class People_in_the_catalog(CatalogFixture fixture)
{
    private static readonly byte[] Token = [.. Enumerable.Repeat((byte)1, 32)], Wrong = [.. Enumerable.Repeat((byte)2, 32)];
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task The_set_up_token_makes_one_administrator_even_when_used_many_times_at_once()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        Assert.False(await scene.Users.AnyAsync(None));
        await scene.Users.NewSetupTokenAsync(Wrong, None);
        await scene.Users.NewSetupTokenAsync(Token, None);      // the older one is worthless now
        Assert.True(await scene.Users.IsSetupTokenAsync(Token, None));
        Assert.Equal(SetupOutcome.WrongToken, await scene.Users.SetUpAsync(Wrong, "admin", "hash", None));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => scene.Users.SetUpAsync(Token, $"admin{i}", "hash", None)));

        Assert.Single(outcomes, o => o is SetupOutcome.Created);
        Assert.Equal(4, outcomes.Count(o => o is SetupOutcome.AlreadySetUp));
        Assert.False(await scene.Users.IsSetupTokenAsync(Token, None));
    }

    [Fact]
    public async Task A_user_is_found_whatever_case_is_typed_and_failures_lock_until_a_sign_in()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var user = await AdministratorAsync(scene);
        Assert.Equal(user.Id, (await scene.Users.FindByNameAsync(" ADMIN ", None))!.Id);

        Assert.Null(await scene.Users.SignInFailedAsync(user.Id, n => n < 2 ? TimeSpan.Zero : TimeSpan.FromMinutes(1), None));
        var until = await scene.Users.SignInFailedAsync(user.Id, n => n < 2 ? TimeSpan.Zero : TimeSpan.FromMinutes(1), None);
        Assert.Equal(scene.Time.GetUtcNow().AddMinutes(1), until);
        Assert.Equal((2, until), ((await scene.Users.FindAsync(user.Id, None))!.FailedSignIns, (await scene.Users.FindAsync(user.Id, None))!.LockedUntil));

        await scene.Users.SignedInAsync(user.Id, "newer hash", None);
        var after = (await scene.Users.FindAsync(user.Id, None))!;
        Assert.Equal((0, null, "newer hash"), (after.FailedSignIns, after.LockedUntil, after.PasswordHash));
    }

    [Fact]
    public async Task A_session_holds_until_it_ends_or_is_signed_out()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var user = await AdministratorAsync(scene);
        await scene.Sessions.AddAsync(Token, user.Id, TimeSpan.FromHours(12), None);
        await scene.Sessions.AddAsync(Wrong, user.Id, TimeSpan.FromHours(12), None);
        Assert.Equal(user.Id, (await scene.Sessions.FindUserAsync(Token, None))!.Id);
        await scene.Sessions.RemoveAsync(Token, None);
        Assert.Null(await scene.Sessions.FindUserAsync(Token, None));
        Assert.NotNull(await scene.Sessions.FindUserAsync(Wrong, None));
        scene.Time.Advance(TimeSpan.FromHours(12));
        Assert.Null(await scene.Sessions.FindUserAsync(Wrong, None));
    }

    [Fact]
    public async Task An_api_token_holds_until_it_expires_or_is_revoked()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var user = await AdministratorAsync(scene);
        var shortLived = await scene.ApiTokens.AddAsync(user.Id, "a day", Token, TimeSpan.FromDays(1), None);
        var lasting = await scene.ApiTokens.AddAsync(user.Id, "lasting", Wrong, null, None);
        Assert.Equal(scene.Time.GetUtcNow().AddDays(1), shortLived.ExpiresAt);
        Assert.Equal(user.Id, (await scene.ApiTokens.FindUserAsync(Token, None))!.Id);
        Assert.Equal(scene.Time.GetUtcNow(), (await scene.ApiTokens.ListAsync(None)).Single(t => t.Id == shortLived.Id).LastUsedAt);

        scene.Time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await scene.ApiTokens.FindUserAsync(Token, None));
        Assert.NotNull(await scene.ApiTokens.FindUserAsync(Wrong, None));
        Assert.True(await scene.ApiTokens.RemoveAsync(lasting.Id, None));
        Assert.Null(await scene.ApiTokens.FindUserAsync(Wrong, None));
    }

    private static async Task<UserRow> AdministratorAsync(CatalogScene scene)
    {
        await scene.Users.NewSetupTokenAsync(Token, None);
        Assert.Equal(SetupOutcome.Created, await scene.Users.SetUpAsync(Token, "Admin", "hash", None));
        return (await scene.Users.FindByNameAsync("admin", None))!;
    }
}

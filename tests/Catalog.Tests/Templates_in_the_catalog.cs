using Xunit;

namespace Appliance.Catalog.Tests;

public sealed class Templates_in_the_catalog(CatalogFixture fixture)
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Are_kept_by_org_and_name()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var other = await scene.OrgAsync("00D000000000002EAA");
        var templates = new Templates(scene.Db, scene.Time);
        var row = new TemplateRow { Id = Guid.CreateVersion7(), OrgId = org.Id, Name = "Sales", Content = """{"objects":[]}""", ChangedBy = "admin" };
        Assert.True(await templates.PutAsync(row, None));
        Assert.False(await templates.PutAsync(row with { Id = Guid.CreateVersion7() }, None));                       // the name is taken
        Assert.True(await templates.PutAsync(row with { Id = Guid.CreateVersion7(), OrgId = other.Id }, None));      // not in another org
        var second = row with { Id = Guid.CreateVersion7(), Name = "Service" };
        Assert.True(await templates.PutAsync(second, None));
        Assert.False(await templates.PutAsync(second with { Name = "Sales" }, None));
        Assert.True(await templates.PutAsync(second with { Name = "Support", Content = """{"objects":[1]}""", ChangedBy = "someone" }, None));

        Assert.Equal(["Sales", "Support"], (await templates.ListAsync(org.Id, None)).Select(t => t.Name));
        var found = (await templates.FindAsync(org.Id, second.Id, None))!;
        Assert.Equal(("""{"objects":[1]}""", "someone", scene.Time.GetUtcNow()), (found.Content, found.ChangedBy, found.ChangedAt));
        Assert.Null(await templates.FindAsync(other.Id, second.Id, None));
        Assert.False(await templates.RemoveAsync(other.Id, second.Id, None));
        Assert.True(await templates.RemoveAsync(org.Id, second.Id, None));
        Assert.Equal("Sales", Assert.Single(await templates.ListAsync(org.Id, None)).Name);
    }
}

using Appliance.Engine.Restores;
using Appliance.Salesforce;
using Xunit;

namespace Engine.Tests;

public sealed class Files_come_back_with_their_records
{
    [Theory]
    [InlineData("Attachment", "ParentId", null)]
    [InlineData("Attachment", "ParentId", "/sobjects/Attachment")]
    [InlineData("ContentVersion", "ContentDocumentId", null)]
    [InlineData("ContentVersion", "ContentDocumentId", "/sobjects/ContentVersion")]
    public async Task After_their_parents_left_even_the_recycle_bin_and_even_when_an_answer_is_lost(string fileObject, string parentField, string? lostAnswer)
    {
        await using var org = await TestOrg.StartAsync(800);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        var parents = before.Where(r => r.Key.StartsWith(fileObject + "/", StringComparison.Ordinal)).Select(r => r.Value[parentField]).Distinct().Take(3).ToList();
        foreach (var parent in parents.Select(id => before.Keys.Single(k => k.EndsWith("/" + id, StringComparison.Ordinal)).Split('/')))
            await PurgeAsync(org.Connect(), parent[0], parent[1]);
        Assert.True((await org.DumpAsync()).Count < before.Count - parents.Count);

        var plan = await org.PlanAsync(snapshot, snapshot);
        Assert.Contains(plan.Steps, s => s.Action == RestoreAction.InsertFile && s.Object == fileObject);
        if (lostAnswer is not null) org.Simulator.Faults.DropAnswers(lostAnswer);
        await org.RestoreAsync(plan);
        Assert.Empty(org.Simulator.Faults.Unmet);
        Assert.Empty(await org.FailuresAsync(plan));
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
    }

    private static async Task PurgeAsync(Org org, string objectName, string id)
    {
        var job = await org.CreateIngestJobAsync(objectName, IngestOperation.HardDelete, null, default);
        using var stream = new MemoryStream();
        using (var csv = new IngestCsv(stream, ["Id"]))
        {
            csv.Add(id);
            csv.EndRow();
        }
        stream.Position = 0;
        await org.UploadAsync(job, stream, default);
        await org.CloseIngestJobAsync(job, default);
        Assert.Equal(0, (await org.WaitForIngestJobAsync(job, default)).RecordsFailed);
    }
}

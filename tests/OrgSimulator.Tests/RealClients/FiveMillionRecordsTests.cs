using System.Security.Cryptography;
using System.Text;
using Appliance.Salesforce;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrgSimulator.Tests.RealClients;

/// <summary>The CLI and the appliance's own client export the same records, and the simulator stays small meanwhile.</summary>
public sealed class FiveMillionRecordsTests
{
    private const string Soql = "SELECT Id, Email, AccountId, ReportsToId, Birthdate, CreatedDate, SystemModstamp FROM Contact";

    [Fact]
    public async Task Both_clients_read_the_same_rows()
    {
        // Three in ten generated records are contacts.
        var records = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 100_000 : 16_700_000;
        using var client = await RealClient.InstallAsync();
        await using var simulator = await SimulatorProcess.StartAsync("--generate", records.ToString(System.Globalization.CultureInfo.InvariantCulture), "--page", "250000", "--api-limit", "1000000");
        var (code, answer) = await client.SfAsync($"org login access-token --instance-url {simulator.Url} --no-prompt --alias sim --set-default", new() { ["SF_ACCESS_TOKEN"] = await simulator.TokenAsync() });
        Assert.True(code == 0, answer.ToJsonString());
        var file = Path.Combine(client.Home, "contacts.csv");
        await client.SfResultAsync("data export bulk -o sim -r csv -w 60 --output-file", file, "-q", Soql);
        var (rowsOfCli, hashOfCli) = (0, "");
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            await foreach (var line in File.ReadLinesAsync(file))
            {
                if (rowsOfCli++ == 0) continue;      // the header
                hash.AppendData(Encoding.UTF8.GetBytes(line.Replace("\"", "", StringComparison.Ordinal)));
            }
            hashOfCli = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        var (rows, ours) = await ReadByOursAsync(simulator);
        Assert.Equal((rowsOfCli - 1, hashOfCli), (rows, ours));
        Assert.InRange(rows, records * 29 / 100, records * 31 / 100);
        Assert.InRange(simulator.PeakMegabytes, 20, 300);
        TestContext.Current.SendDiagnosticMessage($"{rows} rows, simulator's peak {simulator.PeakMegabytes} MiB");
    }

    private static async Task<(int Rows, string Hash)> ReadByOursAsync(SimulatorProcess simulator)
    {
        using var http = Org.NewHttpClient();
        var address = new Uri(simulator.Url);
        var org = new Org(http, new(address, "test", null, address, await simulator.TokenAsync(), null), (_, _) => Task.CompletedTask, TimeProvider.System, NullLogger<Org>.Instance);
        var job = await org.CreateQueryJobAsync(Soql, includeDeleted: false, CancellationToken.None);
        await org.WaitForQueryJobAsync(job, null, CancellationToken.None);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0;
        await foreach (var page in org.QueryPagesAsync(job, null, 0, CancellationToken.None))
            await foreach (var batch in page.Batches)
                for (var row = 0; row < batch.Count; row++, rows++)
                    for (var column = 0; column < batch.Columns.Count; column++)
                    {
                        if (column > 0) hash.AppendData(","u8);
                        hash.AppendData(batch.Value(row, column));
                    }
        return (rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}

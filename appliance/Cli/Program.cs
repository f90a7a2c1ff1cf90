using System.Text;
using Appliance.Cli;

// Console.Out flushes after every line; a million records want a buffer.
await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 64 * 1024);
return await ApplianceCommands.RunAsync(args, output, Console.Error, TimeProvider.System, CancellationToken.None);

using Provisioner.Cli;

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) => { key.Cancel = true; interrupted.Cancel(); };
return await ProvisionerCommands.RunAsync(args, new Screen(Console.Out, Console.Error, Console.In, TimeProvider.System), interrupted.Token);

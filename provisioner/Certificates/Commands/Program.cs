using System.Runtime.InteropServices;
using Provisioner.Certificates.Commands;

// `certificates` (docs/certificates.md). It ends on SIGTERM and SIGINT at its next step; an order under way is taken up again by the next start.
using var ended = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
return await new CertificatesTool(TimeProvider.System, Console.Out, Console.Error, Environment.GetEnvironmentVariable("CERTIFICATES_PROOF")).RunAsync(args, ended.Token);

void End(PosixSignalContext context)
{
    context.Cancel = true;
    ended.Cancel();
}

using System.Diagnostics;

namespace Provisioner.Delivery.Deploying;

/// <summary>The executable `certificates` for the host: the one that APPLIANCE_CERTIFICATES names, else published from this repository, one file that needs no runtime there.</summary>
public static class CertificatesTool
{
    public const string Variable = "APPLIANCE_CERTIFICATES";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <exception cref="DeployException">It is not there and cannot be made. Nothing was touched.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        var path = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : await PublishAsync(cancellationToken);
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new DeployException($"The certificates tool cannot be read: {missing.Message.TrimEnd('.')}.", $"Let {Variable} name the published executable.", missing) { Untouched = true };
        }
    }

    private static async Task<string> PublishAsync(CancellationToken cancellationToken)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "provisioner", "Certificates", "Certificates.csproj"))) root = root.Parent;
        if (root is null) throw new DeployException("The certificates tool for the host is not here, nor is its source.", $"Let {Variable} name the executable (dotnet publish provisioner/Certificates -r linux-x64 --self-contained).") { Untouched = true };
        var folder = Path.Combine(root.FullName, "artifacts", "certificates", "linux-x64");
        var start = new ProcessStartInfo("dotnet", ["publish", "provisioner/Certificates/Certificates.csproj", "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", folder, "-v", "quiet", "--nologo", "-nodeReuse:false"])
        {
            WorkingDirectory = root.FullName, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        var said = $"{await output} {await errors}".ReplaceLineEndings(" ").Trim();
        return process.ExitCode == 0 ? Path.Combine(folder, "certificates")
            : throw new DeployException($"The certificates tool could not be built: {(said.Length > 600 ? "… " + said[^600..] : said)}", $"Look at the .NET SDK and its package feed; or let {Variable} name the executable.") { Untouched = true };
    }
}

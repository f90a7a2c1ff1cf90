using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;

namespace Provisioner.Delivery.Releases;

/// <summary>The Docker engine of this machine, by its own program.</summary>
public static class LocalEngine
{
    /// <summary>Reads an image as a manifest needs it.</summary>
    /// <param name="reference">Such as "registry.example.org/backup/appliance:0.1.0".</param>
    /// <param name="registry">Null: no digest is asked for.</param>
    /// <exception cref="InvalidOperationException">It is not there, is for another processor, or has no digest of that registry; the message is a sentence.</exception>
    public static async Task<ReleaseImage> ReadAsync(string reference, string? registry, CancellationToken cancellationToken)
    {
        var path = reference.LastIndexOf(':') is var colon && colon > reference.LastIndexOf('/') ? reference[..colon] : reference;
        var name = registry is null ? path : path.StartsWith(registry + "/", StringComparison.Ordinal) ? path[(registry.Length + 1)..] : throw new InvalidOperationException($"{reference} is not of the registry {registry}.");
        using var document = JsonDocument.Parse(await RunAsync(["image", "inspect", "-f", "{{json .}}", reference], cancellationToken));
        var image = document.RootElement;
        var (id, system, processor) = (image.GetProperty("Id").GetString()!, image.GetProperty("Os").GetString(), image.GetProperty("Architecture").GetString());
        if ((system, processor) != ("linux", "amd64")) throw new InvalidOperationException($"{reference} is for {system}/{processor}, and the appliance's machines are linux/amd64.");
        var digests = image.TryGetProperty("RepoDigests", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(d => d.GetString()!.Split('@')).Where(d => d.Length == 2).ToList() : [];
        if (digests.Exists(d => d[1] == id)) throw new InvalidOperationException("This engine keeps images by their manifest (containerd's image store), so their ids are not those of other engines. Make the release on an engine without it (features: containerd-snapshotter: false).");
        var digest = registry is null ? null : digests.Find(d => d[0] == path)?[1] ?? throw new InvalidOperationException($"{reference} has no digest yet. Push it first.");
        return new ReleaseImage(name, digest, id, Math.Max(1, image.GetProperty("Size").GetInt64()));
    }

    /// <returns>Null: the engine has it. Else the sentence that says why not.</returns>
    public static async Task<string?> MissingAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(["image", "inspect", "-f", "{{.Id}}", id], cancellationToken);
            return null;
        }
        catch (InvalidOperationException failure)
        {
            return failure.Message;
        }
    }

    /// <summary>Saves one image as PATH, a gzip-compressed tar that `docker load` takes; whole or not at all.</summary>
    /// <exception cref="InvalidOperationException">The engine does not give it, or it cannot be written.</exception>
    public static async Task SaveAsync(string id, string path, CancellationToken cancellationToken)
    {
        var unfinished = path + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var docker = Start(["save", id]);
            var errors = docker.StandardError.ReadToEndAsync(cancellationToken);
            await using (var file = File.Create(unfinished))
            await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
                await docker.StandardOutput.BaseStream.CopyToAsync(packed, cancellationToken);
            await docker.WaitForExitAsync(cancellationToken);
            if (docker.ExitCode != 0) throw new InvalidOperationException($"docker save: {(await errors).Trim()}");
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"{path} cannot be written: {failure.Message}", failure);
        }
        finally
        {
            if (File.Exists(unfinished)) File.Delete(unfinished);
        }
    }

    private static async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var docker = Start(arguments);
        var errors = docker.StandardError.ReadToEndAsync(cancellationToken);
        var output = await docker.StandardOutput.ReadToEndAsync(cancellationToken);
        await docker.WaitForExitAsync(cancellationToken);
        return docker.ExitCode == 0 ? output : throw new InvalidOperationException($"This machine's Docker engine says: {(await errors).Trim().ReplaceLineEndings(" ")}");
    }

    private static Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        }
        catch (Win32Exception none)
        {
            throw new InvalidOperationException("This machine has no `docker`.", none);
        }
    }
}

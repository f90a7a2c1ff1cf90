namespace Provisioner.Tests.Rollout;

/// <summary>The real image of the service `certificates`, on a base of this machine's own packages. Publishing takes a minute, so only at night.</summary>
internal static class AgentImage
{
    public const string Name = "certificates:tested";

    public static async Task BuildAsync()
    {
        await RealEngine.MustAsync("bash", Path.Combine(RepositoryFolder.Root, "tests/EndToEnd/Docker/local-bases"));
        var published = Path.Combine(RepositoryFolder.Root, "artifacts/certificates/linux-x64");
        await RealEngine.MustAsync("dotnet", "publish", Path.Combine(RepositoryFolder.Root, "provisioner/Certificates/Certificates.csproj"), "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", published, "-v", "quiet", "--nologo", "-nodeReuse:false");
        await RealEngine.MustAsync("env", "DOCKER_BUILDKIT=0", "docker", "build", "-q", "-f", Path.Combine(RepositoryFolder.Root, "provisioner/Certificates/Dockerfile"), "--build-arg", "RUNTIME_BASE=local/runtime-deps", "-t", Name, published);
    }
}

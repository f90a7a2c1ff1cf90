namespace Pulumi;

/// <summary>The deployment that is running, as programs see it.</summary>
public sealed class DeploymentInstance
{
    private readonly Deployment _deployment;

    internal DeploymentInstance(Deployment deployment) => _deployment = deployment;

    /// <summary>True in a preview: what the provider computes is unknown.</summary>
    public bool IsDryRun => _deployment.IsDryRun;

    public string ProjectName => _deployment.ProjectName;

    public string StackName => _deployment.StackName;

    public string OrganizationName => _deployment.OrganizationName;

    public string RootDirectory => _deployment.RootDirectory;

    /// <summary>Calls a function of a provider. The answer is unknown as long as an argument is.</summary>
    public Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOptions? options = null) => _deployment.Invoke<T>(token, args, options);

    public Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOutputOptions options) => _deployment.Invoke<T>(token, args, options);

    /// <summary>For a function whose answer is an object of a single member.</summary>
    public Output<T> InvokeSingle<T>(string token, InvokeArgs args, InvokeOptions? options = null) =>
        _deployment.Invoke<System.Collections.Immutable.ImmutableDictionary<string, T>>(token, args, options).Apply(answer => answer.Values.Single());

    public async Task<T> InvokeAsync<T>(string token, InvokeArgs args, InvokeOptions? options = null) =>
        (await _deployment.Invoke<T>(token, args, options).Data.ConfigureAwait(false)).Value;

    public async Task InvokeAsync(string token, InvokeArgs args, InvokeOptions? options = null) =>
        await _deployment.Invoke<object?>(token, args, options).Data.ConfigureAwait(false);

    public async Task<T> InvokeSingleAsync<T>(string token, InvokeArgs args, InvokeOptions? options = null) =>
        (await InvokeSingle<T>(token, args, options).Data.ConfigureAwait(false)).Value;
}

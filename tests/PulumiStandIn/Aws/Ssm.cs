namespace Pulumi.Aws.Ssm;

public static class GetParameter
{
    public static Output<GetParameterResult> Invoke(GetParameterInvokeArgs args, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetParameterResult>("aws:ssm/getParameter:getParameter", args, Package.Invoke(options));
}

public sealed class GetParameterInvokeArgs : InvokeArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
}

[OutputType]
public sealed class GetParameterResult
{
    public readonly string InsecureValue;

    [OutputConstructor]
    private GetParameterResult(string insecureValue) => InsecureValue = insecureValue;
}

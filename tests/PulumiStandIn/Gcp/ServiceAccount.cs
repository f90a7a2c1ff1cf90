namespace Pulumi.Gcp.ServiceAccount;

[GcpResourceType("gcp:serviceaccount/account:Account")]
public sealed class Account(string name, AccountArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("gcp:serviceaccount/account:Account", name, args ?? new(), Package.Options(options))
{
    [Output("email")] public Output<string> Email { get; private set; } = null!;
    [Output("member")] public Output<string> Member { get; private set; } = null!;
}

public sealed class AccountArgs : ResourceArgs
{
    [Input("accountId")] public Input<string>? AccountId { get; set; }
    [Input("displayName")] public Input<string>? DisplayName { get; set; }
}

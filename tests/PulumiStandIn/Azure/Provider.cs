namespace Pulumi.Azure;

[AzureResourceType("pulumi:providers:azure")]
public sealed class Provider(string name, ProviderArgs? args = null, CustomResourceOptions? options = null)
    : ProviderResource("azure", name, args ?? new(), Package.Options(options, "clientCertificate", "clientCertificatePassword", "clientCertificatePath", "clientId", "clientIdFilePath", "clientSecret", "clientSecretFilePath", "oidcRequestToken", "oidcToken", "oidcTokenFilePath", "subscriptionId", "tenantId"));

public sealed class ProviderArgs : ResourceArgs
{
    [Input("features", json: true)] public Input<Inputs.ProviderFeaturesArgs>? Features { get; set; }
    [Input("subscriptionId")] public Input<string>? SubscriptionId { get; set; }
}

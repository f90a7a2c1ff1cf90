namespace Pulumi.Azure;

[AzureResourceType("pulumi:providers:azure")]
public sealed class Provider(string name, ProviderArgs? args = null, CustomResourceOptions? options = null)
    : ProviderResource("azure", name, args ?? new(), Package.Options(options, "clientCertificate", "clientCertificatePassword", "clientCertificatePath", "clientId", "clientIdFilePath", "clientSecret", "clientSecretFilePath", "oidcRequestToken", "oidcToken", "oidcTokenFilePath", "subscriptionId", "tenantId"));

public sealed class ProviderArgs : ResourceArgs
{
    [Input("features", json: true)] public Input<Inputs.ProviderFeaturesArgs>? Features { get; set; }
    [Input("subscriptionId")] private Input<string>? _subscriptionId; public Input<string>? SubscriptionId { get => _subscriptionId; set => _subscriptionId = Package.Secret(value); }

    // The official package sets these itself, from the environment or so.
    [Input("environment")] private Input<string> Environment { get; } = System.Environment.GetEnvironmentVariable("ARM_ENVIRONMENT") ?? "public";
    [Input("skipProviderRegistration", json: true)] private Input<bool> SkipProviderRegistration { get; } = false;
    [Input("storageUseAzuread", json: true)] private Input<bool> StorageUseAzuread { get; } = false;

    public ProviderArgs() => SubscriptionId = System.Environment.GetEnvironmentVariable("ARM_SUBSCRIPTION_ID") ?? "";
}

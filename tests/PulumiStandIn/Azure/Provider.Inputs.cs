namespace Pulumi.Azure.Inputs;

public sealed class ProviderFeaturesArgs : ResourceArgs
{

}

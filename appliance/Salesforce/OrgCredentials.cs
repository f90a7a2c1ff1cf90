namespace Appliance.Salesforce;

/// <summary>What is needed to speak to one org. <paramref name="InstanceUrl"/> may change at every refresh.</summary>
public sealed record OrgCredentials(
    Uri LoginUrl, string ClientId, string? ClientSecret, Uri InstanceUrl, string AccessToken, string? RefreshToken)
{
    /// <summary>Names the instance only: records print all they hold, and this one holds secrets.</summary>
    public override string ToString() => $"credentials for {InstanceUrl}";
}

/// <summary>The answer to a sign-in or a refresh. After a refresh <paramref name="RefreshToken"/> is the one to keep, new or old.</summary>
public sealed record OAuthTokens(string AccessToken, string? RefreshToken, Uri InstanceUrl, string OrganizationId, string UserId)
{
    public override string ToString() => $"tokens for {OrganizationId} at {InstanceUrl}";
}

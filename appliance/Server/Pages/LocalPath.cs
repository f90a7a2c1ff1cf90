namespace Appliance.Server.Pages;

/// <summary>Where to go after a sign-in: only to a page of our own, whatever the address said.</summary>
public static class LocalPath
{
    public static string Of(string? wanted) =>
        wanted is ['/', ..] && wanted is not ['/', '/' or '\\', ..] && !wanted.Any(char.IsControl) ? wanted : "/";
}

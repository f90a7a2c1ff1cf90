using System.Security.Claims;
using Appliance.Catalog;

namespace Appliance.Server.Access;

public static class Principals
{
    internal static ClaimsPrincipal Of(UserRow user, string scheme, params Claim[] more) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()), new Claim(ClaimTypes.Name, user.Name), new Claim(ClaimTypes.Role, user.Role), .. more], scheme));

    extension(ClaimsPrincipal principal)
    {
        /// <summary>The signed-in user's id. Only where the fallback policy has let somebody in.</summary>
        public Guid UserId => Guid.Parse(principal.FindFirstValue(ClaimTypes.NameIdentifier)!);

        public string UserName => principal.FindFirstValue(ClaimTypes.Name) ?? "unknown";
    }
}

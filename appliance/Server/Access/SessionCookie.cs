using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Server.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Appliance.Server.Access;

/// <summary>The browser's sign-in: an encrypted cookie that names a row of <see cref="Sessions"/>; without the row it is worth nothing.</summary>
internal static class SessionCookie
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);
    public const string SessionClaim = "session";

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "appliance";
        options.Cookie.HttpOnly = true;
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.Cookie.SameSite = SameSiteMode.Lax;        // not Strict: the browser comes back from Salesforce with it
        options.ExpireTimeSpan = Life;
        options.SlidingExpiration = false;
        options.LoginPath = "/signin";
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnRedirectToLogin = context => Refuse(context, StatusCodes.Status401Unauthorized);
        options.Events.OnRedirectToAccessDenied = context => Refuse(context, StatusCodes.Status403Forbidden);
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    public static async Task StartAsync(HttpContext context, UserRow user)
    {
        var id = OneTimeSecret.New();
        await context.RequestServices.GetRequiredService<Sessions>().AddAsync(OneTimeSecret.Hash(id), user.Id, Life, context.RequestAborted);
        var principal = Principals.Of(user, CookieAuthenticationDefaults.AuthenticationScheme, new Claim(SessionClaim, id));
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, principal);
    }

    public static async Task EndAsync(HttpContext context)
    {
        if (context.User.FindFirst(SessionClaim) is { } session)
            await context.RequestServices.GetRequiredService<Sessions>().RemoveAsync(OneTimeSecret.Hash(session.Value), context.RequestAborted);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var session = context.Principal?.FindFirst(SessionClaim)?.Value;
        var sessions = context.HttpContext.RequestServices.GetRequiredService<Sessions>();
        if (session is null || await sessions.FindUserAsync(OneTimeSecret.Hash(session), context.HttpContext.RequestAborted) is null) context.RejectPrincipal();
    }

    /// <summary>People are sent to the sign-in page; programs get the status.</summary>
    private static Task Refuse(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) && !Problems.IsForPrograms(request.Path)) context.Response.Redirect(context.RedirectUri);
        else context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}

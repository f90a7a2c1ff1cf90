using System.Net;
using System.Threading.RateLimiting;
using Appliance.Catalog;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;

namespace Appliance.Server.Access;

/// <summary>Nobody gets anything without a sign-in, except where an endpoint says AllowAnonymous: sign-in, set-up, static assets, /health.</summary>
internal static class AccessRegistration
{
    public const string SignInLimit = "sign-in";
    private const string EitherScheme = "appliance";

    public static void AddAccess(this WebApplicationBuilder builder, ServerSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton<IPasswordHasher<UserRow>, PasswordHasher<UserRow>>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<SetupLink>();
        if (settings.Role is not ServerRole.Worker) services.AddHostedService(provider => provider.GetRequiredService<SetupLink>());
        services.AddDataProtection().SetApplicationName("appliance")
            .PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(settings.KeysDirectory, "data-protection")));

        services.AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Headers.ContainsKey("Authorization") ? ApiTokenHandler.Scheme : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiTokenHandler>(ApiTokenHandler.Scheme, null)
            .AddCookie(SessionCookie.Configure);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "appliance-form";
            // Secure whenever the browser's side is https (the proxy says so); Always would refuse to work without a proxy, even on localhost.
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;     // SecurityHeaders says DENY
        });
        services.AddRateLimiter(options =>
        {
            options.OnRejected = async (context, cancellationToken) =>
            {
                context.HttpContext.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                await context.HttpContext.Response.WriteAsync("Too many attempts. Wait a minute.\n", cancellationToken);
            };
            options.AddPolicy(SignInLimit, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress ?? IPAddress.None, _ => new FixedWindowRateLimiterOptions { PermitLimit = 60, Window = TimeSpan.FromMinutes(1) }));
        });
        // What a proxy says about the client counts only from this machine (the default list is the loopback addresses) or from networks named in the settings.
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            foreach (var network in (builder.Configuration["Server:ProxyNetworks"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        });
    }

    /// <summary>
    /// A browser that carries our cookie from another site may navigate here (Salesforce sends it back so) but may not change anything:
    /// SameSite=Lax does that, and this does it again for browsers that say where a request comes from.
    /// </summary>
    public static void UseSameSiteOnly(this WebApplication app) => app.Use(async (context, next) =>
    {
        var request = context.Request;
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);
        if (changes && request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("This request came from another site. Use the appliance's own pages, or an API token.\n", context.RequestAborted);
            return;
        }
        await next(context);
    });
}

using Scalar.AspNetCore;

namespace Appliance.Server.Access;

/// <summary>Headers on every answer. The appliance needs nothing from elsewhere, so the policy allows nothing from elsewhere.</summary>
internal static class SecurityHeaders
{
    // style-src: MudBlazor positions its pop-overs with inline styles. Scripts are files of our own only.
    private const string Pages =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; " +
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers.ContentSecurityPolicy = Policy(context);
            // What needs a sign-in stays in no cache.
            if (context.User.Identity?.IsAuthenticated == true && !headers.ContainsKey("Cache-Control")) headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    });

    /// <summary>The API page starts from one inline script; it gets a number used once.</summary>
    private static string Policy(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/scalar") && context.Items.TryGetValue(ScalarOptions.NonceHttpContextItemKey, out var nonce)
            ? Pages.Replace("script-src 'self'", $"script-src 'self' 'nonce-{nonce}'", StringComparison.Ordinal)
            : Pages;
}

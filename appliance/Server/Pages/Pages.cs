using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor.Services;

namespace Appliance.Server.Pages;

internal static class PagesRegistration
{
    public static void AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddMudServices();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddScoped<AuthenticationStateProvider, CircuitSignIn>();
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapSignOut();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}

namespace Appliance.Server.Pages;

internal static class PagesRegistration
{
    public static void AddPages(this WebApplicationBuilder builder)
    {
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
    }
}

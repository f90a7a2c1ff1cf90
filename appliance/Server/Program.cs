using Appliance.Server.Access;
using Appliance.Server.Alerts;
using Appliance.Server.Api;
using Appliance.Server.Health;
using Appliance.Server.Jobs;
using Appliance.Server.Pages;

namespace Appliance.Server;

/// <summary>The table of contents of the web process.</summary>
public static class Program
{
    public static async Task Main(string[] args)
    {
        if (args is ["adopt", .. var settings])
        {
            Environment.ExitCode = await AdoptCommand.RunAsync(settings);
            return;
        }
        await using var app = await BuildAsync(args);
        // A catalog that was opened is up to date: nothing else is to be done.
        if (app.Services.GetRequiredService<ServerSettings>().Role is not ServerRole.Migrate) await app.RunAsync();
    }

    /// <summary>Everything but the listening; tests start from here with settings of their own.</summary>
    public static async Task<WebApplication> BuildAsync(string[] args)
    {
        // The name decides which list of static assets is read; by default it would be that of the program around us, such as a test's.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ApplicationName = typeof(Program).Assembly.GetName().Name });
        builder.WebHost.UseStaticWebAssets();                   // styles and scripts of packages, also when run from the build output
        var settings = ServerSettings.Read(builder.Configuration);

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(settings);
        await builder.AddCatalogAsync(settings);                // MySQL: settings, tokens, jobs
        builder.AddEngine(settings);                            // vaults, backups, restores
        builder.AddAccess(settings);                            // who may come in
        builder.AddJobs(settings);                              // who runs what
        builder.AddAlerts(settings);                            // who is told
        builder.AddApi();
        builder.AddPages();

        var app = builder.Build();
        app.UseForwardedHeaders();
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseStatusAnswers();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseSameSiteOnly();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapHealth();
        app.MapPrivateHealth();
        if (settings.Role is ServerRole.Worker) return app;     // it only works off the queue
        app.MapMetrics();
        app.MapApi();
        app.MapPages();
        return app;
    }
}

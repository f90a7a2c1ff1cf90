using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Scalar.AspNetCore;

namespace Appliance.Server.Api;

/// <summary>The REST API as API.md says it.</summary>
internal static class ApiRegistration
{
    public static void AddApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddProblemDetails(options => options.CustomizeProblemDetails = Problems.Complete);
        services.AddExceptionHandler<FailureHandler>();
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        });
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Backup & Archive appliance";
            document.Info.Version = "v1";
            return Task.CompletedTask;
        }));
    }

    public static void MapHealth(this WebApplication app) =>
        app.MapGet("/health", () => TypedResults.Ok(new { status = "ok" })).AllowAnonymous().ExcludeFromDescription();

    public static void MapApi(this WebApplication app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/scalar", options =>
        {
            options.WithTitle("Backup & Archive appliance: REST API").WithNonce().DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp();
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;    // its buttons lead to the vendor's site
        }).Finally(endpoint =>
        {
            // The package lets everybody have the page's scripts; here they are behind the sign-in like the page.
            foreach (var open in endpoint.Metadata.OfType<IAllowAnonymous>().ToList()) endpoint.Metadata.Remove(open);
        });

        var api = app.MapGroup("/api/v1");
        api.MapSetup();
        api.MapSessions();
        api.MapSystem();
        api.MapTokens();
        api.MapConnections();
        app.MapOAuthCallback();
        api.MapOrgs();
        api.MapAdoption();
        api.MapBackups();
        api.MapBudget();
        api.MapSchedules();
        api.MapTemplates();
        api.MapRetention();
        api.MapVerification();
        api.MapSnapshots();
        api.MapRecords();
        api.MapRestores();
        api.MapJobs();
        api.MapSelfBackups();
        api.MapAlerts();
        // Otherwise the page for unknown addresses would answer programs.
        app.Map("/api/{**rest}", () => TypedResults.NotFound()).ExcludeFromDescription();
    }
}

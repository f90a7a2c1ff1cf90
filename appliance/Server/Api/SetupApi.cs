using Appliance.Catalog;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class SetupApi
{
    public sealed record SetupRequest(string? Token, string? UserName, string? Password);

    public static void MapSetup(this RouteGroupBuilder api) =>
        api.MapPost("/setup", SetUpAsync).AllowAnonymous().RequireRateLimiting(AccessRegistration.SignInLimit).WithTags("Access")
            .WithSummary("Create the first administrator with the one-time token of the set-up link");

    private static async Task<Results<NoContent, ProblemHttpResult>> SetUpAsync(SetupRequest request, SetupLink setup, Users users, CancellationToken cancellationToken)
    {
        if (await users.AnyAsync(cancellationToken)) return AlreadySetUp();
        if (SetupLink.Refuse(request.UserName, request.Password) is { } wrong) return Problems.Bad(wrong, "Choose another one.");
        return await setup.UseAsync(request.Token, request.UserName!, request.Password!, cancellationToken) switch
        {
            SetupOutcome.Created => TypedResults.NoContent(),
            SetupOutcome.AlreadySetUp => AlreadySetUp(),
            SetupOutcome.WrongToken => Problems.Of(StatusCodes.Status403Forbidden, "This set-up link is wrong or has been replaced.",
                "Take the newest link from the server's log or from the file setup-link in its keys folder."),
        };
    }

    private static ProblemHttpResult AlreadySetUp() =>
        Problems.Of(StatusCodes.Status409Conflict, "The appliance is set up already.", "Sign in as the administrator that was created then.");
}

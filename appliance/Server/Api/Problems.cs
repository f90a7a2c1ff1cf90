using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

/// <summary>RFC 9457 documents with two members more: <c>cause</c> and <c>remedy</c>.</summary>
internal static class Problems
{
    public static ProblemHttpResult Of(int status, string cause, string remedy) =>
        TypedResults.Problem(statusCode: status, detail: cause, extensions: Members(cause, remedy));

    public static ProblemHttpResult NotFound(string what) => Of(StatusCodes.Status404NotFound, $"There is no such {what}.", $"Look at the list of them for one that exists.");

    public static ProblemHttpResult Bad(string cause, string remedy) => Of(StatusCodes.Status400BadRequest, cause, remedy);

    public static Dictionary<string, object?> Members(string cause, string remedy) => new() { ["cause"] = cause, ["remedy"] = remedy };

    /// <summary>Paths that programs call: they get a status and a document, never a page or a redirect.</summary>
    public static bool IsForPrograms(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/_blazor");

    /// <summary>A status without a body gets a problem document where programs call.</summary>
    public static void UseStatusAnswers(this WebApplication app) =>
        app.UseWhen(context => IsForPrograms(context.Request.Path), branch => branch.UseStatusCodePages());

    /// <summary>Adds the two members where the framework makes the document (401, 404, a body that is no JSON, …).</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem.Extensions.ContainsKey("cause")) return;
        var (cause, remedy) = problem.Status switch
        {
            401 => ("This needs a sign-in.", "Sign in, or send an API token that has not expired: Authorization: Bearer apl_…"),
            403 => ("This is not allowed.", "Call it from the appliance's own pages, or with an API token."),
            404 => ("There is nothing at this address.", "The list of calls is at /scalar."),
            405 => ("This address does not take that method.", "The list of calls is at /scalar."),
            415 => ("The body is not JSON.", "Send it with Content-Type: application/json."),
            429 => ("Too many attempts.", "Wait a minute."),
            >= 500 => ("Something unforeseen went wrong.", "Look for this time in the server's log."),
            _ => (problem.Detail ?? "The request cannot be understood.", "Compare it with the call's description at /scalar."),
        };
        problem.Extensions["cause"] = cause;
        problem.Extensions["remedy"] = remedy;
    }
}

/// <summary>The last resort for exceptions: log once, answer with cause and remedy.</summary>
internal sealed class FailureHandler(IProblemDetailsService problems, ILogger<FailureHandler> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException bad)
        {
            httpContext.Response.StatusCode = bad.StatusCode;
            return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = { Status = bad.StatusCode } });
        }
        log.RequestFailed(httpContext.Request.Method, httpContext.Request.Path, exception);
        var (cause, remedy) = Failures.Explain(exception);
        var status = httpContext.Response.StatusCode = Failures.Status(exception);
        if (status == StatusCodes.Status503ServiceUnavailable) httpContext.Response.Headers.RetryAfter = "5";
        if (!Problems.IsForPrograms(httpContext.Request.Path))
        {
            await httpContext.Response.WriteAsync($"{cause}\n{remedy}\n", cancellationToken);
            return true;
        }
        var context = new ProblemDetailsContext { HttpContext = httpContext };
        context.ProblemDetails.Status = status;
        context.ProblemDetails.Detail = cause;
        foreach (var (name, value) in Problems.Members(cause, remedy)) context.ProblemDetails.Extensions[name] = value;
        return await problems.TryWriteAsync(context);
    }
}

using System.Net;
using System.Text;

namespace OrgSimulator.OAuth;

/// <summary>The page on which a person signs in to the simulated org. Ids of the inputs are those of Salesforce's own page.</summary>
public static class LoginPage
{
    public static Task WriteAsync(HttpContext context, IReadOnlyDictionary<string, string> carried, string? problem, string user)
    {
        var hidden = new StringBuilder();
        foreach (var (name, value) in carried)
            if (name is not ("username" or "pw" or "password" or "Login" or "deny"))
                hidden.Append("<input type=\"hidden\" name=\"").Append(WebUtility.HtmlEncode(name)).Append("\" value=\"").Append(WebUtility.HtmlEncode(value)).Append("\">");
        return SendAsync(context, 200, $"""
            <h1>Simulated Salesforce org</h1>
            <p>This is the org simulator of the tests, not Salesforce.</p>
            {(problem is null ? "" : $"<p id=\"error\" role=\"alert\">{WebUtility.HtmlEncode(problem)}</p>")}
            <form method="post" action="/services/oauth2/authorize">
            {hidden}
            <p><label for="username">Username</label><br><input id="username" name="username" type="email" value="{WebUtility.HtmlEncode(user)}" autocomplete="off"></p>
            <p><label for="password">Password</label><br><input id="password" name="pw" type="password" autocomplete="off"></p>
            <p><button id="Login" name="Login" value="1" type="submit">Log In and Allow</button> <button id="Deny" name="deny" value="1" type="submit">Deny</button></p>
            </form>
            """);
    }

    public static Task WriteErrorAsync(HttpContext context, string error, string description) =>
        SendAsync(context, 400, $"<h1>OAuth Error</h1><p>error={WebUtility.HtmlEncode(error)}&amp;error_description={WebUtility.HtmlEncode(description)}</p>");

    private static Task SendAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html;charset=UTF-8";
        return context.Response.WriteAsync($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Login</title></head><body>{body}</body></html>");
    }
}

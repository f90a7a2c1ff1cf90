namespace Appliance.Salesforce;

/// <summary>One call, described so that it can be sent more than once.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">From the root when it begins with '/', else below <c>/services/data/vXX.0/</c>.</param>
/// <param name="What">What is attempted, in words that begin a sentence: "Describing Account".</param>
internal sealed record OrgCall(HttpMethod Method, string Path, string What)
{
    public Repeat Repeat { get; init; } = Repeat.Safe;

    /// <summary>Makes the body anew for every attempt; gets the access token, which only SOAP carries in its body.</summary>
    public Func<string, HttpContent>? Content { get; init; }

    /// <summary>False for a body that can only be read once.</summary>
    public bool ContentRepeats { get; init; } = true;

    /// <summary>Writes records: assignment rules stay off, duplicate rules may not stop a restore.</summary>
    public bool Writes { get; init; }

    /// <summary>Its body is large: ask before sending it.</summary>
    public bool Upload { get; init; }

    public bool Soap { get; init; }

    /// <summary>Asks for the limits: let through where other calls are held back.</summary>
    public bool Look { get; init; }

    /// <summary>Salesforce counts it as an API call.</summary>
    public bool IsCounted => Path != "/services/data" && !Path.StartsWith("/services/oauth2", StringComparison.Ordinal);

    public string Accept { get; init; } = "application/json";

    /// <summary>How long to wait for the head of the answer.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Queries, writes and uploads: Salesforce itself gives up after ten minutes.</summary>
    public static TimeSpan Long { get; } = TimeSpan.FromMinutes(12);

    /// <summary>For the log: without the query, which may hold values of fields.</summary>
    public string Name
    {
        get
        {
            var query = Path.IndexOf('?', StringComparison.Ordinal);
            return $"{Method} {(query < 0 ? Path : Path[..query])}";
        }
    }
}

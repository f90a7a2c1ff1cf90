using System.Globalization;
using System.Text;
using OrgSimulator.Admin;
using OrgSimulator.Csv;
using OrgSimulator.Rest;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator;

/// <summary>Stands around every call and lets the planned faults happen: first deeds of the org, then what keeps the call from it, then what befalls the answer.</summary>
public sealed class FaultPipeline
{
    private readonly Dml _dml;
    private readonly OrgStore _store;
    private readonly FaultPlan _plan;
    private readonly Action _expireTokens;
    private readonly Arrivals _arrivals;
    private readonly Dictionary<string, Page> _lastPages = new(StringComparer.Ordinal);

    private sealed record Page(byte[] Body, string? ContentType, Dictionary<string, string> Headers);

    public FaultPipeline(Dml dml, FaultPlan plan, Action expireTokens)
    {
        (_dml, _store, _plan, _expireTokens, _arrivals) = (dml, dml.Store, plan, expireTokens, new Arrivals(dml));
        _store.Interference = new Interference
        {
            Row = type => _plan.Meet(fault => fault.Kind == FaultKind.LockRow && Names(fault, type.Name)).Count > 0
                ? new SaveError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record") : null,
            Job = type =>
            {
                var hits = _plan.Meet(fault => fault.Kind is FaultKind.SlowJob or FaultKind.FailJob && Names(fault, type.Name));
                return (hits.Where(hit => hit.Fault.Kind == FaultKind.SlowJob).Sum(hit => hit.Fault.Polls),
                    hits.Exists(hit => hit.Fault.Kind == FaultKind.FailJob) ? "InternalServerError : The job was retried too often" : null);
            },
        };
    }

    public async Task RunAsync(HttpContext context, Faults.ApiCall call, Func<Task> dispatch)
    {
        var hits = _plan.Meet(fault => fault.Kind is not (FaultKind.LockRow or FaultKind.SlowJob or FaultKind.FailJob) && call.Path.Contains(fault.Path, StringComparison.OrdinalIgnoreCase)
            && (fault.Method.Length == 0 || fault.Method.Equals(call.Method, StringComparison.OrdinalIgnoreCase))
            && (fault.Kind is not (FaultKind.LoseLocator or FaultKind.DuplicatePage) || IsFollowingPage(call.Path)));
        foreach (var hit in hits) Happen(hit);
        if (_store.Skew != 0) context.Response.Headers.Date = _store.Time.GetUtcNow().AddSeconds(_store.Skew).ToString("R", CultureInfo.InvariantCulture);
        foreach (var (fault, _) in hits)
            if (Refusal(fault, call) is { } refusal)
            {
                await HttpAnswers.WriteAsync(context, refusal);
                return;
            }
        var ofBody = hits.Find(hit => hit.Fault.Kind is FaultKind.Truncate or FaultKind.Stall or FaultKind.Reset or FaultKind.DropAnswer).Fault;
        var duplicate = hits.Find(hit => hit.Fault.Kind is FaultKind.DuplicatePage or FaultKind.DuplicateRows).Fault;
        if (ofBody?.Kind == FaultKind.DropAnswer) await DropAsync(context, dispatch);
        else if (ofBody is not null)
        {
            var wire = context.Response.Body;
            context.Response.Body = new FaultyStream(wire, ofBody, _store.Time, context.Abort);
            try
            {
                await dispatch();
            }
            catch (OperationCanceledException) when (ofBody.Kind == FaultKind.Reset)
            {
                // The connection is gone, as planned.
            }
            context.Response.Body = wire;
        }
        else if (duplicate is not null || _plan.Any(fault => fault.Kind == FaultKind.DuplicatePage && call.Path.Contains(fault.Path, StringComparison.OrdinalIgnoreCase))) await BufferedAsync(context, call, dispatch, duplicate);
        else await dispatch();
    }

    /// <summary>The deed is done, its answer goes nowhere.</summary>
    public static async Task DropAsync(HttpContext context, Func<Task> dispatch)
    {
        var wire = context.Response.Body;
        context.Response.Body = new MemoryStream();
        await dispatch();
        context.Response.Body = wire;
        context.Abort();
    }

    private void Happen(FaultPlan.Hit hit)
    {
        var fault = hit.Fault;
        switch (fault.Kind)
        {
            case FaultKind.ExpireToken: _expireTokens(); break;
            case FaultKind.LateRows: _arrivals.Arrive(_store.Schema[fault.Object], fault.Rows, hit.PlannedAt); break;
            case FaultKind.Burst: _arrivals.Arrive(_store.Schema[fault.Object], fault.Rows, _store.Now); break;
            case FaultKind.ClockSkew: _store.Skew = fault.Seconds; break;
            case FaultKind.PurgeDeleteLog: _store.DeleteLogBegins = _store.Now; break;
            case FaultKind.SchemaChange: Change(fault); break;
        }
    }

    private void Change(PlannedFault fault)
    {
        lock (_store.WriteLock)
        {
            var type = _store.Schema[fault.Object];
            switch (fault.Change)
            {
                case "add" when type.FindAny(fault.Field) is { } hidden: type.Hide(hidden, false); break;
                case "add": type.Deploy(Shape(new Field(fault.Field, Type(fault)))); break;
                case "remove": type.Hide(type[fault.Field]); break;
                case "retype":
                    type[fault.Field].Type = Type(fault);
                    Shape(type[fault.Field]);
                    break;
                case "drop": _store.Schema.Withdraw(type); break;
            }
            _store.Schema.ChangedAt = DateTimeOffset.FromUnixTimeSeconds(_store.Now);
        }

        static FieldType Type(PlannedFault fault) => Enum.TryParse<FieldType>(fault.Type, ignoreCase: true, out var type) ? type : FieldType.String;
        static Field Shape(Field field)
        {
            if (field.Type.IsText() && field.Length == 0) field.Length = 80;
            if (field.Type is FieldType.Double or FieldType.Currency or FieldType.Percent && field.Precision == 0) (field.Precision, field.Scale) = (18, 2);
            return field;
        }
    }

    private static ApiAnswer? Refusal(PlannedFault fault, Faults.ApiCall call) => fault.Kind switch
    {
        FaultKind.Fail => ApiAnswer.Failure(fault.Status == 0 ? 503 : fault.Status, fault.Code.Length > 0 ? fault.Code : CodeOf(fault.Status), fault.Message.Length > 0 ? fault.Message : MessageOf(fault.Status)),
        FaultKind.Quota => ApiAnswer.Failure(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        FaultKind.NonJson => new ApiAnswer(200)
        {
            ContentType = "text/html", Stream = (body, cancellationToken) => body.WriteAsync("<html><body><h1>We are down for maintenance.</h1></body></html>"u8.ToArray(), cancellationToken).AsTask(),
        },
        FaultKind.LoseLocator => call.Path.Contains("/jobs/", StringComparison.OrdinalIgnoreCase) ? ApiAnswer.Failure(fault.Status == 0 ? 404 : fault.Status, "NOT_FOUND", "The requested resource does not exist")
            : ApiAnswer.Failure(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
        _ => null,
    };

    private static string CodeOf(int status) => status switch
    {
        400 => "QUERY_TIMEOUT", 401 => "INVALID_SESSION_ID", 403 => "REQUEST_LIMIT_EXCEEDED", 404 => "NOT_FOUND", 500 => "UNKNOWN_EXCEPTION", _ => "SERVER_UNAVAILABLE",
    };

    private static string MessageOf(int status) => status == 500
        ? "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)" : "Server temporarily unavailable";

    private static bool Names(PlannedFault fault, string objectName) => fault.Path.Length == 0 || fault.Path.Equals(objectName, StringComparison.OrdinalIgnoreCase);

    private static bool IsFollowingPage(string path) => path.Contains("/query/01g", StringComparison.OrdinalIgnoreCase)
        || path.IndexOf("locator=", StringComparison.OrdinalIgnoreCase) is var at and >= 0 && path[(at + 8)..] is { Length: > 0 } locator && !locator.StartsWith('&') && !locator.StartsWith("null", StringComparison.Ordinal);

    /// <summary>What the pages of one query have in common: cursors and jobs by their Id, first pages of REST by nothing.</summary>
    private static string SeriesOf(string path) => path.Contains("/jobs/query/", StringComparison.OrdinalIgnoreCase) ? path[..Math.Max(path.IndexOf("/results", StringComparison.OrdinalIgnoreCase), 0)] : "rest";

    private async Task BufferedAsync(HttpContext context, Faults.ApiCall call, Func<Task> dispatch, PlannedFault? fault)
    {
        var response = context.Response;
        var wire = response.Body;
        if (fault?.Kind == FaultKind.DuplicatePage)
        {
            Page? before;
            lock (_lastPages) before = _lastPages.GetValueOrDefault(SeriesOf(call.Path));
            if (before is not null)
            {
                response.ContentType = before.ContentType;
                foreach (var (name, value) in before.Headers) response.Headers[name] = value;
                await wire.WriteAsync(before.Body, context.RequestAborted);
                return;
            }
        }
        using var held = new MemoryStream();
        response.Body = held;
        await dispatch();
        response.Body = wire;
        var bytes = held.ToArray();
        if (fault?.Kind == FaultKind.DuplicateRows && response.ContentType?.StartsWith("text/csv", StringComparison.Ordinal) == true)
        {
            bytes = Repeated(bytes, fault.Rows, out var added);
            if (int.TryParse(response.Headers["Sforce-NumberOfRecords"], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                response.Headers["Sforce-NumberOfRecords"] = (count + added).ToString(CultureInfo.InvariantCulture);
        }
        else if (response.StatusCode == 200)
            lock (_lastPages)
                _lastPages[SeriesOf(call.Path)] = new Page(bytes, response.ContentType,
                    response.Headers.Where(header => header.Key.StartsWith("Sforce-", StringComparison.OrdinalIgnoreCase)).ToDictionary(header => header.Key, header => header.Value.ToString()));
        await wire.WriteAsync(bytes, context.RequestAborted);
    }

    private static byte[] Repeated(byte[] csv, int rows, out int added)
    {
        added = 0;
        var reader = new CsvReader(csv);
        using var whole = new MemoryStream();
        whole.Write(csv);
        reader.Read();
        while (added < rows && reader.Read())
        {
            whole.Write(reader.Raw.Span);
            whole.Write(Encoding.ASCII.GetBytes("\n"));
            added++;
        }
        return whole.ToArray();
    }
}

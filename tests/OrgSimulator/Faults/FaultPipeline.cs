using System.Globalization;
using System.Text;
using OrgSimulator.Admin;
using OrgSimulator.Csv;
using OrgSimulator.Loading;
using OrgSimulator.Rest;
using OrgSimulator.Schema;
using OrgSimulator.Soap;
using OrgSimulator.Store;

namespace OrgSimulator;

/// <summary>Stands around every call and lets the planned faults happen: first deeds of the org, then what keeps the call from it, then what befalls the answer.</summary>
public sealed class FaultPipeline
{
    private readonly Dml _dml;
    private readonly OrgStore _store;
    private readonly FaultPlan _plan;
    private readonly Func<int> _expireTokens;
    private readonly Arrivals _arrivals;
    private readonly Dictionary<string, Page> _lastPages = new(StringComparer.Ordinal);

    private sealed record Page(byte[] Body, string? ContentType, Dictionary<string, string> Headers);

    public FaultPipeline(Dml dml, FaultPlan plan, Func<int> expireTokens)
    {
        (_dml, _store, _plan, _expireTokens, _arrivals) = (dml, dml.Store, plan, expireTokens, new Arrivals(dml));
        _store.Interference = new Interference
        {
            Row = type =>
            {
                var hits = _plan.Meet(fault => fault.Kind == FaultKind.LockRow && Names(fault, type.Name));
                foreach (var hit in hits) hit.Happened();
                return hits.Count > 0 ? new SaveError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record") : null;
            },
            Job = type =>
            {
                var hits = _plan.Meet(fault => fault.Kind is FaultKind.SlowJob or FaultKind.FailJob && Names(fault, type.Name)).ToLookup(hit => hit.Fault.Kind);
                return new JobFate(hits[FaultKind.SlowJob].Sum(hit => hit.Fault.Polls), hits[FaultKind.FailJob].Any() ? "InternalServerError : The job was retried too often" : null,
                    () => AllHappened(hits[FaultKind.SlowJob]), () => AllHappened(hits[FaultKind.FailJob]));
            },
        };

        static void AllHappened(IEnumerable<FaultPlan.Hit> hits)
        {
            foreach (var hit in hits) hit.Happened();
        }
    }

    public async Task RunAsync(HttpContext context, Faults.ApiCall call, Func<Task> dispatch)
    {
        var hits = _plan.Meet(fault => fault.Kind is not (FaultKind.LockRow or FaultKind.SlowJob or FaultKind.FailJob) && call.Path.Contains(fault.Path, StringComparison.OrdinalIgnoreCase)
            && (fault.Method.Length == 0 || fault.Method.Equals(call.Method, StringComparison.OrdinalIgnoreCase))
            && (fault.Kind is not (FaultKind.LoseLocator or FaultKind.DuplicatePage) || PageSeries.IsFollowing(call.Path)));
        try
        {
            foreach (var hit in hits) Happen(hit);
            if (_store.Skew != 0) context.Response.Headers.Date = _store.Time.GetUtcNow().AddSeconds(_store.Skew).ToString("R", CultureInfo.InvariantCulture);
            foreach (var hit in hits)
                if (Refusal(hit.Fault, call) is { } refusal)
                {
                    // SOAP says everything with a fault and 500; what is no answer of the API is the same for both.
                    if (refusal is { Error: var (code, message) } && call.Path.StartsWith("/services/Soap/", StringComparison.OrdinalIgnoreCase)) await SoapEnvelope.RefuseAsync(context, code, message);
                    else await HttpAnswers.WriteAsync(context, refusal);
                    hit.Happened();
                    return;
                }
            await SpoilAsync(context, call, dispatch, hits);
        }
        finally
        {
            // Whoever has happened said so before.
            foreach (var hit in hits) hit.CameToNothing(Nothing(hit.Fault));
        }
    }

    /// <summary>Why a fault that befalls answers did not befall this one.</summary>
    private static string Nothing(PlannedFault fault) => fault.Kind switch
    {
        FaultKind.Truncate or FaultKind.Stall or FaultKind.Reset => string.Create(CultureInfo.InvariantCulture, $"the answer had no more than {fault.Bytes} bytes, or another fault came first"),
        FaultKind.DuplicatePage => "no page of the same query came before, or another fault came first",
        FaultKind.DuplicateRows => "the answer was no CSV with rows, or another fault came first",
        _ => "another fault came first",
    };

    private async Task SpoilAsync(HttpContext context, Faults.ApiCall call, Func<Task> dispatch, List<FaultPlan.Hit> hits)
    {
        var ofBody = hits.Find(hit => hit.Fault.Kind is FaultKind.Truncate or FaultKind.Stall or FaultKind.Reset or FaultKind.DropAnswer);
        var duplicate = hits.Find(hit => hit.Fault.Kind is FaultKind.DuplicatePage or FaultKind.DuplicateRows);
        if (ofBody?.Fault.Kind == FaultKind.DropAnswer)
        {
            await DropAsync(context, dispatch, ofBody.Happened);
        }
        else if (ofBody is not null)
        {
            var wire = context.Response.Body;
            context.Response.Body = new FaultyStream(wire, ofBody, _store.Time, context.Abort);
            try
            {
                await dispatch();
            }
            catch (OperationCanceledException) when (ofBody.Fault.Kind == FaultKind.Reset)
            {
                // The connection is gone, as planned.
            }
            context.Response.Body = wire;
        }
        else if (duplicate is not null || PageSeries.IsPage(call.Path) && _plan.Any(fault => fault.Kind == FaultKind.DuplicatePage)) await BufferedAsync(context, call, dispatch, duplicate);
        else await dispatch();
    }

    /// <summary>The deed is done, its answer goes nowhere.</summary>
    /// <param name="dropped">Told before the client can notice: its next call must find it told.</param>
    public static async Task DropAsync(HttpContext context, Func<Task> dispatch, Action dropped)
    {
        var wire = context.Response.Body;
        context.Response.Body = new MemoryStream();
        await dispatch();
        context.Response.Body = wire;
        dropped();
        context.Abort();
    }

    /// <summary>The deeds of the org: done before the call is looked at.</summary>
    private void Happen(FaultPlan.Hit hit)
    {
        if (hit.Fault.Kind is not (FaultKind.ExpireToken or FaultKind.LateRows or FaultKind.Burst or FaultKind.ClockSkew or FaultKind.PurgeDeleteLog or FaultKind.SchemaChange)) return;
        if (Deed(hit) is { } obstacle) hit.CameToNothing(obstacle);
        else hit.Happened();
    }

    /// <returns>Why nothing changed; null when something did.</returns>
    private string? Deed(FaultPlan.Hit hit)
    {
        var fault = hit.Fault;
        switch (fault.Kind)
        {
            case FaultKind.ExpireToken: return _expireTokens() == 0 ? "no access token was there" : null;
            case FaultKind.LateRows: return Arrive(fault, Math.Min(hit.PlannedAt, _store.Now - 1));      // late also in the second of the plan
            case FaultKind.Burst: return Arrive(fault, _store.Now);
            case FaultKind.ClockSkew when _store.Skew == fault.Seconds: return "the clock was off by that already";
            case FaultKind.ClockSkew:
                _store.Skew = fault.Seconds;
                return null;
            case FaultKind.PurgeDeleteLog when _store.DeleteLogBegins == _store.Now: return "it has forgotten everything already";
            case FaultKind.PurgeDeleteLog:
                _store.DeleteLogBegins = _store.Now;
                return null;
            default: return Change(fault);
        }
    }

    private string? Arrive(PlannedFault fault, uint stamp)
    {
        if (_store.Schema.Find(fault.Object) is not { } type) return $"{fault.Object} is gone";
        try
        {
            _arrivals.Arrive(type, fault.Rows, stamp);
            return null;
        }
        catch (ArgumentException obstacle)
        {
            return obstacle.Message;
        }
    }

    private string? Change(PlannedFault fault)
    {
        lock (_store.WriteLock)
        {
            if (fault.Change == "create" && _store.Schema.Find(fault.Object) is null) _store.Create(CustomObjects.New(fault.Object));
            else if (fault.Change == "create") return $"{fault.Object} was there";
            if (_store.Schema.Find(fault.Object) is not { } type) return $"{fault.Object} is gone";
            var field = fault.Change == "drop" ? null : type.Find(fault.Field);
            switch (fault.Change)
            {
                case "add" when field is not null: return $"{type.Name}.{fault.Field} was there";
                case "add" when type.FindAny(fault.Field) is { } hidden: type.Hide(hidden, false); break;
                case "add": type.Deploy(Shape(new Field(fault.Field, Type(fault)))); break;
                case "remove" or "retype" when field is null: return $"{type.Name}.{fault.Field} was not there";
                case "remove": type.Hide(field!); break;
                case "retype" when field!.Type == Type(fault): return $"{type.Name}.{fault.Field} was of that type";
                case "retype":
                    field!.Type = Type(fault);
                    Shape(field);
                    break;
                case "drop": _store.Schema.Withdraw(type); break;
                case "recreate" when fault.Field.Length == 0:
                    _store.Schema.Withdraw(type);
                    _store.Create(type.Again());
                    break;
                case "recreate" when field is null: return $"{type.Name}.{fault.Field} was not there";
                case "recreate":
                    type.Withdraw(field!);
                    type.Deploy(Shape(new Field(fault.Field, Type(fault))));
                    break;
            }
            _store.Schema.ChangedAt = DateTimeOffset.FromUnixTimeSeconds(_store.Now);
            return null;
        }

        static FieldType Type(PlannedFault fault) => fault.WantedType ?? FieldType.String;
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

    private async Task BufferedAsync(HttpContext context, Faults.ApiCall call, Func<Task> dispatch, FaultPlan.Hit? hit)
    {
        var response = context.Response;
        var wire = response.Body;
        var fault = hit?.Fault;
        if (fault?.Kind == FaultKind.DuplicatePage)
        {
            Page? before;
            lock (_lastPages) before = PageSeries.Of(call.Path) is { } series ? _lastPages.GetValueOrDefault(series) : null;
            if (before is not null)
            {
                response.ContentType = before.ContentType;
                foreach (var (name, value) in before.Headers) response.Headers[name] = value;
                await wire.WriteAsync(before.Body, context.RequestAborted);
                hit!.Happened();
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
            if (added > 0) hit!.Happened();
            if (int.TryParse(response.Headers["Sforce-NumberOfRecords"], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                response.Headers["Sforce-NumberOfRecords"] = (count + added).ToString(CultureInfo.InvariantCulture);
        }
        else if (response.StatusCode == 200 && PageSeries.Of(call.Path, bytes) is { } series)
            lock (_lastPages)
                _lastPages[series] = new Page(bytes, response.ContentType,
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

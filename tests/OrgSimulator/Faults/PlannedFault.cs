using System.Globalization;
using System.Text.Json.Serialization;
using OrgSimulator.Schema;

namespace OrgSimulator;

[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>The call is refused without a deed: status, code, message.</summary>
    Fail,
    /// <summary>403 REQUEST_LIMIT_EXCEEDED.</summary>
    Quota,
    /// <summary>All access tokens given so far end with this call.</summary>
    ExpireToken,
    /// <summary>A 200 with a page of HTML in place of the answer; no deed.</summary>
    NonJson,
    /// <summary>The deed is done, the connection breaks instead of the answer.</summary>
    DropAnswer,
    /// <summary>The answer ends after so many bytes as if it were whole.</summary>
    Truncate,
    /// <summary>The answer stops after so many bytes for so many seconds, then goes on.</summary>
    Stall,
    /// <summary>The connection breaks after so many bytes of the answer.</summary>
    Reset,
    /// <summary>The page before is answered once more in place of the next one.</summary>
    DuplicatePage,
    /// <summary>The first rows of a CSV page stand at its end again.</summary>
    DuplicateRows,
    /// <summary>REST: 400 INVALID_QUERY_LOCATOR; results of a Bulk job: 404 or the status asked for.</summary>
    LoseLocator,
    /// <summary>Rows of an object become visible with this call; their stamps are of the moment when the fault was planned.</summary>
    LateRows,
    /// <summary>So many rows of an object come about in one second.</summary>
    Burst,
    /// <summary>Each so-many-th row that is written fails with UNABLE_TO_LOCK_ROW.</summary>
    LockRow,
    /// <summary>A Bulk job says InProgress for so many polls.</summary>
    SlowJob,
    /// <summary>A Bulk job fails.</summary>
    FailJob,
    /// <summary>A field is added, removed or retyped, or an object goes.</summary>
    SchemaChange,
    /// <summary>From this call on the org's clock, Date header and stamps, is so many seconds off.</summary>
    ClockSkew,
    /// <summary>getDeleted forgets what was deleted before this call.</summary>
    PurgeDeleteLog,
}

/// <summary>
/// One thing that shall go wrong: what, where, when and how often. The same plan with the same seed gives the same faults in the same places.
/// </summary>
public sealed record PlannedFault
{
    public required FaultKind Kind { get; init; }

    /// <summary>Part of the path with query, ignoring case; empty for every call. Jobs and rows: the object, or empty.</summary>
    public string Path { get; init; } = "";

    /// <summary>GET, POST …; empty for all.</summary>
    public string Method { get; init; } = "";

    /// <summary>So many matching calls (rows, jobs) go through first.</summary>
    public int After { get; init; }

    /// <summary>How often; 0 is without end, and then it is met when it happened once.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Share of the matching calls that it hits, above 0 to 1, chosen by the seed: storms.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>It stops so many seconds after it first happened; 0 for never.</summary>
    public int ForSeconds { get; init; }

    public int Status { get; init; }
    public string Code { get; init; } = "";
    public string Message { get; init; } = "";

    /// <summary>Bytes of the answer, before compression, that pass: truncate, stall, reset.</summary>
    public int Bytes { get; init; }

    /// <summary>Length of a stall, or how far the clock is off (negative: it is slow).</summary>
    public int Seconds { get; init; }

    /// <summary>Rows: duplicated, late, of a burst.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>Lock errors: each so-many-th row.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Slow jobs: how often they say InProgress.</summary>
    public int Polls { get; init; } = 1;

    /// <summary>Late rows, bursts, schema changes.</summary>
    public string Object { get; init; } = "";
    public string Field { get; init; } = "";

    /// <summary>One of <see cref="SchemaChanges"/>: a field is added, removed or retyped; an object is created or dropped; either is deleted and made again under its name, without its values.</summary>
    public string Change { get; init; } = "";

    public static IReadOnlyList<string> SchemaChanges { get; } = ["add", "remove", "retype", "create", "drop", "recreate"];

    /// <summary>Field type in the describe's spelling, for add, retype and recreate.</summary>
    public string Type { get; init; } = "string";

    internal FieldType? WantedType => Enum.GetValues<FieldType>().Cast<FieldType?>().FirstOrDefault(type => type!.Value.Name().Equals(Type, StringComparison.OrdinalIgnoreCase));

    /// <summary><c>kind key=value …</c>, such as <c>fail path=/query status=503 times=3</c>.</summary>
    /// <exception cref="UsageException">Something in it is unknown.</exception>
    public static PlannedFault Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || !Enum.TryParse<FaultKind>(parts[0].Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            throw new UsageException($"unknown fault '{text}'; it begins with one of {string.Join(", ", Enum.GetNames<FaultKind>())}");
        var fault = new PlannedFault { Kind = kind };
        foreach (var part in parts[1..])
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (part, "") : (part[..equals], part[(equals + 1)..]);
            int Whole() => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"{part} in the fault '{text}' wants a number");
            fault = key.ToLowerInvariant() switch
            {
                "path" => fault with { Path = value }, "method" => fault with { Method = value }, "after" => fault with { After = Whole() }, "times" => fault with { Times = Whole() },
                "rate" => fault with { Rate = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) ? rate : throw new UsageException($"{part} wants a share such as 0.3") },
                "forseconds" => fault with { ForSeconds = Whole() }, "status" => fault with { Status = Whole() }, "code" => fault with { Code = value },
                "message" => fault with { Message = value.Replace('+', ' ') }, "bytes" => fault with { Bytes = Whole() }, "seconds" => fault with { Seconds = Whole() },
                "rows" => fault with { Rows = Whole() }, "every" => fault with { Every = Whole() }, "polls" => fault with { Polls = Whole() },
                "object" => fault with { Object = value }, "field" => fault with { Field = value }, "change" => fault with { Change = value }, "type" => fault with { Type = value },
                _ => throw new UsageException($"a fault has no '{key}' ({text})"),
            };
        }
        return fault;
    }

    /// <exception cref="ArgumentException">It makes no sense; the message says why.</exception>
    public void Check(Store.OrgStore store)
    {
        if (Rate is not (> 0 and <= 1)) throw new ArgumentException($"rate must be above 0 and at most 1, not {Rate}");
        if (After < 0 || Times < 0 || ForSeconds < 0 || Bytes < 0 || Rows < 1 || Every < 1 || Polls < 0) throw new ArgumentException("after, times, forSeconds, bytes and polls cannot be negative; rows and every are at least 1");
        if (Status != 0 && Status is < 400 or > 599) throw new ArgumentException($"status must be 400 to 599, not {Status}");
        if (Kind == FaultKind.Stall && Seconds < 1) throw new ArgumentException("stall wants seconds, at least 1");
        if (Kind == FaultKind.SlowJob && Polls < 1) throw new ArgumentException("slowJob wants polls, at least 1");
        if (Kind is FaultKind.LateRows or FaultKind.Burst || Kind == FaultKind.SchemaChange && Change != "create")
            if (store.Schema.Find(Object) is null) throw new ArgumentException($"{Kind} wants an object of the org, not '{Object}'");
        if (Kind != FaultKind.SchemaChange) return;
        if (!SchemaChanges.Contains(Change)) throw new ArgumentException($"change must be {string.Join(", ", SchemaChanges.SkipLast(1))} or {SchemaChanges[^1]}, not '{Change}'");
        if (Change is "add" or "remove" or "retype" && Field.Length == 0) throw new ArgumentException($"change {Change} wants a field");
        if (Change is "create" && !Object.EndsWith("__c", StringComparison.Ordinal)) throw new ArgumentException($"only custom objects are created, not '{Object}'");
        if ((Change is "add" or "retype" || Change is "recreate" && Field.Length > 0) && WantedType is null) throw new ArgumentException($"there is no field type {Type}");
        if ((Change is "remove" or "retype" || Change is "recreate" && Field.Length > 0) && store.Schema[Object].Find(Field) is null) throw new ArgumentException($"{Object} has no field {Field}");
    }

    public override string ToString() => string.Join(' ', ((string[])[Kind.ToString(), Method, Path, Object, Field, Change]).Where(part => part.Length > 0));
}

/// <summary>A planned fault that never came, or not as often as planned: the test did not test what it says.</summary>
public sealed class UnmetFaultException(IReadOnlyList<string> unmet) : Exception($"planned faults were not met: {string.Join("; ", unmet)}")
{
    public IReadOnlyList<string> Unmet { get; } = unmet;
}

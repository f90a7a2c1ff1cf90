using System.Globalization;
using OrgSimulator.Rules;

namespace OrgSimulator;

/// <summary>Arguments that make no sense.</summary>
public sealed class UsageException(string message) : Exception(message);

public static class CommandLine
{
    public const string Usage = """
        usage: OrgSimulator [--port N] [--listen any] [--data DIR] [--describes DIR] [--object-reference FILE] [--rules FILE] [--generate N] [--files N] [--as-of DAY] [--seed S] [--user NAME] [--password TEXT] [--polls N] [--page ROWS] [--api-limit N]
                            [--trace FILE] [--password-sign-in on|off] [--app ID[,SECRET[,CERTIFICATE.pem]]]
          --port       TCP port on 127.0.0.1; 0, the default, takes any free one
          --data       folder of test data: index.json with CSV files, or data/ (tree JSON, CSV) with objects/ (metadata)
          --describes  folder of recorded describes (*.describe.json, global.json), or one such file; may stand several times
          --object-reference  file of standard objects (objects.ndjson.gz)
          --rules      file of the org's permissions, validation rules, triggers and the like; see README
          --generate   number of records to make up, to 200 million: they take no memory
          --files      documents among them (default: one in 200 records, at most 300)
          --as-of      day of which they are, such as 2026-11-01 (default today): a fixed day makes the same org on any day
          --changes-per-hour  updates, inserts and deletes that the org makes by itself (default 0)
          --fault      "kind key=value …", such as "fail path=/query status=503 times=3"; may stand several times; README.md lists the kinds
          --listen     loopback (default) or any, for a container
          --public-url address that answers name, where it is not the one listened on
          --seed       seed of Ids and of everything made up (default 1)
          --polls      how often a bulk job says InProgress (default 0)
          --page       rows on a page of bulk results (default 100000)
          --uneven-pages  pages of bulk results differ in size, as cuts by primary key do (default off)
          --event-log-days  days of event logs that the org holds (default 0)
          --session-minutes  how long a session lives unused (default: as long as the org runs)
          --hard-delete  whether the user may delete for good by bulk (default on)
          --known-apps-only  whether apps that are not registered are refused (default off)
          --trace      file that takes every request and answer as a line of JSON
          --app        an app that the org knows, with its secret and the certificate that checks its JWTs; may be given again
          --password-sign-in  the password grant and SOAP login (default off)
        """;

    public static SimulatorOptions Read(IReadOnlyList<string> args)
    {
        var options = new SimulatorOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 >= args.Count) throw new UsageException($"{args[i]} wants a value");
            var value = args[i + 1];
            options = args[i] switch
            {
                "--port" => options with { Port = Number(args[i], value, 0, 65_535) },
                "--data" => options with { DataFolder = value },
                "--describes" => options with { Describes = [.. options.Describes, value] },
                "--object-reference" => options with { ObjectReference = value },
                "--rules" => options with { Rules = ReadRules(value) },
                "--generate" => options with { Generate = Number(args[i], value, 0, 200_000_000) },
                "--files" => options with { Files = Number(args[i], value, 0, 10_000_000) },
                "--as-of" => options with { AsOf = Day(args[i], value) },
                "--changes-per-hour" => options with { ChangesPerHour = Number(args[i], value, 0, 10_000_000) },
                "--fault" => options with { Faults = [.. options.Faults, PlannedFault.Parse(value)] },
                "--public-url" => options with { PublicUrl = value.TrimEnd('/') },
                "--listen" => options with { AnyAddress = value == "any" || (value == "loopback" ? false : throw new UsageException($"--listen wants any or loopback, not '{value}'")) },
                "--seed" => options with { Seed = Number(args[i], value, int.MinValue, int.MaxValue) },
                "--user" => options with { User = value },
                "--password" => options with { Password = value },
                "--polls" => options with { InProgressPolls = Number(args[i], value, 0, 1000) },
                "--page" => options with { BulkPageSize = Number(args[i], value, 1, int.MaxValue) },
                "--api-limit" => options with { ApiLimit = Number(args[i], value, 0, int.MaxValue) },
                "--trace" => options with { TraceFile = value },
                "--uneven-pages" => options with { UnevenPages = Switch(args[i], value) },
                "--event-log-days" => options with { EventLogDays = Number(args[i], value, 0, 365) },
                "--session-minutes" => options with { SessionLife = TimeSpan.FromMinutes(Number(args[i], value, 1, 1440)) },
                "--hard-delete" => options with { BulkHardDelete = Switch(args[i], value) },
                "--known-apps-only" => options with { KnownAppsOnly = Switch(args[i], value) },
                "--password-sign-in" => options with { PasswordSignIn = Switch(args[i], value) },
                "--app" => options with { Apps = [.. options.Apps, App(value)] },
                _ => throw new UsageException($"unknown argument {args[i]}"),
            };
        }
        return options;
    }

    private static OAuth.ConnectedApp App(string text)
    {
        var parts = text.Split(',');
        if (parts.Length > 2 && !File.Exists(parts[2])) throw new UsageException($"--app {parts[0]}: the certificate {parts[2]} does not exist");
        return new OAuth.ConnectedApp(parts[0], parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null) { PublicKeyPem = parts.Length > 2 ? File.ReadAllText(parts[2]) : null };
    }

    private static OrgRules ReadRules(string path)
    {
        try
        {
            return OrgRules.Parse(File.ReadAllBytes(path));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw new UsageException($"--rules {path}: {problem.Message}");
        }
    }

    private static bool Switch(string name, string text) => text is "on" or "off" ? text == "on" : throw new UsageException($"{name} wants on or off, not '{text}'");

    private static DateOnly Day(string name, string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? day : throw new UsageException($"{name} wants a day such as 2026-11-01, not '{text}'");

    private static int Number(string name, string text, int from, int to) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to
            ? number : throw new UsageException($"{name} wants a number from {from} to {to}, not '{text}'");
}

using System.Globalization;

namespace Provisioner.Certificates.Commands;

/// <summary>What stands on the command line. No secret ever does: passwords come from files.</summary>
/// <param name="Wait">Seconds that somebody else who orders or places is waited for.</param>
/// <param name="Heartbeat">File that the service touches while it lives.</param>
internal sealed record Options(string Command, string? Settings, bool Even, bool Json, int Wait, string? Heartbeat, string? Chain, string? Key, string? Pfx, string? PasswordFile)
{
    /// <returns>Null: it is not understood.</returns>
    public static Options? Parse(string[] arguments)
    {
        if (arguments[0] is not ("run" or "renew" or "status" or "import")) return null;
        var options = new Options(arguments[0], null, false, false, 0, null, null, null, null, null);
        for (var i = 1; i < arguments.Length; i++)
        {
            string? Value() => ++i < arguments.Length ? arguments[i] : null;
            var before = options;
            options = (options.Command, arguments[i]) switch
            {
                (_, "--settings") => options with { Settings = Value() },
                ("renew", "--even-if-not-due") => options with { Even = true },
                ("renew" or "import", "--wait") when int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => options with { Wait = seconds },
                ("run", "--heartbeat") => options with { Heartbeat = Value() },
                ("status", "--json") => options with { Json = true },
                ("import", "--chain") => options with { Chain = Value() },
                ("import", "--key") => options with { Key = Value() },
                ("import", "--pfx") => options with { Pfx = Value() },
                ("import", "--password-file") => options with { PasswordFile = Value() },
                _ => options,
            };
            if (options == before) return null;
        }
        return options.Command != "import" || (options.Pfx is not null ? options.Chain is null && options.Key is null : options.Chain is not null && options.Key is not null) ? options : null;
    }
}

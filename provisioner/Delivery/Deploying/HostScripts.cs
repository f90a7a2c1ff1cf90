using System.Globalization;
using System.Text;
using Provisioner.Delivery.Releases;

namespace Provisioner.Delivery.Deploying;

/// <summary>The scripts that run on the host: POSIX sh and what Debian and Ubuntu always have. Their forms are those of docs/deploying.md.</summary>
internal static class HostScripts
{
    public const string Folder = "/var/lib/appliance/deploy";

    /// <summary>Exit codes of our own, outside those that shells and programs use.</summary>
    public const int Held = 93, LockLost = 94, Busy = 95, WrongContent = 96, NoSpace = 97, BadStaging = 98, NoAgent = 92, WrongImage = 99;

    /// <summary>A lock that would last longer than this was written by a clock that has been set back since.</summary>
    private const int LongestLease = 600;

    private const string IdFormat = "{{.Id}}";

    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>What stands there, one line each, tabs between. It changes nothing.</summary>
    public static string Look(DeployPlan plan, IEnumerable<string> spaces)
    {
        var script = new StringBuilder($$$"""
            D={{{Folder}}} S={{{Folder}}}/{{{plan.Scope}}}
            looked='
            '
            # A path that is both owned and planned is looked at once.
            file() { case $looked in *"
            $1
            "*) return ;; esac; looked="$looked$1
            "; if [ -f "$1" ] && [ ! -L "$1" ]; then m=$(stat -c '%a:%u' "$1") d=$(sha256sum < "$1"); printf 'file\t%s\t%s\t%s\n' "$1" "${d%% *}" "${m%:0}"; fi; }
            link() { if [ -L "$1" ]; then printf 'link\t%s\t%s\n' "$1" "$(readlink "$1")"; fi; }
            image() { if i=$(timeout 20 docker image inspect -f '{{.Id}}' "$1" 2>/dev/null); then printf 'image\t%s\t%s\n' "$1" "$i"; fi; }
            space() { p=$1; while [ ! -e "$p" ]; do p=$(dirname "$p"); done; printf 'free\t%s\t%s\n' "$1" "$(df -Pk "$p" | awk 'NR==2 {print $4}')"; }
            printf 'fact\tsystem\t%s\n' "$(. /etc/os-release && echo "$ID $VERSION_ID")"
            printf 'fact\tarchitecture\t%s\n' "$(uname -m)"
            printf 'fact\tprocessors\t%s\n' "$(grep -c ^processor /proc/cpuinfo)"
            printf 'fact\tmemory\t%s\n' "$(awk '/^MemTotal:/ {print $2}' /proc/meminfo)"
            if command -v docker >/dev/null 2>&1; then
                printf 'fact\tdocker\t%s\n' "$(timeout 20 docker version --format '{{.Server.Version}}' 2>/dev/null || true)"
                if v=$(timeout 20 docker compose version --short 2>/dev/null); then printf 'fact\tcompose\tv2 %s\n' "$v"; elif v=$(docker-compose version --short 2>/dev/null); then printf 'fact\tcompose\tv1 %s\n' "$v"; fi
                timeout 20 docker ps --no-trunc --filter label=com.docker.compose.project=appliance --format '{{.Label "com.docker.compose.service"}} {{.Image}}' 2>/dev/null | while read -r s i; do case $s in app-[ab]) s=app ;; esac; printf 'service\t%s\t%s\n' "$s" "$i"; done
            fi
            if [ -f "$S/version" ]; then printf 'version\t%s\n' "$(cat "$S/version")"; fi
            if [ -f "$S/owned" ]; then while read -r p; do printf 'owned\t%s\n' "$p"; file "$p"; link "$p"; done < "$S/owned"; fi
            if [ -d "$S/done" ]; then for f in "$S/done"/*; do if [ -f "$f" ]; then printf 'done\t%s\t%s\n' "${f##*/}" "$(cat "$f")"; fi; done; fi

            """);
        foreach (var file in plan.Files) script.Append("file ").Append(Quote(file.Path)).Append('\n');
        foreach (var link in plan.Links) script.Append("link ").Append(Quote(link.Path)).Append('\n');
        if (plan.Images.Any()) script.Append("if command -v docker >/dev/null 2>&1; then\n").AppendJoin("", plan.Images.Select(i => $"image {Quote(i)}\n")).Append("fi\n");
        if (!plan.Carried.IsEmpty) script.Append("r=$(timeout 20 docker info -f '{{.DockerRootDir}}' 2>/dev/null || true)\nif [ \"$r\" ]; then printf 'fact\\tdocker-root\\t%s\\n' \"$r\"; space \"$r\"; fi\nprintf 'fact\\tdocker-store\\t%s\\n' \"$(timeout 20 docker info -f '{{.DriverStatus}}' 2>/dev/null || true)\"\n");
        foreach (var path in spaces) script.Append("space ").Append(Quote(path)).Append('\n');
        return script.Append("printf 'end\\n'\n").ToString();
    }

    /// <summary>The login's own folder for uploads: nobody else's, and no link.</summary>
    public static string MakeStaging(string folder) => $$"""
        f={{Quote(folder)}}
        mkdir -m 0700 "$f" 2>/dev/null || true
        if [ -L "$f" ] || [ "$(stat -c '%u %a' "$f")" != "$(id -u) 700" ]; then echo "$f is not ours alone" >&2; exit {{BadStaging}}; fi
        find "$f" -type f -mtime +7 -delete

        """;

    /// <summary>Takes the lock, or tells who has it: "SECONDS HOLDER" on standard output, exit code <see cref="Held"/>.</summary>
    /// <param name="abandoned">A holder that is known to be dead: its lock counts as run out. Empty: none.</param>
    public static string Take(string token, string holder, int leaseSeconds, string scope, string abandoned = "") => $$"""
        set -eu
        umask 077
        D={{Folder}}
        mkdir -p "$D/{{scope}}/done" "$D/previous"
        chmod 0700 "$D"
        exec 9>"$D/guard"
        flock -w 20 9 || exit {{Busy}}
        now=$(date +%s)
        if [ -f "$D/lock" ]; then
            t='' e=0 h=''
            read -r t e h < "$D/lock" || true
            case $e in ''|*[!0-9]*) e=0 ;; esac
            if [ "$t" != {{token}} ] && [ "$h" != {{Quote(abandoned)}} ] && [ "$e" -gt "$now" ] && [ "$((e - now))" -le {{LongestLease}} ]; then echo "$((e - now)) $h"; exit {{Held}}; fi
        fi
        printf '%s %s %s\n' {{token}} "$((now + {{leaseSeconds}}))" {{Quote(holder)}} > "$D/lock.new"
        sync "$D/lock.new"
        mv "$D/lock.new" "$D/lock"
        printf '%s\t%s\tbegin\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" {{token}} {{Quote(holder)}} >> "$D/journal"
        sync "$D/journal"

        """;

    public static string RenewCertificate(bool even) => $$"""
        c=$(docker ps -q --filter label=com.docker.compose.project=appliance --filter label=com.docker.compose.service=certificates 2>/dev/null | head -n 1) || true
        if [ "$c" ]; then exec docker exec "$c" certificates renew --wait 600{{(even ? " --even-if-not-due" : "")}}; fi
        if [ -x {{CertificatePlan.Tool}} ] && [ -s {{CertificatePlan.SettingsFile}} ]; then exec {{CertificatePlan.Tool}} renew --wait 600 --settings {{CertificatePlan.SettingsFile}}{{(even ? " --even-if-not-due" : "")}}; fi
        printf 'No agent of certificates is there.\nWhat to do: deploy first.\n' >&2
        exit {{NoAgent}}

        """;

    public static string Release(string token) => Guarded(token, 1) + "rm -f \"$D/lock\"\n";

    public static string Renew(string token, int leaseSeconds) => Guarded(token, leaseSeconds);

    public static string Put(string token, int leaseSeconds, PlannedFile file, string staging) => Guarded(token, leaseSeconds) + Paths(file.Path) + $$"""
        staged={{Quote($"{staging}/{file.Digest}")}}
        make "$folder"
        if [ -f "$target" ]; then cp -p -- "$target" "$D/previous/$flat.new" && mv -- "$D/previous/$flat.new" "$D/previous/$flat"; fi
        rm -f -- "$target.deploy-new"
        (umask 077; cat -- "$staged" > "$target.deploy-new") || full
        if [ "$(sha256sum < "$target.deploy-new" | cut -d' ' -f1)" != {{file.Digest}} ]; then rm -f -- "$target.deploy-new" "$staged"; exit {{WrongContent}}; fi
        chown 0:0 "$target.deploy-new"
        chmod {{file.ModeText}} "$target.deploy-new"
        sync "$target.deploy-new" || full
        if [ -d "$target" ] && [ ! -L "$target" ]; then echo "$target is a folder" >&2; exit 1; fi
        mv -fT -- "$target.deploy-new" "$target"
        sync "$folder"
        rm -f -- "$staged"

        """ + Note(token, "put", file.Path);

    public static string Remove(string token, int leaseSeconds, string path) => Guarded(token, leaseSeconds) + Paths(path) + """
        if [ -L "$target" ] || [ -f "$target" ]; then
            if [ ! -L "$target" ]; then cp -p -- "$target" "$D/previous/$flat.new" && mv -- "$D/previous/$flat.new" "$D/previous/$flat"; fi
            rm -f -- "$target"
            sync "$folder"
            rmdir -- "$folder" 2>/dev/null || true
        fi

        """ + Note(token, "remove", path);

    public static string Switch(string token, int leaseSeconds, PlannedLink link) => Guarded(token, leaseSeconds) + Paths(link.Path) + $$"""
        make "$folder"
        ln -sfn -- {{Quote(link.Target)}} "$target.deploy-new"
        mv -fT -- "$target.deploy-new" "$target"
        sync "$folder"

        """ + Note(token, "link", link.Path);

    public static string Run(string token, int leaseSeconds, string scope, PlannedCommand command, string digest) => Guarded(token, leaseSeconds) + Note(token, "run", command.Name) + Alone($$"""
        code=0
        {{(command.Input is { } input ? $"printf '%s' {Quote(input.Reveal())} | " : "")}}sh -euc {{Quote(command.Script)}} {{(command.Input is null ? "</dev/null " : "")}}8>&- || code=$?
        if [ "$code" -ne 0 ]; then echo "exit code $code" >&2; exit 1; fi

        """) + $$"""
        printf '%s\n' {{digest}} > "$D/{{scope}}/done/{{command.Name}}.new"
        sync "$D/{{scope}}/done/{{command.Name}}.new"
        mv -f "$D/{{scope}}/done/{{command.Name}}.new" "$D/{{scope}}/done/{{command.Name}}"

        """ + Note(token, "ran", command.Name);

    /// <summary>Has the engine load a staged file. It gets its name only when the image in it is the one that was promised; whatever else the file held goes again.</summary>
    public static string Load(string token, int leaseSeconds, CarriedImage image, string staged, string digest, bool zstd) => Guarded(token, leaseSeconds) + Note(token, "load", image.Reference) + Alone($$"""
        staged={{Quote(staged)}}
        if [ "$(sha256sum < "$staged" | cut -d' ' -f1)" != {{digest}} ]; then rm -f -- "$staged"; exit {{WrongContent}}; fi
        docker image ls -aq --no-trunc | sort -u > "$D/images.before"
        code=0
        if said=$({{(zstd ? "zstd -dcq -- \"$staged\" | docker load -q" : "docker load -q < \"$staged\"")}} 2>&1 8>&-); then :; else code=$?; fi
        if [ "$code" -eq 0 ] && [ "$(docker image inspect -f '{{IdFormat}}' {{image.Id}} 2>/dev/null)" = {{image.Id}} ]; then
            docker tag {{image.Id}} {{Quote(image.Reference)}}
            rm -f -- "$staged"
            # A file may bring names for other images along: every name of a carried image tells its id, and must be true.
            docker image ls --no-trunc --format '{{"{{"}}.Repository{{"}}"}}:{{"{{"}}.Tag{{"}}"}} {{"{{"}}.ID{{"}}"}}' | while read -r called is; do
                case $called in
                    carried.invalid/*:sha256-"${is#sha256:}") ;;
                    carried.invalid/*) docker rmi "$called" >/dev/null 2>&1 || true; echo "the file gave $called to another image" >&2; exit {{WrongImage}} ;;
                esac
            done
        else
            docker image ls -aq --no-trunc | sort -u | comm -13 "$D/images.before" - | xargs -r docker rmi >/dev/null 2>&1 || true
            rm -f -- "$staged"
            if [ "$code" -ne 0 ]; then echo "the engine does not load it: $said" >&2; exit 1; fi
            echo "the file holds another image than the release manifest names ($said)" >&2
            exit {{WrongImage}}
        fi
        rm -f -- "$D/images.before"

        """) + Note(token, "carried", image.Reference);

    public static string Record(string token, int leaseSeconds, string scope, DeployStep.Record record) => Guarded(token, leaseSeconds) + $$"""
        umask 077
        printf '%s' {{Quote(string.Concat(record.Owned.Select(p => p + "\n")))}} > "$D/{{scope}}/owned.new"
        printf '%s\n' {{Quote(record.Version)}} > "$D/{{scope}}/version.new"
        sync "$D/{{scope}}/owned.new" "$D/{{scope}}/version.new"
        mv -f "$D/{{scope}}/owned.new" "$D/{{scope}}/owned"
        mv -f "$D/{{scope}}/version.new" "$D/{{scope}}/version"
        sync "$D/{{scope}}"

        """ + Note(token, "end", record.Version);

    /// <summary>What is left of a scope after its deletion: nothing but the journal.</summary>
    public static string Forget(string token, int leaseSeconds, string scope, string script) => Guarded(token, leaseSeconds) + $$"""
        sh -euc {{Quote(script)}} </dev/null 9>&-
        if [ -f "$D/{{scope}}/owned" ]; then while read -r p; do if [ -f "$p" ] || [ -L "$p" ]; then rm -f -- "$p"; fi; done < "$D/{{scope}}/owned"; fi
        rm -rf -- "$D/{{scope}}"

        """ + Note(token, "forget", scope);

    /// <summary>The guard is let go while it lasts; another lock keeps two of them from running at once, should an earlier deployer's still be at it.</summary>
    private static string Alone(string script) => $$"""
        exec 9>&-
        exec 8>"$D/running"
        flock -w 120 8 || exit {{Busy}}
        {{script}}
        exec 9>"$D/guard"
        flock -w 20 9 || exit {{Busy}}
        own

        """;

    /// <summary>Proves that the lock still is ours, and renews it.</summary>
    private static string Guarded(string token, int leaseSeconds) => string.Create(CultureInfo.InvariantCulture, $$"""
        set -eu
        D={{Folder}}
        own() { t='' r=''; if [ -f "$D/lock" ]; then read -r t e r < "$D/lock" || true; fi; if [ "$t" != {{token}} ]; then echo "the lock now belongs to ${r:-nobody}" >&2; exit {{LockLost}}; fi; printf '%s %s %s\n' "$t" "$(($(date +%s) + {{leaseSeconds}}))" "$r" > "$D/lock.new"; mv "$D/lock.new" "$D/lock"; }
        full() { echo "no space left for ${target:-it}" >&2; rm -f -- "${target:?}.deploy-new"; exit {{NoSpace}}; }
        make() { if [ ! -d "$1" ]; then make "$(dirname "$1")"; case $1 in /srv/appliance) m=0711 ;; /srv/appliance/*) m=0700 ;; *) m=0755 ;; esac; mkdir -m "$m" "$1" || [ -d "$1" ]; fi; }
        [ -d "$D" ] || { echo "the lock is gone" >&2; exit {{LockLost}}; }
        exec 9>"$D/guard"
        flock -w 20 9 || exit {{Busy}}
        own

        """);

    private static string Paths(string path) => $"target={Quote(path)}\nfolder={Quote(path[..path.LastIndexOf('/')])}\nflat={Quote(path.Replace('/', '%'))}\n";

    private static string Note(string token, string what, string subject) => $"printf '%s\\t%s\\t{what}\\t%s\\n' \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" {token} {Quote(subject)} >> \"$D/journal\"\nsync \"$D/journal\"\n";
}

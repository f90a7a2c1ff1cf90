namespace Provisioner.Tests.Rollout;

/// <summary>
/// Docker and docker-compose as scripts: a file per container, another per image, and every command line in `commands`. What an image does once it runs stands in behaviour/IMAGE
/// (healthy, unhealthy, crashes, probe-fails, dies-later); a pattern in `fail` makes commands fail.
/// </summary>
internal static class ScriptedDocker
{
    public static readonly string[] Folders = ["containers", "behaviour", "images"];

    public static string Docker(string folder) => Head(folder) + Failing + DockerScript;

    public static string Compose(string folder) => Head(folder) + Failing + ComposeScript;

    public static string Sync(string folder) => Head(folder) + SyncScript;

    private static string Head(string folder) => $"#!/bin/sh\nFAKE={folder}\n";

    private const string Failing = """
        echo "${0##*/} $*" >> "$FAKE/commands"
        fail=''
        read -r fail < "$FAKE/fail" || true
        if [ "$fail" ]; then eval "case \"${0##*/} \$*\" in $fail) printf 'it failed\nin\tmany lines\n' >&2; exit 1 ;; esac"; fi
        how() { how=healthy; case $1 in */*) return ;; esac; if [ -e "$FAKE/behaviour/$1" ]; then read -r how < "$FAKE/behaviour/$1" || true; fi; }
        held() { held=$FAKE/images/; rest=$1; while :; do case $rest in */*) held=$held${rest%%/*}_ rest=${rest#*/} ;; *) held=$held$rest; return ;; esac; done; }
        known() { image='' state=''; if [ -e "$FAKE/containers/$1" ]; then { read -r image; read -r state; } < "$FAKE/containers/$1"; image=${image#image=} state=${state#state=}; fi; }

        """;

    private const string DockerScript = """
        if [ "$1" = --config ]; then cp -p "$2/config.json" "$FAKE/sign-in"; stat -c %a "$2" "$2/config.json" > "$FAKE/sign-in.modes"; shift 2; fi
        case $1 in
            version) [ ! -e "$FAKE/docker-down" ] && echo 20.10 ;;
            compose) exit 1 ;;
            info) echo "$FAKE" ;;
            ps)
                case "$*" in
                    *--format*)
                        for file in "$FAKE"/containers/*; do known "${file##*/}"; if [ "$state" = true ]; then echo "${file##*/} $image"; fi; done
                        exit ;;
                esac
                service=${*#*compose.service=}; service=${service%% *}
                case "$*" in *oneoff=True*) service=oneoff-$service ;; esac
                if [ -e "$FAKE/containers/$service" ]; then echo "$service"; fi ;;
            inspect)
                for service; do :; done
                known "$service"; how "$image"
                case $how in
                    unhealthy) echo "$state unhealthy 0" ;;
                    crashes) echo "false starting 4" ;;
                    dies-later)
                        echo x >> "$FAKE/looks"
                        if [ "$(wc -l < "$FAKE/looks")" -gt 3 ]; then echo "$state unhealthy 0"; else echo "$state healthy 0"; fi ;;
                    *) if [ "$state" = true ]; then echo "true healthy 0"; else echo "false none 0"; fi ;;
                esac ;;
            stop) known "$4"; printf 'image=%s\nstate=false\n' "$image" > "$FAKE/containers/$4" ;;
            exec)
                case "$*" in
                    *' certificates renew '*) shift 3; exec "$FAKE/certificates" "$@" --settings /opt/appliance/certificates/settings.json ;;
                    *' rows') known db; how "$image"; echo 'jobs 3'; if [ "$how" = loses-rows ]; then echo 'snapshots 0'; else echo 'snapshots 7'; fi ;;
                    *mysqldump*) echo 'CREATE TABLE t;'; how dump; if [ "$how" = healthy ]; then echo '-- Dump completed'; fi ;;
                    *serving) how proxy; if [ "$how" = healthy ]; then echo "upstream $(head -n 1 "$FAKE/srv/appliance/front/upstream") 10.0.0.1:8080"; echo "certificate $(cat "$FAKE"/srv/appliance/tls/current/server.* 2>/dev/null | cksum)"; fi ;;
                    */probe*) known "$2"; how "$image"; [ "$how" != probe-fails ] ;;
                esac ;;
            image)
                case "$*" in
                    'image ls '*--format*) for file in "$FAKE"/images/carried.invalid_*; do if [ -e "$file" ]; then echo "carried.invalid/${file##*/carried.invalid_} $(cat "$file")"; fi; done; exit 0 ;;
                    'image ls '*) cat "$FAKE"/images/* 2>/dev/null; exit 0 ;;
                esac
                for image; do :; done; held "$image"; cat "$held" 2>/dev/null || exit 1 ;;
            load)
                cat > "$FAKE/loading"
                if gzip -t "$FAKE/loading" 2>/dev/null; then gzip -dc "$FAKE/loading" > "$FAKE/loading.plain"; mv "$FAKE/loading.plain" "$FAKE/loading"; fi
                read -r word id < "$FAKE/loading" && [ "$word" = image ] || { echo 'invalid tar header' >&2; exit 1; }
                echo "$id" > "$FAKE/images/$id"; echo "Loaded image ID: $id" ;;
            tag) held "$3"; cp "$FAKE/images/$2" "$held" ;;
            pull)
                if [ -e "$FAKE/registry-down" ]; then echo 'no route to the registry' >&2; exit 1; fi
                for image; do :; done; held "$image"; echo "id of $image" > "$held" ;;
            rm) for service; do :; done; rm -f "$FAKE/containers/$service" ;;
            rmi) shift; for image; do held "$image"; rm -f "$held"; done ;;
        esac
        """;

    private const string ComposeScript = """
        case "$*" in *version*) echo 1.29.2; exit ;; esac
        while [ $# -gt 0 ]; do
            case $1 in --env-file) . "$2"; shift 2 ;; -p | -f) shift 2 ;; *) break ;; esac
        done
        image() { case $1 in proxy) echo "$PROXY_IMAGE" ;; db) echo "$DB_IMAGE" ;; certificates) echo "$CERTIFICATES_IMAGE" ;; *) echo "$APPLIANCE_IMAGE" ;; esac; }
        verb=$1; shift
        case $verb in
            up)
                for service; do
                    case $service in
                        -*) ;;
                        *)
                            printf 'image=%s\nstate=true\n' "$(image "$service")" > "$FAKE/containers/$service"
                            # Whatever image starts there has had its hands in the files.
                            if [ "$service" = db ] && [ -e "$FAKE/srv/appliance/db/touched" ]; then image db >> "$FAKE/srv/appliance/db/touched"; fi ;;
                    esac
                done ;;
            stop) for service; do printf 'image=%s\nstate=false\n' "$(image "$service")" > "$FAKE/containers/$service"; done ;;
            down) rm -f "$FAKE"/containers/* ;;
        esac
        """;

    // No program is started here that the shell can do without: a walk calls this forty times.
    private const string SyncScript = """
        calls='' last=''
        read -r calls < "$FAKE/syncs" || true
        calls=${calls}x
        printf %s "$calls" > "$FAKE/syncs"
        case ${1:-} in */upstream.new) { cat "$1"; echo --; } >> "$FAKE/upstreams" ;; esac
        read -r last < "$FAKE/kill-at" || true
        if [ "${#calls}" = "$last" ]; then kill -9 $PPID; fi
        """;
}

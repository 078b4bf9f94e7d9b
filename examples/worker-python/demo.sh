#!/usr/bin/env bash
# Orders a job, has the worker do it, and shows how it went: needs a hub with --external-kinds text-stats.
set -euo pipefail
cd "$(dirname "$0")"
url=${MARTLET_URL:-http://127.0.0.1:8080}
scratch=$(mktemp -d)
worker=
trap '[[ -z $worker ]] || kill "$worker" 2>/dev/null || true; rm -rf "$scratch"' EXIT

call() { curl --silent --show-error --fail-with-body --max-time 30 "$@"; }
say() { printf '\n# %s\n' "$*"; }
# The first string under a name, of JSON on the standard input.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

say "Order it"
call "$url/api/v1/jobs" --header 'Content-Type: application/json' --data '
  {"kind": "text-stats", "input": {"text": "the tide takes the sand, and the sand takes its time"}}' |
    tee "$scratch/job"
echo
job=$(field id <"$scratch/job")

say "Start a worker"
MARTLET_URL=$url python3 worker.py 2>&1 &
worker=$!

say "Follow the job to its last event"
# The end of the stream alone means nothing: a hub that is stopped ends its streams as politely, and the job goes on.
: >"$scratch/progress"
for _ in {1..30}; do
    call --no-buffer "$url/api/v1/jobs/$job/progress" | tee -a "$scratch/progress" || true
    case $(grep -o '"state":"[a-z]*"' "$scratch/progress" | tail -n 1) in
        *succeeded* | *failed* | *cancelled*) break ;;
    esac
    sleep 1
done

say "Its row, with the result"
call "$url/api/v1/jobs/$job" | tee "$scratch/row"
echo
[[ $(field state <"$scratch/row") == succeeded ]] || { echo "The job did not succeed." >&2 && exit 1; }
grep -q '"words":11' "$scratch/row" || { echo "The result is wrong." >&2 && exit 1; }

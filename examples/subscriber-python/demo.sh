#!/usr/bin/env bash
# Shows that a subscriber that was killed misses nothing: demo.sh [PROGRAM], by default the one in Python.
set -euo pipefail
program=${1:-$(dirname "$0")/subscriber.py}
export MARTLET_URL=${MARTLET_URL:-http://127.0.0.1:8080}
resource="demo:$$-$RANDOM"
scratch=$(mktemp -d)
subscriber=
die() {
    if [[ -n $subscriber ]]; then
        kill -9 "$subscriber" 2>/dev/null || true
        wait "$subscriber" 2>/dev/null || true
        subscriber=
    fi
}
trap 'die; rm -rf "$scratch"' EXIT

say() { printf '\n# %s\n' "$*"; }
run() {
    "$program" --cursor "$scratch/cursor" "$resource" >>"$scratch/events" 2>"$scratch/complaints" &
    subscriber=$!
}
publish() {
    curl --silent --show-error --fail-with-body --max-time 10 --output /dev/null \
        --header 'Content-Type: application/json' \
        --data "{\"resource\":\"$resource\",\"event\":\"greeting\",\"data\":{\"number\":$1}}" "$MARTLET_URL/broadcast"
}
# Waits for so many events, or for the cursor (0 events), at most 20 seconds.
await() {
    local _
    for _ in {1..200}; do
        if [[ -s $scratch/cursor && $(wc -l <"$scratch/events") -ge $1 ]]; then return; fi
        sleep 0.1
    done
    echo "There are not $1 events. The subscriber said:" >&2
    cat "$scratch/complaints" >&2
    exit 1
}

say "Subscribe to $resource, and publish three events"
run
await 0
for number in 1 2 3; do publish "$number"; done
await 3
say "Kill the subscriber, publish three more while it is away, and start it again"
die
for number in 4 5 6; do publish "$number"; done
run
await 6
die
cat "$scratch/events"

# An event whose cursor was not kept before the kill comes again, with the same id.
numbers=$(sort -u "$scratch/events" | grep -o '"number":[0-9]*' | cut -d : -f 2 | sort -n | tr '\n' ' ')
[[ $numbers == "1 2 3 4 5 6 " ]] || { echo "The events are $numbers, not 1 to 6." >&2 && exit 1; }
say "All six came."

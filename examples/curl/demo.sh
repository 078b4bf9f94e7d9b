#!/usr/bin/env bash
# Subscribes, loses its connection, and gets what it missed: all of Martlet's promise with curl alone.
set -euo pipefail
url=${MARTLET_URL:-http://127.0.0.1:8080}
resource="demo:$$-$RANDOM"
scratch=$(mktemp -d)
stream=
disconnect() {
    if [[ -n $stream ]]; then
        kill "$stream" 2>/dev/null || true
        wait "$stream" 2>/dev/null || true
        stream=
    fi
}
trap 'disconnect; rm -rf "$scratch"' EXIT

# Opens a stream into a file; further arguments go to curl. It has shown all that was before it, and
# is in effect, once it says "live".
connect() {
    local file=$1
    shift
    : >"$file"
    curl --silent --show-error --fail --no-buffer --max-time 60 "$@" "$url/stream?resources=$resource" >"$file" &
    stream=$!
    await "$file" '^event: live$'
}

# Waits for a line, at most 10 seconds.
await() {
    local _
    for _ in {1..100}; do
        if grep -q "$2" "$1"; then return; fi
        if ! kill -0 "$stream" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "The stream never showed $2. It showed:" >&2
    cat "$1" >&2
    exit 1
}

broadcast() {
    curl --silent --show-error --fail-with-body --max-time 10 \
        --header 'Content-Type: application/json' --data "$1" "$url/broadcast"
    echo
}

say() { printf '\n# %s\n' "$*"; }

say "Subscribe to $resource"
connect "$scratch/first"
cat "$scratch/first"

say "Broadcast to it; the answer comes when the event is stored"
broadcast "{\"resource\":\"$resource\",\"event\":\"greeting\",\"data\":{\"text\":\"first\"}}"
await "$scratch/first" '"first"'
say "The stream has it"
grep -A 2 -B 1 '^event: greeting$' "$scratch/first"

say "Disconnect, and broadcast again while nobody listens"
disconnect
broadcast "{\"resource\":\"$resource\",\"event\":\"greeting\",\"data\":{\"text\":\"second\"}}"

cursor=$(sed -n 's/^id: *//p' "$scratch/first" | tail -n 1)
say "Reconnect with 'Last-Event-ID: $cursor', the last id seen"
connect "$scratch/second" --header "Last-Event-ID: $cursor"
await "$scratch/second" '"second"'
cat "$scratch/second"

if grep -q '"first"' "$scratch/second"; then
    echo "The first event came twice." >&2
    exit 1
fi
say "What was missed came, once, and nothing else did."

#!/usr/bin/env bash
# From a prompt to an influencer with a post, following each job to its end, with curl alone.
set -euo pipefail
url=${MARTLET_URL:-http://127.0.0.1:8080}
api=$url/api/v1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { printf '\n# %s\n' "$*"; }
fail() { echo "$*" >&2 && exit 1; }

# An answer goes to a file and to whoever watches.
ask() {
    curl --silent --show-error --fail-with-body --max-time 60 --header 'Content-Type: application/json' \
        "$@" | tee "$scratch/answer"
    echo
}

# The first string under a name in the last answer; the id of the job in it.
field() { grep -o "\"$1\":\"[^\"]*\"" "$scratch/answer" | head -n 1 | cut -d '"' -f 4; }
job() { grep -o '"job":{"id":"[^"]*"' "$scratch/answer" | cut -d '"' -f 6; }

# Follows a job's own stream to the job's last event. The stream may end before: a hub that is stopped ends its streams
# as politely as one that has nothing more to say, and the job goes on when it is back.
follow() {
    local _
    : >"$scratch/stream"
    for _ in {1..60}; do
        curl --silent --show-error --fail --no-buffer --max-time 60 "$api/jobs/$1/${2:-progress}" |
            tee -a "$scratch/stream" | sed -u 's/^\(data: .\{120\}\).*/\1…/' || true
        case $(grep -o '"state":"[a-z]*"' "$scratch/stream" | tail -n 1) in
            *succeeded*) return ;;
            *failed* | *cancelled*) fail "The job $1 did not succeed." ;;
        esac
        say "The stream has ended and the job has not: once more"
        sleep 1
    done
    fail "The job $1 has no end."
}

say "Ask for two avatars"
ask "$api/sessions" --data '{"prompt": "a ceramic artist from Lisbon who surfs", "avatars": 2}'
session=$(field id)
follow "$(job)"

say "Choose the second one, and have the persona written"
ask "$api/sessions/$session/persona" --data '{"avatar": 2}'
follow "$(job)"

say "Make the influencer"
ask "$api/influencers" --data "{\"session\": \"$session\"}"
influencer=$(field id)

say "Order a post, and read the story while it is written"
ask "$api/influencers/$influencer/posts" --data '{"prompt": "the first kiln of the year"}'
post=$(field id)
follow "$(job)" content

say "The post"
ask "$api/posts/$post"
[[ $(field status) == ready ]] || fail "The post is not ready."
picture=$(grep -o '/media/[0-9a-z]*' "$scratch/answer")
curl --silent --show-error --fail --max-time 10 --output "$scratch/picture" "$url$picture"
say "Its picture, $url$picture, has $(wc -c <"$scratch/picture") bytes."

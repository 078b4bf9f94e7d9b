#!/usr/bin/env bash
# A service reads feature flags through launchdarkly-eventsource (over urllib3). Somebody adds niquests, an HTTP
# client, for something else. Neither names the other, and pip reports no conflict.
#
# Surprise: niquests brings urllib3-future, which installs itself as the module `urllib3` over the real one.
# Streams go on working, so nobody notices, until one is closed: close() of the SSE client walks urllib3's pools,
# which are another type now, and raises AttributeError far away from the new package.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only. Fails when close() works beside niquests, or
# does not without it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/trial.py" <<'PYTHON_TRIAL'
import http.server, threading
import urllib3
from ld_eventsource import SSEClient


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"10\r\nid: 1\ndata: {}\n\n\r\n")
        self.rfile.read(1)  # until the reader leaves

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = SSEClient(f"http://127.0.0.1:{server.server_port}/")
event = next(iter(client.events))
try:
    client.close()
    closing = "closed"
except Exception as error:
    closing = type(error).__name__
print(f"urllib3 {urllib3.__version__}; event {event.last_event_id}; {closing}")
PYTHON_TRIAL
install() { timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/$1" "${@:2}"; }
install alone launchdarkly-eventsource==1.7.4 urllib3==2.8.0
install beside launchdarkly-eventsource==1.7.4 urllib3==2.8.0 niquests==3.21.2 urllib3-future==2.25.904

status=0
try() {
    local seen
    seen=$(PYTHONPATH="$folder/$1" nice timeout 180 python3 "$folder/trial.py")
    echo "$1: $seen"
    if [[ $seen != *"$2"* ]]; then
        echo "CHANGED; it was: $2"
        status=1
    fi
}
try alone "urllib3 2.8.0; event 1; closed"
try beside "event 1; AttributeError"
exit "$status"

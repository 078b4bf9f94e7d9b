#!/usr/bin/env bash
# A stream of server-sent events may be sent in chunks or, as HTTP/1.0 does and HTTP/1.1 allows (RFC 9112, section
# 6.3), as a body that ends with the connection. Small servers, tunnels and everything that still speaks HTTP/1.0
# send the second. To an EventSource they are the same.
#
# Surprise: whatever reads through urllib3, and that is requests and every SSE client on top of it, gets the chunked
# stream event by event and the other one in one piece at its end, all events at once (or at each 0.5 to 64 KiB,
# by the client's buffer). So a stream that is held open gives nothing at all. `chunk_size=None`, which the
# documentation of requests describes as "as it arrives", changes nothing. httpx and aiohttp read both alike.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only. Fails when a client behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    requests==2.34.2 urllib3==2.8.0 requests-sse==0.5.3 launchdarkly-eventsource==1.7.4 sseclient-py==1.9.0 \
    httpx==0.28.1 httpx-sse==0.4.3 aiohttp==3.14.5 aiohttp-sse-client2==0.3.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import asyncio, http.server, sys, threading, time
import httpx, httpx_sse, requests, requests_sse, sseclient, urllib3
from aiohttp_sse_client2 import client as aiohttp_sse_client2
from ld_eventsource import SSEClient

EVENTS, PAUSE = 4, 0.5


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        chunked = self.path == "/chunks"
        self.close_connection = not chunked
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        for number in range(EVENTS):
            event = b"id: %d\ndata: %f\n\n" % (number, time.monotonic())
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event) if chunked else event)
            time.sleep(PAUSE)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *arguments):
        pass


def by_requests(url):
    for line in requests.get(url, stream=True).iter_lines(chunk_size=None):
        if line.startswith(b"data: "):
            yield line[6:]


def by_requests_sse(url):
    with requests_sse.EventSource(url, timeout=10) as source:
        yield from (event.data for event in source)


def by_sseclient_py(url):
    answer = urllib3.PoolManager().request("GET", url, preload_content=False)
    yield from (event.data for event in sseclient.SSEClient(answer).events())


def by_launchdarkly(url):
    yield from (event.data for event in SSEClient(url).events)


def by_httpx_sse(url):
    with httpx.Client() as client, httpx_sse.connect_sse(client, "GET", url) as source:
        yield from (event.data for event in source.iter_sse())


def delays(read, url):
    found = []
    for sent in read(url):
        found.append(time.monotonic() - float(sent))
        if len(found) == EVENTS:
            return found


def delays_by_aiohttp(url):
    async def read():
        found = []
        async with aiohttp_sse_client2.EventSource(url) as source:
            async for event in source:
                found.append(time.monotonic() - float(event.data))
                if len(found) == EVENTS:
                    return found
    return asyncio.run(read())


CLIENTS = {
    "requests, iter_lines": lambda url: delays(by_requests, url),
    "requests-sse": lambda url: delays(by_requests_sse, url),
    "sseclient-py": lambda url: delays(by_sseclient_py, url),
    "launchdarkly-eventsource": lambda url: delays(by_launchdarkly, url),
    "httpx-sse": lambda url: delays(by_httpx_sse, url),
    "aiohttp-sse-client2": delays_by_aiohttp,
}
AT_THE_END = ("requests, iter_lines", "requests-sse", "sseclient-py", "launchdarkly-eventsource")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
changed = False
print(f"Expected: each of {EVENTS} events at once. Seen, in seconds after it was sent:")
for name, measure in CLIENTS.items():
    for form in ("chunks", "connection"):
        waited = measure(f"http://127.0.0.1:{server.server_port}/{form}")
        late = waited[0] > (EVENTS - 1) * PAUSE
        same = late == (form == "connection" and name in AT_THE_END)
        changed |= not same
        print(f"{name:26}{form:12}" + " ".join(f"{wait:.1f}" for wait in waited) + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

#!/usr/bin/env bash
# A server asks its readers by `retry:` to stay away for a while after the stream's end: 0.3 s to make an upgrade
# short, or 3 s and some jitter so that ten thousand of them do not come back at once.
#
# Surprise: none of three Python clients waits that long. requests-sse and aiohttp-sse-client2 wait twice the time:
# they double it before the first wait, not after it. launchdarkly-eventsource waits 1, 2, 4 … s whatever the server
# says, though its documentation says that a `retry:` becomes the first number of that row.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only. Fails when one of them waits differently.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    requests-sse==0.5.3 requests==2.34.2 urllib3==2.8.0 launchdarkly-eventsource==1.7.4 \
    aiohttp-sse-client2==0.3.0 aiohttp==3.14.5
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import asyncio, http.server, sys, threading, time
from aiohttp_sse_client2 import client as aiohttp_sse_client2
from ld_eventsource import SSEClient
from ld_eventsource.config import ErrorStrategy
from requests_sse import EventSource

RETRIES = (0.3, 2.5)
CONNECTIONS = 3


def server(retry):
    """A stream that ends after each event. Gives its address and the list of the instants of its requests."""
    instants = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            instants.append(time.monotonic())
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"retry: %d\nid: 1\ndata: {}\n\n" % (retry * 1000))

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/", instants


def by_requests_sse(url):
    with EventSource(url, timeout=10) as source:
        for _ in source:
            pass


def by_launchdarkly(url):
    for _ in SSEClient(url, error_strategy=ErrorStrategy.always_continue()).all:
        pass


def by_aiohttp(url):
    async def read():
        async with aiohttp_sse_client2.EventSource(url) as source:
            async for _ in source:
                pass
    asyncio.run(read())


CLIENTS = {
    "requests-sse": (by_requests_sse, lambda retry: [2 * retry, 2 * retry]),
    "aiohttp-sse-client2": (by_aiohttp, lambda retry: [2 * retry, 2 * retry]),
    "launchdarkly-eventsource": (by_launchdarkly, lambda retry: [1, 2]),
}
trials = []
for name, (read, described) in CLIENTS.items():
    for retry in RETRIES:
        url, instants = server(retry)
        threading.Thread(target=read, args=(url,), daemon=True).start()
        trials.append((name, retry, described(retry), instants))
deadline = time.monotonic() + 30
while time.monotonic() < deadline and any(len(instants) < CONNECTIONS for *_, instants in trials):
    time.sleep(0.1)
changed = False
for name, retry, described, instants in trials:
    waits = [later - sooner for sooner, later in zip(instants, instants[1:CONNECTIONS])]
    # Later than asked for is what a busy machine does; an eighth of a second earlier is another rule.
    same = len(waits) == 2 and all(-0.125 < wait - asked < 0.25 + asked / 4 for wait, asked in zip(waits, described))
    changed |= not same
    print(f"{name}, retry: {retry} s: waited " + ", ".join(f"{wait:.1f}" for wait in waits) + " s" + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

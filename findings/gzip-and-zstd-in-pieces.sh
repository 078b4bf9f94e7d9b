#!/usr/bin/env bash
# A compressed stream may consist of several gzip members or zstd frames, one behind the other (RFC 1952,
# section 2.2; RFC 8878, section 3.1). That is the cheapest way to compress an event once for all readers of a
# hub: each event is a member of its own, and every stream is a row of them.
#
# Surprise: of ten HTTP clients two read that from gzip. The others give the first event and then a complete, empty
# rest without an error (httpx, httpx2, aiosonic), or fail (libcurl: "Multi-member gzip response not supported").
# The clients built on Rust's reqwest do either, depending on nothing but how the same bytes were cut into chunks.
# With zstd all that know it read everything, but httpx only if the frames arrive in one chunk.
#
# Versions: the pins below (libcurl as it is inside pycurl and curl-cffi). Seen: 2026-11-30.
# Loopback only. Fails when a client behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    httpx==0.28.1 httpx2==2.16.2 requests==2.34.2 urllib3==2.8.0 \
    aiohttp==3.14.5 aiosonic==1.3.3 curl-cffi==0.17.0 pycurl==7.49.0 primp==2.0.1 httpr==0.7.8 pyreqwest==0.15.1 \
    zstandard==0.25.0 backports.zstd==1.8.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import asyncio, gzip, http.server, io, sys, threading, time
import aiohttp, aiosonic, curl_cffi, httpr, httpx, httpx2, primp, pycurl, requests, zstandard
from pyreqwest.client import SyncClientBuilder

EVENTS = [b"id: %d\ndata: {}\n\n" % number for number in range(1, 5)]
CODINGS = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        coding, shape = self.path[1:].split("/")
        pieces = [CODINGS[coding](event) for event in EVENTS]
        if shape == "together":
            pieces = [b"".join(pieces)]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Encoding", coding)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(0.1)
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True  # the client gave up

    def log_message(self, *arguments):
        pass


def by_httpx(url):
    with httpx.stream("GET", url) as answer:
        return b"".join(answer.iter_bytes())


def by_httpx2(url):
    with httpx2.stream("GET", url) as answer:
        return b"".join(answer.iter_bytes())


def by_aiohttp(url):
    async def read():
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.read()
    return asyncio.run(read())


def by_aiosonic(url):
    async def read():
        async with aiosonic.HTTPClient() as client:
            return await (await client.get(url)).content()
    return asyncio.run(read())


def by_pycurl(url):
    body, transfer = io.BytesIO(), pycurl.Curl()
    transfer.setopt(pycurl.URL, url)
    transfer.setopt(pycurl.WRITEDATA, body)
    transfer.setopt(pycurl.ACCEPT_ENCODING, "gzip")
    transfer.perform()
    return body.getvalue()


def by_pyreqwest(url):
    with SyncClientBuilder().build() as client:
        return bytes(client.get(url).build().send().bytes())


CLIENTS = {
    "requests": lambda url: requests.get(url).content,
    "aiohttp": by_aiohttp,
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "aiosonic": by_aiosonic,
    "curl-cffi": lambda url: curl_cffi.get(url).content,
    "pycurl": by_pycurl,
    "primp": lambda url: primp.Client().get(url).content,
    "httpr": lambda url: httpr.get(url).content,
    "pyreqwest": by_pyreqwest,
}
COLUMNS = ("gzip/apart", "gzip/together", "zstd/apart", "zstd/together")
# Events of 4 that the caller gets; None is an error that is raised. pycurl's libcurl is built without zstd.
DESCRIBED = {
    "requests": (4, 4, 4, 4), "aiohttp": (4, 4, 4, 4),
    "httpx": (1, 1, None, 4), "httpx2": (1, 1, 4, 4), "aiosonic": (1, 1, 4, 4),
    "curl-cffi": (None, None, 4, 4), "pycurl": (None, None, None, None),
    "primp": (None, 1, 4, 4), "httpr": (None, 1, 4, 4), "pyreqwest": (None, 1, 4, 4),
}

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
changed = False
print("Expected by the standards: 4 everywhere. Seen:")
print(f"{'':12}" + "".join(f"{column:>15}" for column in COLUMNS))
for name, read in CLIENTS.items():
    row = []
    for column in COLUMNS:
        try:
            row.append(read(f"http://127.0.0.1:{server.server_port}/{column}").count(b"id:"))
        except Exception:
            row.append(None)
    same = tuple(row) == DESCRIBED[name]
    changed |= not same
    print(f"{name:12}" + "".join(f"{'error' if n is None else n:>15}" for n in row) + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

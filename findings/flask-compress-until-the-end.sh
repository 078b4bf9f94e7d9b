#!/usr/bin/env bash
# A Flask application with Flask-Compress answers a long request with progress, line by line, as a generator, which
# its documentation supports ("COMPRESS_STREAMS", on by default). The same for a stream of server-sent events, once
# text/event-stream is among the types to compress.
#
# Surprise: the lines arrive when the last one has been made. The compressors are never flushed in between, so brotli
# and zstd send nothing, not even the head of the answer, and deflate sends two bytes at once, which makes
# the connection look alive, and then nothing. gzip is not compressed in streams at all, so that a test with
# `curl -H 'Accept-Encoding: gzip'` or a client without brotli sees a working stream, and browsers do not. The
# middlewares of Starlette, starlette-compress, brotli-asgi, zstd-asgi and Litestar, tried beside it, flush each piece.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only. Fails when a line arrives before the end.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    flask==3.1.3 werkzeug==3.1.9 flask-compress==1.25 brotli==1.2.1 backports.zstd==1.8.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import http.client, logging, sys, threading, time
import flask
from flask_compress import Compress
from werkzeug.serving import make_server

logging.disable()
LINES, PAUSE = 4, 0.4
TYPES = ("application/json", "text/event-stream")


def application(kind):
    app = flask.Flask("app")
    if kind == "text/event-stream":
        app.config["COMPRESS_MIMETYPES"] = [kind]  # application/json is one of the default
    Compress(app)

    @app.route("/")
    def progress():
        def lines():
            for number in range(LINES):
                yield '{"progress": %d}\n' % number if kind == "application/json" else "data: %d\n\n" % number
                time.sleep(PAUSE)
        return flask.Response(lines(), mimetype=kind)

    return app


def watch(port, coding):
    """The coding of the answer, and the seconds until its head, its first bytes, and more than two bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    began = time.monotonic()
    connection.request("GET", "/", headers={"Accept-Encoding": coding})
    answer = connection.getresponse()
    head, first, more, received = time.monotonic() - began, None, None, 0
    while piece := answer.read1(65536):
        received += len(piece)
        first = first or time.monotonic() - began
        if received > 2:
            more = more or time.monotonic() - began
    return answer.getheader("Content-Encoding"), head, first, more


changed = False
end = (LINES - 1) * PAUSE
for kind in TYPES:
    server = make_server("127.0.0.1", 0, application(kind), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for coding in ("identity", "gzip", "deflate", "br", "zstd"):
        used, head, first, more = watch(server.port, coding)
        compressed = coding in ("deflate", "br", "zstd")
        same = (used == (coding if compressed else None)) and (more > end) == compressed
        same &= (head > end) == (coding in ("br", "zstd"))
        changed |= not same
        print(f"{kind}, {coding} asked, {used or 'identity'} sent: head after {head:.1f} s, first bytes {first:.1f} s, "
              f"first line {more:.1f} s of {LINES * PAUSE:.1f} s" + ("" if same else "   CHANGED"))
    server.shutdown()
sys.exit(changed)
PYTHON

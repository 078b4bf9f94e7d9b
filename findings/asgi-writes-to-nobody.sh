#!/usr/bin/env bash
# The simplest endpoint for server-sent events in ASGI: a loop that writes an event, sleeps, and writes the next.
# The reader closes the connection. By ASGI 2.4 send() then raises an OSError, which is how such a loop is meant
# to end.
#
# Surprise: of five servers one says that it follows 2.4, and that one does not raise. In uvicorn, hypercorn,
# granian and daphne every further send() succeeds and goes nowhere, so that the loop lives until it ends by itself:
# for a stream of events never, with its subscription, its database connection and its count of who is watching.
# gunicorn's own ASGI worker (new in its releases of 2026, says 2.4) lets it write to nobody for 3 seconds and then
# cancels it. Frameworks hide this by listening for `http.disconnect` beside the loop; a bare application, or a
# framework that waits for the OSError, has to do it itself.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only. Fails when a server behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    uvicorn==0.54.0 hypercorn==0.18.0 granian==2.8.9 daphne==4.2.3 gunicorn==27.0.1
cd "$folder"
cat >application.py <<'PYTHON_APPLICATION'
import asyncio, os


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    # What the server itself says that it follows.
    version = scope["asgi"].get("spec_version", "2.0")
    sent, ended = 0, "returned by itself"
    try:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        while sent < 60:
            await send({"type": "http.response.body", "body": b"data: %d\n\n" % sent, "more_body": True})
            sent += 1
            await asyncio.sleep(0.1)
    except BaseException as error:
        ended = type(error).__name__
        raise
    finally:
        with open(os.environ["REPORT"], "a") as report:
            report.write(f"{version} {sent} {ended}\n")
PYTHON_APPLICATION
PYTHONPATH=packages:. nice timeout 180 python3 - <<'PYTHON'
import os, signal, socket, subprocess, sys, time

SERVERS = {
    "uvicorn": ["uvicorn", "application:application", "--log-level", "critical", "--port"],
    "hypercorn": ["hypercorn", "application:application", "--bind"],
    "granian": ["granian", "application:application", "--interface", "asgi", "--port"],
    "daphne": ["daphne", "application:application", "--port"],
    "gunicorn": ["gunicorn", "application:application", "--worker-class", "asgi", "--bind"],
}
# How the loop ended, of 60 events in 6 s with a reader that left after 5.
DESCRIBED = {name: "returned by itself" for name in SERVERS} | {"gunicorn": "CancelledError"}


def trial(name):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = SERVERS[name][:-1] + [SERVERS[name][-1], port if SERVERS[name][-1] == "--port" else f"127.0.0.1:{port}"]
    report = os.path.abspath(name)
    server = subprocess.Popen(
        [sys.executable, "-m", *command], env=os.environ | {"REPORT": report}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                reader = socket.create_connection(("127.0.0.1", int(port)))
                break
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    return "-", 0, "did not start"
                time.sleep(0.1)
        with reader:
            reader.settimeout(10)
            reader.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while received.count(b"data:") < 5:
                received += reader.recv(4096)
        deadline = time.monotonic() + 12
        while not os.path.exists(report) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not os.path.exists(report):
            return "-", 0, "never ended"
        time.sleep(0.2)
        version, sent, ended = open(report).read().split(maxsplit=2)
        return version, int(sent), ended.strip()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


changed = False
print("Expected: OSError soon after the 5 events that the reader took. Seen:")
for name in SERVERS:
    version, sent, ended = trial(name)
    same = ended == DESCRIBED[name] and sent > 20
    changed |= not same
    print(f"{name:10} says ASGI {version}: {sent} events sent without an error, {ended}" + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON

"""How the producers of the examples bear a hub that misbehaves; both must do the same."""

import http.server
import json
import os
import pathlib
import socket
import subprocess
import threading
import time

import pytest

HERE = pathlib.Path(__file__).parent
PROGRAMS = [
    pytest.param(HERE / "producer-python/producer.py", id="python"),
    pytest.param(HERE / "producer-node/producer.mjs", id="node"),
]


class Hub(http.server.ThreadingHTTPServer):
    """Gives the answers it was told to give, then good ones; one id for each key."""

    daemon_threads = True

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.requests = []
        self.ids = {}

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def keys(self):
        return [event["key"] for _, event in self.requests]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((time.monotonic(), event))
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if answer == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        if status == 200:
            ids = self.server.ids
            body = {"id": ids.setdefault(event["key"], f"e-{len(ids) + 1}")}
        else:
            body = {"status": status, "detail": "the hub's own words"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        encoded = json.dumps(body).encode()
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_):
        pass


def run(program, url):
    environment = {**os.environ, "MARTLET_URL": url}
    return subprocess.run([program], env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("program", PROGRAMS)
def test_publishes_each_event_once_with_a_key_of_its_own(program):
    with Hub() as hub:
        result = run(program, hub.url)
    assert result.returncode == 0, result.stderr
    assert [event["data"]["percent"] for _, event in hub.requests] == [0, 50, 100]
    assert len(set(hub.keys)) == 3
    assert "e-3" in result.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_tries_again_with_the_same_key_where_that_may_help(program):
    with Hub("drop", 503, 429, 500) as hub:
        result = run(program, hub.url)
    assert result.returncode == 0, result.stderr
    assert len(hub.requests) == 4 + 3
    assert len(set(hub.keys[:5])) == 1


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("status", [429, 503])
def test_waits_as_long_as_it_is_told(program, status):
    with Hub((status, {"Retry-After": "1"})) as hub:
        result = run(program, hub.url)
    assert result.returncode == 0, result.stderr
    assert hub.requests[1][0] - hub.requests[0][0] >= 1


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_does_not_repeat_what_was_refused(program, status):
    with Hub(status) as hub:
        result = run(program, hub.url)
    assert result.returncode == 1
    assert len(hub.requests) == 1
    assert f"producer: {status}: the hub's own words" in result.stderr


# Two tries with short delays, in the words of each language.
IMPATIENT = [
    pytest.param(
        ["python3", "-c", """
import os, sys
sys.path.insert(0, "producer-python")
from producer import Producer
Producer(os.environ["MARTLET_URL"], attempts=2, first_delay=0.01).publish({"resource": "a:1", "data": 1})
"""],
        id="python",
    ),
    pytest.param(
        ["node", "--input-type=module", "-e", """
import { Producer } from "./producer-node/producer.mjs";
const producer = new Producer(process.env.MARTLET_URL, { attempts: 2, firstDelay: 10 });
await producer.publish({ resource: "a:1", data: 1 });
"""],
        id="node",
    ),
]


@pytest.mark.parametrize("command", IMPATIENT)
def test_gives_up_after_its_last_attempt(command):
    with Hub(503, 503, 200) as hub:
        environment = {**os.environ, "MARTLET_URL": hub.url, "PYTHONDONTWRITEBYTECODE": "1"}
        result = subprocess.run(
            command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=60
        )
    assert result.returncode == 1
    assert len(hub.requests) == 2
    assert "Refused" in result.stderr and "503: the hub's own words" in result.stderr

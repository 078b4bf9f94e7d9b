"""The hub as a process: started as a script would, stopped as an init system would."""

import json
import os
import re
import resource
import select
import signal
import subprocess
import tempfile
from pathlib import Path

from .http import Connection
from .stream import Stream, stream_target
from .wait import Deadline, eventually

REPOSITORY = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("MARTLET", str(REPOSITORY / ".build/release/martlet"))
_READY = re.compile(r"martlet 0\.1\.0 listening on (https?://(127\.[0-9.]+|0\.0\.0\.0):([0-9]+))\n\Z")

# As systemd starts it: its socket is descriptor 3, and the process is the one that is meant.
_ACTIVATED = 'exec 3<&"$0" && LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'


def environment(extra=None):
    """This process's environment without MARTLET_… variables, and with `extra`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MARTLET_")}
    return clean | (extra or {})


def run(*arguments, env=None, limit=10.0):
    """Runs the hub's program to its end."""
    return subprocess.run(
        [BINARY, *arguments],
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=limit,
        stdin=subprocess.DEVNULL,
    )


class Hub:
    """A running hub."""

    def __init__(
        self,
        *flags,
        port=0,
        data=":memory:",
        env=None,
        descriptors=None,
        ignored=None,
        listener=None,
        tls=None,
    ):
        self.tls = tls
        if tls is not None:
            flags = (*flags, *tls.flags)
        self.log_file = tempfile.TemporaryFile()
        arguments = [BINARY, "serve", *flags]
        if port is not None:
            arguments += ["--port", str(port)]
        if data is not None:
            arguments += ["--data", data]
        if listener is not None:
            arguments = ["bash", "-c", _ACTIVATED, str(listener.fileno()), *arguments]

        def prepare():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, descriptors)
            if ignored:
                signal.signal(ignored, signal.SIG_IGN)

        self.process = subprocess.Popen(
            arguments,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log_file,
            preexec_fn=prepare if descriptors or ignored else None,
            pass_fds=[] if listener is None else [listener.fileno()],
        )
        try:
            line = self._read_line(Deadline(10, "the start-up line"))
            match = _READY.match(line)
            assert match, f"start-up line {line!r}, log: {self.log()}"
        except BaseException:
            self.kill()
            raise
        self.url, self.port = match[1], int(match[3])
        self.address = (match[2], self.port)

    def _read_line(self, deadline):
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], deadline.left())
            if not ready:
                continue
            byte = os.read(self.process.stdout.fileno(), 1)
            if not byte:
                code = self.process.wait(5)
                raise AssertionError(f"the hub ended with {code}, log: {self.log()}")
            line += byte
        return line.decode()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()

    def log(self):
        """What the hub wrote to standard error so far."""
        file = self.log_file.fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace")

    def signal(self, number=signal.SIGTERM):
        """Sends a signal."""
        self.process.send_signal(number)

    def wait(self, limit=10.0):
        """Awaits the end and gives back the exit code."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the hub did not stop within {limit:g} s") from None

    def stop(self, limit=10.0):
        """Stops by SIGTERM and checks that this was a clean stop."""
        try:
            assert (
                self.process.poll() is None
            ), f"the hub had ended before with {self.process.returncode}, log: {self.log()[-4000:]}"
            self.signal(signal.SIGTERM)
            code = self.wait(limit)
            more = self.process.stdout.read()
            assert code == 0, f"exit code {code}, log: {self.log()[-4000:]}"
            assert more == b"", f"more than one line on standard output: {more[:400]!r}"
        finally:
            self.kill()

    def kill(self):
        """Ends the process whatever it does, and frees what belongs to it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.process.stdout.close()

    # Requests

    def connect(self, **options):
        """A bare connection."""
        return Connection(self.address, **self._secured(options))

    def _secured(self, options):
        """Options of a connection, with the client's side of TLS where the hub has TLS."""
        return options if self.tls is None else {"tls": self.tls.client()} | options

    def request(self, method, target, headers=(), body=None):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.exchange(method, target, headers, body)

    def get(self, target, headers=()):
        """GET."""
        return self.request("GET", target, headers)

    def post(self, value, target="/broadcast", headers=None):
        """Posts JSON: a Python value, or text or bytes as they are."""
        return self.request(
            "POST", target, {"Content-Type": "application/json"} | (headers or {}), as_bytes(value)
        )

    def post_lines(self, values, headers=None):
        """Posts NDJSON: each line a Python value, or text as it is."""
        body = b"".join(as_bytes(value) + b"\n" for value in values)
        return self.request(
            "POST", "/broadcast", {"Content-Type": "application/x-ndjson"} | (headers or {}), body
        )

    def patch(self, connection, value):
        """Changes a stream's resources."""
        return self.request(
            "PATCH", f"/stream/{connection}", {"Content-Type": "application/json"}, as_bytes(value)
        )

    def publish(self, resources, data=None, event="update", **fields):
        """Publishes one event, which must succeed, and gives back its id."""
        key = "resource" if isinstance(resources, str) else "resources"
        answer = self.post({key: resources, "event": event, "data": data, **fields})
        assert answer.status == 200, answer
        return answer.json["id"]

    def stream(
        self, resources, headers=(), version="HTTP/1.1", path="/stream", options=None, **query
    ):
        """Opens a stream."""
        target = stream_target(resources, path, **query)
        return Stream(self.address, target, headers, version, **self._secured(options or {}))

    def post_stream(self, value, headers=(), version="HTTP/1.1", path="/stream"):
        """Opens a stream that is asked for by a body."""
        headers = {"Content-Type": "application/json"} | dict(headers)
        return Stream(
            self.address, path, headers, version, body=as_bytes(value), **self._secured({})
        )

    def open(self, resources, **options):
        """Opens a stream and reads it up to `live`."""
        stream = self.stream(resources, **options)
        stream.opening()
        return stream

    def resumed(self, resources, cursor, **query):
        """The ids of the events that a stream is owed, which it must get before it is live."""
        with self.stream(resources, last_event_id=cursor, **query) as stream:
            blocks = stream.opening(20)
        assert blocks[0].json["resumed"] is True, blocks[:2]
        return [block.id for block in blocks if not block.is_control]

    def presence(self, *resources):
        """How many streams receive each of `resources`."""
        answer = self.get(f"/presence?resources={','.join(resources)}")
        assert answer.status == 200, answer
        return answer.json["resources"]

    def status(self):
        """What /events/status says."""
        answer = self.get("/events/status")
        assert answer.status == 200, answer
        return answer.json

    def head(self):
        """The log's head."""
        with self.stream(["head:probe"]) as stream:
            return stream.opening()[-1].id

    def await_rest(self):
        """Awaits that nothing is worked on and that this was told, so that the log stands still."""
        def rests():
            states = self.get("/state?resources=activity:*").json["resources"]
            return not any(names["activity"]["data"]["working"] for names in states.values())

        eventually(rests, "the end of all work")

    def assert_healthy(self):
        """Fails unless the hub runs and answers."""
        assert self.process.poll() is None, f"the hub has ended, log: {self.log()[-4000:]}"
        assert self.get("/health").status == 200


def as_bytes(value):
    """JSON text as bytes; bytes and text stay as they are."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def assert_problem(answer, status, *words):
    """Checks an error's shape (RFC 9457) and that its detail names each of `words`."""
    statuses = status if isinstance(status, tuple) else (status,)
    assert answer.status in statuses, answer
    assert (
        answer.headers.get("content-type", "").split(";")[0] == "application/problem+json"
    ), answer
    problem = answer.json
    assert problem["status"] == answer.status, problem
    for name in ("type", "title", "detail"):
        assert isinstance(problem.get(name), str) and problem[name], problem
    for word in words:
        assert word in problem["detail"], f"{word!r} is not named: {problem['detail']!r}"
    return problem

"""Clients that try the hub's patience; as they take a minute, they run beside the other tests."""

import time
from concurrent.futures import ThreadPoolExecutor

from .http import build
from .hub import Hub, as_bytes
from .wait import Deadline

JSON = {"Content-Type": "application/json"}
EVENT = as_bytes({"resource": "post:1", "data": 1})
LIMIT = 100


def drip(connection, data, every, limit=LIMIT):
    """Sends `data` a byte at a time until the hub says something; gives back all it says."""
    deadline = Deadline(limit, "the hub's patience to end")
    for at in range(len(data)):
        try:
            connection.send(data[at : at + 1])
        except (BrokenPipeError, ConnectionResetError):
            break
        end = time.monotonic() + every
        while time.monotonic() < end and not connection.buffer and not connection.eof:
            try:
                connection.receive(Deadline(max(0.001, end - time.monotonic()), "a byte"))
            except TimeoutError:
                break
        if connection.buffer or connection.eof:
            break
    while connection.receive(deadline):
        pass
    return bytes(connection.buffer)


def silence(connection, data):
    """Sends `data` and no more; gives back all that the hub says until it closes."""
    connection.send(data)
    return connection.read_to_end(LIMIT)


SLOW_HEAD = build("GET", "/health", {"X-Slow": "s" * 1000})
HALF_BODY = build("POST", "/broadcast", JSON | {"Content-Length": "1000"}) + EVENT
HALF_CHUNK = build("POST", "/broadcast", JSON | {"Transfer-Encoding": "chunked"}) + b"ff\r\n{"
HALF_LINES = build(
    "POST", "/broadcast", {"Content-Type": "application/x-ndjson", "Content-Length": "1000"}
)
NEXT_HEAD = build("GET", "/health") + b"GET /hea"

CASES = {
    "a head of which nothing comes": lambda connection: silence(connection, b"GET /hea"),
    "a head that drips": lambda connection: drip(connection, SLOW_HEAD, 0.25),
    "a second head of which nothing comes": lambda connection: silence(connection, NEXT_HEAD),
    "a connection without a byte": lambda connection: silence(connection, b""),
    "a body that stops": lambda connection: silence(connection, HALF_BODY),
    "a chunk that stops": lambda connection: silence(connection, HALF_CHUNK),
    "lines that stop": lambda connection: silence(connection, HALF_LINES + EVENT + b"\n"),
    "an idle connection": lambda connection: silence(connection, build("GET", "/health")),
}


class Patience:
    """All cases at once against a hub of their own: what it said to each, and after how long."""

    def __init__(self):
        self.hub = Hub()
        self.pool = ThreadPoolExecutor(len(CASES) + 2)
        self.results = {name: self.pool.submit(self.case, play) for name, play in CASES.items()}
        self.results["a body that drips"] = self.pool.submit(self.dripping_body)
        self.results["an idle stream"] = self.pool.submit(self.idle_stream)

    def case(self, play):
        """Runs one case."""
        with self.hub.connect() as connection:
            began = time.monotonic()
            said = play(connection)
            return said, time.monotonic() - began

    def dripping_body(self):
        """A body of which a byte comes every 5 s, 35 s in all: slow, but never without progress."""
        raw = build("POST", "/broadcast", JSON, EVENT)
        with self.hub.connect() as connection:
            connection.send(raw[:-7])
            for at in range(7, 0, -1):
                time.sleep(5)  # this is the slow client
                connection.send(raw[len(raw) - at : len(raw) - at + 1])
            return connection.read_response("POST").status

    def idle_stream(self):
        """A stream that says nothing for 85 s but is kept alive: names of the blocks."""
        with self.hub.stream(["post:quiet"]) as stream:
            stream.opening()
            end = time.monotonic() + 85
            names = []
            while time.monotonic() < end:
                try:
                    names.append(stream.next(max(0.01, end - time.monotonic())).event)
                except TimeoutError:
                    break
            return names, stream.ended

    def result(self, name):
        """What came of one case."""
        return self.results[name].result(LIMIT + 20)

    def stop(self):
        """Stops the hub, cleanly where all is well."""
        self.pool.shutdown(wait=True)
        self.hub.stop()

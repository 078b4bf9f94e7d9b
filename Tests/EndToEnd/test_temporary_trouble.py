"""What is answered while the hub cannot serve: streams that say so and end, and 503 for all else.

Any status but 200 makes the EventSource of every browser give up for good.
"""

import contextlib
import socket
import threading

import pytest

from support.hub import Hub, as_bytes, assert_problem
from support.sse import EventParser
from support.wait import eventually

JSON = {"Content-Type": "application/json"}
STREAMS = ["/stream?resources=post:1", "/events?resources=post:1,user:*&last_event_id=x-1"]


def closing(connection, target, headers=(), version="HTTP/1.1"):
    """Asks for a stream and gives back its only block, the end checked."""
    answer = connection.exchange("GET", target, headers, version=version)
    assert answer.status == 200, answer
    assert answer.headers["content-type"].split(";")[0] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    origin = dict(headers).get("Origin")
    assert answer.headers.get("access-control-allow-origin") == origin
    assert answer.headers["connection"] == "close"
    (block,) = EventParser().feed(answer.body)
    assert block.event == "closing" and block.id is None
    assert set(block.json) == {"reason", "retry"}
    assert block.retry == str(block.json["retry"]) and block.json["retry"] >= 1000
    return block


@pytest.fixture
def stopping():
    """A hub in the middle of a stop, which a request that is half sent holds up, and a connection from before.

    One worker takes what comes in its order: an answer to the second connection says that it has the first
    one's bytes, and an answer that it stops goes for all connections.
    """
    hub = Hub("--workers", "1", "--shutdown-timeout", "60", "--external-kinds", "w")
    try:
        with hub.connect() as half, hub.connect() as kept:
            body = as_bytes({"resource": "post:1", "data": "begun before"})
            half.send(
                b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body)
            )
            assert kept.exchange("GET", "/health").status == 200
            job = hub.post({"kind": "w", "input": 1}, "/api/v1/jobs").json["id"]
            hub.signal()
            eventually(lambda: hub.get("/health").status == 503, "the stop")
            hub.job = job
            yield hub
            # What was begun before the stop is taken as ever.
            half.send(body)
            assert half.read_response().status == 200
            assert hub.wait(20) == 0
    finally:
        hub.kill()


@pytest.mark.parametrize("target", STREAMS)
@pytest.mark.parametrize("accept", [None, "*/*", "text/*", "text/event-stream, */*;q=0.1"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_a_stream_that_comes_during_a_stop_is_told_and_ends(stopping, target, accept, version):
    headers = {"Accept": accept} if accept else {}
    with stopping.connect() as connection:
        block = closing(connection, target, headers, version)
    assert block.json["reason"] == "shutdown" and 1000 <= block.json["retry"] < 3000


def test_the_waits_are_spread(stopping):
    waits = set()
    for _ in range(20):
        with stopping.connect() as connection:
            waits.add(closing(connection, STREAMS[0]).json["retry"])
    assert len(waits) > 10


@pytest.mark.parametrize("path", ["/stream", "/events"])
def test_a_stream_that_is_asked_for_by_a_body_is_told_too(stopping, path):
    with stopping.connect() as connection:
        body = as_bytes({"resources": ["post:1"]})
        answer = connection.exchange("POST", path, JSON, body)
        assert answer.status == 200 and answer.headers["connection"] == "close"
        (block,) = EventParser().feed(answer.body)
    assert block.event == "closing" and block.json["reason"] == "shutdown"


@pytest.mark.parametrize("part", ["progress", "content"])
def test_the_stream_of_a_job_is_told_too(stopping, part):
    with stopping.connect() as connection:
        block = closing(connection, f"/api/v1/jobs/{stopping.job}/{part}")
    assert block.json["reason"] == "shutdown"


def test_what_was_wrong_before_is_still_wrong(stopping):
    assert stopping.get("/stream").status == 400
    assert stopping.get("/stream?resources=nothing").status == 400
    assert stopping.get(STREAMS[0], {"Accept": "application/json"}).status == 406
    assert stopping.request("HEAD", STREAMS[0]).status == 200


@pytest.mark.parametrize(
    "call",
    [
        ("GET", "/health"),
        ("GET", "/health/ready"),
        ("GET", "/poll?resources=post:1"),
        ("GET", "/state?resources=post:1"),
        ("GET", "/presence?resources=post:1"),
        ("GET", "/events/status"),
        ("GET", "/api/v1/jobs"),
        ("POST", "/broadcast", {"resource": "post:1", "data": 1}),
        ("POST", "/broadcast", {"resource": "post:1", "data": "x" * 200_000}),
        ("PATCH", "/stream/" + "0" * 48, {"add": ["post:1"]}),
        ("POST", "/api/v1/jobs", {"kind": "w", "input": 1}),
    ],
    ids=lambda call: f"{call[0]} {call[1]}",
)
def test_every_other_call_that_begins_is_refused(stopping, call):
    method, target, *body = call
    headers = JSON if body else {}
    answer = stopping.request(method, target, headers, as_bytes(body[0]) if body else None)
    assert_problem(answer, 503, "stopping")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["connection"] == "close"


def test_lines_that_come_during_a_stop_are_refused_before_they_are_sent(stopping):
    with stopping.connect() as connection:
        connection.send(
            b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        assert_problem(connection.read_response(), 503, "stopping")


def test_the_process_counts_as_alive_and_asking_is_allowed(stopping):
    assert stopping.get("/health/live").status == 200
    assert stopping.request("OPTIONS", "/broadcast").status == 204


def test_requests_that_have_come_when_the_stop_begins_are_answered():
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            hub = Hub()
            stack.callback(hub.kill)
            kept = [stack.enter_context(hub.connect()) for _ in range(40)]
            for connection in kept:
                assert connection.exchange("GET", "/health").status == 200
            # Standing still, the hub finds these and the signal together.
            hub.signal(19)
            for number, connection in enumerate(kept):
                connection.send(
                    b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    % (STREAMS[0].encode() if number % 2 else b"/state?resources=post:1")
                )
            fresh = [stack.enter_context(hub.connect()) for _ in range(40)]
            for connection in fresh:
                connection.send(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % STREAMS[0].encode())
            hub.signal()
            hub.signal(18)
            statuses = []
            for connection in kept + fresh:
                status, headers = connection.read_head()
                statuses.append(status)
                assert status in (200, 503), (status, headers)
            assert hub.wait(10) == 0


# Descriptors


@contextlib.contextmanager
def crowded(limit=110):
    """A hub whose descriptors are all taken by clients that have a request open."""
    with Hub("--workers", "2", "--max-streams", "0", descriptors=(limit, limit)) as hub, contextlib.ExitStack() as stack:
        taken = []

        def fill():
            # Each holds a descriptor as long as it likes: it has a stream.
            for _ in range(20):
                connection = stack.enter_context(hub.connect())
                connection.send(b"GET /stream?resources=post:1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                taken.append(connection)
            return "No descriptors left" in hub.log()

        eventually(fill, "the end of the descriptors", 20)
        yield hub, taken
        stack.close()


def test_without_descriptors_a_stream_is_told_and_ends():
    with crowded() as (hub, _):
        for n in range(30):
            with hub.connect() as connection:
                block = closing(connection, STREAMS[n % 2])
            assert block.json["reason"] == "overloaded" and block.json["retry"] >= 5000
        with hub.connect() as connection:
            answer = connection.exchange("GET", "/state?resources=post:1")
            assert_problem(answer, 503, "room")
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.headers["connection"] == "close"


def test_without_descriptors_a_publisher_that_waits_to_send_is_answered():
    with crowded() as (hub, _), hub.connect() as connection:
        connection.send(b"POST /broadcast HTTP/1.1\r\n")
        threading.Event().wait(0.2)  # this is a slow client
        body = as_bytes({"resource": "post:1", "data": 1})
        connection.send(
            b"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        assert_problem(connection.read_response(), 503, "room")


def test_clients_that_say_nothing_hold_the_reserve_for_a_moment_only():
    with crowded() as (hub, taken):
        silent = [hub.connect() for _ in range(16)]
        with hub.connect() as connection:
            assert closing(connection, STREAMS[0]).json["reason"] == "overloaded"
        for connection in silent:
            connection.close()
        for connection in taken:
            connection.close()
        eventually(lambda: usable(hub), "room again", 10)
        # The reserve is whole again: the next time is like the first.
        assert hub.log().count("No descriptors left") <= 2


def usable(hub):
    try:
        with hub.stream(["post:1"]) as stream:
            return stream.next().event == "connected"
    except (OSError, AssertionError, EOFError):
        return False


def test_streams_that_are_open_go_on_without_descriptors():
    with Hub(descriptors=(110, 110)) as hub, hub.open(["post:2"]) as stream, hub.connect() as one:
        assert one.exchange("GET", "/health").status == 200
        clients = []
        try:
            for _ in range(200):
                client = socket.create_connection(hub.address, 5)
                client.sendall(b"GET /stream?resources=post:1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                clients.append(client)
            for n in range(50):
                body = as_bytes({"resource": "post:2", "data": n})
                assert one.exchange("POST", "/broadcast", JSON, body).status == 200
                assert stream.event().payload == n
        finally:
            for client in clients:
                client.close()

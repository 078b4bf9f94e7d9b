"""Floods: whoever sends without a pause gets a share of the hub and no more, and leaves nothing behind."""

import os
import signal
from pathlib import Path

import pytest

from support.certificates import Certificates
from support.http import build
from support.hub import Hub, as_bytes
from support.wait import eventually

LINES = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def lines(content):
    """A body of lines that holds no event."""
    return build("POST", "/broadcast", LINES, content)


def chunked(content):
    """The same in chunks."""
    return build("POST", "/broadcast", LINES | {"Transfer-Encoding": "chunked"}, content)


# Others have their turn

ATTACKERS = 400


FLOODS = {
    "requests that are answered": build("GET", "/health") * 200,
    "requests for another host": build("GET", "/health", {"Host": "evil.example"}) * 120,
    "requests for nothing": build("GET", "/nowhere") * 120,
    "chunks of one byte": chunked(b"1\r\n\n\r\n" * 5_000 + b"0\r\n\r\n"),
}


def answers(connection):
    """How many answers have come."""
    connection.socket.setblocking(False)
    received = b""
    while True:
        try:
            received += connection.socket.recv(1 << 20)
        except BlockingIOError:
            return received.count(b"HTTP/1.1 ")


@pytest.mark.parametrize("flood", FLOODS)
def test_others_have_their_turn_long_before_a_flood_is_answered(flood, post):
    with Hub("--workers", "1") as hub, hub.open([post]) as stream, hub.connect() as publisher:
        attackers = [hub.connect() for _ in range(ATTACKERS)]
        # And the listener, the stream and the publisher.
        eventually(lambda: sockets(hub) >= ATTACKERS + 3, "all attackers to be connected")
        # All is there when the hub goes on, and the publisher came last.
        hub.signal(signal.SIGSTOP)
        for attacker in attackers:
            attacker.send(FLOODS[flood])
        publisher.send(build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": 1})))
        hub.signal(signal.SIGCONT)
        assert publisher.read_response().status == 200
        hub.signal(signal.SIGSTOP)
        answered = sum(answers(attacker) for attacker in attackers)
        hub.signal(signal.SIGCONT)
        assert answered < ATTACKERS * FLOODS[flood].count(b"HTTP/1.1") / 2
        assert stream.event().payload == 1
        for attacker in attackers:
            attacker.reset()


def publication(resource):
    return build("POST", "/broadcast", JSON, as_bytes({"resource": resource, "data": 1}))


def array(resource):
    """Events that are read in one turn and published in another."""
    return build("POST", "/broadcast", JSON, as_bytes([{"resource": resource, "data": 1}] * 500))


def stop(hub):
    """Stops all threads of the hub, and awaits that they stand."""
    hub.signal(signal.SIGSTOP)

    def stands():
        states = [file.read_text().rpartition(")")[2].split()[0] for file in tasks.glob("*/stat")]
        return set(states) == {"T"}

    tasks = Path(f"/proc/{hub.process.pid}/task")
    eventually(stands, "all threads to stand")


@pytest.mark.parametrize("flood", [publication("flood:1") * 100, array("flood:1") * 2], ids=["events", "arrays"])
def test_whoever_is_known_is_served_before_a_flood_of_newcomers(flood, post):
    with Hub("--workers", "1") as hub, hub.connect() as publisher:
        publisher.send(build("GET", "/health"))
        assert publisher.read_response().status == 200
        attackers = [hub.connect() for _ in range(40)]
        eventually(lambda: sockets(hub) >= 40 + 2, "all attackers to be connected")
        stop(hub)
        for attacker in attackers:
            attacker.send(flood)
        publisher.send(publication(post))
        hub.signal(signal.SIGCONT)
        own = publisher.read_response().json["id"]
        # The hub's order says how many of the flood's events came before, however slow the machine is.
        assert int(own.rpartition("-")[2]) == 1
        requests = flood.count(b"HTTP/1.1")
        for attacker in attackers:
            assert [attacker.read_response().status for _ in range(requests)] == [200] * requests


def test_many_events_are_read_in_one_turn_and_published_in_the_next(post):
    many = build("POST", "/broadcast", JSON, as_bytes([{"resource": "flood:1", "data": 1}] * 150))
    with Hub("--workers", "1") as hub, hub.connect() as first, hub.connect() as second:
        eventually(lambda: sockets(hub) >= 3, "both to be connected")
        stop(hub)
        first.send(many)
        second.send(publication(post))
        hub.signal(signal.SIGCONT)
        # Both are new. The one that came second has its turn before the events of the first are published.
        assert int(second.read_response().json["id"].rpartition("-")[2]) == 1
        assert len(first.read_response().json["ids"]) == 150


# What is left behind


def sockets(hub):
    """The number of open sockets of the hub's process."""
    count = 0
    for link in Path(f"/proc/{hub.process.pid}/fd").iterdir():
        try:
            count += os.readlink(link).startswith("socket:")
        except FileNotFoundError:
            pass  # it was closed meanwhile
    return count


def slow_head(connection):
    connection.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: ")
    connection.send(b"a")


def half_hello(connection):
    connection.send(bytes.fromhex("16030102000100 01fc 0303") + bytes(range(200)))


def bad_requests(connection):
    refused = build("GET", "/health", {"Origin": "https://evil.example"}) * 20
    connection.send_all_it_takes(refused + b"GET  /health HTTP/1.1\r\n\r\n")


def stream(connection):
    connection.send(build("GET", "/stream?resources=flood:1,flood:*"))


def half_body(connection):
    connection.send_all_it_takes(build("POST", "/broadcast", JSON | {"Content-Length": "1000000"}) + b" " * 300_000)


def long_lines(connection):
    event = as_bytes({"resource": "flood:1", "data": "x" * 262_000}) + b"\n"
    connection.send_all_it_takes(lines(event * 2)[:-100_000])


def chunk_extensions(connection):
    body = b"".join([b"1;" + b"a" * 1_000 + b"\r\n\n\r\n"] * 200)
    connection.send_all_it_takes(chunked(body))


ATTACKS = [slow_head, half_hello, bad_requests, stream, half_body, long_lines, chunk_extensions]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority and a server's certificate."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attackers_that_have_gone_leave_nothing_behind(certificates, post, attack, end):
    with Hub(tls=certificates if attack is half_hello else None) as hub, hub.open([post]) as witness:
        before = sockets(hub)
        attackers = [hub.connect(tls=None) for _ in range(150)]
        for attacker in attackers:
            attack(attacker)
        hub.assert_healthy()
        for attacker in attackers:
            getattr(attacker, end)()
        eventually(lambda: sockets(hub) <= before, "the end of the attackers' connections", 20)
        id = hub.publish(post, 1)
        assert witness.event().id == id
        assert hub.presence(post, "flood:1") == {post: 1, "flood:1": 0}
        hub.assert_healthy()


def test_heads_that_are_too_slow_together_are_all_answered_and_closed():
    with Hub("--head-timeout", "0.5") as hub:
        before = sockets(hub)
        attackers = [hub.connect() for _ in range(500)]
        for attacker in attackers:
            slow_head(attacker)
        for attacker in attackers:
            assert attacker.read_response().status == 408
            assert attacker.read_to_end() == b""
            attacker.close()
        eventually(lambda: sockets(hub) <= before, "the end of the attackers' connections", 20)
        hub.assert_healthy()


def test_a_hub_with_limits_refuses_a_flood_of_streams_and_keeps_those_it_has(post):
    with Hub("--max-streams-per-address", "20", "--rate-streams", "40") as hub:
        with hub.open([post], options={"source": "127.0.0.9"}) as witness:
            before = sockets(hub)
            attackers = [hub.connect() for _ in range(200)]
            for attacker in attackers:
                stream(attacker)
            heads = [attacker.read_head() for attacker in attackers]
            assert {status for status, _ in heads} == {200, 429}
            id = hub.publish(post, 1)
            assert witness.event().id == id
            for attacker in attackers:
                attacker.reset()
            eventually(lambda: sockets(hub) <= before, "the end of the attackers' connections", 20)
            assert hub.presence("flood:1") == {"flood:1": 0}

"""Limits: each refuses what is beyond it, counts it, and frees what has ended."""

import json
import re
import socket
import time

import pytest

from support.access import Locked
from support.http import build
from support.hub import Hub, assert_problem
from support.wait import eventually


def closing(stream):
    """The data of the only event of a stream that was refused."""
    block = stream.next()
    assert block.event == "closing"
    return block.json


def refused(hub):
    """What /metrics counts as refused, by status and reason."""
    prefix = "martlet_requests_refused_total{"
    lines = [line for line in hub.get("/metrics").body.decode().splitlines() if line.startswith(prefix)]
    counts = {}
    for line in lines:
        labels, count = line[len(prefix) :].split("} ")
        parts = dict(part.split("=") for part in labels.split(","))
        counts[json.loads(parts["status"]), json.loads(parts["reason"])] = int(count)
    return counts


def test_streams_in_all_are_told_to_come_back():
    with Hub("--max-streams", "2") as hub:
        first, second = hub.open(["a:1"]), hub.open(["a:1"])
        with hub.stream(["a:1"]) as third:
            said = closing(third)
        assert said["reason"] == "overloaded" and said["retry"] >= 1000
        poll = hub.get("/poll?resources=a:1&after=" + first.seen[-1].id)
        problem = assert_problem(poll, 503)
        assert int(poll.headers["retry-after"]) == problem["retry_after"]
        assert refused(hub)["503", "max_streams"] == 2
        second.close()
        eventually(lambda: hub.presence("a:1") == {"a:1": 1}, "one stream")
        hub.open(["a:1"]).close()
        first.close()


@pytest.mark.parametrize(("descriptors", "places"), [(150, 75), (300, 200)])
def test_without_a_limit_streams_leave_descriptors_for_other_things(descriptors, places):
    with Hub("--workers", "2", descriptors=(descriptors, descriptors)) as hub:
        streams = [hub.open(["a:1"]) for _ in range(places)]
        with hub.stream(["a:1"]) as further:
            assert closing(further)["reason"] == "overloaded"
        assert refused(hub) == {("503", "max_streams"): 1}
        for stream in streams:
            stream.close()


def test_a_waiting_poll_holds_a_place_until_it_is_answered():
    with Hub("--max-streams", "1") as hub:
        with hub.open(["a:1"]) as stream:
            cursor = stream.seen[-1].id
        eventually(lambda: hub.presence("a:1") == {"a:1": 0}, "no stream")
        with hub.connect() as poll:
            poll.send(f"GET /poll?resources=a:1&after={cursor} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            eventually(lambda: hub.get("/stream?resources=a:1").body.count(b"overloaded") == 1, "no place")
            hub.publish("a:1", 1)
            assert len(poll.read_response().json["events"]) == 1
        hub.open(["a:1"]).close()


@pytest.mark.parametrize(("listener", "own", "others"), [("127.0.0.1", "127.0.0.1", "127.0.0.2")])
def test_streams_of_an_address_are_counted_by_themselves(listener, own, others):
    with Hub("--max-streams-per-address", "2") as hub:
        streams = [hub.open(["a:1"]) for _ in range(2)]
        for target in ("/stream?resources=a:1", "/events?resources=a:1"):
            answer = hub.get(target)
            problem = assert_problem(answer, 429, "address")
            assert int(answer.headers["retry-after"]) == problem["retry_after"]
        other = socket.create_connection((listener, hub.port), source_address=(others, 0))
        other.sendall(b"GET /stream?resources=a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert refused(hub)["429", "max_streams_per_address"] == 2
        other.close()
        for stream in streams:
            stream.close()
        eventually(lambda: hub.presence("a:1") == {"a:1": 0}, "no stream")
        hub.open(["a:1"]).close()


def test_requests_that_change_something_have_a_rate():
    with Hub("--rate-writes", "3") as hub:
        answers = [hub.post({"resource": "a:1", "data": 1}) for _ in range(12)]
        statuses = [answer.status for answer in answers]
        assert statuses[:3] == [200, 200, 200]
        late = answers[statuses.index(429)]
        assert_problem(late, 429, "wait")
        assert late.headers["retry-after"] == "1"
        assert hub.get("/state?resources=a:1").status == 200, "reads are free"
        assert refused(hub)["429", "rate_writes"] == statuses.count(429)
        eventually(lambda: hub.post({"resource": "a:1", "data": 1}).status == 200, "another second")


def test_new_streams_have_a_rate():
    with Hub("--rate-streams", "2") as hub:
        answers = [hub.open(["a:1"]) for _ in range(2)]
        with hub.stream(["a:1"]) as third:
            assert closing(third)["reason"] == "overloaded"
        assert refused(hub)["200", "rate_streams"] >= 1
        for stream in answers:
            stream.close()


def test_published_bytes_have_a_rate():
    with Hub("--rate-bytes", "4KiB") as hub:
        assert hub.post({"resource": "a:1", "data": "x" * 20_000}).status == 200
        assert_problem(hub.post({"resource": "a:1", "data": 1}), 429, "bytes")
        assert refused(hub)["429", "rate_bytes"] == 1


def test_lines_beyond_the_rate_are_refused_and_those_before_stand():
    with Hub("--rate-bytes", "64KiB") as hub:
        line = {"resource": "a:1", "data": "x" * 1000}
        answer = hub.post_lines([line] * 400)
        problem = assert_problem(answer, 429, "bytes")
        assert 0 < problem["published"] < 400
        assert hub.status()["published"] == problem["published"]


@pytest.mark.parametrize("is_locked", [False, True])
def test_refusals_for_the_host_and_the_origin_are_counted(tmp_path, is_locked):
    with Locked(tmp_path, "--public-metrics") if is_locked else Hub() as hub:
        for number, target in enumerate(("/health", "/stream?resources=a:1", "/nowhere")):
            for host in ("evil.example", "evil.example:1", "[2001:db9::1]"):
                assert hub.get(target, {"Host": host}).status == 421
            answer = hub.get(target, {"Origin": "https://evil.example"})
            assert assert_problem(answer, 403)["reason"] == "origin"
            assert refused(hub) == {("421", "host"): 3 * (number + 1), ("403", "origin"): number + 1}
            identifier = answer.json["request_id"]
            assert hub.log().count(f"request_id={identifier} status=403 reason=origin") == 1


def test_a_flood_of_refusals_leaves_a_bounded_log(tmp_path):
    requests = 4000
    with Locked(tmp_path, "--public-metrics") as hub:
        begin = time.monotonic()
        for _ in range(requests // 500):
            with hub.connect() as connection:
                connection.send(build("GET", "/state?resources=a:1") * 500)
                for _ in range(500):
                    assert "request_id" in assert_problem(connection.read_response(), 401)
        elapsed = time.monotonic() - begin
        assert refused(hub) == {("401", "missing"): requests}
    log = hub.log()
    lines = log.count(" Refused a request ")
    assert 1000 <= lines <= 1001 + 100 * elapsed, lines
    told = [int(count) for count in re.findall(r"Refusals were left out of the log refusals=(\d+)", log)]
    assert lines + sum(told) == requests
    assert 1 <= len(told) <= 3 + elapsed / 10, told


def test_nothing_is_limited_unless_it_is_asked_for():
    with Hub() as hub:
        assert all(hub.post({"resource": "a:1", "data": 1}).status == 200 for _ in range(200))
        streams = [hub.open(["a:1"]) for _ in range(50)]
        assert refused(hub) == {}
        for stream in streams:
            stream.close()

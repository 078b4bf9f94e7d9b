"""What clients of other makes lean on: the form of each block, a cursor by any name, an interval of their own."""

import json
import re

import httpx
import pytest

from support.http import build
from support.hub import Hub, assert_problem
from support.stream import stream_target
from support.wait import Deadline

NAMES = ["last_event_id", "lastEventId", "lastEventID", "Last-Event-ID"]


@pytest.fixture(scope="module")
def lively_hub():
    """A hub that soon gives a sign of life."""
    with Hub("--keepalive", "0.5") as hub:
        yield hub


def text_of(hub, target, wanted, version="HTTP/1.0"):
    """What a bare stream says, up to the end of the block with `wanted`."""
    with hub.connect() as connection:
        connection.send(build("GET", target, version=version))
        connection.read_head()
        deadline = Deadline(10, f"{wanted} in the stream")
        while not re.search(re.escape(wanted) + rb"[^\n]*\n(.+\n)*\n", connection.buffer):
            assert connection.receive(deadline), bytes(connection.buffer)
        return bytes(connection.buffer)


def blocks(text):
    """The lines of each block."""
    return [block.split("\n") for block in text.decode().split("\n\n") if block]


# The form of blocks


def test_an_id_is_the_last_line_of_its_block_everywhere(lively_hub, post):
    start = lively_hub.head()
    lively_hub.publish(post, "first", retain=True)
    lively_hub.publish(post, "second", event="other")
    for query in ({}, {"last_event_id": start}, {"last_event_id": "nonsense"}):
        target = stream_target([post], **query)
        found = blocks(text_of(lively_hub, target, b"event: keepalive"))
        names = {line for block in found for line in block if line.startswith("event: ")}
        assert {"event: connected", "event: live", "event: keepalive"} <= names
        for block in found:
            fields = [line.partition(":")[0] for line in block]
            assert fields in (
                ["retry", "event", "data"],
                ["event", "data"],
                ["event", "data", "id"],
            ), block


def test_every_data_of_the_hub_is_json(lively_hub, post):
    text = text_of(lively_hub, stream_target([post, f"presence:{post}"]), b"event: keepalive")
    values = [json.loads(line[6:]) for line in text.decode().split("\n") if line[:6] == "data: "]
    assert values[-1] == {}
    assert all(isinstance(value, dict) for value in values)


def test_the_streams_type_names_its_encoding(hub, post):
    for method, path in (("GET", "/stream"), ("GET", "/events"), ("HEAD", "/stream")):
        with hub.connect() as connection:
            connection.send(build(method, stream_target([post], path)))
            _, fields = connection.read_head()
            assert dict(fields)["content-type"] == "text/event-stream; charset=utf-8"


# The keep-alive interval


@pytest.mark.parametrize("text, interval", [("1", 1), ("1.5", 1.5), ("300", 300), ("", 30)])
def test_connected_tells_the_interval_that_holds(hub, post, text, interval):
    with hub.stream([post], keepalive=text) as stream:
        assert stream.next().json["keepalive"] == interval


@pytest.mark.parametrize("text", ["0.9", "300.5", "0", "-1", "soon", "nan", "1e9", "5s"])
def test_an_interval_that_is_none_is_refused(hub, post, text):
    assert_problem(hub.get(stream_target([post], keepalive=text)), 400, "keepalive", "1 to 300")


def test_a_stream_gets_keepalives_at_its_own_interval(hub, post):
    with hub.open([post], keepalive=1) as quick, hub.open([post]) as slow:
        head = quick.seen[-1].id
        for _ in range(2):
            block = quick.next(5)
            assert (block.event, block.data, block.id) == ("keepalive", "{}", head)
        hub.publish(post, "news")
        assert [block.event for block in slow.until("update")] == ["update"]


def test_an_interval_shorter_than_the_hubs_goes_on_after_events(hub, post):
    with hub.open([post], keepalive=1) as stream:
        for number in range(3):
            id = hub.publish(post, number)
            assert stream.event().id == id
            assert stream.next(5).id == id


def test_a_client_with_a_short_time_out_stays(hub, post):
    with httpx.stream("GET", hub.url + stream_target([post], keepalive=1), timeout=2.5) as answer:
        signs = 0
        for line in answer.iter_lines():
            signs += line == "event: keepalive"
            if signs == 3:
                break
    assert signs == 3


# Names of the cursor


def opening(hub, target, headers=()):
    """`resumed`, and the names of what follows up to `live`."""
    with hub.connect() as connection:
        connection.send(build("GET", target, headers, version="HTTP/1.0"))
        status, _ = connection.read_head()
        assert status == 200
        deadline = Deadline(10, "live")
        while b"event: live" not in connection.buffer:
            assert connection.receive(deadline)
        found = blocks(bytes(connection.buffer).partition(b"event: live")[0])
    told = json.loads(found[0][2][6:])
    return told["resumed"], [block[0][7:] for block in found[1:]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["/stream", "/events"])
def test_a_cursor_is_taken_by_every_name_that_clients_have_for_it(hub, post, name, path):
    first = hub.publish(post, 1)
    hub.publish(post, 2)
    target = stream_target([post], path, **{name: first})
    assert opening(hub, target) == (True, ["update"])


@pytest.mark.parametrize("name", ["after", *NAMES])
def test_polling_takes_them_too(hub, post, name):
    first, second = hub.publish(post, 1), hub.publish(post, 2)
    answer = hub.get(stream_target([post], "/poll", **{name: first, "timeout": 0})).json
    assert [event["id"] for event in answer["events"]] == [second]


def test_a_header_is_a_polls_last_name_for_the_cursor(hub, post):
    first, second = hub.publish(post, 1), hub.publish(post, 2)
    target = stream_target([post], "/poll", timeout=0)
    answer = hub.get(target, {"Last-Event-ID": first}).json
    assert [event["id"] for event in answer["events"]] == [second]
    answer = hub.get(f"{target}&lastEventId={second}", {"Last-Event-ID": first}).json
    assert (answer["events"], answer["reset"], answer["cursor"]) == ([], None, second)


def test_the_header_comes_first_and_the_names_in_their_order(hub, post):
    ids = [hub.publish(post, number) for number in range(6)]
    target = stream_target([post])
    for count, name in enumerate(reversed(NAMES), start=1):
        target += f"&{name}={ids[-1 - count]}"
        assert opening(hub, target) == (True, ["update"] * count)
    assert opening(hub, target, {"Last-Event-ID": ids[0]}) == (True, ["update"] * 5)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_cursor_is_none(hub, post, name):
    hub.publish(post, 1, retain=True)
    assert opening(hub, stream_target([post], **{name: ""})) == (False, ["update"])


def test_an_empty_header_is_no_cursor_and_hides_none(hub, post):
    first = hub.publish(post, 1)
    hub.publish(post, 2)
    empty = {"Last-Event-ID": ""}
    assert opening(hub, stream_target([post]), empty) == (False, [])
    assert opening(hub, stream_target([post], lastEventID=first), empty) == (True, ["update"])


# Without Host, as HTTP/1.0 allows


def test_http_1_0_needs_no_host(hub, post):
    with hub.connect() as connection:
        connection.send(f"GET {stream_target([post])} HTTP/1.0\r\n\r\n".encode())
        status, _ = connection.read_head()
        assert status == 200

"""GET /stream: its headers, its order, what it carries, and how it is refused."""

import re
from datetime import datetime, timezone

import pytest

from support.http import build
from support.hub import assert_problem
from support.sse import EventParser, members, parse_id, sequence
from support.stream import stream_target
from support.wait import Deadline

# Headers


def test_a_stream_answers_with_the_headers_of_an_event_stream(hub, post):
    with hub.stream([post]) as stream:
        headers = stream.response.headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"].replace(" ", "") == "no-cache,no-transform"
    assert headers["x-accel-buffering"] == "no"
    assert headers["transfer-encoding"] == "chunked"
    assert "content-length" not in headers


def test_a_response_carries_a_date(hub, post):
    with hub.stream([post]) as stream:
        assert re.fullmatch(
            r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", stream.response.headers["date"]
        )
    assert "date" in hub.get("/health").headers
    assert "date" in hub.get("/nowhere").headers


def test_head_gives_the_same_headers_and_no_body(hub, post):
    with hub.stream([post]) as stream:
        expected = stream.response.headers
    with hub.connect() as connection:
        answer = connection.exchange("HEAD", stream_target([post]), {"Connection": "close"})
        assert answer.status == 200
        assert connection.read_to_end() == b""
    for header in ("content-type", "cache-control", "x-accel-buffering"):
        assert answer.headers[header] == expected[header]


def test_after_a_head_request_the_connection_goes_on(hub, post):
    with hub.connect() as connection:
        assert connection.exchange("HEAD", stream_target([post])).status == 200
        assert connection.exchange("GET", "/health").status == 200
    assert hub.presence(post) == {post: 0}


@pytest.mark.parametrize(
    "accept",
    [
        "text/event-stream",
        "*/*",
        "text/*",
        "text/html, text/event-stream;q=0.1",
        "TEXT/Event-Stream",
    ],
)
def test_an_accept_header_that_allows_event_streams_opens_a_stream(hub, post, accept):
    with hub.stream([post], headers={"Accept": accept}) as stream:
        stream.opening()


@pytest.mark.parametrize(
    "accept",
    ["application/json", "text/html, application/xml;q=0.9", "text/event-stream;q=0", "image/*"],
)
def test_an_accept_header_without_event_streams_is_answered_406(hub, post, accept):
    assert_problem(hub.get(stream_target([post]), {"Accept": accept}), 406, "text/event-stream")


def test_an_http_1_0_client_gets_a_stream_without_chunks(hub, post):
    with hub.open([post], version="HTTP/1.0") as stream:
        id = hub.publish(post, {"n": 1})
        assert stream.event().id == id


def test_the_alias_events_is_the_same_stream(hub, post):
    with hub.open([post], path="/events") as stream:
        id = hub.publish(post, 1)
        assert stream.event().id == id


def test_bytes_pipelined_behind_a_stream_request_are_ignored(hub, post):
    with hub.connect() as connection:
        connection.send(
            build("GET", stream_target([post])) + build("GET", "/health") + b"\x00junk\r\n\r\n"
        )
        status, _ = connection.read_head()
        assert status == 200
    with hub.stream([post]) as stream:
        stream.connection.send(b"GET /health HTTP/1.1\r\n\r\nnonsense" * 100)
        stream.opening()
        id = hub.publish(post, 1)
        assert stream.event().id == id


def test_a_stream_may_follow_other_requests_on_a_connection(hub, post):
    with hub.connect() as connection:
        assert connection.exchange("GET", "/health").status == 200
        connection.send(build("GET", "/health") + build("GET", stream_target([post])))
        assert connection.read_response().status == 200
        status, headers = connection.read_head()
        assert (status, dict(headers)["content-type"]) == (200, "text/event-stream; charset=utf-8")


# The opening


def test_a_fresh_stream_opens_with_connected_and_live_only(hub, post):
    hub.publish(post, "before")
    with hub.stream([post]) as stream:
        assert [block.event for block in stream.opening()] == ["connected", "live"]


def test_connected_carries_retry_1000_and_no_id(hub, post):
    with hub.stream([post]) as stream:
        block = stream.next()
    assert block.event == "connected"
    assert block.retry == "1000"
    assert block.id is None


def test_connected_tells_connection_resources_resumed_and_keepalive(hub, post):
    with hub.stream([post, "influencer:*"]) as stream:
        told = stream.next().json
    assert set(told) == {"connection", "resources", "resumed", "keepalive"}
    assert told["resources"] == [post, "influencer:*"]
    assert told["resumed"] is False
    assert told["keepalive"] == 30


def test_connection_ids_are_long_and_never_repeat(hub, post):
    ids = set()
    for _ in range(50):
        with hub.stream([post]) as stream:
            ids.add(stream.next().json["connection"])
    assert len(ids) == 50
    assert all(len(id) >= 22 and re.fullmatch(r"[A-Za-z0-9_.~-]+", id) for id in ids)


def test_live_names_the_head_of_the_log_in_id_and_cursor(hub, post):
    id = hub.publish("other:thing", 1)
    with hub.stream([post]) as stream:
        live = stream.opening()[-1]
    assert live.id == id
    assert live.json == {"cursor": id}


def test_only_connected_carries_a_retry(hub, post):
    with hub.stream([post]) as stream:
        stream.opening()
        hub.publish(post, 1)
        stream.event()
        assert [block.event for block in stream.seen if block.retry is not None] == ["connected"]


# Live events


def test_an_event_arrives_with_id_name_and_envelope(hub, name):
    resources = [f"post:{name}", f"influencer:{name}"]
    with hub.open([resources[0]]) as stream:
        id = hub.publish(resources, {"status": "ready"}, event="post_update")
        block = stream.event()
    assert (block.id, block.event) == (id, "post_update")
    assert [key for key, _ in members(block.data)] == ["resources", "at", "data"]
    assert block.resources == resources
    assert block.payload == {"status": "ready"}


def test_the_envelope_tells_when_the_event_was_published(hub, post):
    with hub.open([post]) as stream:
        hub.publish(post, 1)
        at = stream.event().json["at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
    age = datetime.now(timezone.utc) - datetime.fromisoformat(at)
    assert abs(age.total_seconds()) < 10


def test_an_event_without_a_name_is_a_message(hub, post):
    with hub.open([post]) as stream:
        assert hub.post({"resource": post, "data": 1}).status == 200
        assert stream.event().event == "message"


def test_events_arrive_in_the_order_of_their_ids(hub, post):
    with hub.open([post]) as stream:
        ids = [hub.publish(post, n) for n in range(100)]
        got = stream.events(100)
    assert [block.id for block in got] == ids
    assert [block.payload for block in got] == list(range(100))
    assert [sequence(id) for id in ids] == list(range(sequence(ids[0]), sequence(ids[0]) + 100))


def test_a_stream_gets_only_what_it_asked_for(hub, name):
    with hub.open([f"post:{name}"]) as stream:
        for other in (
            f"post:{name}0",
            f"posts:{name}",
            f"Post:{name}",
            f"post:{name.upper()}",
            "post:*x",
        ):
            hub.publish(other, "not for you")
        hub.publish(f"post:{name}", "for you")
        assert stream.event().payload == "for you"


def test_a_pattern_receives_every_resource_of_its_kind(hub, name):
    with hub.open([f"{name}:*"]) as stream:
        hub.publish(f"{name}x:1", "another kind")
        for id in ("1", "2", "*2", "a:b", "ü"):
            hub.publish(f"{name}:{id}", id)
        assert [block.payload for block in stream.events(5)] == ["1", "2", "*2", "a:b", "ü"]


def test_an_event_arrives_once_though_several_of_its_resources_match(hub, name):
    with hub.open([f"a{name}:1", f"a{name}:2", f"a{name}:*", f"b{name}:*"]) as stream:
        hub.publish([f"a{name}:1", f"a{name}:2", f"b{name}:9"], "once")
        hub.publish(f"a{name}:1", "end")
        assert [block.payload for block in stream.events(2)] == ["once", "end"]


def test_every_stream_gets_the_event(hub, post):
    streams = [hub.open([post]) for _ in range(20)]
    id = hub.publish(post, 1)
    assert {stream.event().id for stream in streams} == {id}
    for stream in streams:
        stream.close()


def test_the_events_filter_lets_only_the_named_events_pass(hub, post):
    with hub.open([post], events="one,two") as stream:
        for event in ("zero", "one", "three", "two", "One"):
            hub.publish(post, event, event=event)
        hub.publish(post, "end", event="two")
        assert [block.payload for block in stream.events(3)] == ["one", "two", "end"]


def test_the_events_filter_does_not_stop_control_events(hub, post):
    with hub.stream([post], events="one") as stream:
        assert [block.event for block in stream.opening()] == ["connected", "live"]


@pytest.mark.parametrize("events", ["1st", "a%20b", "a" * 65, "%C3%A9"])
def test_a_bad_name_in_the_events_filter_is_refused(hub, post, events):
    assert_problem(hub.get(f"{stream_target([post])}&events={events}"), 400)


# Other parameters


@pytest.mark.parametrize("value", ["true", "false"])
def test_snapshot_can_be_told(hub, post, value):
    with hub.stream([post], snapshot=value) as stream:
        stream.opening()


@pytest.mark.parametrize("value", ["yes", "1", "TRUE", ""])
def test_snapshot_is_true_or_false(hub, post, value):
    assert_problem(hub.get(f"{stream_target([post])}&snapshot={value}"), 400, "snapshot")


def test_an_http_1_0_stream_has_no_chunk_sizes_in_it(hub, post):
    with hub.connect() as connection:
        connection.send(build("GET", stream_target([post]), version="HTTP/1.0"))
        connection.read_head()
        while b"event: live" not in connection.buffer:
            assert connection.receive(Deadline(5, "live"))
        blocks = EventParser().feed(bytes(connection.buffer))
        assert blocks[0].event == "connected"


def test_an_event_id_is_an_epoch_and_a_sequence(hub, post):
    first, second = parse_id(hub.publish(post, 1)), parse_id(hub.publish(post, 2))
    assert first[0] == second[0] and second[1] == first[1] + 1

"""Streams that have nothing to say, and clients that do not listen fast enough."""

import re
import threading
import time

import pytest

from support.http import build
from support.hub import Hub
from support.sse import parse_id, sequence
from support.stream import stream_target
from support.wait import eventually


@pytest.fixture(scope="module")
def quiet_hub():
    """A hub that keeps its streams alive every half second."""
    with Hub("--keepalive", "0.5") as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture(scope="module")
def narrow_hub():
    """A hub in whose queues five events fit."""
    with Hub("--queue-size", "5") as hub:
        yield hub
        hub.assert_healthy()


# Keep-alive


def test_a_quiet_stream_gets_keepalive_events_with_the_head_and_an_empty_object(quiet_hub, post):
    with quiet_hub.open([post]) as stream:
        head = stream.seen[-1].id
        for _ in range(3):
            block = stream.next(2)
            assert block.event == "keepalive"
            assert (block.id, block.data, block.retry) == (head, "{}", None)


def test_connected_tells_the_configured_keepalive(quiet_hub, post):
    with quiet_hub.stream([post]) as stream:
        assert stream.next().json["keepalive"] == 0.5


def test_keepalive_moves_the_cursor_of_a_stream_that_gets_nothing(quiet_hub, name):
    with quiet_hub.open([f"post:{name}"]) as stream:
        id = quiet_hub.publish(f"other:{name}", 1)
        stream.until(lambda block: block.event == "keepalive" and block.id == id, 3)


def test_keepalive_comes_about_as_often_as_told(quiet_hub, post):
    with quiet_hub.open([post]) as stream:
        times = []
        for _ in range(5):
            stream.until("keepalive", 3)
            times.append(time.monotonic())
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert all(0.3 < gap < 1.5 for gap in gaps), gaps


def test_a_busy_stream_gets_no_keepalive(quiet_hub, post):
    with quiet_hub.open([post]) as stream:
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            quiet_hub.publish(post, 1)
            assert stream.next().event == "update"


def test_an_http_1_0_stream_gets_keepalive_too(quiet_hub, post):
    with quiet_hub.open([post], version="HTTP/1.0") as stream:
        stream.until("keepalive", 3)


def test_the_id_of_a_keepalive_is_never_ahead_of_an_event_still_to_come(quiet_hub, post):
    with quiet_hub.open([post]) as stream:
        for n in range(4):
            stream.until("keepalive", 3)
            quiet_hub.publish(post, n)
            stream.event()  # StreamRules: an id that does not grow fails


# Slow readers


def lines_of(post, count, size, start=0):
    """NDJSON events with a number and a filling."""
    filling = "x" * size
    return [{"resource": post, "data": {"n": n, "x": filling}} for n in range(start, start + count)]


def numbers(blocks):
    """The numbers of events made by `lines_of`."""
    return [block.payload["n"] for block in blocks]


def test_a_burst_larger_than_the_queue_reaches_a_reader_whole(narrow_hub, post):
    with narrow_hub.open([post]) as stream:
        assert narrow_hub.post_lines(lines_of(post, 3000, 10)).status == 200
        assert numbers(stream.events(3000, 20)) == list(range(3000))


def test_a_burst_of_large_events_reaches_a_reader_whole(hub, post):
    with hub.open([post]) as stream:
        lines = lines_of(post, 100, 200_000)
        thread = threading.Thread(target=hub.post_lines, args=(lines,))
        thread.start()
        assert numbers(stream.events(100, 20)) == list(range(100))
        thread.join(10)


def test_a_reader_that_is_slow_but_reads_gets_everything(narrow_hub, post):
    # It takes 4 KiB now and then: always less than 1 s apart, so the hub may not end it.
    total = 100
    with narrow_hub.open([post], options={"receive_buffer": 8192}) as stream:
        lines = lines_of(post, total, 60_000)
        thread = threading.Thread(target=narrow_hub.post_lines, args=(lines,))
        thread.start()
        got = []
        began = time.monotonic()
        while len(got) < total:
            got += stream.events(1, 10)
            if time.monotonic() - began < 5:
                threading.Event().wait(0.05)  # this is the slow reader
        thread.join(10)
    assert numbers(got) == list(range(total))


def stall(hub, post, **options):
    """A connection that asked for a stream and reads nothing of it."""
    connection = hub.connect(receive_buffer=4096, **options)
    connection.send(build("GET", stream_target([post])))
    eventually(lambda: hub.presence(post)[post] > 0, "the subscription")
    return connection


def test_a_reader_that_stalls_is_ended_within_seconds(hub, post):
    with stall(hub, post):
        assert hub.post_lines(lines_of(post, 400, 20_000)).status == 200
        eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stalled stream", 3.5)


def test_readers_that_are_cut_off_are_counted_and_told_of_in_one_line(post):
    with Hub("--workers", "2", "--broadcast-timeout", "0.3") as hub:
        assert hub.status()["cut_off"] == 0
        stalled = [stall(hub, post) for _ in range(30)]
        assert hub.post_lines(lines_of(post, 400, 20_000)).status == 200
        eventually(lambda: hub.status()["cut_off"] == 30, "the count", 10)
        assert "\nmartlet_cut_off_total 30\n" in hub.get("/metrics").body.decode()
        assert hub.log().count("Cut off slow streams") == 1, hub.log()
        for connection in stalled:
            connection.close()
    # The line of the rest comes after 10 s, or at the end.
    counts = re.findall("Cut off slow streams streams=([0-9]+)", hub.log())
    assert sum(map(int, counts)) == 30 and len(counts) <= 2


def test_a_stalled_reader_that_comes_back_has_lost_nothing_durable(hub, post):
    stream = hub.open([post], options={"receive_buffer": 4096})
    assert hub.post_lines(lines_of(post, 400, 20_000)).status == 200
    eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stalled stream", 3.5)
    # What its kernel holds can still be read; then the connection ends, maybe within an event.
    try:
        stream.rest()
    except ConnectionError:
        pass
    got = [block for block in stream.seen if not block.is_control]
    assert numbers(got) == list(range(len(got)))
    cursor = [block.id for block in stream.seen if block.id is not None][-1]
    stream.close()
    with hub.stream([post], headers={"Last-Event-ID": cursor}) as again:
        rest = again.events(400 - len(got), 20)
    assert numbers(got + rest) == list(range(400))


def test_a_stalled_reader_delays_no_other(hub, post):
    with hub.open([post]) as stream, stall(hub, post):
        slowest = 0
        for start in range(0, 400, 10):
            began = time.monotonic()
            assert hub.post_lines(lines_of(post, 10, 20_000, start)).status == 200
            assert numbers(stream.events(10)) == list(range(start, start + 10))
            slowest = max(slowest, time.monotonic() - began)
    assert slowest < 1, f"{slowest:.2f} s for ten events"


def test_a_reader_that_stalls_on_a_replay_is_ended_as_well(hub, post):
    start = hub.head()
    assert hub.post_lines(lines_of(post, 400, 20_000)).status == 200
    with hub.connect(receive_buffer=4096) as connection:
        connection.send(build("GET", stream_target([post], last_event_id=start)))
        eventually(lambda: hub.presence(post) == {post: 1}, "the subscription", 2)
        eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stalled replay", 4)


def test_a_reader_that_stalls_in_a_flood_of_transient_events_is_ended(hub, post):
    with stall(hub, post):
        lines = [line | {"transient": True} for line in lines_of(post, 400, 20_000)]
        assert hub.post_lines(lines).status == 200
        eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stalled stream", 3.5)


def test_an_idle_reader_is_not_slow(hub, post):
    with hub.open([post]) as stream:
        threading.Event().wait(2.5)  # longer than the broadcast timeout: nothing may happen
        id = hub.publish(post, 1)
        assert stream.event().id == id


def test_transient_events_pass_a_reader_that_is_behind_or_reach_it_in_order(narrow_hub, post):
    lines = [{"resource": post, "data": {"n": n}, "transient": n % 2 == 1} for n in range(5000)]
    with narrow_hub.open([post]) as stream:
        assert narrow_hub.post_lines(lines).status == 200
        got = stream.until(lambda block: block.payload["n"] == 4998, 20)
    durable = [n for n in numbers(got) if n % 2 == 0]
    assert durable == list(range(0, 5000, 2))
    order = numbers(got)
    assert order == sorted(order)


def test_a_reader_that_retention_overtakes_is_told_so(post):
    with Hub("--retention-events", "50", "--broadcast-timeout", "20") as hub:
        stream = hub.open([post], options={"receive_buffer": 4096})
        assert hub.post_lines(lines_of(post, 500, 20_000)).status == 200
        blocks = stream.rest(15)
        assert blocks[-1].event == "closing"
        assert blocks[-1].json["reason"] == "slow"
        assert blocks[-1].retry == str(blocks[-1].json["retry"])
        got = [block for block in blocks if not block.is_control]
        assert numbers(got) == list(range(len(got))), "no silent gap"
        cursor = [block.id for block in stream.seen if block.id is not None][-1]
        stream.close()
        with hub.stream([post], last_event_id=cursor) as again:
            reset = again.until("reset")[-1].json
            assert reset["reason"] == "expired"
            assert parse_id(reset["oldest"])[1] > sequence(cursor) + 1

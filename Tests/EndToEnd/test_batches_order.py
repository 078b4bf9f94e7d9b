"""Batches beside all else that a stream is sent, when it ends, and when its reader or the hub has trouble."""

import threading
import time

import pytest
from support.certificates import Certificates
from support.hub import Hub, as_bytes
from support.sse import sequence
from support.wait import eventually
from test_batches import LONG, SHORT, numbered, opened, publish_at_once


def ids_of(blocks):
    """The ids of all events that came, in order."""
    return [one[0] for block in blocks if not block.is_control for one in block.unpacked]


def numbers_of(blocks):
    """The data of all events that came, in order."""
    return [one[3] for block in blocks if not block.is_control for one in block.unpacked]


def test_a_keepalive_is_not_held_back_and_its_cursor_stays_before_what_is(hub, post):
    with opened(hub, [post], window=LONG, keepalive=1) as stream:
        before = stream.rules.last
        ids = publish_at_once(hub, *numbered(post, 3))
        block = stream.next(3)
        # Whoever comes back with this has missed nothing.
        assert (block.event, sequence(block.id)) == ("keepalive", sequence(ids[0]) - 1)
        assert sequence(block.id) >= before[1]
    assert hub.resumed([post], block.id) == ids
    with opened(hub, [post], window=LONG, keepalive=1) as stream:
        hub.publish(post, "in no log", transient=True)
        block = stream.next(3)
        assert (block.event, block.id) == ("keepalive", ids[-1])


def test_a_cursor_of_a_control_event_doubles_nothing_after_some_batches(hub, post):
    got = []
    with opened(hub, [post], window=1_500, keepalive=1) as stream:
        sent = publish_at_once(hub, *numbered(post, 2))
        got += ids_of(stream.until("batch"))
        sent += publish_at_once(hub, *numbered(post, 2))
        cursor = stream.until("keepalive")[-1].id
        assert cursor == sent[1]
    assert got + hub.resumed([post], cursor) == sent


def test_presence_is_not_held_back(hub, post):
    with opened(hub, [post, f"presence:{post}"], window=LONG) as stream:
        hub.publish(post, "held")
        with hub.open([post]):
            blocks = stream.until(lambda block: block.event == "presence" and block.json["count"] == 2)
        assert all(block.is_control for block in blocks)


def test_a_change_by_patch_comes_behind_what_was_gathered_before_it(hub, post, name):
    with opened(hub, [post], window=LONG) as stream:
        connection = stream.seen[0].json["connection"]
        ids = publish_at_once(hub, *numbered(post, 2))
        assert hub.patch(connection, {"add": [f"new:{name}"], "remove": [post]}).status == 200
        blocks = stream.until("subscribed")
        assert [block.event for block in blocks] == ["batch", "subscribed"]
        assert ids_of(blocks) == ids


def test_older_state_does_not_follow_the_snapshot_of_what_was_added(hub, post, name):
    other = f"other:{name}"
    with opened(hub, [post], window=LONG) as stream:
        old = hub.publish([post, other], "old", retain=True)
        new = hub.publish(other, "new", retain=True)
        assert hub.patch(stream.seen[0].json["connection"], {"add": [other]}).status == 200
        blocks = stream.until(lambda block: block.event == "update" and "retained" in block.json)
        last = [block for block in blocks if not block.is_control]
        assert [block.id or block.json["id"] for block in last] == [old, new]
        more = publish_at_once(hub, *numbered(other, 100))
        assert ids_of([stream.event()]) == more


def test_events_that_come_during_a_snapshot_are_gathered_behind_it(hub, name):
    kind = f"s{name}"
    state = publish_at_once(hub, *({"resource": f"{kind}:{n}", "data": n, "retain": True} for n in range(1_000)))
    with opened(hub, [f"live:{name}"], window=SHORT) as stream:
        thread = threading.Thread(target=hub.patch, args=(stream.seen[0].json["connection"], {"add": [f"{kind}:*"]}))
        thread.start()
        live = [hub.publish(f"live:{name}", n) for n in range(150)]
        blocks = []
        while len(ids_of(blocks)) < 1_150:
            blocks.append(stream.next())
        thread.join(10)
        assert [block.json["id"] for block in blocks if block.event == "update" and "id" in block.json] == state
        news = [block for block in blocks if block.event != "update" or "id" not in block.json]
        assert ids_of(news) == live


def test_what_is_gathered_comes_before_the_end_with_all_that_no_log_has(post):
    with Hub() as hub, opened(hub, [post], window=LONG) as stream:
        publish_at_once(hub, *numbered(post, 2), {"resource": post, "data": "in no log", "transient": True})
        hub.signal()
        blocks = stream.rest()
        assert [block.event for block in blocks] == ["batch", "closing"]
        assert [one[3] for one in blocks[0].unpacked] == [0, 1, "in no log"]
        assert stream.ended_cleanly


def test_a_stream_that_is_ended_by_an_operator_gets_them_too(hub, post):
    with opened(hub, [post], window=LONG) as stream:
        id = hub.publish(post, "alone")
        answer = hub.post({"connection": stream.seen[0].json["connection"]}, "/admin/disconnect")
        assert answer.json == {"closed": 1}
        blocks = stream.rest()
        assert [(block.event, block.id) for block in blocks] == [("update", id), ("closing", None)]


def test_a_client_that_leaves_within_a_window_leaves_nothing_behind(post):
    with Hub("--workers", "1") as hub:
        for _ in range(20):
            with opened(hub, [post], window=LONG):
                hub.publish(post, "held")
        eventually(lambda: hub.presence(post) == {post: 0}, "the end of all streams")
        with opened(hub, [post], window=SHORT) as stream:
            ids = publish_at_once(hub, *numbered(post, 2))
            assert ids_of([stream.event()]) == ids


def test_a_reader_of_batches_that_is_slow_falls_behind_and_loses_nothing(post):
    total, filling = 240, "x" * 60_000
    with Hub("--broadcast-timeout", "60") as hub:
        with opened(hub, [post], window=50, options={"receive_buffer": 8_192}) as stream:
            for start in range(0, total, 20):
                lines = [{"resource": post, "data": [n, filling]} for n in range(start, start + 20)]
                assert hub.post_lines(lines).status == 200
            # Its socket takes a few mebibytes of that, and its queue one.
            assert hub.status()["fell_behind"] > 0
            got = []
            while len(got) < total:
                got += [number for number, _ in numbers_of([stream.event(10)])]
            assert got == list(range(total))
            # It is live again, and gets batches again.
            eventually(lambda: len(next_batch(hub, post, stream)) > 1, "a batch")


def next_batch(hub, post, stream):
    """The ids of what comes when three events are published at once."""
    ids = publish_at_once(hub, *numbered(post, 3))
    got = []
    while got[-1:] != ids[-1:]:
        block = stream.event()
        got = ids_of([block])
    return got


def test_a_reader_of_batches_that_reads_nothing_is_cut_off(post):
    with Hub("--broadcast-timeout", "0.3") as hub:
        with opened(hub, [post], window=50, options={"receive_buffer": 4_096}):
            text = "x" * 200_000
            assert hub.post_lines([{"resource": post, "data": text} for _ in range(60)]).status == 200
            eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stalled stream", 5)


def steadily(hub, post, start, seconds):
    """Publishes 2,000 numbers a second, twenty at a time."""
    json_type = {"Content-Type": "application/json"}
    began = time.monotonic()
    with hub.connect() as connection:
        for turn in range(seconds * 100):
            events = numbered(post, 20, start + 20 * turn)
            assert connection.exchange("POST", "/broadcast", json_type, as_bytes(events)).status == 200
            threading.Event().wait(began + (turn + 1) / 100 - time.monotonic())


@pytest.mark.parametrize("tls", [False, True])
def test_2000_events_a_second_are_at_most_22_and_none_is_lost_over_a_crash(folder, post, tmp_path, tls):
    certificates = Certificates(tmp_path / "tls") if tls else None
    got, cursor, seconds = [], {}, 2
    for turn in range(2):
        hub = Hub(data=folder, tls=certificates)
        try:
            with hub.stream([post], batch=100, **cursor) as stream:
                got += numbers_of(stream.opening(20))
                publisher = threading.Thread(target=steadily, args=(hub, post, turn * seconds * 2_000, seconds))
                publisher.start()
                blocks, began = [stream.next()], time.monotonic()
                # Not to the end: what comes last is owed to it after the crash.
                while len(numbers_of(blocks)) < seconds * 2_000 - 300:
                    blocks.append(stream.next())
                elapsed = time.monotonic() - began
                publisher.join(20)
            assert sum(not block.is_control for block in blocks) <= 22 * elapsed + 1
            got += numbers_of(blocks)
            cursor = {"last_event_id": [block.id for block in stream.seen if block.id][-1]}
        finally:
            hub.kill()
    with Hub(data=folder, tls=certificates) as hub, hub.stream([post], **cursor) as stream:
        got += numbers_of(stream.opening(20))
    assert got == list(range(2 * seconds * 2_000))

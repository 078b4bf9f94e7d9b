"""What outlives a restart, clean or not: events, state, keys, cursors; and readers far behind."""

import os
import random
import sqlite3
import time
from urllib.parse import quote

import pytest

from support.hub import Hub
from support.sse import parse_id, sequence
from support.wait import eventually

ENDS = ["clean", "kill"]
# Ten events in memory: all others are read from disk. Without a limit: from the memory tail.
TAILS = [["--memory-events", "10"], []]
ACUTE, ARABIC_NUMBER_SIGN = "\u0301", "\u0600"


def restarted(hub, how, *flags, folder, **options):
    """Ends a hub and starts it again on the same store."""
    hub.stop() if how == "clean" else hub.kill()
    return Hub(*flags, data=folder, **options)


def events_of(blocks):
    """The blocks that are no control events."""
    return [block for block in blocks if not block.is_control]


def snapshot(hub, resources, **query):
    """What a fresh stream gets before it is live."""
    with hub.stream(resources, **query) as stream:
        return events_of(stream.opening())


# Resuming


@pytest.mark.parametrize("flags", TAILS, ids=["disk", "memory"])
@pytest.mark.parametrize("how", ENDS)
def test_a_resume_across_restarts_gets_each_event_once_and_in_order(folder, how, flags):
    chance = random.Random(5)
    names = [f"{kind}:{n}" for kind in ("post", "chat") for n in range(6)]
    events = []
    hub = Hub(*flags, data=folder)
    try:
        start = hub.head()
        for _ in range(3):
            for _ in range(15):
                batch = [chance.sample(names, chance.randint(1, 4)) for _ in range(20)]
                answer = hub.post([{"resources": some, "data": 1} for some in batch])
                events += zip(batch, answer.json["ids"])
            hub = restarted(hub, how, *flags, folder=folder)
        numbers = [sequence(id) for _, id in events]
        assert numbers == list(range(1, 901)), "no gaps, over restarts too"
        for wanted in (["post:*"], ["post:1", "chat:2", "chat:*"], ["post:1", "post:2"], names):
            for place in (0, 1, 449, 890, 900):
                cursor = events[place - 1][1] if place else start
                expected = [
                    id
                    for some, id in events[place:]
                    if any(one in wanted or one.split(":")[0] + ":*" in wanted for one in some)
                ]
                assert hub.resumed(wanted, cursor) == expected, (wanted, place)
        hub.stop()
    finally:
        hub.kill()


@pytest.mark.parametrize("flags", TAILS, ids=["disk", "memory"])
def test_an_event_reads_after_a_restart_as_it_did_live(folder, flags):
    data = '{"b":1.0e0,"b":[1E400,-0],"é":"e\u0301 \\u00e9\\n"}'
    name = f"post:e{ACUTE}"
    with Hub(*flags, data=folder) as hub:
        with hub.open([name]) as live:
            start = live.seen[-1].id
            hub.post(f'{{"resources":["{name}","post:é"],"event":"a.b","data":{data}}}')
            first = live.event()
        for n in range(20):
            hub.publish("other:1", n)
    with Hub(*flags, data=folder) as hub:
        with hub.stream([name], last_event_id=start) as again:
            block = again.event()
        assert block.fields == first.fields
        assert block.payload_text == data


@pytest.mark.parametrize("flags", TAILS, ids=["disk", "memory"])
@pytest.mark.parametrize("how", ENDS)
def test_names_are_cut_at_bytes_after_a_restart_too(folder, how, flags):
    """To Swift, a colon or comma with a combining mark beside it is another character."""
    odd = [f"post:{ACUTE}", f"post:{ARABIC_NUMBER_SIGN}", f"post:e{ACUTE}", "post:é", "post:a:*"]
    hub = Hub(*flags, data=folder)
    try:
        start = hub.head()
        ids = [hub.publish([name, "chat:1"], n, retain=True) for n, name in enumerate(odd)]
        for n in range(20):
            hub.publish("other:1", n)
        for _ in range(2):
            for name, id in zip(odd, ids):
                assert hub.resumed([name], start) == [id]
                assert [block.json["id"] for block in snapshot(hub, [name])] == [id]
                state = hub.get(f"/state?resources={quote(name)}").json["resources"]
                assert {name: state[name]["update"]["id"]} == {name: id}
                with hub.stream([name], last_event_id=start) as stream:
                    assert stream.event().resources == [name, "chat:1"]
            assert hub.resumed(["post:*"], start) == ids
            assert hub.resumed(odd, start) == ids
            assert [block.json["id"] for block in snapshot(hub, ["post:*"])] == ids
            assert set(hub.get("/state?resources=post:*").json["resources"]) == set(odd)
            hub = restarted(hub, how, *flags, folder=folder)
        hub.stop()
    finally:
        hub.kill()


def test_a_poll_reads_from_disk_page_by_page(folder):
    flags = ["--memory-events", "10"]
    with Hub(*flags, data=folder) as hub:
        cursor = hub.head()
        ids = [hub.publish(f"post:{n % 3}", n) for n in range(90)]
    with Hub(*flags, data=folder) as hub:
        found = []
        while len(found) < 60:
            answer = hub.get(
                f"/poll?resources=post:1,post:2,post:*&after={cursor}&limit=7&timeout=1"
            ).json
            assert answer["reset"] is None and len(answer["events"]) <= 7
            found += [event["id"] for event in answer["events"]]
            cursor = answer["cursor"]
        assert found == ids[: len(found)]


# Retention


def test_a_cursor_from_before_the_retention_is_expired_after_a_restart(folder):
    flags = ["--retention-events", "50"]
    with Hub(*flags, data=folder) as hub:
        epoch, head = parse_id([hub.publish("post:1", n) for n in range(120)][-1])
    with Hub(*flags, data=folder) as hub:
        oldest = f"{epoch}-{head - 49}"
        with hub.stream(["post:1"], last_event_id=f"{epoch}-{head - 51}") as stream:
            blocks = stream.opening()
        assert [block.event for block in blocks] == ["connected", "reset", "live"]
        assert blocks[1].json == {"reason": "expired", "oldest": oldest}
        assert len(hub.resumed(["post:1"], f"{epoch}-{head - 50}")) == 50


def test_age_takes_old_events_and_leaves_young_ones(folder):
    with Hub("--retention-age", "2", data=folder) as hub:
        start = hub.publish("post:1", "old")
        old = [hub.publish("post:1", n) for n in range(5)]
        began = time.monotonic()
        young = None
        while time.monotonic() < began + 3:
            # Young ones all the time: the old ones' end must not take them along.
            young = hub.publish("post:1", "young")
            time.sleep(0.05)  # this is the slow publisher
        epoch, last = parse_id(young)
        with hub.stream(["post:1"], last_event_id=start) as stream:
            reset = stream.opening()[1].json
        assert reset["reason"] == "expired"
        oldest = sequence(reset["oldest"])
        assert sequence(old[-1]) < oldest < last - 20, (oldest, last)
        assert len(hub.resumed(["post:1"], f"{epoch}-{oldest - 1}")) == last - oldest + 1


def test_sequences_go_on_when_retention_has_taken_every_event(folder):
    with Hub("--retention-age", "0.1", data=folder) as hub:
        last = [hub.publish("post:1", n) for n in range(5)][-1]
        epoch, head = parse_id(last)

        def is_empty():
            with hub.stream(["post:1"], last_event_id=f"{epoch}-0") as stream:
                return stream.opening()[1].json.get("oldest") == f"{epoch}-{head + 1}"

        eventually(is_empty, "the end of every event", 8)
    with Hub(data=folder) as hub:
        assert hub.head() == last
        assert hub.publish("post:1", 1) == f"{epoch}-{head + 1}"


def test_the_hub_stops_cleanly_while_it_prunes(folder):
    with Hub(data=folder) as hub:
        for _ in range(30):
            hub.post([{"resources": ["a:1", "b:1"], "data": n} for n in range(1000)])
        head = hub.head()
    for _ in range(4):
        hub = Hub("--retention-events", "10", data=folder)
        hub.stop()
        assert "takes no writes" not in hub.log()
    with Hub(data=folder) as hub:
        assert hub.head() == head


# The epoch, state, keys, time


def test_the_epoch_belongs_to_the_folder(folder, tmp_path):
    epochs = []
    for how in ["clean", "kill", "clean"]:
        hub = Hub(data=folder)
        epochs.append(parse_id(hub.head())[0])
        hub.stop() if how == "clean" else hub.kill()
    assert len(set(epochs)) == 1
    with Hub(data=str(tmp_path / "other")) as hub:
        other, _ = parse_id(hub.head())
        assert other != epochs[0]
        with hub.stream(["post:1"], last_event_id=f"{epochs[0]}-0") as stream:
            assert stream.opening()[1].json["reason"] == "epoch"


@pytest.mark.parametrize("how", ENDS)
def test_state_is_the_same_after_a_restart(folder, how):
    hub = Hub(data=folder)
    try:
        for n in range(60):
            # One event is the state of several resources: the snapshot's pages must not end early.
            hub.publish([f"post:{n}", f"post:x{n}", f"post:y{n}"], n, event="a", retain=True)
        hub.publish("post:3", "new", event="a", retain=True)
        hub.publish("post:3", "other", event="b", retain=True)
        target = "/state?resources=post:3,post:x3,post:*"
        before = hub.get(target)
        assert len(before.json["resources"]) == 180
        blocks = snapshot(hub, ["post:*"])
        assert [block.payload for block in blocks] == [*range(60), "new", "other"]
        hub = restarted(hub, how, folder=folder)
        after = hub.get(target)
        assert after.json == before.json
        assert after.headers["etag"] == before.headers["etag"]
        assert hub.get(target, {"If-None-Match": before.headers["etag"]}).status == 304
        assert [block.fields for block in snapshot(hub, ["post:*"])] == [
            block.fields for block in blocks
        ]
        hub.stop()
    finally:
        hub.kill()


@pytest.mark.parametrize("how", ENDS)
def test_a_key_is_known_after_a_restart(folder, how):
    hub = Hub(data=folder)
    try:
        first = hub.publish("post:1", 1, key="k")
        assert hub.publish("post:1", 1, key="transient", transient=True) is None
        hub = restarted(hub, how, folder=folder)
        with hub.open(["post:1"]) as stream:
            assert hub.publish("post:1", 2, key="k") == first
            assert hub.publish("post:1", 2, key="transient") is None
            new = hub.publish("post:1", 3, key="K")
            assert stream.event().id == new
        assert sequence(new) == sequence(first) + 1
        hub.stop()
    finally:
        hub.kill()


def test_times_never_fall_over_restarts(folder):
    times = []
    for how in ["kill", "clean", "kill"]:
        hub = Hub(data=folder)
        with hub.open(["post:1"]) as stream:
            for n in range(20):
                hub.publish("post:1", n)
            times += [block.json["at"] for block in stream.events(20)]
        hub.stop() if how == "clean" else hub.kill()
    assert times == sorted(times)


@pytest.mark.parametrize("durability", ["full", "normal", "memory"])
def test_what_was_acknowledged_survives_the_end_of_the_process(folder, durability):
    flags = ["--durability", durability]
    acknowledged = []
    for _ in range(4):
        hub = Hub(*flags, data=folder)
        acknowledged += [hub.publish("post:1", n, retain=True) for n in range(50)]
        hub.kill()
    with Hub(*flags, data=folder) as hub:
        epoch, _ = parse_id(acknowledged[0])
        assert hub.resumed(["post:1"], f"{epoch}-0") == acknowledged
        assert [sequence(id) for id in acknowledged] == list(range(1, 201))
        assert [block.json["id"] for block in snapshot(hub, ["post:1"])] == acknowledged[-1:]


def test_the_write_ahead_log_is_brought_into_the_file_and_used_again(folder):
    file, log = (os.path.join(folder, name) for name in ("martlet.db", "martlet.db-wal"))

    def publish(mebibytes):
        for _ in range(mebibytes):
            assert hub.post([{"resource": "a:1", "data": "x" * 200_000}] * 5).status == 200

    with Hub(data=folder) as hub:
        publish(60)
        # It grows while a part of it is brought in, and is used from its beginning then.
        assert os.path.getsize(log) < 34 << 20
        eventually(lambda: os.path.getsize(file) > 40 << 20, "most of it in the file")
        reader = sqlite3.connect(file, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        size = os.path.getsize(file)
        publish(30)
        assert os.path.getsize(log) > 28 << 20, "the reader needs what was there before"
        reader.close()
        eventually(lambda: os.path.getsize(file) > size + (25 << 20), "the rest in the file")
        publish(1)
        assert os.path.getsize(log) > 28 << 20, "and the log's length is kept"


# Far behind


@pytest.mark.parametrize("flags", [["--memory-events", "1000"], []], ids=["disk", "memory"])
def test_a_reader_that_is_far_behind_gets_every_event_once(folder, flags):
    count, size = 20_000, 500
    filler = "x" * 1000
    flags = [*flags, "--queue-size", "100", "--broadcast-timeout", "40"]
    with Hub(*flags, data=folder) as hub:
        slow = hub.stream(["post:*", "chat:1"], options={"receive_buffer": 4096})
        with slow:
            slow.opening()
            ids = []
            for batch in range(count // size):
                events = [
                    {"resources": ["post:1", "chat:1"], "data": [batch * size + n, filler]}
                    for n in range(size)
                ]
                ids += hub.post(events).json["ids"]
            blocks = slow.events(count, 50)
            assert [block.id for block in blocks] == ids
            assert [block.payload[0] for block in blocks] == list(range(count))
            last = hub.publish("post:9", "live")
            assert slow.event().id == last
        assert hub.status()["fell_behind"] >= 1

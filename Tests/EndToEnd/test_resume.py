"""Coming back with a cursor: all that was missed, once and in order, or a reset that says why."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.hub import Hub
from support.sse import parse_id, sequence
from support.wait import eventually


@pytest.fixture(scope="module")
def small_hub():
    """A hub that keeps 100 events."""
    with Hub("--retention-events", "100") as hub:
        yield hub
        hub.assert_healthy()


def events_of(blocks):
    """The blocks that are no control events."""
    return [block for block in blocks if not block.is_control]


def assert_resumes(stream, expected):
    """Everything in `expected` (ids) follows between connected and live, and nothing else."""
    blocks = stream.opening()
    assert blocks[0].json["resumed"] is True
    assert [block.event for block in blocks if block.is_control] == ["connected", "live"]
    assert [block.id for block in events_of(blocks)] == expected
    return blocks


def assert_reset(stream, reason):
    """A reset comes right after connected, and says `reason`; gives back `oldest`."""
    blocks = stream.opening()
    assert [block.event for block in blocks] == ["connected", "reset", "live"]
    assert blocks[0].json["resumed"] is False
    reset = blocks[1]
    assert reset.id is None
    assert set(reset.json) == {"reason", "oldest"}
    assert reset.json["reason"] == reason
    parse_id(reset.json["oldest"])
    return reset.json["oldest"]


def test_a_cursor_in_the_header_resumes_after_it(hub, post):
    ids = [hub.publish(post, n) for n in range(10)]
    with hub.stream([post], headers={"Last-Event-ID": ids[3]}) as stream:
        blocks = assert_resumes(stream, ids[4:])
    assert [block.payload for block in events_of(blocks)] == [4, 5, 6, 7, 8, 9]
    assert blocks[-1].id == ids[-1]


def test_a_cursor_in_the_query_resumes_after_it(hub, post):
    ids = [hub.publish(post, n) for n in range(10)]
    with hub.stream([post], last_event_id=ids[7]) as stream:
        assert_resumes(stream, ids[8:])


def test_the_header_wins_over_the_query(hub, post):
    ids = [hub.publish(post, n) for n in range(10)]
    with hub.stream([post], headers={"Last-Event-ID": ids[8]}, last_event_id=ids[2]) as stream:
        assert_resumes(stream, ids[9:])
    with hub.stream([post], headers={"Last-Event-ID": ids[8]}, last_event_id="nonsense") as stream:
        assert_resumes(stream, ids[9:])


def test_the_head_as_cursor_resumes_with_nothing(hub, post):
    id = hub.publish(post, 1)
    with hub.stream([post], last_event_id=id) as stream:
        assert_resumes(stream, [])
        new = hub.publish(post, 2)
        assert stream.event().id == new


def test_the_id_of_any_event_is_a_cursor_for_every_stream(hub, name):
    first = hub.publish(f"other:{name}", 1)
    id = hub.publish(f"post:{name}", 2)
    with hub.stream([f"post:{name}"], last_event_id=first) as stream:
        assert_resumes(stream, [id])


def test_only_what_matches_is_replayed(hub, name):
    start = hub.head()
    wanted = []
    for n in range(30):
        resource = (f"post:{name}", f"other:{name}", f"all{name}:{n}")[n % 3]
        event = ("update", "other")[n // 3 % 2]
        id = hub.publish(resource, n, event=event)
        if n % 3 != 1 and event == "update":
            wanted.append(id)
    with hub.stream(
        [f"post:{name}", f"all{name}:*"], last_event_id=start, events="update"
    ) as stream:
        assert_resumes(stream, wanted)


def test_a_replayed_event_with_several_matching_resources_comes_once(hub, name):
    start = hub.head()
    id = hub.publish([f"post:{name}", f"a{name}:1", f"a{name}:2"], 1)
    resources = [f"post:{name}", f"a{name}:1", f"a{name}:2", f"a{name}:*"]
    with hub.stream(resources, last_event_id=start) as stream:
        assert_resumes(stream, [id])


def test_a_replayed_event_reads_as_it_did_live(hub, post):
    with hub.open([post]) as live:
        start = live.seen[-1].id
        hub.publish([post, "influencer:1"], {"a": [1, "é"]}, event="post_update")
        first = live.event()
    with hub.stream([post], last_event_id=start) as again:
        assert again.event().fields == first.fields


def test_a_drop_at_any_point_resumes_without_loss_and_without_repeats(hub, post):
    start = hub.head()
    ids = [hub.publish(post, n) for n in range(40)]
    seen, cursor = [], start
    while len(seen) < 40:
        with hub.stream([post], headers={"Last-Event-ID": cursor}) as stream:
            for block in stream.events(min(3, 40 - len(seen))):
                seen.append(block.id)
                cursor = block.id
    assert seen == ids


def test_a_replay_of_thousands_is_complete_and_goes_live(hub, post):
    start = hub.head()
    for batch in range(10):
        events = [{"resource": post, "data": batch * 1000 + n} for n in range(1000)]
        assert hub.post(events).status == 200
    with hub.stream([post], last_event_id=start) as stream:
        blocks = stream.opening(20)
        assert [block.payload for block in events_of(blocks)] == list(range(10_000))
        hub.publish(post, "live")
        assert stream.event().payload == "live"


def test_nothing_falls_between_replay_and_live(hub, post):
    start = hub.head()
    batches, size, readers = 60, 50, 24

    def read(_):
        with hub.stream([post], last_event_id=start) as stream:
            return [block.payload for block in stream.events(batches * size, 30)]

    with ThreadPoolExecutor(readers) as pool:
        reading = pool.map(read, range(readers))  # they come while it is published
        for batch in range(batches):
            events = [{"resource": post, "data": batch * size + n} for n in range(size)]
            assert hub.post(events).status == 200
        for numbers in reading:
            assert numbers == list(range(batches * size))


# Cursors that cannot be resumed from


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "-",
        "1",
        "abc-",
        "-5",
        "abc-x",
        "abc-1-2",
        "ABC 1",
        "abc--1",
        "abc-99999999999999999999999999",
        "x" * 1000,
    ],
)
def test_a_malformed_cursor_is_answered_with_a_reset(hub, post, cursor):
    with hub.stream([post], headers={"Last-Event-ID": cursor}) as stream:
        blocks = stream.opening()
    assert [block.event for block in blocks] == ["connected", "reset", "live"]
    assert blocks[1].json["reason"] in ("malformed", "epoch")
    if not cursor.startswith("abc-9"):
        assert blocks[1].json["reason"] == "malformed"


def test_a_cursor_of_another_epoch_is_answered_with_a_reset(hub, post):
    hub.publish(post, 1)
    with hub.stream([post], last_event_id="zzz9-1") as stream:
        assert_reset(stream, "epoch")
        id = hub.publish(post, 2)
        assert stream.event().id == id


def test_a_cursor_ahead_of_the_head_is_answered_with_a_reset(hub, post):
    epoch, head = parse_id(hub.publish(post, 1))
    for ahead in (1, 1_000_000_000_000):
        with hub.stream([post], last_event_id=f"{epoch}-{head + ahead}") as stream:
            assert_reset(stream, "future")


def test_a_reset_on_an_empty_log_names_the_first_event_to_come_as_oldest(post):
    with Hub() as hub:
        epoch, head = parse_id(hub.head())
        assert head == 0
        with hub.stream([post], last_event_id="zzz9-1") as stream:
            assert assert_reset(stream, "epoch") == f"{epoch}-1"
        with hub.stream([post], last_event_id=f"{epoch}-0") as stream:
            assert_resumes(stream, [])
        assert hub.publish(post, 1) == f"{epoch}-1"
        with hub.stream([post], last_event_id=f"{epoch}-0") as stream:
            assert_resumes(stream, [f"{epoch}-1"])


def test_each_log_has_an_epoch_of_its_own():
    epochs = set()
    for _ in range(3):
        with Hub() as hub:
            epochs.add(parse_id(hub.head())[0])
    assert len(epochs) == 3


def oldest_of(hub, epoch):
    """The first event that the hub still keeps."""
    with hub.stream(["x:y"], last_event_id=f"{epoch}-0") as stream:
        return sequence(assert_reset(stream, "expired"))


def test_a_cursor_older_than_the_log_is_expired(small_hub, post):
    hub = small_hub
    ids = [hub.publish(post, n) for n in range(300)]
    epoch, head = parse_id(ids[-1])
    with hub.stream([post], last_event_id=ids[0]) as stream:
        oldest = sequence(assert_reset(stream, "expired"))
    assert oldest <= head - 99, "at least the newest 100 are kept"


def test_oldest_is_the_first_event_kept_and_the_cursor_below_it_resumes(small_hub, post):
    hub = small_hub
    ids = [hub.publish(post, n) for n in range(300)]
    epoch, head = parse_id(ids[-1])
    eventually(lambda: oldest_of(hub, epoch) == head - 99, "retention to 100 events", 10)
    with hub.stream([post], last_event_id=f"{epoch}-{head - 100}") as stream:
        assert_resumes(stream, ids[-100:])
    with hub.stream([post], last_event_id=f"{epoch}-{head - 101}") as stream:
        assert assert_reset(stream, "expired") == f"{epoch}-{head - 99}"


def first_kept(hub):
    """The sequence of the first event that the hub still keeps, or of the next one when there is none."""
    with hub.stream(["x:y"], last_event_id="zzz9-1") as stream:
        return sequence(assert_reset(stream, "epoch"))


def test_a_log_in_memory_loses_its_events_by_age_though_nothing_is_published(post):
    with Hub("--retention-age", "0.2") as hub:
        ids = [hub.publish(post, n) for n in range(5)]
        epoch, head = parse_id(ids[-1])
        eventually(lambda: first_kept(hub) == head + 1, "the end of every event")
        none = f"{epoch}-{head + 1}"
        for cursor in (f"{epoch}-0", ids[0], ids[3]):
            with hub.stream([post], last_event_id=cursor) as stream:
                assert assert_reset(stream, "expired") == none
            told = hub.get(f"/poll?resources={post}&after={cursor}").json
            assert told["reset"] == {"reason": "expired", "oldest": none}
            assert (told["cursor"], told["events"]) == (ids[-1], [])
        with hub.stream([post], last_event_id=ids[-1]) as stream:
            assert_resumes(stream, [])
            assert hub.publish(post, "new") == none
            assert stream.event().id == none


def test_age_leaves_the_younger_events_in_memory(post):
    with Hub("--retention-age", "1") as hub:
        old = [hub.publish(post, "old") for _ in range(5)]
        young = []

        def are_gone():
            young.append(hub.publish(post, "young"))
            return first_kept(hub) > sequence(old[-1])

        eventually(are_gone, "the end of the old events")
        assert len(young) > 5, "they did not go with the old ones"
        with hub.stream([post], last_event_id=old[-2]) as stream:
            assert sequence(assert_reset(stream, "expired")) > sequence(old[-1])
        assert hub.resumed([post], young[-4]) == young[-3:]


def test_after_an_expired_cursor_the_stream_goes_live(small_hub, post):
    hub = small_hub
    epoch, _ = parse_id(hub.head())
    for _ in range(3):
        hub.post([{"resource": post, "data": 1}] * 100)
    with hub.stream([post], last_event_id=f"{epoch}-1") as stream:
        assert_reset(stream, "expired")
        id = hub.publish(post, "new")
        assert stream.event().id == id


def test_an_array_almost_as_large_as_the_log_reaches_a_live_stream_whole(small_hub, post):
    with small_hub.open([post]) as stream:
        small_hub.post([{"resource": post, "data": n} for n in range(90)])
        assert [block.payload for block in stream.events(90)] == list(range(90))

"""batch=MS: what happens within a window comes as one event."""

import json
import threading

import pytest
from support.access import Locked, as_
from support.certificates import Certificates
from support.hub import Hub, assert_problem
from support.sse import sequence

# A window that is over long before anything here gives up, and one that is not over within a test.
SHORT, LONG = 300, 10_000


def opened(hub, resources, method="GET", window=SHORT, **options):
    """A stream with batches, read up to `live`."""
    if method == "GET":
        return hub.open(resources, batch=window, **options)
    stream = hub.post_stream({"resources": resources, "batch": window} | options)
    stream.opening()
    return stream


def publish_at_once(hub, *events):
    """Publishes events as one transaction; their ids."""
    answer = hub.post([{"event": "update", **event} for event in events])
    assert answer.status == 200, answer
    return answer.json["ids"]


def numbered(post, count, start=0, **fields):
    """Events with numbers as their data."""
    return [{"resource": post, "data": n, **fields} for n in range(start, start + count)]


def assert_problem_names(answer, status):
    """The answer says which parameter is wrong, and what would be right."""
    assert_problem(answer, status, "batch", "10", "10000")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_happens_within_a_window_is_one_event_with_the_last_id(hub, post, method):
    with opened(hub, [post, f"{post}b"], method) as stream:
        events = [
            {"resource": post, "data": {"a": [1, "é\u2028\n"]}},
            {"resources": [f"{post}b", post], "event": "other", "data": None},
            {"resource": post, "event": "message", "data": "last"},
        ]
        ids = publish_at_once(hub, *events)
        block = stream.event()
        assert (block.event, block.id) == ("batch", ids[2])
        assert block.unpacked == [
            (ids[0], "update", [post], {"a": [1, "é\u2028\n"]}),
            (ids[1], "other", [f"{post}b", post], None),
            (ids[2], "message", [post], "last"),
        ]
    with hub.stream([post, f"{post}b"], last_event_id=stream.rules.last[0] + "-0") as again:
        alone = [block for block in again.opening() if not block.is_control][-3:]
        assert [block.json["at"] for block in alone] == [one["at"] for one in block.json["events"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_alone_comes_as_itself(hub, post, method):
    with opened(hub, [post], method, window=10) as stream:
        for n in range(3):
            id = hub.publish(post, n)
            block = stream.event()
            assert (block.event, block.id, block.payload) == ("update", id, n)


def test_a_transient_event_has_no_id_in_a_batch_either(hub, post):
    with opened(hub, [post]) as stream:
        ids = publish_at_once(
            hub,
            {"resource": post, "data": 1, "transient": True},
            {"resource": post, "data": 2},
            {"resource": post, "data": 3, "transient": True},
        )
        assert ids[0] is None and ids[2] is None
        block = stream.event()
        assert block.id == ids[1]
        assert [(one[0], one[3]) for one in block.unpacked] == [(None, 1), (ids[1], 2), (None, 3)]
        publish_at_once(hub, *numbered(post, 2, transient=True))
        block = stream.event()
        assert (block.event, block.id) == ("batch", None)
        assert [one[3] for one in block.unpacked] == [0, 1]


def test_the_hundredth_event_ends_a_window(hub, post):
    with opened(hub, [post], window=LONG) as stream:
        ids = publish_at_once(hub, *numbered(post, 250))
        blocks = stream.events(2, 5)
        assert [len(block.unpacked) for block in blocks] == [100, 100]
        assert [one[0] for block in blocks for one in block.unpacked] == ids[:200]
        # The other fifty wait; with fifty more they are a hundred.
        more = publish_at_once(hub, *numbered(post, 50))
        assert [one[0] for one in stream.event(5).unpacked] == ids[200:] + more


def test_a_mebibyte_ends_a_window(hub, post):
    with opened(hub, [post], window=LONG) as stream:
        text = "x" * 260_000
        ids = [hub.publish(post, text) for _ in range(5)]
        block = stream.event(5)
        assert [one[0] for one in block.unpacked] == ids[:4]
        assert len(block.data) <= 1 << 20
        # What comes next is counted from the fifth on.
        ids += [hub.publish(post, text) for _ in range(4)]
        assert [one[0] for one in stream.event(5).unpacked] == ids[4:8]


def test_large_events_that_do_not_fit_together_come_each_by_itself(post):
    with Hub("--event-bytes", "960KiB") as hub, opened(hub, [post], window=LONG) as stream:
        ids = [hub.publish(post, "x" * 950_000) for _ in range(3)]
        blocks = stream.events(2, 5)
        assert [(block.event, block.id) for block in blocks] == [("update", id) for id in ids[:2]]


def test_names_and_patterns_are_chosen_before_events_are_gathered(hub, name):
    kind = f"k{name}"
    with opened(hub, [f"{kind}:*", f"{kind}:1"], events="wanted") as stream:
        events = [{"resource": f"{kind}:{n}", "event": name, "data": n} for n in range(2) for name in ("wanted", "other")]
        ids = publish_at_once(hub, *events, {"resources": [f"{kind}:1", f"{kind}:2"], "event": "wanted", "data": 2})
        assert [one[0] for one in stream.event().unpacked] == [ids[0], ids[2], ids[4]]


def test_a_receiver_of_some_resources_sees_those_in_a_batch(tmp_path):
    with Locked(tmp_path) as hub:
        with (
            opened(hub, ["post:1"], headers=as_(subscribe=["post:*"])) as some,
            opened(hub, ["post:1"], headers=as_(subscribe=["*"])) as whole,
        ):
            ids = [hub.give(["secret:1", "post:1", "post:2"], n) for n in range(2)]
            assert some.event().unpacked == [(id, "update", ["post:1", "post:2"], n) for n, id in enumerate(ids)]
            assert whole.event().unpacked == [
                (id, "update", ["secret:1", "post:1", "post:2"], n) for n, id in enumerate(ids)
            ]


def test_a_newer_event_replaces_one_of_its_key_in_the_window(hub, post):
    with opened(hub, [post]) as stream:
        last = [hub.publish(post, n, coalesce="k") for n in range(5)][-1]
        other = hub.publish(post, "other")
        block = stream.event()
        assert [one[0] for one in block.unpacked] == [last, other]


def test_a_window_does_not_begin_anew_when_its_only_event_is_replaced(hub, post):
    enough = threading.Event()

    def publish():
        while not enough.is_set():
            hub.publish(post, "newer", coalesce="k")

    with opened(hub, [post], window=200) as stream:
        publisher = threading.Thread(target=publish)
        publisher.start()
        try:
            assert [block.event for block in stream.events(3)] == ["update"] * 3
        finally:
            enough.set()
            publisher.join(10)


def test_state_and_what_was_missed_come_as_on_any_stream(hub, post):
    ids = publish_at_once(hub, *numbered(post, 3, retain=True, coalesce="k"))
    with hub.stream([post], batch=SHORT) as stream:
        blocks = stream.opening()
        assert [block.event for block in blocks] == ["connected", "update", "live"]
        assert blocks[1].json["retained"] is True
    with hub.stream([post], batch=SHORT, last_event_id=ids[0]) as stream:
        blocks = stream.opening()
        assert [block.id for block in blocks if not block.is_control] == ids[1:]
        more = publish_at_once(hub, *numbered(post, 2))
        assert [one[0] for one in stream.event().unpacked] == more


def test_streams_of_one_window_and_of_others_each_get_every_event(hub, post):
    windows = [10, SHORT, SHORT, 500]
    streams = [opened(hub, [post], window=window) for window in windows] + [hub.open([post])]
    ids = publish_at_once(hub, *numbered(post, 120))
    for stream in streams:
        got = []
        while len(got) < 120:
            got += [one[0] for one in stream.event().unpacked]
        assert got == ids
        stream.close()


def test_http_1_0_and_tls_have_batches(hub, post, tmp_path):
    with opened(hub, [post], version="HTTP/1.0") as stream:
        ids = publish_at_once(hub, *numbered(post, 3))
        assert [one[0] for one in stream.event().unpacked] == ids
    with Hub(tls=Certificates(tmp_path / "tls")) as hub, opened(hub, [post]) as stream:
        ids = publish_at_once(hub, *numbered(post, 100))
        assert [one[0] for one in stream.event().unpacked] == ids


def test_the_figures_count_events_and_not_batches(post):
    with Hub() as hub, opened(hub, [post]) as stream:
        publish_at_once(hub, *numbered(post, 30))
        assert len(stream.event().unpacked) == 30
        status = hub.status()
        assert (status["delivered"], status["dropped"]) == (30, 0), status


@pytest.mark.parametrize("value", ["9", "10001", "0", "-100", "100.5", "x", "", "1e9", "nan", "0,1"])
def test_a_window_has_10_to_10000_whole_milliseconds(hub, post, value):
    assert_problem_names(hub.get(f"/stream?resources={post}&batch={value}"), 400)


@pytest.mark.parametrize("value", [9, 10_001, 100.5, "100", True, [100]])
def test_the_same_holds_in_a_body(hub, post, value):
    answer = hub.post({"resources": [post], "batch": value}, "/stream")
    assert assert_problem(answer, 422, "batch")["pointer"] == "/batch"


@pytest.mark.parametrize("value", [10, 10_000])
def test_the_bounds_are_taken_and_null_is_none(hub, post, value):
    opened(hub, [post], "GET", value).close()
    opened(hub, [post], "POST", value).close()
    with opened(hub, [post], "POST", None) as stream:
        publish_at_once(hub, *numbered(post, 2))
        assert [block.event for block in stream.events(2)] == ["update", "update"]


@pytest.mark.parametrize("slip", ["Batch", "batc", "bacth", "BATCH", "batchs", "b-atch"])
def test_a_slip_is_named(hub, post, slip):
    assert_problem(hub.get(f"/stream?resources={post}&{slip}=100"), 400, f"{slip} ", "batch")
    assert_problem(hub.post({"resources": [post]}, "/stream?batch=100"), 400, "batch", "body")


def test_raw_events_have_no_batches(hub, post):
    assert_problem(hub.get(f"/stream?resources={post}&batch=100&format=raw"), 400, "batch", "format=raw")
    answer = hub.post({"resources": [post], "batch": 100, "format": "raw"}, "/stream")
    assert_problem(answer, 400, "batch", "format=raw")


def test_the_streams_of_jobs_take_none(hub):
    assert_problem(hub.get("/api/v1/jobs/1/progress?batch=100"), 400, "batch is no parameter here")


@pytest.mark.parametrize("name", ["batch", "token_expiring", "activity"])
def test_producers_cannot_publish_under_the_hubs_names(hub, post, name):
    event = {"resource": post, "event": name, "data": 1}
    good = {"resource": post, "data": 1}
    with hub.open([post]) as stream:
        assert_problem(hub.post(event), 422, name)
        assert_problem(hub.post([good, event]), 422, name)
        assert_problem(hub.post_lines([event]), 422, name)
        assert_problem(hub.post(json.dumps(event | {"transient": True})), 422, name)
        # One of another case is a name like any other.
        id = hub.publish(post, 2, event=name.title())
        assert stream.event().id == id
    assert sequence(id) > 0

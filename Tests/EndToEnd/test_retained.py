"""Retained state, polling, idempotency keys and coalescing."""

import threading
import time

import pytest

from support.hub import Hub, assert_problem
from support.sse import members, parse_id, sequence
from support.wait import eventually


def events_of(blocks):
    """The blocks that are no control events."""
    return [block for block in blocks if not block.is_control]


def snapshot(hub, resources, **query):
    """What a fresh stream gets before it is live."""
    with hub.stream(resources, **query) as stream:
        return events_of(stream.opening())


# The snapshot


def test_a_retained_event_is_sent_to_every_fresh_stream_as_state(hub, post):
    id = hub.publish(post, {"status": "ready"}, event="post_update", retain=True)
    with hub.stream([post]) as stream:
        blocks = stream.opening()
    assert [block.event for block in blocks] == ["connected", "post_update", "live"]
    state = blocks[1]
    assert state.id is None
    assert state.json["id"] == id
    assert state.json["retained"] is True
    assert state.resources == [post]
    assert state.payload == {"status": "ready"}


def test_a_retained_event_arrives_live_like_any_other(hub, post):
    with hub.open([post]) as stream:
        id = hub.publish(post, 1, retain=True)
        block = stream.event()
    assert block.id == id
    assert [key for key, _ in members(block.data)] == ["resources", "at", "data"]


def test_a_newer_retained_event_of_the_same_name_replaces_the_older(hub, post):
    hub.publish(post, "old", event="a", retain=True)
    hub.publish(post, "other", event="b", retain=True)
    hub.publish(post, "passing", event="a")
    hub.publish(post, "new", event="a", retain=True)
    got = snapshot(hub, [post])
    assert [(block.event, block.payload) for block in got] == [("b", "other"), ("a", "new")]
    ids = [sequence(block.json["id"]) for block in got]
    assert ids == sorted(ids)


def test_a_retained_event_is_state_of_each_of_its_resources(hub, name):
    both = [f"post:{name}", f"influencer:{name}"]
    hub.publish(both, "shared", retain=True)
    hub.publish(both[0], "newer", retain=True)
    assert [block.payload for block in snapshot(hub, [both[0]])] == ["newer"]
    assert [block.payload for block in snapshot(hub, [both[1]])] == ["shared"]


def test_a_retained_event_of_several_matching_resources_comes_once(hub, name):
    both = [f"a{name}:1", f"a{name}:2"]
    hub.publish(both, "once", retain=True)
    assert [block.payload for block in snapshot(hub, [*both, f"a{name}:*"])] == ["once"]


def test_a_pattern_gets_the_state_of_its_whole_kind(hub, name):
    for n in range(150):
        hub.publish(f"a{name}:{n}", n, retain=True)
    assert [block.payload for block in snapshot(hub, [f"a{name}:*"])] == list(range(150))


def test_snapshot_false_leaves_the_state_out(hub, post):
    hub.publish(post, 1, retain=True)
    assert snapshot(hub, [post], snapshot="false") == []
    assert len(snapshot(hub, [post], snapshot="true")) == 1


def test_the_events_filter_holds_for_the_snapshot(hub, post):
    hub.publish(post, 1, event="a", retain=True)
    hub.publish(post, 2, event="b", retain=True)
    assert [block.event for block in snapshot(hub, [post], events="b")] == ["b"]


def test_a_resumed_stream_gets_no_snapshot(hub, post):
    id = hub.publish(post, 1, retain=True)
    with hub.stream([post], last_event_id=id) as stream:
        assert events_of(stream.opening()) == []


def test_the_snapshot_follows_a_reset(hub, post):
    hub.publish(post, 1, retain=True)
    with hub.stream([post], last_event_id="zzz9-1") as stream:
        assert [block.event for block in stream.opening()] == [
            "connected",
            "reset",
            "update",
            "live",
        ]


def test_state_outlives_retention(post):
    with Hub("--retention-events", "10") as hub:
        hub.publish(post, "state", retain=True)
        for n in range(100):
            hub.publish("other:1", n)
        assert [block.payload for block in snapshot(hub, [post])] == ["state"]


def test_state_in_memory_is_forgotten_by_age_though_nothing_is_published(post):
    with Hub("--retention-age", "0.2") as hub:
        head = hub.publish(post, "state", retain=True)
        state = f"/state?resources={post}"
        eventually(lambda: hub.get(state).json["resources"] == {}, "the end of the state")
        assert hub.get(state).json["cursor"] == head
        assert snapshot(hub, [post]) == []
        assert snapshot(hub, ["post:*"]) == []
        assert hub.get(f"/poll?resources={post}").json["events"] == []
        with hub.open(["other:1"]) as stream:
            hub.patch(stream.seen[0].json["connection"], {"add": [post]})
            assert stream.next().event == "subscribed"
            new = hub.publish(post, "news")
            assert stream.next().id == new


def test_a_change_of_resources_sends_the_state_of_what_was_really_added(hub, name):
    old, new = f"post:{name}", f"new:{name}"
    hub.publish(old, "old", retain=True)
    hub.publish(new, "new", retain=True)
    with hub.open([old]) as stream:
        hub.patch(stream.seen[0].json["connection"], {"add": [old, new]})
        subscribed, state = stream.next(), stream.next()
        assert subscribed.event == "subscribed"
        assert (state.payload, state.json["retained"], state.id) == ("new", True, None)
        hub.publish(old, "end")
        assert stream.next().payload == "end"


def test_the_state_of_what_was_added_comes_before_the_news_of_it(hub, name):
    for n in range(100):
        old, new = f"post:{name}", f"new:{name}-{n}"
        hub.publish(new, "state", retain=True)
        with hub.open([old]) as stream:
            hub.patch(stream.seen[0].json["connection"], {"add": [new]})
            hub.publish(new, "news")
            blocks = stream.until(lambda block: not block.is_control and block.payload == "news")
            told = [block.event if block.is_control else block.payload for block in blocks]
            assert told == ["subscribed", "state", "news"]


# GET /state


def test_state_is_told_by_resource_and_name(hub, name):
    one, two, none = f"post:{name}", f"influencer:{name}", f"post:{name}-none"
    first = hub.publish(one, {"a": 1}, event="a", retain=True)
    second = hub.publish([one, two], {"b": 1}, event="b", retain=True)
    answer = hub.get(f"/state?resources={one},{two},{none}")
    assert answer.status == 200
    state = answer.json
    parse_id(state["cursor"])
    assert set(state["resources"]) == {one, two}
    assert set(state["resources"][one]) == {"a", "b"}
    assert state["resources"][one]["a"]["id"] == first
    assert state["resources"][one]["a"]["data"] == {"a": 1}
    assert state["resources"][two]["b"]["id"] == second
    assert set(state["resources"][two]["b"]) == {"id", "at", "data"}


def test_the_cursor_of_state_resumes_without_a_gap(hub, post):
    hub.publish(post, 1, retain=True)
    cursor = hub.get(f"/state?resources={post}").json["cursor"]
    id = hub.publish(post, 2, retain=True)
    with hub.stream([post], last_event_id=cursor) as stream:
        assert [block.id for block in events_of(stream.opening())] == [id]


def test_state_that_did_not_change_is_answered_304(hub, post):
    hub.publish(post, 1, retain=True)
    etag = hub.get(f"/state?resources={post}").headers["etag"]
    hub.publish("other:thing", 1)  # the cursor moves, the state does not
    answer = hub.get(f"/state?resources={post}", {"If-None-Match": etag})
    assert answer.status == 304
    assert answer.headers["etag"] == etag
    for known, status in [(f'"x", {etag}', 304), ("*", 304), ('"x", *', 200)]:
        assert hub.get(f"/state?resources={post}", {"If-None-Match": known}).status == status
    hub.publish(post, 2, retain=True)
    answer = hub.get(f"/state?resources={post}", {"If-None-Match": etag})
    assert answer.status == 200 and answer.headers["etag"] != etag


def test_state_needs_resources(hub):
    assert_problem(hub.get("/state"), 400, "resources")
    assert_problem(hub.get("/state?resources=*"), 400)


# GET /poll


def quickest(ask):
    """The least time of three, for a busy machine may hold up one; and the last answer."""
    times = []
    for _ in range(3):
        began = time.monotonic()
        answer = ask()
        times.append(time.monotonic() - began)
    return min(times), answer


def test_a_poll_without_a_cursor_answers_the_snapshot_at_once(hub, post):
    id = hub.publish(post, {"a": 1}, retain=True)
    head = hub.publish("other:thing", 1)
    took, answer = quickest(lambda: hub.get(f"/poll?resources={post}"))
    assert took < 1
    assert answer.status == 200
    assert set(answer.json) == {"cursor", "reset", "events", "ended"}
    assert answer.json["cursor"] == head
    assert answer.json["reset"] is None
    (event,) = answer.json["events"]
    assert set(event) == {"id", "event", "resources", "at", "data", "retained"}
    assert (event["id"], event["event"], event["resources"]) == (id, "update", [post])
    assert (event["data"], event["retained"]) == ({"a": 1}, True)


def test_a_poll_with_a_cursor_answers_what_came_after_it(hub, post):
    ids = [hub.publish(post, n) for n in range(5)]
    told = hub.get(f"/poll?resources={post}&after={ids[1]}").json
    assert [event["id"] for event in told["events"]] == ids[2:]
    assert told["cursor"] == ids[4]
    assert all("retained" not in event or event["retained"] is False for event in told["events"])


def test_a_poll_waits_for_the_next_event(hub, post):
    cursor = hub.head()
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(hub.get(f"/poll?resources={post}&after={cursor}&timeout=9"))
    )
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    id = hub.publish(post, "awaited")
    thread.join(3)
    assert [event["id"] for event in answers[0].json["events"]] == [id]
    assert answers[0].json["cursor"] == id


def test_a_poll_ends_at_its_timeout_with_a_fresh_cursor(hub, post):
    cursor = hub.head()
    head = hub.publish("other:thing", 1)
    took, answer = quickest(lambda: hub.get(f"/poll?resources={post}&after={cursor}&timeout=1"))
    assert 0.8 < took < 2
    told = answer.json
    assert told["events"] == []
    assert told["cursor"] == head


def test_a_poll_with_timeout_0_answers_at_once(hub, post):
    cursor = hub.head()
    took, answer = quickest(lambda: hub.get(f"/poll?resources={post}&after={cursor}&timeout=0"))
    assert took < 0.8
    assert answer.json["events"] == []


def test_polls_with_a_limit_get_everything_in_turn(hub, post):
    cursor = hub.head()
    ids = [hub.publish(post, n) for n in range(10)]
    got = []
    while len(got) < 10:
        told = hub.get(f"/poll?resources={post}&after={cursor}&limit=3&timeout=1").json
        assert 0 < len(told["events"]) <= 3
        got += [event["id"] for event in told["events"]]
        cursor = told["cursor"]
    assert got == ids


def test_a_poll_carries_no_transient_events(hub, post):
    cursor = hub.head()
    hub.publish(post, "passing", transient=True)
    hub.publish(post, "stays")
    told = hub.get(f"/poll?resources={post}&after={cursor}").json
    assert [event["data"] for event in told["events"]] == ["stays"]


def test_a_poll_with_a_cursor_of_another_epoch_says_so(hub, post):
    hub.publish(post, 1, retain=True)
    told = hub.get(f"/poll?resources={post}&after=zzz9-1&timeout=1").json
    assert told["reset"]["reason"] == "epoch"
    parse_id(told["reset"]["oldest"])
    assert [event["retained"] for event in told["events"]] == [True]


def test_a_poll_filters_events(hub, post):
    cursor = hub.head()
    hub.publish(post, 1, event="a")
    hub.publish(post, 2, event="b")
    told = hub.get(f"/poll?resources={post}&after={cursor}&events=b").json
    assert [event["event"] for event in told["events"]] == ["b"]


@pytest.mark.parametrize(
    "query", ["timeout=56", "timeout=-1", "timeout=x", "limit=0", "limit=1001", "limit=x"]
)
def test_a_poll_out_of_bounds_is_refused(hub, post, query):
    assert_problem(hub.get(f"/poll?resources={post}&{query}"), 400, query.split("=")[0])


# Idempotency


def test_the_same_key_answers_the_first_id_and_publishes_nothing(hub, post, name):
    with hub.open([post]) as stream:
        id = hub.publish(post, 1, key=f"k-{name}")
        assert hub.publish(post, 2, key=f"k-{name}") == id
        assert hub.publish("other:thing", 3, key=f"k-{name}") == id
        hub.publish(post, "end")
        assert [block.payload for block in stream.events(2)] == [1, "end"]


def test_the_header_is_the_key(hub, post, name):
    event = {"resource": post, "data": 1}
    first = hub.post(event, headers={"Idempotency-Key": f"k-{name}"}).json["id"]
    assert hub.post(event, headers={"Idempotency-Key": f"k-{name}"}).json["id"] == first
    assert hub.post(event | {"key": f"k-{name}"}).json["id"] == first
    same = hub.post(event | {"key": f"k-{name}"}, headers={"Idempotency-Key": f"k-{name}"})
    assert same.json["id"] == first


def test_the_header_beside_a_different_key_is_refused(hub, post, name):
    answer = hub.post({"resource": post, "data": 1, "key": "a"}, headers={"Idempotency-Key": "b"})
    assert_problem(answer, 422)


def test_the_header_with_an_array_or_lines_is_refused(hub, post):
    event = {"resource": post, "data": 1}
    before = hub.head()
    assert_problem(hub.post([event], headers={"Idempotency-Key": "a"}), 422)
    assert_problem(hub.post_lines([event], headers={"Idempotency-Key": "a"}), 422)
    assert hub.head() == before


def test_keys_within_an_array_and_lines_hold(hub, post, name):
    events = [{"resource": post, "data": n, "key": f"k-{name}-{n % 2}"} for n in range(4)]
    ids = hub.post(events).json["ids"]
    assert ids[0] == ids[2] and ids[1] == ids[3] and ids[0] != ids[1]
    assert hub.post(events).json["ids"] == ids


def test_many_publishers_with_one_key_publish_once(hub, post, name):
    ids = []
    threads = [
        threading.Thread(target=lambda: ids.append(hub.publish(post, 1, key=f"k-{name}")))
        for _ in range(16)
    ]
    with hub.open([post]) as stream:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        hub.publish(post, "end")
        assert [block.payload for block in stream.events(2)] == [1, "end"]
    assert len(ids) == 16 and len(set(ids)) == 1


# Coalescing


def test_coalesced_events_all_arrive_where_nothing_waits(hub, post):
    with hub.open([post]) as stream:
        for n in range(10):
            hub.publish(post, n, coalesce="progress")
            assert stream.event().payload == n


def test_under_pressure_the_newest_of_a_key_arrives_last_and_order_holds(hub, post):
    with hub.open([post], options={"receive_buffer": 4096}) as stream:
        lines = [
            {"resource": post, "data": {"n": n, "x": "x" * 5000}, "coalesce": "p"}
            for n in range(2000)
        ]
        thread = threading.Thread(target=hub.post_lines, args=(lines,))
        thread.start()
        got = stream.until(lambda block: not block.is_control and block.payload["n"] == 1999, 20)
        thread.join(10)
    numbers = [block.payload["n"] for block in events_of(got)]
    assert numbers == sorted(set(numbers))


def test_a_resumed_stream_gets_coalesced_events_all(hub, post):
    start = hub.head()
    for n in range(20):
        hub.publish(post, n, coalesce="progress")
    with hub.stream([post], last_event_id=start) as stream:
        assert [block.payload for block in events_of(stream.opening())] == list(range(20))

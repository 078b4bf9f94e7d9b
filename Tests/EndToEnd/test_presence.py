"""Who listens: GET /presence and the control event `presence`."""

import time

from support.hub import assert_problem
from support.wait import eventually


def test_presence_counts_the_open_streams(hub, name):
    one, two = f"post:{name}", f"other:{name}"
    assert hub.presence(one, two) == {one: 0, two: 0}
    with hub.open([one]), hub.open([one]):
        assert hub.presence(one, two) == {one: 2, two: 0}
    eventually(lambda: hub.presence(one) == {one: 0}, "the end of both streams")


def test_presence_counts_streams_that_receive_by_pattern(hub, name):
    resource = f"k{name}:1"
    with hub.open([f"k{name}:*"]), hub.open([resource]):
        assert hub.presence(resource, f"k{name}:2") == {resource: 2, f"k{name}:2": 1}


def test_a_stream_that_receives_a_resource_twice_counts_once(hub, name):
    resource = f"k{name}:1"
    with hub.open([f"k{name}:*", resource]):
        assert hub.presence(resource) == {resource: 1}


def test_presence_without_or_with_bad_resources_is_refused(hub):
    assert_problem(hub.get("/presence"), 400, "resources")
    assert_problem(hub.get("/presence?resources=*"), 400)
    assert_problem(hub.get("/presence?resources=post"), 400)


def test_a_subscription_to_presence_is_told_the_count_at_once(hub, post):
    with hub.open([post]), hub.stream([f"presence:{post}"]) as watcher:
        block = watcher.until("presence", 2)[-1]
    assert block.id is None
    assert block.json == {"resource": post, "count": 1}


def test_a_stream_that_receives_what_it_watches_is_in_the_first_count_it_is_told(hub, post):
    def first(stream):
        return stream.until("presence", 2)[-1].json["count"]

    for _ in range(3):
        with hub.stream([f"presence:{post}"]) as watcher:
            assert first(watcher) == 0
            with hub.stream([post, f"presence:{post}"]) as both, hub.open(["a:1"]) as joining:
                assert first(both) == 1
                change = {"add": [post, f"presence:{post}"]}
                hub.patch(joining.seen[0].json["connection"], change)
                assert first(joining) == 2
        eventually(lambda: hub.presence(post) == {post: 0}, "the end of all streams")


def test_a_count_of_none_is_told_as_well(hub, post):
    with hub.stream([f"presence:{post}"]) as watcher:
        assert watcher.until("presence", 2)[-1].json == {"resource": post, "count": 0}


def test_watching_a_resource_is_not_receiving_it(hub, post):
    with hub.open([f"presence:{post}"]):
        assert hub.presence(post) == {post: 0}


def test_changes_of_presence_are_told(hub, post):
    with hub.stream([f"presence:{post}"]) as watcher:
        watcher.until("presence", 2)
        with hub.open([post]), hub.open(["post:*"]):
            block = watcher.until(
                lambda block: block.event == "presence" and block.json["count"] == 2
            )[-1]
            assert block.json["resource"] == post
        watcher.until(lambda block: block.event == "presence" and block.json["count"] == 0)


def test_presence_is_told_at_most_once_a_second_and_ends_with_the_last_count(hub, post):
    times, streams = [], []
    with hub.stream([f"presence:{post}"]) as watcher:
        while len(times) < 3:
            watcher.until("presence")
            times.append(time.monotonic())
            for _ in range(10):
                streams.append(hub.open([post]))
        last = watcher.until(lambda block: block.event == "presence" and block.json["count"] == 30)
    assert [block.event for block in last].count("presence") <= 2
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[1:]))
    for stream in streams:
        stream.close()


def test_presence_joined_by_a_change_is_told_at_once(hub, post):
    with hub.open(["some:thing"]) as watcher, hub.open([post]):
        hub.patch(watcher.seen[0].json["connection"], {"add": [f"presence:{post}"]})
        assert watcher.until("presence", 2)[-1].json == {"resource": post, "count": 1}

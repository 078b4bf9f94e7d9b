"""`ttl`: for how long an event is kept as state."""

import sqlite3

import pytest
from support.clock import Clock
from support.hub import Hub, assert_problem
from support.wait import eventually


@pytest.fixture(scope="module", params=["memory", "file"])
def hub(request, tmp_path_factory):
    """A hub that keeps its log in memory, or in a file."""
    data = ":memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("ttl"))
    with Hub(data=data) as hub:
        yield hub
        hub.assert_healthy()


def states(hub, *resources):
    """The data of all state, as /state has it; snapshots must agree, once it stands still."""
    return {
        (name, event): state["data"]
        for name, events in hub.get(f"/state?resources={','.join(resources)}").json["resources"].items()
        for event, state in events.items()
    }


def snapshot(hub, *resources):
    with hub.stream(list(resources)) as stream:
        return [block.payload for block in stream.opening() if not block.is_control]


def gone(hub, *resources):
    eventually(lambda: not states(hub, *resources), "the end of the state")


def test_state_is_gone_after_its_time_everywhere_and_the_event_is_not(hub, post):
    cursor = hub.head()
    id = hub.publish(post, "short", retain=True, ttl=1)
    hub.publish(post, "long", event="long", retain=True, ttl=1000)
    hub.publish(post, "ever", event="ever", retain=True)
    assert states(hub, post) == {(post, "update"): "short", (post, "long"): "long", (post, "ever"): "ever"}
    assert snapshot(hub, post) == ["short", "long", "ever"]
    with hub.open(["other:1"]) as stream:
        connection = stream.seen[0].json["connection"]
        eventually(lambda: (post, "update") not in states(hub, post), "the end of the state")
        assert snapshot(hub, post) == ["long", "ever"]
        hub.patch(connection, {"add": [post]})
        assert [block.payload for block in stream.events(2)] == ["long", "ever"]
    assert [event["data"] for event in hub.get(f"/poll?resources={post}").json["events"]] == ["long", "ever"]
    assert hub.resumed([post], cursor)[0] == id


def test_a_newer_event_has_its_own_time(hub, post):
    hub.publish(post, 1, retain=True, ttl=1)
    hub.publish(post, 2, retain=True)
    hub.publish(f"{post}x", 1, retain=True, ttl=1)
    hub.publish(f"{post}x", 2, retain=True, ttl=1000)
    hub.publish(f"{post}y", 1, retain=True)
    hub.publish(f"{post}y", 2, retain=True, ttl=1)
    gone(hub, f"{post}y")
    assert states(hub, post, f"{post}x") == {(post, "update"): 2, (f"{post}x", "update"): 2}


def test_what_expires_brings_nothing_older_back(hub, post):
    hub.publish(post, "older", retain=True)
    hub.publish(post, "newer", retain=True, ttl=1)
    gone(hub, post)
    hub.publish(post, "again", retain=True, ttl=1000)
    assert snapshot(hub, post) == ["again"]


def test_each_resource_of_an_event_loses_it(hub, post):
    both = [post, f"{post}x"]
    hub.publish(both, 1, retain=True, ttl=1)
    hub.publish(post, 2, event="other", retain=True)
    gone(hub, both[1])
    assert states(hub, *both) == {(post, "other"): 2}


@pytest.mark.parametrize(
    "fields",
    [{"ttl": 5}, {"ttl": 5, "retain": False}, {"ttl": 5, "transient": True}]
    + [{"ttl": value, "retain": True} for value in (0, -1, 0.5, 31_536_001, "5", None, True, [5])],
    ids=str,
)
def test_what_breaks_the_rules_is_422(hub, post, fields):
    answer = hub.post({"resource": post, "data": 1} | fields)
    assert_problem(answer, 422, "ttl")
    assert answer.json["pointer"] == "/ttl"


@pytest.mark.parametrize("ttl", [1, 1.5, 31_536_000, "1e3"])
def test_numbers_of_seconds_are_taken(hub, post, ttl):
    assert hub.post(f'{{"resource":"{post}","data":1,"retain":true,"ttl":{ttl}}}').status == 200
    assert states(hub, post) == {(post, "message"): 1}


@pytest.mark.parametrize("data", ["memory", "file"])
def test_when_the_clock_jumps_it_is_gone_at_once(tmp_path, data):
    clock = Clock(tmp_path)
    folder = ":memory:" if data == "memory" else str(tmp_path / "data")
    with Hub(data=folder, env=clock.env) as hub:
        hub.publish("post:1", 1, retain=True, ttl=600)
        hub.publish("post:2", 2, retain=True, ttl=1800)
        assert len(states(hub, "post:*")) == 2
        clock.jump(900)
        gone(hub, "post:1")
        assert snapshot(hub, "post:*") == [2]


def test_after_a_restart_its_time_goes_on(tmp_path, folder):
    clock = Clock(tmp_path)
    with Hub(data=folder, env=clock.env) as hub:
        hub.publish("post:1", 1, retain=True, ttl=600)
        hub.publish("post:2", 2, retain=True, ttl=2400)
    clock.jump(900)
    for _ in range(2):
        with Hub(data=folder, env=clock.env) as hub:
            assert states(hub, "post:*") == {("post:2", "update"): 2}
            assert snapshot(hub, "post:*") == [2]


def test_many_that_expire_at_once_hold_up_nobody_and_are_deleted(folder):
    """Ten thousand; they are out of sight at once, and out of the file in small steps."""


    with Hub(data=folder) as hub:
        hub.post_lines([{"resource": f"post:{n}", "data": n, "retain": True, "ttl": 1} for n in range(10_000)])
        hub.publish("post:x", "stays", retain=True)
        eventually(lambda: states(hub, "post:*") == {("post:x", "update"): "stays"}, "the end of the state", 20)
        hub.publish("post:1", 1)

        def count():
            database = sqlite3.connect(f"file:{folder}/martlet.db?mode=ro", uri=True)
            try:
                return database.execute("SELECT count(*) FROM retained").fetchone()[0]
            finally:
                database.close()

        eventually(lambda: count() == 1, "the end of the rows", 30)

"""A wall clock that jumps forward and back while the hub runs, and between two runs."""

from datetime import datetime

import pytest

from support.clock import wrong_clock
from support.hub import Hub
from support.jobs import Jobs
from support.wait import eventually

YEAR = 365 * 86400


@pytest.fixture
def clock(tmp_path):
    """A file that says by how many seconds the wall clock is wrong, and the environment for it."""
    return wrong_clock(tmp_path)


def seconds(earlier, later):
    """From one time to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def test_a_clock_that_goes_back_changes_no_order_and_loses_nothing(folder, clock):
    offset, env = clock
    with Hub("--memory-events", "10", data=folder, env=env) as hub:
        with hub.open(["post:1"]) as stream:
            start = stream.seen[-1].id
            ids, key = [], hub.publish("post:2", 1, key="k")
            for change in ("0", "3000", "-86400", "0"):
                offset.write_text(change)
                ids += [hub.publish("post:1", n) for n in range(10)]
            live = stream.events(40)
        assert [block.id for block in live] == ids
        times = [block.json["at"] for block in live]
        assert times == sorted(times)
        assert seconds(times[9], times[10]) > 2_900, "the clock went forward"
        assert seconds(times[19], times[39]) < 100, "and goes on slowly until it is right"
        assert hub.publish("post:2", 1, key="k") == key
        assert hub.get("/health/ready").status == 200
    offset.write_text("-864000")
    with Hub("--memory-events", "10", data=folder, env=env) as hub:
        assert hub.resumed(["post:1"], start) == ids
        with hub.open(["post:1"]) as stream:
            hub.publish("post:1", 1)
            assert stream.event().json["at"] >= times[-1]


def test_a_clock_that_jumps_ahead_by_years_deletes_nothing(folder, clock):
    offset, env = clock
    with Hub("--retention-age", "60", "--memory-events", "10", data=folder, env=env) as hub:
        start = hub.head()
        ids = [hub.publish("post:1", n, retain=True) for n in range(50)]
        key = hub.publish("post:2", 1, key="k")
        offset.write_text(str(10 * YEAR))
        ids += [hub.publish("post:1", n) for n in range(50)]
        eventually(lambda: "The clock has jumped forward" in hub.log(), "a word about the clock")
        assert hub.publish("post:2", 1, key="k") == key
        assert hub.resumed(["post:1"], start) == ids
        assert hub.get("/state?resources=post:1").json["resources"]["post:1"]
        offset.write_text("0")
        with hub.open(["post:1"]) as stream:
            hub.publish("post:1", 1)
            late = stream.event().json["at"]
        assert late[:4] == hub.status()["time"][:4], "nothing is left of the wrong time"
        eventually(lambda: "goes by the clock again" in hub.log(), "a word about the clock")


def test_what_is_in_memory_goes_when_it_is_older_than_the_age_and_the_rest_stays(clock):
    offset, env = clock
    with Hub("--retention-age", "1800", env=env) as hub:
        hub.publish("post:1", "old", event="a", retain=True)
        hub.publish("post:1", "old", event="b", retain=True)
        old = [hub.publish("post:1", n) for n in range(3)]
        offset.write_text("1200")
        young = [hub.publish("post:1", "young", event="b", retain=True), hub.publish("post:2", 1)]
        offset.write_text("2400")
        with hub.stream(["post:1"], last_event_id=old[1]) as stream:
            blocks = stream.opening()
        assert [block.event for block in blocks] == ["connected", "reset", "b", "live"]
        assert blocks[1].json == {"reason": "expired", "oldest": young[0]}
        assert blocks[2].payload == "young"
        assert hub.resumed(["post:1", "post:2"], old[2]) == young
        state = hub.get("/state?resources=post:1").json["resources"]["post:1"]
        assert {name: held["id"] for name, held in state.items()} == {"b": young[0]}
        told = hub.get(f"/poll?resources=post:1&after={old[0]}").json
        assert told["reset"] == {"reason": "expired", "oldest": young[0]}
        assert [event["id"] for event in told["events"]] == [young[0]]
        offset.write_text("3600")
        assert hub.get("/state?resources=post:1").json["resources"] == {}
        assert hub.resumed(["post:1", "post:2"], young[1]) == []


def test_what_is_due_comes_although_the_clock_has_gone_back_by_years(folder, clock):
    offset, env = clock
    with Hub("--builtin-rate", "0", "--builtin-picture", "0", data=folder, env=env) as hub:
        jobs = Jobs(hub)
        influencer = jobs.influencer()
        offset.write_text(str(-10 * YEAR))
        value = {"influencer": influencer["id"], "prompt": "later"}
        made = jobs.create("post", value, delay_seconds=0.4)
        assert jobs.until_final(made["id"])["state"] == "succeeded"

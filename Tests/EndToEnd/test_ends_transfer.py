"""Ends, and what was forgotten, through an export and an import, and in stores of older versions."""

import json
import sqlite3

import pytest
from support.command import lines, log
from support.hub import Hub, run
from test_ends import assert_ended, end, ended, forget
from test_log_transfer import imported


@pytest.fixture
def store(folder):
    """A store in which all that can be is: ends, state with a time, both forgotten in part, and ends that have left the log."""
    with Hub("--retention-events", "30", data=folder) as hub:
        end(hub, ["old:1", "old:2"])
        end(hub, "old:3", event="kept", retain=True)
        hub.publish(["old:4", "old:5"], 1, event="shared", retain=True)
        hub.post_lines([{"resource": "filler:1", "data": n} for n in range(60)])
        hub.publish(["both:1", "both:2"], "state", event="s", retain=True)
        end(hub, ["both:1", "both:2", "both:3"], "end", event="e", retain=True)
        end(hub, "whole:1", "end", retain=True, ttl=600)
        end(hub, "gone:1", "end", retain=True)
        for resource in ("old:2", "old:5", "both:2", "gone:1"):
            assert forget(hub, resource).status == 204
        hub.publish("both:2", "again", event="s", retain=True)
        hub.publish("gone:1", "again")
    return folder


NAMES = "old:*,both:*,whole:*,gone:*"


def kept(hub):
    """What /state says, without what an import makes anew."""
    state = hub.get(f"/state?resources={NAMES}").json
    data = {
        (resource, name): entry["data"]
        for resource, names in state["resources"].items()
        for name, entry in names.items()
    }
    return data, state["ended"]


def test_an_import_of_an_export_has_the_same_ends_and_the_same_state(store, tmp_path):
    exported = log("export", store)
    assert exported.startswith('{"ended":["old:1"]}\n{"ended":["old:3"]}\n{"id":')
    rest = lines(exported)[2:]
    events = {line["event"]: line for line in rest if line["resources"] != ["filler:1"]}
    assert events["shared"]["retain"] == ["old:4"]
    assert events["e"]["end"] == ["both:1", "both:3"] and events["e"]["retain"] == ["both:1", "both:3"]
    assert events["kept"]["retain"] is True
    whole = next(line for line in rest if line["resources"] == ["whole:1"])
    assert (whole["end"], whole["retain"], whole["ttl"]) == (True, True, 600)
    assert "end" not in next(line for line in rest if line["resources"] == ["gone:1"])
    other = str(tmp_path / "other")
    imported(other, exported, "--create")
    again = log("export", other)
    ids = [{**line, "id": ""} for line in lines(again)]
    assert ids == [{**line, "id": ""} for line in lines(exported)]
    with Hub(data=store) as one:
        before = kept(one)
    with Hub(data=other) as two:
        assert kept(two) == before
        assert before[1] == ["both:1", "both:3", "old:1", "old:3", "whole:1"]
        for name in before[1]:
            assert_ended(two.post({"resource": name, "data": 1}), name)
        for name in ("old:2", "both:2", "gone:1"):
            two.publish(name)
    for folder in (store, other):
        assert run("log", "verify", "--data", folder).returncode == 0


def test_a_part_of_a_log_has_the_ends_of_its_resources(store):
    text = log("export", store, "--resource", "old:1", "--resource", "both:*")
    assert [line["ended"] for line in lines(text) if "ended" in line] == [["old:1"]]
    assert all("ended" not in line for line in lines(log("export", store, "--resource", "both:*")))
    assert all("ended" not in line for line in lines(log("export", store, "--resource", "old:2")))


def test_events_may_stand_behind_an_end_that_was_forgotten(folder):
    text = '{"resource":"a:1","data":1,"end":true}\n{"resource":"a:1","data":2}\n'
    imported(folder, text, "--create")
    with Hub(data=folder) as hub:
        assert ended(hub, "a:1") == ["a:1"]
    imported(folder, '{"ended":["b:1","b:2"]}\n')
    with Hub(data=folder) as hub:
        assert ended(hub, "b:*") == ["b:1", "b:2"]
        with hub.stream(["b:1"], until="end") as stream:
            assert stream.opening()[-1].event == "live"
            assert stream.next().json["reason"] == "end"
    assert run("log", "verify", "--data", folder).returncode == 0


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"ended":["b:1"],"data":1}', "ended"),
        ('{"ended":[]}', "resources"),
        ('{"ended":["b:*"]}', "pattern"),
        ('{"ended":"b:1"}', "ended"),
        ('{"resource":"a:1","data":1,"end":["a:2"]}', "a:2"),
        ('{"resource":"a:1","data":1,"retain":["a:2"]}', "a:2"),
        ('{"resource":"a:1","data":1,"ttl":5}', "ttl"),
        ('{"resource":"a:1","data":1,"expect":"k-1"}', "expect"),
    ],
)
def test_wrong_lines_are_named(folder, line, word):
    good = '{"resource":"a:1","data":1}\n'
    said = imported(folder, good + line, "--create", code=65)
    assert "line 2" in said and word in said


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ended SET seq = 1000 WHERE resource = 'whole:1'",
        "UPDATE ended SET seq = (SELECT max(seq) FROM events) WHERE resource = 'whole:1'",
        "INSERT INTO ended VALUES ('whole:2', (SELECT seq FROM ended WHERE resource = 'whole:1'))",
        "INSERT INTO ended VALUES ('whole:2', -1)",
    ],
)
def test_verify_finds_ends_without_their_event(store, damage):
    with sqlite3.connect(f"{store}/martlet.db") as database:
        database.execute(damage)
    database.close()
    done = run("log", "verify", "--data", store)
    assert done.returncode == 65 and 'ended: "whole:' in done.stdout, done


def test_a_store_that_an_older_version_wrote_takes_ends(folder):
    """Format 4, without the table: it is upgraded, and nothing in it has ended."""
    with Hub(data=folder) as hub:
        first = hub.publish("post:1", 1, retain=True, key="k")
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        database.executescript(
            "DROP INDEX articles_by_hash; DROP INDEX jobs_finished_by_kind; ALTER TABLE jobs DROP COLUMN counts;"
            "DROP TABLE ended; DROP INDEX retained_by_expiry; PRAGMA user_version = 4"
        )
    database.close()
    before = log("export", folder)
    assert "format     4\n" in log("info", folder) and run("log", "verify", "--data", folder).returncode == 0
    with Hub(data=folder) as hub:
        assert ended(hub, "post:*") == [] and hub.publish("post:1", 1, key="k") == first
        last = end(hub, "post:1", expect=first)
        assert_ended(hub.post({"resource": "post:1", "data": 2}), "post:1")
    assert "format     6\n" in log("info", folder)
    exported = lines(log("export", folder))
    assert json.dumps(exported[0]) == json.dumps(lines(before)[0]) and exported[1]["id"] == last

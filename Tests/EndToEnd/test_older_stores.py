"""What a store of an earlier version may hold, though nobody may publish it any more, is still served."""

import json
import sqlite3

import pytest

from support.command import lines, log
from support.hub import Hub, assert_problem, run


@pytest.fixture
def store(folder):
    """A store with events under names that are refused now, and a line separator as it came: its folder and the ids."""
    with Hub(data=folder) as hub:
        ids = [
            hub.publish("post:1", {"n": number, "text": "one\u2028two"}, f"old_{name}", retain=True)
            for number, name in enumerate(("error", "open", "plain"))
        ]
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        for table in ("events", "retained"):
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
            if "name" in columns:
                database.execute(f"UPDATE {table} SET name = substr(name, 5)")
        data = [row[0] for row in database.execute("SELECT data FROM events")]
    assert all("\u2028".encode() in bytes(value) for value in data), "it is kept as it came"
    return folder, ids


def test_their_events_and_states_are_served_and_escaped(store):
    folder, ids = store
    with Hub(data=folder) as hub:
        start = f"{ids[0].rpartition('-')[0]}-0"
        with hub.stream(["post:1"], last_event_id=start) as stream:
            events = [block for block in stream.opening() if block.id and not block.is_control]
            assert [block.event for block in events] == ["error", "open", "plain"]
            assert {block.payload["text"] for block in events} == {"one\u2028two"}
        with hub.open(["post:*"]) as stream:
            assert {block.event for block in stream.seen[1:-1]} == {"error", "open", "plain"}
        with hub.open(["post:1"], events="error") as stream:
            assert [block.event for block in stream.seen] == ["connected", "error", "live"]
        assert set(hub.get("/state?resources=post:1").json["resources"]["post:1"]) == {
            "error",
            "open",
            "plain",
        }
        polled = hub.get("/poll?resources=post:1").json["events"]
        assert [event["event"] for event in polled] == ["error", "open", "plain"]
        for name in ("error", "open"):
            answer = hub.post({"resource": "post:1", "event": name, "data": 1})
            assert_problem(answer, 422, name, "EventSource")
            assert answer.json["pointer"] == "/event"


def test_they_are_sound_and_can_be_exported_but_not_imported_under_these_names(store, tmp_path):
    folder, _ = store
    assert run("log", "verify", "--data", folder).returncode == 0
    exported = log("export", folder)
    assert [line["event"] for line in lines(exported)] == ["error", "open", "plain"]
    file = tmp_path / "events.ndjson"
    other = str(tmp_path / "other")
    for name in ("error", "open"):
        file.write_text(json.dumps({"resource": "post:1", "event": name, "data": 1}))
        done = run("log", "import", "--data", other, "--create", str(file))
        assert (done.returncode, done.stdout) == (65, ""), done
        assert f"line 1: event: {name} is" in done.stderr and "EventSource" in done.stderr
    file.write_text(exported.replace('"event":"error"', '"event":"failure"').replace('"open"', '"opened"'))
    log("import", other, "--create", str(file))
    assert [line["event"] for line in lines(log("export", other))] == ["failure", "opened", "plain"]


def test_what_was_exported_of_them_is_imported_again(store, tmp_path):
    folder, _ = store
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        for table in ("events", "retained"):
            database.execute(f"UPDATE {table} SET resources = replace(resources, 'post:1', 'post:\x85')")
    exported = log("export", folder)
    assert "post:\x85" in exported or "post:\\u0085" in exported
    file = tmp_path / "events.ndjson"
    file.write_text(exported)
    other = str(tmp_path / "other")
    log("import", other, "--create", str(file))
    again = lines(log("export", other))
    assert [{**line, "id": ""} for line in again] == [{**line, "id": ""} for line in lines(exported)]
    assert [line["event"] for line in again] == ["error", "open", "plain"]
    assert run("log", "verify", "--data", other).returncode == 0
    for wrong in ('{"resource":"post:\x85","data":1}', '{"id":"a-1","resource":"post:\x7f","data":1}'):
        file.write_text(wrong)
        done = run("log", "import", "--data", other, str(file))
        assert done.returncode == 65 and "control characters" in done.stderr


@pytest.mark.parametrize("name", ["error", "open"])
def test_lines_under_these_names_are_refused_and_those_before_stand(hub, post, name):
    good, bad = {"resource": post, "data": 1}, {"resource": post, "data": 1, "event": name}
    answer = hub.post_lines([good, bad, good])
    assert_problem(answer, 422, name)
    assert (answer.json["line"], answer.json["published"]) == (2, 1)
    assert_problem(hub.post([good, bad]), 422, name)
    assert_problem(hub.post({**bad, "transient": True}), 422, name)

"""What a store of an earlier version may hold, though nobody may publish it any more, is still served."""

import json
import sqlite3
import tarfile
import time
from pathlib import Path

import pytest

from support.command import lines, log
from support.hub import Hub, assert_problem, run
from support.jobs import Jobs
from support.stream import Stream


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


# A store of format 3, in which events had no marks

SCAN = ("--external-kinds", "scan")


def downgrade(folder):
    """Makes of a store that no hub uses what the version before wrote."""
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        assert database.execute("PRAGMA user_version").fetchone() == (6,)
        for index in ("articles_by_hash", "jobs_finished_by_kind"):
            database.execute(f"DROP INDEX {index}")
        database.execute("ALTER TABLE jobs DROP COLUMN counts")
        database.execute("DROP TABLE ended")
        database.execute("DROP INDEX retained_by_expiry")
        for table, columns in (
            ("events", "mark is_end expires_at trace publisher"),
            ("retained", "mark expires_at publisher"),
        ):
            for column in columns.split():
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("DROP TABLE publishers")
        database.execute("PRAGMA user_version = 3")
    database.close()


def follow(hub, job, cursor=None):
    """An open stream of a job."""
    query = "" if cursor is None else f"?last_event_id={cursor}"
    return Stream(hub.address, f"/api/v1/jobs/{job}/progress{query}")


def states(blocks):
    return [block.payload["state"] for block in blocks if block.event == "job_update"]


@pytest.fixture
def format_3(folder):
    """A store of format 3 with jobs that stand differently, state and keys: its folder, the jobs, and what it was asked."""
    made = {}
    with Hub(*SCAN, data=folder) as hub:
        jobs = Jobs(hub)
        first = hub.publish("post:1", {"n": 1}, retain=True, key="k")
        for name in ("ended", "restarted", "queued"):
            made[name] = jobs.create("scan", name)["id"]
        for name in ("ended", "restarted"):
            jobs.post(f"/jobs/{made[name]}/cancel", status=200)
        jobs.post(f"/jobs/{made['restarted']}/restart", status=200)
        last = hub.publish(["post:1", "post:2"], {"n": 2}, retain=True)
        known = {
            "state": hub.get("/state?resources=post:*,job:*").json,
            "jobs": jobs.get("/jobs"),
            "events": [b.fields for b in replay(hub, first)],
        }
    downgrade(folder)
    return folder, made, first, last, known


def replay(hub, first):
    """All events of a log."""
    start = f"{first.rpartition('-')[0]}-0"
    with hub.stream(["post:*", "job:*"], last_event_id=start) as stream:
        return [block for block in stream.opening() if not block.is_control]


def test_a_store_without_marks_is_upgraded_with_all_that_is_in_it(format_3):
    folder, _, first, last, known = format_3
    assert run("log", "verify", "--data", folder).returncode == 0
    assert "format     3\n" in log("info", folder), "looking does not upgrade it"
    before = log("export", folder)
    for _ in range(2):
        with Hub(*SCAN, data=folder) as hub:
            assert hub.head() == last
            assert [b.fields for b in replay(hub, first)] == known["events"]
            assert hub.get("/state?resources=post:*,job:*").json == known["state"]
            assert Jobs(hub).get("/jobs") == known["jobs"]
            assert hub.publish("post:9", 0, key="k") == first
        assert "format     6\n" in log("info", folder)
        assert run("log", "verify", "--data", folder).returncode == 0
        assert log("export", folder) == before


def test_streams_of_jobs_from_before_there_were_marks_end_where_they_should(format_3):
    folder, made, first, _, _ = format_3
    start = f"{first.rpartition('-')[0]}-0"
    with Hub(*SCAN, data=folder) as hub:
        jobs = Jobs(hub)
        # Ended before: the row says so, whatever is replayed.
        for cursor, said in ((None, ["cancelled"]), (start, ["queued", "cancelled"])):
            with follow(hub, made["ended"], cursor) as stream:
                assert states(stream.rest()) == said
                assert stream.ended_cleanly
        # Not ended, though its log has an end; then it ends, and is restarted, with marks.
        with follow(hub, made["restarted"], start) as resumed, follow(hub, made["restarted"]) as fresh:
            assert states(resumed.opening()) == ["queued", "cancelled", "queued"]
            assert states(fresh.opening()) == ["queued"]
            jobs.post(f"/jobs/{made['restarted']}/cancel", status=200)
            assert states(resumed.rest()) == states(fresh.rest()) == ["cancelled"]
        with follow(hub, made["queued"]) as stream:
            assert states(stream.opening()) == ["queued"]
            jobs.post(f"/jobs/{made['queued']}/cancel", status=200)
            assert states(stream.rest()) == ["cancelled"]
        # An ended one that goes on again.
        jobs.post(f"/jobs/{made['ended']}/restart", status=200)
        with follow(hub, made["ended"], start) as stream:
            assert states(stream.opening()) == ["queued", "cancelled", "queued"]
            jobs.post(f"/jobs/{made['ended']}/cancel", status=200)
            assert states(stream.rest()) == ["cancelled"]


def test_marks_are_there_again_after_a_restart_and_are_not_exported(folder):
    with Hub(*SCAN, data=folder) as hub:
        job = Jobs(hub).create("scan", 1)["id"]
        Jobs(hub).post(f"/jobs/{job}/cancel", status=200)
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        assert database.execute("SELECT mark FROM events ORDER BY seq").fetchall() == [(2,), (1,)]
        assert database.execute("SELECT mark FROM retained").fetchall() == [(1,)]
    database.close()
    assert all("mark" not in line for line in lines(log("export", folder)))


def test_a_version_that_knows_fewer_formats_refuses_the_store_with_a_sentence(folder):
    with Hub(data=folder) as hub:
        hub.publish("post:1", 1)
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    done = run("serve", "--port", "0", "--data", folder)
    assert done.returncode == 74
    assert "was written by a newer Martlet (format 7, this one knows 6)" in done.stderr


# A store that a released binary wrote (stores/make)

STORES = Path(__file__).parent / "stores"


def as_new(folder):
    """Moves all times of a store so that it was left a minute ago: keys and ended jobs are kept for a while only."""
    with sqlite3.connect(f"{folder}/martlet.db") as database:
        (last,) = database.execute("SELECT max(at) FROM events").fetchone()
        delta = int(time.time() * 1000) - 60_000 - last
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        for (table,) in database.execute(tables).fetchall():
            for column in database.execute(f"PRAGMA table_info({table})").fetchall():
                name = column[1]
                database.execute(
                    f"UPDATE {table} SET {name} = {name} + {delta} "
                    f"WHERE typeof({name}) = 'integer' AND {name} > 1500000000000"
                )
    database.close()


def ids_of(kept):
    """Of each state its event's id."""
    return {(name, event): state["id"] for name, events in kept.items() for event, state in events.items()}


def test_a_store_of_the_first_release_goes_on_with_all_that_is_in_it(folder):
    with tarfile.open(STORES / "format-3.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    known = json.loads((STORES / "format-3.json").read_text())
    as_new(folder)
    assert "format     3\n" in log("info", folder)
    jobs, start = known["jobs"], f"{known['first'].rpartition('-')[0]}-0"
    for _ in range(2):
        with Hub(*SCAN, data=folder) as hub:
            assert hub.head() == known["last"], "the cursor of the last event is the end of the log still"
            with hub.stream(["post:*", "feed:all"], last_event_id=start) as stream:
                told = [block for block in stream.opening() if not block.is_control]
            assert [block.payload["n"] for block in told] == list(range(601))
            with hub.stream(["post:3"], last_event_id=known["first"]) as stream:
                some = [block.payload["n"] for block in stream.opening() if not block.is_control]
            assert some == list(range(3, 600, 7)), "by the index, and behind it"
            kept = hub.get("/state?resources=post:*,job:*").json["resources"]
            assert ids_of(kept) == ids_of(known["state"])
            rows = Jobs(hub).get("/jobs")["jobs"]
            for field in ("id", "kind", "state", "attempt", "result", "error"):
                assert [row.get(field) for row in rows] == [row.get(field) for row in known["rows"]], field
            assert hub.publish("post:9", 0, key="k") == known["first"]
            for name in ("succeeded", "cancelled"):
                with follow(hub, jobs[name]) as stream:
                    assert states(stream.rest()) == [name] and stream.ended_cleanly
    assert run("log", "verify", "--data", folder).returncode == 0
    assert "format     6\n" in log("info", folder)
    with Hub(*SCAN, data=folder) as hub:
        for name in ("restarted", "queued"):
            with follow(hub, jobs[name]) as stream:
                assert states(stream.opening()) == ["queued"]
                Jobs(hub).post(f"/jobs/{jobs[name]}/cancel", status=200)
                assert states(stream.rest()) == ["cancelled"]

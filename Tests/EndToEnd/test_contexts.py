"""An uploaded SQLite file becomes a description of its database, and a hostile one a sentence."""

import os
import sqlite3
from pathlib import Path

import pytest

from support.http import build
from support.hub import Hub, assert_problem
from support.jobs import Jobs
from support.wait import eventually

TYPE = {"Content-Type": "application/vnd.sqlite3"}
STEPS = ["scanning", "indexing", "analyzing", "generating", "optimizing", "complete"]
SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, created_at TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, price DECIMAL(10,2));
CREATE TABLE log_web (line TEXT);
CREATE TABLE log_mail (line TEXT);
CREATE VIEW late AS SELECT * FROM orders;
"""


@pytest.fixture
def hub(tmp_path):
    with Hub("--builtin-rate", "0", "--upload-bytes", "8000000", data=str(tmp_path / "data")) as hub:
        yield hub


def database(folder, sql, name="sample.db"):
    """The bytes of a database that these statements have made."""
    path = folder / name
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(f"PRAGMA page_size = 512; BEGIN; {sql}; COMMIT;")
    connection.close()
    return path.read_bytes()


def upload(hub, content):
    answer = hub.request("POST", "/api/v1/uploads", TYPE, content)
    assert answer.status == 201, answer
    assert answer.json["bytes"] == len(content)
    return answer.json["upload"]


def kept(tmp_path):
    return os.listdir(tmp_path / "data" / "uploads")


def outcome(hub, content):
    jobs = Jobs(hub)
    job = jobs.create("context", {"upload": upload(hub, content)})["id"]
    return jobs.until_final(job)


def test_a_database_is_described_step_by_step(hub, tmp_path):
    jobs = Jobs(hub)
    name = upload(hub, database(tmp_path, SHOP))
    job = jobs.create("context", {"upload": name})["id"]
    row = jobs.until_final(job)
    assert row["state"] == "succeeded" and row["progress"] == 100, row
    result = row["result"]
    assert (result["tables"], result["columns"]) == (4, 8)
    assert "customers" in result["contextSummary"] and "## Areas" in result["aiGeneratedContext"]
    assert 3 <= len(result["initialPrompts"]) <= 6
    assert all(prompt.endswith("?") for prompt in result["initialPrompts"])
    assert list(result["durations"]) == STEPS[:-1]
    again = jobs.post("/jobs", {"kind": "context", "input": {"upload": name}}, 200)
    assert again["id"] == job, "the same bytes are described twice"
    forced = jobs.create("context", {"upload": name, "force": True})
    assert forced["id"] != job and set(forced["input"]["averages"]) == set(STEPS[:-1])


def test_the_stream_has_the_steps_in_order_with_their_figures(tmp_path):
    with Hub("--builtin-rate", "200", data=str(tmp_path / "data")) as hub:
        jobs = Jobs(hub)
        name = upload(hub, database(tmp_path, SHOP))
        with hub.open(["job:*"]) as stream:
            job = jobs.create("context", {"upload": name})["id"]
            seen = []
            while not seen or seen[-1]["state"] != "succeeded":
                seen.append(stream.until("job_update")[-1].json["data"])
    assert {row["id"] for row in seen} == {job}
    steps = list(dict.fromkeys(row["step"] for row in seen if row["step"]))
    assert steps == STEPS
    entered = {step: next(row for row in seen if row["step"] == step) for step in STEPS}
    assert [entered[step]["progress"] for step in STEPS] == [0, 20, 40, 70, 80, 90]
    assert entered["analyzing"]["message"] == "Analyzing 4 tables with 8 columns…"


def test_a_database_with_a_write_ahead_log_is_read_without_it(hub, tmp_path):
    path = tmp_path / "wal.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SHOP)
    connection.close()
    assert path.read_bytes()[18] == 2
    row = outcome(hub, path.read_bytes())
    assert row["state"] == "succeeded", row
    assert len(kept(tmp_path)) == 1, "a log was made beside the file"


def test_what_is_no_database_or_too_large_is_refused_and_leaves_nothing(hub, tmp_path):
    def send(content, headers=TYPE):
        return hub.request("POST", "/api/v1/uploads", headers, content)

    assert_problem(send(b"x" * 5000), 422, "no SQLite database")
    assert_problem(send(b"SQLite format 3\0"), 422, "less than a page")
    assert_problem(send(b"x" * 5000, {"Content-Type": "application/json"}), 415, "application/vnd.sqlite3")
    with hub.connect() as connection:
        head = {"Host": "localhost", "Content-Length": "8000001"} | TYPE
        connection.send(build("POST", "/api/v1/uploads", head))
        assert_problem(connection.read_response("POST"), 413, "--upload-bytes")
    eventually(lambda: kept(tmp_path) == [], "the files are gone")


def test_a_body_without_a_length_is_refused_while_it_comes(hub, tmp_path):
    piece = b"SQLite format 3\0" + bytes(65520)
    with hub.connect() as connection:
        head = {"Host": "localhost", "Transfer-Encoding": "chunked"} | TYPE
        connection.send(build("POST", "/api/v1/uploads", head))
        for _ in range(140):
            connection.send_all_it_takes(b"%x\r\n%b\r\n" % (len(piece), piece))
        assert_problem(connection.read_response("POST"), 413, "--upload-bytes")
    eventually(lambda: kept(tmp_path) == [], "the files are gone")


def test_an_upload_that_is_cut_leaves_nothing(hub, tmp_path):
    with hub.connect() as connection:
        head = {"Host": "localhost", "Content-Length": "100000"} | TYPE
        connection.send(build("POST", "/api/v1/uploads", head) + b"SQLite format 3\0" + bytes(5000))
        eventually(lambda: len(kept(tmp_path)) == 1, "the file begins")
        assert kept(tmp_path)[0].endswith(".part")
        connection.reset()
    eventually(lambda: kept(tmp_path) == [], "the file is gone")


def test_what_a_killed_hub_left_half_read_is_removed_and_what_came_whole_is_kept(tmp_path):
    data = str(tmp_path / "data")
    hub = Hub(data=data)
    name = upload(hub, database(tmp_path, SHOP))
    with hub.connect() as connection:
        head = {"Host": "localhost", "Content-Length": "100000"} | TYPE
        connection.send(build("POST", "/api/v1/uploads", head) + b"SQLite format 3\0" + bytes(5000))
        eventually(lambda: len(kept(tmp_path)) == 2, "the file begins")
        hub.kill()
    with Hub("--builtin-rate", "0", data=data) as hub:
        assert kept(tmp_path) == [name]
        jobs = Jobs(hub)
        job = jobs.create("context", {"upload": name})["id"]
        assert jobs.until_final(job)["state"] == "succeeded"


HOSTILE = {
    "10,000 tables": ("".join(f"CREATE TABLE t{n} (a);" for n in range(10_000)), "10000 tables"),
    "no tables": ("CREATE TABLE t (a); DROP TABLE t", "no tables"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_schema_fails_once_and_with_a_sentence(hub, tmp_path, kind):
    sql, words = HOSTILE[kind]
    row = outcome(hub, database(tmp_path, sql))
    assert row["state"] == "failed" and row["attempt"] == 1, row
    assert words in row["error"] and row["error"].endswith("."), row
    hub.assert_healthy()


def test_damage_fails_with_a_sentence(hub, tmp_path):
    whole = database(tmp_path, SHOP)
    for content in (whole[:600], whole[:100] + os.urandom(len(whole) - 100)):
        row = outcome(hub, content)
        assert row["state"] == "failed" and row["error"].endswith("."), row
    hub.assert_healthy()


def test_views_that_never_end_and_functions_are_not_run(hub, tmp_path):
    row = outcome(hub, database(tmp_path, """
        CREATE TABLE t (a DEFAULT (hex(randomblob(1000000000))), b AS (abs(a)) STORED);
        CREATE VIEW w AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r;
        CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END"""))
    assert row["state"] == "succeeded" and row["result"]["tables"] == 1, row


def test_files_expire_a_day_after_they_were_sent(tmp_path):
    data = str(tmp_path / "data")
    with Hub(data=data) as hub:
        name = upload(hub, database(tmp_path, SHOP))
    path = Path(data) / "uploads" / name
    assert path.stat().st_mode & 0o777 == 0o600
    os.utime(path, (1_000_000_000, 1_000_000_000))
    with Hub(data=data) as hub:
        eventually(lambda: kept(tmp_path) == [], "the file expires")
        answer = hub.post({"kind": "context", "input": {"upload": name}}, "/api/v1/jobs")
        assert_problem(answer, 422, "kept for a day")


def test_a_hub_without_a_disk_keeps_no_files():
    with Hub() as hub:
        answer = hub.request("POST", "/api/v1/uploads", TYPE, b"SQLite format 3\0" + bytes(5000))
        assert_problem(answer, 501, "--data :memory:")

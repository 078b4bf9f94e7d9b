"""A second program on the store's file: what is safe, what is noticed, and what SQLite's version has to do with it."""

import ctypes
import os
import random
import re
import sqlite3

import apsw
import pytest

from support.hub import Hub, assert_problem
from support.sse import parse_id

NOTICED = "Another program does checkpoints of the store"


def assert_ready(hub):
    assert NOTICED not in hub.log(), hub.log()
    assert hub.get("/health/ready").status == 200


@pytest.mark.parametrize("mode", ["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
def test_a_checkpoint_of_another_program_is_noticed(folder, mode):
    with Hub(data=folder) as hub:
        ids = [hub.publish("post:1", n) for n in range(20)]
        other = apsw.Connection(folder + "/martlet.db")
        other.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        # The log is begun anew by this commit, which shows what was done.
        ids.append(hub.publish("post:1", "next"))
        ids.append(hub.publish("post:1", "another"))
        assert_problem(hub.get("/health/ready"), 503, "Another program")
        assert hub.get("/health/live").status == 200
        assert hub.log().count(NOTICED) == 1
        other.close()
        assert hub.resumed(["post:1"], ids[0]) == ids[1:]


def test_what_is_safe_beside_the_hub_is_not_taken_for_a_checkpoint(folder, tmp_path):
    with Hub(data=folder) as hub:
        other = sqlite3.connect(folder + "/martlet.db")
        for step in (
            lambda: other.execute("SELECT count(*) FROM events").fetchall(),
            lambda: other.execute(f"VACUUM INTO '{tmp_path}/copy.db'"),
            lambda: other.backup(sqlite3.connect(tmp_path / "backup.db")),
        ):
            hub.publish("post:1", 1)
            step()
            hub.publish("post:1", 2)
            assert_ready(hub)
        other.close()
        hub.publish("post:1", 3)
        assert_ready(hub)


def test_the_hub_s_own_checkpoints_are_not_taken_for_another_program_s(folder):
    with Hub(data=folder) as hub:
        for _ in range(4 * 40):
            assert hub.post({"resource": "post:1", "data": "x" * 250_000}).status == 200
        assert os.path.getsize(folder + "/martlet.db") > 20_000_000
        assert_ready(hub)


@pytest.mark.parametrize("target", ["stream", "poll"])
def test_a_damaged_page_that_was_found_is_told_until_the_hub_is_started_anew(folder, target):
    path = folder + "/martlet.db"
    with Hub(data=folder) as hub:
        batch = [{"resource": "post:1", "data": "y" * 300}] * 500
        ids = [id for _ in range(4) for id in hub.post(batch).json["ids"]]
    with Hub("--memory-events", "10", data=folder) as hub:
        assert hub.get("/health/ready").status == 200
        pages = os.path.getsize(path) // 4096
        with open(path, "r+b") as file:
            file.seek(pages // 4 * 4096)
            file.write(random.Random(1).randbytes(pages // 2 * 4096))
        cursor = f"{parse_id(ids[0])[0]}-0"
        if target == "stream":
            with hub.stream(["post:1"], last_event_id=cursor) as stream, pytest.raises(EOFError):
                stream.until("live", 10)
        else:
            assert hub.get(f"/poll?resources=post:1&after={cursor}&limit=1000").status == 503
        assert_problem(hub.get("/health/ready"), 503, "damaged")
        assert re.search(r"The store is damaged .*martlet\.db", hub.log())
        assert hub.log().count("The store is damaged") == 1
        assert hub.get("/health/live").status == 200


def test_a_version_of_sqlite_that_has_the_fault_is_named_at_the_start(folder):
    number = ctypes.CDLL("libsqlite3.so.0").sqlite3_libversion_number()
    is_affected = number <= 3_051_002 and not (
        3_044_006 <= number < 3_045_000 or 3_050_007 <= number < 3_051_000
    )
    with Hub(data=folder) as hub:
        lines = [line for line in hub.log().splitlines() if "WAL-reset fault" in line]
    assert len(lines) == is_affected
    version = f"version={number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
    assert all(version in line for line in lines)

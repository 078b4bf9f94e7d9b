"""A disk that fails now and then, under a hub that runs: what is refused, what is told, who waits for what."""

import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.faulty import DATABASE, LOG, SYNCS, WRITES, FaultyDisk
from support.hub import Hub, assert_problem
from support.wait import eventually


@pytest.fixture
def disk(tmp_path):
    return FaultyDisk(tmp_path)


def ready(hub):
    assert hub.get("/health/live").status == 200
    return hub.get("/health/ready")


def figures(hub):
    """The gauges of /metrics."""
    text = hub.get("/metrics").body.decode()
    return {name: int(value) for name, value in re.findall(r"^(martlet_\w+) (\d+)$", text, re.M)}


# A refused commit


@pytest.mark.parametrize("size", [10, 20_000, 200_000])
@pytest.mark.parametrize("calls", [1, 3, -1], ids=["once", "three-times", "for-good"])
def test_what_was_refused_is_not_there_after_a_crash(folder, disk, size, calls):
    hub = Hub(data=folder, env=disk.env)
    try:
        ids = [hub.publish("post:1", n) for n in range(20)]
        disk.fail(LOG, SYNCS, count=calls)
        answer = hub.post({"resource": "post:1", "data": "x" * size, "event": "refused"})
        assert_problem(answer, 503)
        assert disk.failed >= 1
    finally:
        # As soon as the refusal is there.
        hub.kill()
    with Hub(data=folder) as hub:
        assert "lost what was acknowledged" not in hub.log(), hub.log()
        assert hub.resumed(["post:1"], ids[0]) == ids[1:]


def test_what_was_refused_is_not_there_after_what_was_taken_since(folder, disk):
    hub = Hub(data=folder, env=disk.env)
    try:
        ids = [hub.publish("post:1", n) for n in range(20)]
        disk.fail(LOG, SYNCS, count=1)
        assert hub.post({"resource": "post:1", "data": "x" * 200_000}).status == 503
        eventually(lambda: ready(hub).status == 200, "readiness again")
        ids += [hub.publish("post:1", n) for n in range(3)]
    finally:
        hub.kill()
    with Hub(data=folder) as hub:
        assert "lost what was acknowledged" not in hub.log(), hub.log()
        assert hub.resumed(["post:1"], ids[0]) == ids[1:]


@pytest.mark.parametrize("calls", [1, -1], ids=["once", "for-good"])
def test_a_commit_that_was_written_in_part_is_not_there_after_a_crash(folder, disk, calls):
    hub = Hub(data=folder, env=disk.env)
    try:
        ids = [hub.publish("post:1", n) for n in range(20)]
        disk.fail(LOG, WRITES, count=calls)
        assert hub.post({"resource": "post:1", "data": "x" * 20_000}).status == 503
    finally:
        hub.kill()
    with Hub(data=folder) as hub:
        assert "lost what was acknowledged" not in hub.log(), hub.log()
        assert hub.resumed(["post:1"], ids[0]) == ids[1:]


# A log that grows


def fill(hub, mebibytes):
    """Lets the write-ahead log grow by so much."""
    for _ in range(mebibytes * 4):
        answer = hub.post({"resource": "post:1", "data": "x" * 250_000})
        assert answer.status == 200, answer


def test_a_database_that_cannot_be_written_is_told_of(folder, disk):
    with Hub(data=folder, env=disk.env) as hub:
        disk.fail(DATABASE, WRITES)
        fill(hub, 24)
        assert_problem(eventually(lambda: (a := ready(hub)).status == 503 and a, "no readiness"), 503)
        assert figures(hub)["martlet_wal_bytes"] > 20_000_000
        grows = "The write-ahead log grows, for it cannot be brought into the database"
        line = eventually(
            lambda: next((text for text in hub.log().splitlines() if grows in text), None), grows, 20
        )
        assert " warning " in line and "disk I/O error" in line and "bytes=" in line
        assert hub.publish("post:1", "goes on")
        disk.heal()
        eventually(lambda: ready(hub).status == 200, "readiness again")
        eventually(lambda: "The write-ahead log is in the database again" in hub.log(), "its end")
        assert hub.log().count(grows) == 1, "once a minute"
        assert figures(hub)["martlet_checkpoint_age_seconds"] <= 5


def test_a_reader_in_the_way_is_told_of(folder):
    with Hub(data=folder) as hub:
        hub.publish("post:1", 1)
        other = sqlite3.connect(folder + "/martlet.db", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM events").fetchone()
        fill(hub, 20)
        grows = "The write-ahead log grows, for it cannot be brought into the database"
        line = eventually(
            lambda: next((text for text in hub.log().splitlines() if grows in text), None), grows, 20
        )
        assert "a reader needs a part of it" in line
        assert ready(hub).status == 200, "the reader does no harm to what is stored"
        assert figures(hub)["martlet_checkpoint_age_seconds"] >= 9
        other.execute("COMMIT")
        other.close()
        eventually(lambda: "The write-ahead log is in the database again" in hub.log(), "its end")


def test_a_log_that_comes_into_the_database_is_told_nothing_of(folder):
    with Hub(data=folder) as hub:
        fill(hub, 40)
        # What is in the database still counts until the log is begun anew, by the next commit.
        eventually(
            lambda: fill(hub, 1) or figures(hub)["martlet_wal_bytes"] < 17_000_000, "a checkpoint", 60
        )
        assert "write-ahead log grows" not in hub.log()
        assert ready(hub).status == 200


def test_figures_of_the_log_are_the_store_s_alone():
    with Hub() as hub:
        assert "martlet_wal_bytes" not in hub.get("/metrics").body.decode()


# Who waits for the database


def test_the_writer_syncs_no_more_of_the_database_than_its_own_few_pages(folder, disk):
    with Hub(data=folder, env=disk.env) as hub:
        going = threading.Event()
        going.set()

        def publish(number):
            while going.is_set():
                hub.post([{"resource": f"post:{number}:{n}", "data": "x" * 900} for n in range(20)])

        with ThreadPoolExecutor(8) as pool:
            publishers = [pool.submit(publish, number) for number in range(8)]
            try:
                # Two or three for each checkpoint, or one where only the writer does any.
                eventually(lambda: disk[8] + disk[9] >= 16, "checkpoints", 50)
            finally:
                going.clear()
            for publisher in publishers:
                publisher.result(10)
        print(f"\n  {disk[8]} syncs by the writer, {disk[9]} by others, {disk[12]} us at most", end="")
        # A commit or two of what eight publishers have sent meanwhile, of the log's 4,000 pages.
        assert disk[11] <= 400, f"{disk[11]} pages were left to the writer"

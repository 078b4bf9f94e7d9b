"""A disk that is full, locked or read-only, a process that stands still."""

import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.disk import call, disk, fill
from support.hub import Hub, assert_problem, run
from support.sse import sequence
from support.wait import eventually

# As it says in the contract; what fits in here is recovered within.
RECOVERY = 2.5


def mounted(tmp_path, mebibytes):
    with disk(tmp_path / "disk", mebibytes) as path:
        if path is None:
            pytest.skip("a tmpfs cannot be mounted here (it takes root)")
        yield path


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 6 MiB, too small for a prepared write-ahead log."""
    yield from mounted(tmp_path, 6)


@pytest.fixture
def roomy_disk(tmp_path):
    """A file system on which the write-ahead log is prepared."""
    yield from mounted(tmp_path, 320)


@pytest.fixture
def immutable():
    """Makes files and folders unchangeable, for root as well."""
    paths = []

    def make(path):
        if not call("chattr", "+i", str(path)):
            pytest.skip("chattr +i does not work on this file system (it takes root)")
        paths.append(path)

    def free():
        while paths:
            call("chattr", "-i", str(paths.pop()))

    make.free = free
    yield make
    free()


def ready(hub):
    """The status of /health/ready; the hub must be alive in any case."""
    assert hub.get("/health/live").status == 200
    return hub.get("/health/ready").status


class Trouble:
    """A hub with a stream before, in and after trouble: what holds whatever the trouble is."""

    def __init__(self, hub):
        self.hub = hub
        self.start = hub.head()
        self.acknowledged = [hub.publish("post:1", n, retain=True) for n in range(100)]
        self.live = hub.open(["post:1"])

    def publish(self, data=1):
        """Publishes once and notes what is acknowledged; the answer."""
        answer = self.hub.post({"resource": "post:1", "data": data})
        if answer.status == 200:
            self.acknowledged.append(answer.json["id"])
        return answer

    def refused(self, *words, data=1):
        """Publishes until it is refused, which must be said well."""
        answer = eventually(
            lambda: (answer := self.publish(data)).status != 200 and answer, "a refusal", 10
        )
        assert_problem(answer, 503, *words)
        # Where the store is concerns the operator, who has the log.
        assert "martlet.db" not in answer.json["detail"] and "/" not in answer.json["detail"]
        assert 1 <= int(answer.headers["retry-after"]) <= 10
        return answer

    def assert_reads_go_on(self):
        """What needs no write goes on, with all that was acknowledged and nothing else."""
        assert self.hub.resumed(["post:1"], self.start) == self.acknowledged
        assert self.hub.get("/state?resources=post:1").status == 200
        with self.hub.stream(["post:1"]) as stream:
            assert [block.event for block in stream.opening()] == ["connected", "update", "live"]

    def assert_transient_events_flow(self):
        """They need no store."""
        self.hub.publish("post:1", "passing", event="passing", transient=True)
        blocks = self.live.until("passing", 5)
        assert blocks[-1].id is None

    def assert_recovers(self):
        """Without a restart, without gaps, and with a stream that saw every event once."""
        eventually(lambda: ready(self.hub) == 200, "readiness again", RECOVERY)
        for n in range(5):
            assert self.publish(n).status == 200
        numbers = [sequence(id) for id in self.acknowledged]
        assert numbers == list(range(1, len(numbers) + 1))
        self.assert_reads_go_on()
        self.live.until(lambda block: block.id == self.acknowledged[-1])
        seen = [block.id for block in self.live.seen if not block.is_control and block.id]
        assert seen == self.acknowledged[100:]
        self.live.close()
        assert "takes writes again" in self.hub.log()


# A full disk


@pytest.mark.parametrize("data", ["small", "x" * 20_000], ids=["small", "large"])
def test_a_full_disk_loses_nothing_and_is_recovered_from(small_disk, data):
    with Hub("--memory-events", "10", data=str(small_disk / "data")) as hub:
        trouble = Trouble(hub)
        ballast = fill(small_disk)
        trouble.refused("full", data=data)
        trouble.assert_transient_events_flow()
        trouble.assert_reads_go_on()
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            # A small write may still succeed where large ones do not; but with none, it is not ready.
            if trouble.publish(data).status == 503:
                assert ready(hub) == 503
        trouble.assert_transient_events_flow()
        ballast.unlink()
        trouble.assert_recovers()
    with Hub(data=str(small_disk / "data")) as hub:
        assert hub.resumed(["post:1"], trouble.start) == trouble.acknowledged


def test_a_disk_that_becomes_full_behind_a_prepared_log_loses_nothing(roomy_disk):
    data = roomy_disk / "data"
    large = {"resource": "post:1", "data": "x" * 200_000}
    acknowledged = []

    def publish():
        answer = hub.post(large)
        if answer.status == 200:
            acknowledged.append(answer.json["id"])
        return answer

    with Hub("--memory-events", "10", data=str(data)) as hub:
        assert (data / "martlet.db-wal").stat().st_size > 17_000_000
        assert "is not prepared" not in hub.log()
        start = hub.head()
        ballast = fill(roomy_disk)
        refusal = eventually(
            lambda: (answer := publish()).status != 200 and answer, "a refusal", 10
        )
        assert_problem(refusal, 503, "full")
        assert len(acknowledged) > 50, "what the log has of its own can be used"
        assert hub.resumed(["post:1"], start) == acknowledged
        ballast.unlink()
        eventually(lambda: publish().status == 200, "recovery", RECOVERY)
        eventually(lambda: ready(hub) == 200, "a checkpoint that the disk has room for", RECOVERY)
        assert hub.resumed(["post:1"], start) == acknowledged
    assert [sequence(id) for id in acknowledged] == list(range(1, len(acknowledged) + 1))
    with Hub(data=str(data)) as hub:
        assert hub.resumed(["post:1"], start) == acknowledged


def test_a_disk_without_room_for_a_prepared_log_is_told_of(small_disk):
    with Hub(data=str(small_disk / "data")) as hub:
        assert "the write-ahead log is not prepared reason=" in hub.log()


def test_readiness_does_not_flicker_while_the_disk_is_full(small_disk):
    with Hub(data=str(small_disk / "data")) as hub:
        trouble = Trouble(hub)
        ballast = fill(small_disk)
        trouble.refused("full", data="x" * 100_000)
        end = time.monotonic() + 3.5
        while time.monotonic() < end:
            assert ready(hub) == 503
            time.sleep(0.05)  # this is the load balancer
        assert hub.log().count("takes no writes") == 1
        problem = assert_problem(hub.get("/health/ready"), 503, "full")
        assert "martlet.db" in hub.log()
        assert problem["retry_after"] >= 1
        ballast.unlink()
        trouble.assert_recovers()


def test_a_kill_on_a_full_disk_loses_nothing(small_disk):
    data = str(small_disk / "data")
    hub = Hub(data=data)
    try:
        trouble = Trouble(hub)
        ballast = fill(small_disk)
        trouble.refused("full", data="x" * 5_000)
        trouble.live.close()
        hub.kill()
        try:
            Hub(data=data).stop()
        except AssertionError as error:
            assert "ended with 74" in str(error) and "full" in str(error), error
        ballast.unlink()
        hub = Hub(data=data)
        assert hub.resumed(["post:1"], trouble.start) == trouble.acknowledged
        hub.publish("post:1", 1)
        hub.stop()
    finally:
        hub.kill()


def test_no_room_for_a_new_store_is_an_error_at_the_start(small_disk):
    fill(small_disk)
    done = run("serve", "--port", "0", "--data", str(small_disk))
    assert done.returncode == 74, done
    assert str(small_disk) in done.stderr


# A locked store


@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_lock_of_another_process_is_waited_out(folder, mode):
    with Hub("--memory-events", "10", data=folder) as hub:
        trouble = Trouble(hub)
        other = sqlite3.connect(folder + "/martlet.db", isolation_level=None)
        other.execute(f"BEGIN {mode}")
        trouble.refused("locked", "another process")
        assert ready(hub) == 503
        trouble.assert_transient_events_flow()
        trouble.assert_reads_go_on()
        other.execute("COMMIT")
        trouble.assert_recovers()
        other.close()


def test_a_short_lock_of_another_process_refuses_nothing(folder):
    with Hub(data=folder) as hub:
        hub.publish("post:1", 1)
        other = sqlite3.connect(folder + "/martlet.db", isolation_level=None)
        for _ in range(3):
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor(1) as pool:
                publishing = pool.submit(hub.publish, "post:1", 2)
                time.sleep(0.2)  # this is the other process
                other.execute("COMMIT")
                publishing.result(5)
        other.close()
        assert ready(hub) == 200


# Read-only


def test_a_store_that_becomes_read_only_is_recovered_from(folder, immutable):
    with Hub("--memory-events", "10", data=folder) as hub:
        trouble = Trouble(hub)
        for name in ("martlet.db", "martlet.db-wal"):
            immutable(f"{folder}/{name}")
        trouble.refused("store", "log")
        assert "martlet.db" in hub.log()
        assert ready(hub) == 503
        trouble.assert_transient_events_flow()
        trouble.assert_reads_go_on()
        immutable.free()
        trouble.assert_recovers()


@pytest.mark.parametrize("what", ["", "martlet.db"], ids=["folder", "file"])
def test_a_read_only_store_is_an_error_at_the_start(folder, immutable, what):
    os.makedirs(folder)
    if what:
        Hub(data=folder).stop()
    immutable(os.path.join(folder, what))
    done = run("serve", "--port", "0", "--data", folder)
    assert done.returncode == 74, done
    assert folder in done.stderr and done.stdout == ""
    immutable.free()
    Hub(data=folder).stop()


# Standing still


def test_a_process_that_stood_still_goes_on_as_if_nothing_had_been(folder):
    with Hub("--broadcast-timeout", "0.5", "--memory-events", "10", data=folder) as hub:
        with hub.open(["post:1"]) as stream, ThreadPoolExecutor(8) as pool:
            going = threading.Event()
            going.set()

            def publish(number):
                ids = []
                while going.is_set():
                    ids.append(hub.publish("post:1", [number, len(ids)]))
                return ids

            publishing = [pool.submit(publish, number) for number in range(8)]
            for _ in range(3):
                stream.events(20)
                hub.signal(signal.SIGSTOP)
                time.sleep(0.8)  # this is the one who stopped it
                hub.signal(signal.SIGCONT)
            going.clear()
            ids = sorted((id for one in publishing for id in one.result(10)), key=sequence)
            stream.until(lambda block: block.id == ids[-1], 10)
            assert [block.id for block in stream.seen if not block.is_control] == ids
        assert hub.get("/health/ready").status == 200

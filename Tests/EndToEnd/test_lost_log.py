"""A store that has lost a part of what was acknowledged, and says so: damage, forgotten writes, copies, backups."""

import shutil
import sqlite3
from pathlib import Path

import apsw
import pytest

from support.hub import Hub, run
from support.sse import parse_id
from support.wal import frames, overwrite

LOST = "The store has lost what was acknowledged"
MAY_HAVE_LOST = "The store may have lost what was acknowledged"


def killed(folder, count=200):
    """A store whose hub was killed after so many acknowledged events, each a transaction; their ids."""
    hub = Hub(data=folder)
    try:
        return [hub.publish("post:1", n) for n in range(count)]
    finally:
        hub.kill()


def files(folder):
    """The database, its log, and the lock with the mark."""
    return tuple(Path(folder) / name for name in ("martlet.db", "martlet.db-wal", "martlet.lock"))


def reset_of(hub, cursor):
    """Why a client that comes back with a cursor is told to start afresh; None when it resumes."""
    with hub.stream(["post:1"], last_event_id=cursor) as stream:
        blocks = stream.opening()
    resets = [block.json["reason"] for block in blocks if block.event == "reset"]
    assert blocks[0].json["resumed"] is (not resets), blocks
    return resets[0] if resets else None


def assert_loss_is_told(folder, ids, line=LOST, level="error"):
    """The next start says it once, and clients from before are told."""
    hub = Hub(data=folder)
    try:
        log = hub.log()
        assert log.count(line) == 1, log
        assert f" {level}" in next(text for text in log.splitlines() if line in text)
        assert reset_of(hub, ids[-1]) == "epoch"
        assert parse_id(hub.publish("post:1", "new"))[0] != parse_id(ids[0])[0]
    finally:
        hub.kill()
    assert_nothing_is_lost(folder)
    return log


def assert_nothing_is_lost(folder, ids=()):
    """The next start is silent, and clients from before resume."""
    with Hub(data=folder) as hub:
        assert "lost what was acknowledged" not in hub.log(), hub.log()
        for index in range(0, len(ids), 50):
            assert hub.resumed(["post:1"], ids[index]) == ids[index + 1 :]


def damage_page(log):
    found, size = frames(log)
    overwrite(log, found[len(found) // 2].start + size // 2, bytes(range(64)))


def damage_frame_header(log):
    found, _ = frames(log)
    overwrite(log, found[len(found) // 3].start, b"\xff" * 24)


def damage_header(log):
    overwrite(log, 0, b"\xff" * 64)


def forget_a_page(log):
    found, size = frames(log)
    overwrite(log, found[len(found) // 2].start, bytes(size))


@pytest.mark.parametrize("damage", [damage_page, damage_frame_header, damage_header, forget_a_page])
def test_damage_in_the_middle_of_the_write_ahead_log_is_told(folder, damage):
    ids = killed(folder)
    damage(files(folder)[1])
    log = assert_loss_is_told(folder, ids)
    assert "stand in the write-ahead log behind a damaged place" in log
    assert "transactions" in log and "acknowledged events are missing" in log


def test_damage_is_told_without_a_mark_of_the_last_event(folder):
    ids = killed(folder)
    _, log, lock = files(folder)
    damage_page(log)
    lock.write_bytes(b"")
    assert_loss_is_told(folder, ids)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.95])
def test_a_disk_that_forgot_the_end_of_the_log_is_told(folder, part):
    ids = killed(folder)
    _, log, _ = files(folder)
    found, _ = frames(log)
    # Nothing stands behind the end: only the mark beside the database knows.
    start = found[int(len(found) * part)].start
    overwrite(log, start, bytes(log.stat().st_size - start))
    assert f"event {len(ids)} was acknowledged" in assert_loss_is_told(folder, ids)


def test_damage_in_the_last_transaction_is_told(folder):
    ids = killed(folder)
    _, log, _ = files(folder)
    found, size = frames(log)
    overwrite(log, found[-1].start + size - 64, b"\xff" * 64)
    assert_loss_is_told(folder, ids)


def test_a_log_that_was_deleted_is_told(folder):
    ids = killed(folder, 50)
    files(folder)[1].unlink()
    # No checkpoint has been done: with the log all is gone, and what is left is an empty database.
    assert f"event {len(ids)} was acknowledged, and the log ends at 0" in assert_loss_is_told(folder, ids)


@pytest.mark.parametrize("cut", [1, 30, 2000])
def test_a_commit_that_was_cut_off_is_no_loss(folder, tmp_path, cut):
    hub = Hub(data=folder)
    try:
        ids = [hub.publish("post:1", n) for n in range(50)]
        kept = tmp_path / "lock"
        shutil.copy(files(folder)[2], kept)
        before = len(frames(files(folder)[1])[0])
        hub.publish("post:1", "x" * 10_000)
    finally:
        hub.kill()
    _, log, lock = files(folder)
    found, size = frames(log)
    assert len(found) > before + 1, "the last transaction has several frames"
    # As a kill between two writes leaves it: nothing of it was acknowledged, so the mark is the one before.
    end = found[-1].start + size - cut if cut < size else found[before].start + cut
    overwrite(log, end, bytes(log.stat().st_size - end))
    shutil.copy(kept, lock)
    assert_nothing_is_lost(folder, ids)


def test_a_kill_is_no_loss(folder):
    ids = killed(folder)
    assert_nothing_is_lost(folder, ids)
    assert_nothing_is_lost(folder, ids)


def test_a_log_that_another_program_brought_into_the_database_is_no_loss(folder):
    ids = killed(folder)
    other = sqlite3.connect(files(folder)[0])
    other.execute("SELECT count(*) FROM events").fetchone()
    other.close()
    assert not files(folder)[1].exists(), "the last one to close does a checkpoint"
    assert_nothing_is_lost(folder, ids)


def test_a_damaged_log_that_another_program_has_open_keeps_the_hub_from_starting(folder):
    hub = Hub(data=folder)
    other = apsw.Connection(str(files(folder)[0]))
    try:
        ids = [hub.publish("post:1", n) for n in range(50)]
        other.execute("SELECT count(*) FROM events").fetchall()
        hub.kill()
        damage_page(files(folder)[1])
        done = run("serve", "--port", "0", "--data", folder)
        assert done.returncode == 74, done
        assert "another process has it open" in done.stderr
    finally:
        hub.kill()
        # As it would be when the other program is killed: its end would do a checkpoint.
        damaged = files(folder)[1].read_bytes()
        other.close()
        files(folder)[1].write_bytes(damaged)
    assert_loss_is_told(folder, ids)


# Copies and backups


def test_a_database_copied_without_its_log_is_told_when_it_is_empty(folder, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    with Hub(data=folder) as hub:
        for n in range(20):
            hub.publish("post:1", n)
        shutil.copy(files(folder)[0], copy)
    with Hub(data=str(copy)) as hub:
        assert MAY_HAVE_LOST in hub.log(), hub.log()
        assert "its write-ahead log is missing" in hub.log()
    assert_nothing_is_lost(str(copy))


def test_a_folder_whose_database_is_missing_is_told(folder):
    killed(folder, 5)
    for file in files(folder)[:2]:
        file.unlink()
    with Hub(data=folder) as hub:
        assert MAY_HAVE_LOST in hub.log()


@pytest.mark.parametrize("has_lock", [False, True])
def test_a_database_copied_without_its_log_is_told_when_it_has_a_part(folder, tmp_path, has_lock):
    copy = tmp_path / "copy"
    copy.mkdir()
    with Hub(data=folder) as hub:
        ids = [hub.publish("post:1", "x" * 200_000) for _ in range(100)]
        ids += [hub.publish("post:1", n) for n in range(20)]
        shutil.copy(files(folder)[0], copy)
        if has_lock:
            shutil.copy(files(folder)[2], copy)
    line, level = (LOST, "error") if has_lock else (MAY_HAVE_LOST, "warning")
    assert_loss_is_told(str(copy), ids, line, level)


def test_a_backup_that_is_put_back_without_a_new_epoch_is_told(folder, tmp_path):
    backup = tmp_path / "backup.db"
    with Hub(data=folder) as hub:
        ids = [hub.publish("post:1", n) for n in range(20)]
        source = sqlite3.connect(files(folder)[0])
        source.execute(f"VACUUM INTO '{backup}'")
        source.close()
        ids += [hub.publish("post:1", n) for n in range(20)]
    shutil.copy(backup, files(folder)[0])
    assert "event 40 was acknowledged, and the log ends at 20" in assert_loss_is_told(folder, ids)


def test_a_backup_that_is_put_back_with_a_new_epoch_is_as_it_should_be(folder, tmp_path):
    backup = tmp_path / "backup.db"
    with Hub(data=folder) as hub:
        ids = [hub.publish("post:1", n) for n in range(20)]
        source = sqlite3.connect(files(folder)[0])
        source.execute(f"VACUUM INTO '{backup}'")
        source.close()
        hub.publish("post:1", "later")
    shutil.copy(backup, files(folder)[0])
    with sqlite3.connect(files(folder)[0]) as store:
        store.execute("UPDATE meta SET value = lower(hex(randomblob(5))) WHERE key = 'epoch'")
    store.close()
    assert_nothing_is_lost(folder)
    with Hub(data=folder) as hub:
        assert reset_of(hub, ids[-1]) == "epoch"


def test_a_new_store_and_a_clean_stop_are_told_nothing_of(folder):
    assert_nothing_is_lost(folder)
    assert_nothing_is_lost(folder)
    with Hub(data=folder) as hub:
        ids = [hub.publish("post:1", n) for n in range(5)]
    assert_nothing_is_lost(folder, ids)


# Commands


def test_verify_finds_what_is_lost_while_no_hub_runs(folder):
    killed(folder)
    damage_page(files(folder)[1])
    done = run("log", "verify", "--data", folder)
    assert done.returncode == 65, done
    assert "the write-ahead log: " in done.stdout and "behind a damaged place" in done.stdout
    assert "event 200 was acknowledged" in done.stdout


def test_verify_finds_nothing_in_the_store_of_a_hub_that_was_killed(folder):
    killed(folder)
    done = run("log", "verify", "--data", folder)
    assert done.returncode == 0, done


def test_an_import_says_what_is_lost(folder):
    ids = killed(folder)
    damage_page(files(folder)[1])
    events = Path(folder) / "events.ndjson"
    events.write_text('{"resources":["post:1"],"event":"update","data":1}\n')
    done = run("log", "import", "--data", folder, str(events))
    assert done.returncode == 0, done
    assert "behind a damaged place" in done.stderr
    with Hub(data=folder) as hub:
        assert reset_of(hub, ids[-1]) == "epoch"

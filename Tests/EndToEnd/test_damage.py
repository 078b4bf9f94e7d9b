"""A store that is damaged, another program's, a newer version's, or another hub's."""

import os
import random
import re
import sqlite3

import pytest

from support.hub import Hub, assert_problem, run
from support.sse import parse_id, sequence


def store_of(folder, count=2000):
    """A store with so many events, all in its file; the ids."""
    with Hub(data=folder) as hub:
        ids = []
        for batch in range(count // 500):
            events = [{"resource": "post:1", "data": [n, "y" * 300]} for n in range(500)]
            ids += hub.post(events).json["ids"]
    assert not os.path.exists(folder + "/martlet.db-wal"), "a clean stop leaves one file"
    return ids


def overwrite(folder, start, end, kind, seed=0):
    """Overwrites a part of the file, given in hundredths."""
    path = folder + "/martlet.db"
    size = os.path.getsize(path) // 4096
    count = max(1, size * end // 100 - size * start // 100) * 4096
    data = bytes(count) if kind == "zeros" else random.Random(seed).randbytes(count)
    with open(path, "r+b") as file:
        file.seek(size * start // 100 * 4096)
        file.write(data)


@pytest.mark.parametrize("damage", ["text", "head", "truncated", "short"])
def test_a_file_that_is_no_store_is_an_error_at_the_start(folder, damage):
    store_of(folder, 500)
    path = folder + "/martlet.db"
    if damage == "text":
        with open(path, "wb") as file:
            file.write(b"Dear diary,\n" * 2000)
    elif damage == "head":
        overwrite(folder, 0, 1, "random")
    else:
        os.truncate(path, 8192 if damage == "truncated" else 50)
    with open(path, "rb") as file:
        before = file.read()
    done = run("serve", "--port", "0", "--data", folder)
    assert done.returncode == 74, done
    assert path in done.stderr and done.stdout == ""
    with open(path, "rb") as file:
        assert file.read() == before, "what may still be saved is not touched"


@pytest.mark.parametrize("kind", ["zeros", "random"])
@pytest.mark.parametrize("start", range(1, 100, 14))
def test_no_damage_ends_the_hub_at_its_start_without_a_word(folder, start, kind):
    store_of(folder, 500)
    overwrite(folder, start, start + 20, kind, start)
    try:
        hub = Hub(data=folder)
    except AssertionError as error:
        assert "ended with 74" in str(error) and "martlet.db" in str(error), error
        return
    with hub:
        read_as_far_as_it_goes(hub, None)
        hub.post({"resource": "post:1", "data": 1, "retain": True})
        assert hub.get("/health/live").status == 200


def read_as_far_as_it_goes(hub, ids):
    """Resumes from the beginning: right events in order, then perhaps an end, never a wrong one."""
    epoch, _ = parse_id(hub.head())
    seen = []
    with hub.stream(["post:*"], last_event_id=f"{epoch}-0") as stream:
        try:
            for block in stream.until("live", 10):
                if not block.is_control:
                    seen.append(block.id)
        except EOFError:
            assert stream.seen[-1].event == "closing", stream.seen[-1]
    if ids is not None:
        assert seen == ids[: len(seen)]
    return seen


@pytest.mark.parametrize("kind", ["zeros", "random"])
@pytest.mark.parametrize("seed", range(3))
def test_a_file_overwritten_while_the_hub_runs_is_reported(folder, kind, seed):
    ids = store_of(folder)
    with Hub("--memory-events", "10", data=folder) as hub:
        overwrite(folder, 25 + 10 * seed, 70, kind, seed)
        seen = read_as_far_as_it_goes(hub, ids)
        assert len(seen) < len(ids)
        assert re.search(r" error +A stream cannot read on .*martlet\.db", hub.log()), hub.log()
        epoch, _ = parse_id(ids[0])
        for target in (f"/poll?resources=post:1&after={epoch}-0&limit=1000", "/state?resources=post:*"):
            answer = hub.get(target)
            assert answer.status == 200 or assert_problem(answer, 503, "damaged")
        for n in range(20):
            answer = hub.post({"resource": f"post:{n}", "data": 1})
            assert answer.status == 200 or assert_problem(answer, 503, "damaged")
        assert hub.get("/health/live").status == 200


def test_a_newer_format_is_an_error_at_the_start(folder):
    Hub(data=folder).stop()
    file = sqlite3.connect(folder + "/martlet.db")
    file.execute("PRAGMA user_version = 1000")
    file.close()
    done = run("serve", "--port", "0", "--data", folder)
    assert done.returncode == 74, done
    assert "newer Martlet" in done.stderr and "1000" in done.stderr


def test_another_program_s_file_is_an_error_at_the_start(folder):
    os.makedirs(folder)
    file = sqlite3.connect(folder + "/martlet.db")
    file.execute("CREATE TABLE theirs (id)")
    file.close()
    done = run("serve", "--port", "0", "--data", folder)
    assert done.returncode == 74, done
    assert "another program" in done.stderr


def test_a_second_hub_on_the_same_store_is_refused_as_long_as_the_first_runs(folder):
    hub = Hub(data=folder)
    try:
        done = run("serve", "--port", "0", "--data", folder)
        assert done.returncode == 74, done
        assert folder in done.stderr and "another hub" in done.stderr
        assert done.stdout == ""
        hub.publish("post:1", 1)
    finally:
        hub.kill()
    with Hub(data=folder) as again:
        assert sequence(again.head()) == 1

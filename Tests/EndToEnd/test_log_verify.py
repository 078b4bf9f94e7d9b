"""`martlet log verify`: no fault is found in what a hub has left, and every kind of damage is."""

import os
import random
import sqlite3

import pytest

from support.command import log, start
from support.hub import Hub


def store_of(folder, count=600, flags=()):
    """A store with events, state and keys, enough for an index; its hub was stopped."""
    with Hub(*flags, data=folder) as hub:
        for start_of in range(0, count, 100):
            events = [
                {
                    "resources": [f"post:{n % 7}", f"page:{n % 3}"],
                    "retain": n % 4 == 0,
                    "key": f"k{n}",
                    "data": {"n": n, "text": "y" * 300},
                }
                for n in range(start_of, start_of + 100)
            ]
            assert hub.post(events).status == 200
        return hub.head().rsplit("-")[0]


def alter(folder, *statements):
    """Changes the file as nobody should."""
    file = sqlite3.connect(folder + "/martlet.db")
    for statement in statements:
        file.execute(statement)
    file.commit()
    file.close()


def test_a_store_is_sound_while_a_hub_writes_and_after_a_kill(folder):
    hub = Hub("--retention-events", "500", data=folder)
    try:
        for n in range(60):
            events = [
                {"resources": [f"post:{n % 7}", "a:é"], "retain": n % 3 == 0, "data": n}
                for n in range(n, n + 40)
            ]
            assert hub.post(events).status == 200
            if n % 20 == 10:
                assert "is sound: " in log("verify", folder)
        hub.kill()
        assert "is sound: 500 events" in log("verify", folder)
        Hub(data=folder).stop()
        assert "is sound: 500 events" in log("verify", folder)
    finally:
        hub.kill()


def test_a_store_is_sound_when_retention_has_taken_every_event(folder):
    store_of(folder)
    alter(
        folder,
        "UPDATE head SET (seq, at) = (SELECT max(seq), max(at) FROM events)",
        "DELETE FROM events",
        EMPTY,
    )
    assert "is sound: 0 events, 10 retained, 600 keys" in log("verify", folder)


LINK = "INSERT INTO event_index_0(rowid, names) "
UNLINK = "INSERT INTO event_index_0(event_index_0, rowid, names) "
EMPTY = "INSERT INTO event_index_0(event_index_0) VALUES ('delete-all')"

DAMAGE = {
    "a missing event": ["DELETE FROM events WHERE seq = 150"],
    "missing events": ["DELETE FROM events WHERE seq BETWEEN 150 AND 160"],
    "a missing beginning": ["DELETE FROM events WHERE seq < 10"],
    "a missing end": ["UPDATE head SET seq = 605"],
    "a word too few in the index": [UNLINK + "VALUES ('delete', 2, 'post:1')"],
    "a pattern too few": [UNLINK + "VALUES ('delete', 9, 'post:*')"],
    "a word too many in the index": [LINK + "VALUES (7, 'post:99')"],
    "an index of no event": [LINK + "VALUES (900, 'post:1')"],
    "one word swapped": [UNLINK + "VALUES ('delete', 2, 'post:1')", LINK + "VALUES (3, 'post:1')"],
    "an index of less than it has": ["UPDATE event_index_parts SET last = 300 WHERE part = 0"],
    "an index of more than it has": [EMPTY],
    "a part that begins too late": ["UPDATE event_index_parts SET after = 100 WHERE part = 0"],
    "no index": ["DROP TABLE event_index_0"],
    "an index in doubt": ["DELETE FROM event_index_parts WHERE part = 3"],
    "data that is no JSON": ["UPDATE events SET data = x'7b22' WHERE seq = 5"],
    "data that is not UTF-8": ["UPDATE events SET data = x'22ff22' WHERE seq = 5"],
    "a name that is none": ["UPDATE events SET name = 'a b' WHERE seq = 5"],
    "a resource that is none": [
        "UPDATE events SET resources = 'post' WHERE seq = 5",
        UNLINK + "VALUES ('delete', 5, 'post:4 post:* page:1 page:*')",
        LINK + "VALUES (5, 'post post*')",
    ],
    "an event without resources": ["UPDATE events SET resources = '' WHERE seq = 5"],
    "a time that falls": ["UPDATE events SET at = at - 100000 WHERE seq = 100"],
    "state of no event": ["UPDATE retained SET seq = 900 WHERE resource = 'post:1'"],
    "state of another event": ["UPDATE retained SET seq = seq - 1 WHERE resource = 'post:1'"],
    "state with other data": ["UPDATE retained SET data = x'31' WHERE resource = 'post:1'"],
    "state that is no JSON": ["UPDATE retained SET data = x'5b' WHERE resource = 'post:1'"],
    "state of the wrong kind": ["UPDATE retained SET kind = 'pos' WHERE resource = 'post:1'"],
    "a key of no event": ["UPDATE idempotency SET seq = 900 WHERE key = 'k7'"],
    "no epoch": ["DELETE FROM meta WHERE key = 'epoch'"],
    "an epoch that is none": ["UPDATE meta SET value = 'A-1' WHERE key = 'epoch'"],
    "no head": ["DELETE FROM head"],
    "a time ahead": ["UPDATE head SET at = 1 << 60"],
}

NAMED = {
    "a missing event": "150",
    "missing events": "150 to 160",
    "a missing beginning": "1 to 9",
    "a missing end": "601 to 605",
    "a word too few in the index": 'event 2: event_index does not have it for "post:1"',
    "a word too many in the index": '"post:99"',
    "no index": "event_index_0",
    "data that is no JSON": "event 5: its data",
    "data that is not UTF-8": "UTF-8",
    "a time that falls": "event 100",
    "a key of no event": '"k7"',
    "an epoch that is none": '"A-1"',
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_named(folder, damage):
    store_of(folder)
    alter(folder, *DAMAGE[damage])
    done = log("verify", folder, code=65)
    findings = done.splitlines()
    assert len(findings) >= 2 and f"{folder}/martlet.db is damaged: " in findings[-1], done
    assert NAMED.get(damage, "") in done


def test_an_index_that_was_emptied_is_built_again(folder):
    store_of(folder)
    alter(folder, UNLINK + "VALUES ('delete', 2, 'post:1')")
    log("verify", folder, code=65)
    # As it says in docs/OPERATIONS.md.
    alter(folder, EMPTY, "UPDATE event_index_parts SET after = 0, last = 0")
    with Hub(data=folder) as hub:
        assert "Building the index of the log" in hub.log()
        assert "is sound: 600 events" in log("verify", folder)
    with Hub(data=folder) as hub:
        assert "Building the index" not in hub.log()


def test_twenty_findings_are_shown_and_the_others_counted(folder):
    store_of(folder)
    alter(folder, UNLINK + "SELECT 'delete', seq, 'page:*' FROM events")
    findings = log("verify", folder, code=65).splitlines()
    assert len(findings) == 22
    assert findings[-2] == "… and 580 more"
    assert findings[-1].endswith("is damaged: 600 findings.")


@pytest.mark.parametrize("kind", ["zeros", "random", "bit"])
@pytest.mark.parametrize("part", range(10))
def test_overwritten_pages_are_found(folder, kind, part):
    store_of(folder, 600)
    path = folder + "/martlet.db"
    chance = random.Random(part)
    pages = os.path.getsize(path) // 4096
    page = chance.randrange(1, pages)
    with open(path, "r+b") as file:
        file.seek(page * 4096)
        old = file.read(4096)
        # A changed bit within a text cannot be found; at a page's start there is its structure.
        new = {
            "zeros": bytes(4096),
            "random": chance.randbytes(4096),
            "bit": bytes([old[0] ^ 0x10]) + old[1:],
        }[kind]
        file.seek(page * 4096)
        file.write(new)
    done = log("verify", folder, code=65)
    assert f"{path} is damaged: " in done.splitlines()[-1]
    for command in ("info", "tail", "export"):
        process = start(command, "--data", folder)
        out, said = process.communicate(timeout=10)
        assert process.returncode in (0, 65), (command, said)
        assert process.returncode == 0 or b"log verify" in said


def test_a_backup_is_checked_where_it_lies(folder, tmp_path):
    epoch = store_of(folder)
    backup = str(tmp_path / "backup.db")
    alter(folder, f"VACUUM INTO '{backup}'")
    assert f"{backup} is sound: 600 events, {epoch}-1 to {epoch}-600" in log("verify", backup)
    assert sorted(os.listdir(tmp_path)) == ["backup.db", "data"]

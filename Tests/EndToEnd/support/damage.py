"""Damages stores of hubs that were killed, and checks that what is lost is told.

In each round: a new store, acknowledged events, a kill, the damage, a start. Whatever was acknowledged is there, or the
hub says that it is not: it does not start and names the file, or a client that comes back is told `reset` or `closing`
and the log has an error line (a warning where nothing but the folder tells that there was more).
"""

import random
import re
import shutil
from collections import Counter
from pathlib import Path

from .hub import Hub
from .sse import sequence
from .wal import frames, overwrite

TOLD = re.compile(r" (error|warning) +(The store|A stream cannot read on)")


def damage_frames(folder, chance):
    """64 bytes somewhere in the part of the write-ahead log that is in use."""
    log = folder / "martlet.db-wal"
    found, size = frames(log)
    end = found[-1].start + size
    overwrite(log, chance.randrange(end - 64), chance.randbytes(64))


def forget_frames(folder, chance):
    """A stretch of the write-ahead log that was confirmed and never written."""
    log = folder / "martlet.db-wal"
    found, size = frames(log)
    first = chance.randrange(len(found))
    count = chance.randrange(1, len(found) - first + 1)
    overwrite(log, found[first].start, bytes(count * size))


def damage_pages(folder, chance):
    """Some pages of the database, the first one apart: without it, it is no database."""
    store = folder / "martlet.db"
    pages = store.stat().st_size // 4096
    for _ in range(chance.randrange(1, 8)):
        page = chance.choice([bytes(4096), chance.randbytes(4096)])
        overwrite(store, chance.randrange(1, pages) * 4096, page)


def leave_log_behind(folder, chance):
    """A copy of the database without its write-ahead log, with or without the lock's file."""
    (folder / "martlet.db-wal").unlink()
    (folder / "martlet.db-shm").unlink()
    if chance.random() < 0.5:
        (folder / "martlet.lock").unlink()


# How each is called, and whether the store has so many events that most are in the database.
DAMAGES = {
    "frames": (damage_frames, False),
    "forgotten": (forget_frames, False),
    "pages": (damage_pages, True),
    "copies": (leave_log_behind, None),
}


def damage_rounds(directory, kind, rounds, *, seed=None, say=None):
    """Runs the rounds; gives back how often what came of it, or raises what went wrong."""
    chance = random.Random(seed)
    outcomes = Counter()
    for number in range(rounds):
        folder = Path(directory) / f"{kind}-{number}"
        damage, is_large = DAMAGES[kind]
        if is_large is None:
            is_large = chance.random() < 0.5
        ids = killed_hub(folder, chance, is_large)
        damage(folder, chance)
        outcomes[outcome(folder, ids, chance)] += 1
        shutil.rmtree(folder)
        if say:
            say(number + 1, sum(outcomes.values()))
    return {"rounds": rounds, "damage": kind, **outcomes}


def killed_hub(folder, chance, is_large):
    """The ids that a hub acknowledged before it was killed."""
    hub = Hub("--memory-events", "10", data=str(folder))
    try:
        if is_large:
            batch = [{"resource": "post:1", "data": "x" * 4_000}] * 200
            ids = [id for _ in range(30) for id in hub.post(batch).json["ids"]]
            # So that the database has the most of it.
            hub.stop()
            hub = Hub("--memory-events", "10", data=str(folder))
        else:
            ids = []
        count = chance.randrange(20, 200)
        return ids + [hub.publish("post:1", "x" * chance.randrange(2000)) for _ in range(count)]
    finally:
        hub.kill()


def outcome(folder, ids, chance):
    """What a start makes of it; raises when anything is lost without a word."""
    try:
        hub = Hub("--memory-events", "10", data=str(folder))
    except AssertionError as error:
        assert "ended with 74" in str(error) and "martlet.db" in str(error), error
        return "does not start and says why"
    try:
        # A client that was away for a while, and one that has seen everything.
        results = {come_back(hub, ids, chance.randrange(len(ids))), come_back(hub, ids, len(ids) - 1)}
        new = hub.post({"resource": "post:1", "data": "new"})
        if new.status == 200:
            assert new.json["id"] not in ids, "an id was given twice"
        if results == {"whole"}:
            return "lost nothing"
        assert TOLD.search(hub.log()), hub.log()
        return " and ".join(sorted(results - {"whole"}))
    finally:
        hub.kill()


def come_back(hub, ids, seen):
    """What a client meets that has seen `ids` up to and with that index."""
    with hub.stream(["post:1"], last_event_id=ids[seen]) as stream:
        try:
            blocks = stream.opening(20)
        except EOFError:
            blocks = stream.seen
            assert blocks[-1].event == "closing", blocks[-1]
            got = [block.id for block in blocks if not block.is_control]
            assert got == ids[seen + 1 :][: len(got)], "wrong events"
            return "told closing"
    if any(block.event == "reset" for block in blocks):
        return "told reset"
    got = [block.id for block in blocks if not block.is_control]
    assert got == ids[seen + 1 :], (
        f"{len(ids) - seen - 1 - len(got)} acknowledged events are missing behind {sequence(ids[seen])}, "
        f"and nobody was told; log: {hub.log()}"
    )
    return "whole"

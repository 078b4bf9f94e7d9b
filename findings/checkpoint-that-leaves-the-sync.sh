#!/usr/bin/env bash
# A log in SQLite's WAL mode, with the checkpoint in a thread of its own, so that the thread that commits (and has
# everybody's answers waiting) never waits for the database file's fsync. That is what its documentation suggests
# for checkpoints that take long, and what a job queue or an event log under constant load wants.
#
# Surprise: SQLite syncs the database file at a checkpoint only if the log did not grow meanwhile. One commit
# during the copying is enough: the checkpoint answers "2,499 of 2,499 frames", has written every page, and has
# not synced the file. Under load it never does. The sync falls to whoever makes the next checkpoint that finds
# the log standing still, and with the automatic checkpoint of a connection that is the committing thread, within
# its COMMIT, for the pages that the other thread wrote.
#
# Version: SQLite 3.54.1 (apsw 3.54.1.0, which contains it). Counted by a VFS, so no timing. Seen: 2026-11-30.
# Fails when the syncs are called by others.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" apsw==3.54.1.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import sys
import apsw

syncs, who, while_copying = [], "", None


class CountingFile(apsw.VFSFile):
    def __init__(self, name, flags):
        text = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self.kind = "log" if text.endswith("-wal") else "database"
        super().__init__("", name, flags)

    def xSync(self, flags):
        syncs.append(f"{who}: {self.kind}")
        super().xSync(flags)

    def xWrite(self, data, offset):
        global who, while_copying
        super().xWrite(data, offset)
        if self.kind == "database" and while_copying:
            commit, while_copying = while_copying, None
            before, who = who, "writer"
            commit()
            who = before


class CountingVFS(apsw.VFS):
    def __init__(self):
        super().__init__("counting", "")

    def xOpen(self, name, flags):
        return CountingFile(name, flags)


vfs = CountingVFS()


def connection(file):
    result = apsw.Connection(file, vfs="counting")
    result.pragma("journal_mode", "wal")
    result.pragma("synchronous", 2)
    result.wal_autocheckpoint(0)
    return result


def trial(file, commit_meanwhile):
    """The syncs of a checkpoint beside the writer, and then of one COMMIT with the automatic checkpoint on."""
    global who, while_copying
    writer, checkpointer = connection(file), connection(file)
    commit = lambda: writer.execute("INSERT INTO events (body) VALUES (randomblob(500))")
    writer.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, body BLOB)")
    writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    for _ in range(2000):
        commit()
    syncs.clear()
    who, while_copying = "checkpointer", commit if commit_meanwhile else None
    frames = checkpointer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    first = frames, list(syncs)
    syncs.clear()
    who = "writer"
    writer.wal_autocheckpoint(1000)
    commit()
    return first, list(syncs)


quiet = trial("quiet.db", commit_meanwhile=False)
busy = trial("busy.db", commit_meanwhile=True)
print(f"SQLite {apsw.sqlite_lib_version()}; the checkpoint's answer (frames in the log, frames copied) and the syncs")
for name, (checkpoint, after) in (("nothing is committed meanwhile", quiet), ("one commit meanwhile", busy)):
    print(f"{name}: {checkpoint}\n    and the next COMMIT: {after}")
whole = quiet[0][0][0] == quiet[0][0][1] > 1000 and busy[0][0] == quiet[0][0]
described = (
    whole
    and quiet[0][1] == ["checkpointer: log", "checkpointer: database"]
    and busy[0][1] == ["checkpointer: log", "writer: log"]
    and "writer: database" not in quiet[1]
    and busy[1] == ["writer: log", "writer: log", "writer: database"]
)
print("as described" if described else "CHANGED")
sys.exit(not described)
PYTHON

"""Another program on a store's file, with a SQLite of its own: python outside.py reader|checkpointer FILE SEED."""

import random
import subprocess
import sys
import time
from contextlib import contextmanager

import apsw


@contextmanager
def outside(kind, path, seed):
    """Another program that is at the store until the end."""
    process = subprocess.Popen([sys.executable, __file__, kind, str(path), str(seed)])
    try:
        yield process
        assert process.poll() is None, f"the {kind} has ended with {process.returncode}"
    finally:
        process.kill()
        process.wait(10)


def use(connection, kind, chance):
    """Does once what such a program does."""
    if kind == "checkpointer":
        mode = chance.choice(["PASSIVE", "PASSIVE", "FULL", "RESTART", "TRUNCATE"])
        connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        return
    connection.execute("BEGIN")
    connection.execute("SELECT count(*), max(seq) FROM events").fetchall()
    time.sleep(chance.choice([0, 0.01, 0.3]))  # this is the program that holds its transaction
    connection.execute("COMMIT")


def main():
    kind, path, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    while True:
        try:
            connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
            connection.set_busy_timeout(200)
            for _ in range(chance.randrange(1, 200)):
                use(connection, kind, chance)
                time.sleep(chance.choice([0, 0, 0.001, 0.02]))  # this is its own pace
            connection.close()
        except (apsw.BusyError, apsw.LockedError, apsw.CantOpenError, apsw.SQLError):
            time.sleep(0.01)  # as such programs do: no table yet, or somebody else's turn


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Turso is SQLite's file format and SQL in Rust, so its package looks like the tool with which to look into a store
# that a service keeps open through SQLite, or to read it from another program.
#
# Surprise: the two exclude each other, readers too. While any connection of SQLite's is open (idle, in WAL mode,
# with no transaction), Turso cannot open the file. While Turso has it open, having read one row, SQLite gets
# "database is locked" for every SELECT, also with mode=ro and with a busy timeout: a service with a durable log
# stands still for as long as somebody looks at it. Turso locks the file as a whole, SQLite a byte of it.
#
# Versions: pyturso 0.8.3, and the SQLite of the Python that runs this (3.40.1 in Debian 12). Seen: 2026-11-30.
# Fails when one of them can read beside the other.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" pyturso==0.8.3
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import sqlite3, subprocess, sys

READ = "SELECT count(*) FROM events"
TURSO = f"""
import sys, turso
try:
    connection = turso.connect("store.db")
    print(connection.execute("{READ}").fetchone()[0], flush=True)
except turso.DatabaseError as error:
    print("locked" if "lock" in str(error).lower() else error, flush=True)
sys.stdin.read()
"""


def by_turso():
    """A process that reads through Turso and then holds its connection; and what it read."""
    process = subprocess.Popen([sys.executable, "-c", TURSO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def by_sqlite(connection):
    try:
        return str(connection.execute(READ).fetchone()[0])
    except sqlite3.OperationalError as error:
        return str(error)


service = sqlite3.connect("store.db", isolation_level=None)
service.execute("PRAGMA journal_mode = wal")
service.execute("CREATE TABLE events (id INTEGER PRIMARY KEY)")
service.execute("INSERT INTO events DEFAULT VALUES")
process, turso_beside = by_turso()
process.communicate()
service.close()

process, turso_alone = by_turso()
sqlite_beside = by_sqlite(sqlite3.connect("store.db", timeout=1))
read_only = by_sqlite(sqlite3.connect("file:store.db?mode=ro", uri=True, timeout=1))
process.communicate()
sqlite_after = by_sqlite(sqlite3.connect("store.db", timeout=1))

seen = {
    "Turso, beside an idle connection of SQLite's": turso_beside,
    "Turso alone": turso_alone,
    "SQLite, beside Turso that has read": sqlite_beside,
    "the same with mode=ro": read_only,
    "SQLite, when Turso has gone": sqlite_after,
}
described = ["locked", "1", "database is locked", "database is locked", "1"]
print(f"SQLite {sqlite3.sqlite_version}; one row is there. Read:")
for name, answer in seen.items():
    print(f"{name}: {answer}")
print("as described" if list(seen.values()) == described else "CHANGED")
sys.exit(list(seen.values()) != described)
PYTHON

"""The long crash test: python crash.py [--rounds 100] [--broken-rounds 50] [--only NAME] [--seed N]."""

import argparse
import asyncio
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path

from support.crash import crash_rounds
from support.damage import DAMAGES, damage_rounds
from support.disk import disk
from support.faulty import FaultyDisk
from support.outside import outside

FULL_DISK = 0.2
KINDS = ["kills", "full", "faults", "reader", "checkpointer", *DAMAGES]


def say(number, count):
    """Shows how far it is."""
    if number % 10 == 0:
        print(f"{number:5} rounds {count:9}", flush=True)


@contextmanager
def folder():
    """A folder for one kind of rounds."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def run(kind, options):
    """Runs one kind; its figures."""
    with folder() as path:
        if kind in DAMAGES:
            return damage_rounds(path, kind, options.broken_rounds, seed=options.seed, say=say)
        data, more = path / "data", {}
        rounds = options.rounds if kind in ("kills", "full") else options.broken_rounds
        beside = nullcontext()
        if kind in ("reader", "checkpointer"):
            beside = outside(kind, data / "martlet.db", options.seed or 0)
        if kind == "faults":
            more["faulty"] = FaultyDisk(path)
        if kind == "full":
            beside, more["full_disk"] = disk(path / "disk", 512), FULL_DISK
        with beside as found:
            if kind == "full":
                if found is None:
                    return "left out, as mounting a small disk takes root"
                data = found
            return asyncio.run(crash_rounds(data, rounds, seed=options.seed, say=say, **more))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="kills, and kills on a full disk")
    parser.add_argument("--broken-rounds", type=int, default=50, help="each of the other kinds")
    parser.add_argument("--only", action="append", choices=KINDS, help="may be given more than once")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    for kind in options.only or KINDS:
        print(kind, flush=True)
        print(run(kind, options), flush=True)


main()

"""The long crash test: python crash.py [--rounds 100] [--seed N]."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from support.crash import crash_rounds
from support.disk import disk

FULL_DISK = 0.2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()

    def say(number, acknowledged):
        if number % 10 == 0:
            print(f"{number:5} rounds {acknowledged:9} acknowledged", flush=True)

    with tempfile.TemporaryDirectory() as directory:
        rounds = {"rounds": options.rounds, "seed": options.seed, "say": say}
        print(asyncio.run(crash_rounds(directory, **rounds)))
        with disk(Path(directory) / "disk", 512) as path:
            if path is None:
                print("once more on a disk that becomes full: left out, as mounting one takes root")
                return
            print(f"once more on a disk that is full in {FULL_DISK:.0%} of the rounds")
            print(asyncio.run(crash_rounds(path, full_disk=FULL_DISK, **rounds)))


main()

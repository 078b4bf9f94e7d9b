"""The long crash test: python crash.py [--rounds 100] [--seed N]."""

import argparse
import asyncio
import tempfile

from support.crash import crash_rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()

    def say(number, acknowledged):
        if number % 10 == 0:
            print(f"{number:5} rounds {acknowledged:9} acknowledged", flush=True)

    with tempfile.TemporaryDirectory() as directory:
        print(asyncio.run(crash_rounds(directory, options.rounds, seed=options.seed, say=say)))


main()

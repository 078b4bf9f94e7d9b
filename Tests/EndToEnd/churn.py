"""Connects, disconnects, stalls and vanishes for minutes; does the hub's memory stay put?

    python churn.py --minutes 10

The hub's resident set is sampled each 5 s. After the first minute, in which pools and arenas fill,
the highest sample of the last fifth of the time may be at most 5 % above the highest of the fifth
that follows the first minute: highest against highest, so that a lucky low sample hides no leak.
The exit code is the verdict.
"""

import argparse
import random
import sys
import threading
import time
from pathlib import Path

from support.crowd import Crowd, Member
from support.hub import Hub, as_bytes
from support.stream import stream_target
from support.wait import Deadline

SAMPLE = 5.0
WARM_UP = 60.0
GROWTH = 0.05
KEPT = 5000  # events; the log itself must be full within the first minute


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument(
        "--streams", type=int, default=1000, help="about how many are open at a time"
    )
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def resident_kib(hub):
    """The hub's resident set."""
    for line in Path(f"/proc/{hub.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


class Publisher(threading.Thread):
    """Publishes all the time, small and large, durable and transient."""

    def __init__(self, hub, seed):
        super().__init__(daemon=True)
        self.hub = hub
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.published = 0
        self.failure = None

    def run(self):
        try:
            headers = {"Content-Type": "application/json"}
            with self.hub.connect() as connection:
                while not self.stopping.wait(0.01):
                    events = [self.event() for _ in range(10)]
                    answer = connection.exchange("POST", "/broadcast", headers, as_bytes(events))
                    assert answer.status == 200, answer
                    self.published += len(events)
        except BaseException as failure:
            self.failure = failure

    def event(self):
        """Any event."""
        size = self.random.choice([10, 100, 1000, 5000])
        return {
            "resource": f"churn:{self.random.randrange(200)}",
            "data": "x" * size,
            "transient": self.random.random() < 0.3,
        }


class Churn:
    """Streams that come, and go in every way."""

    def __init__(self, hub, seed, streams):
        self.hub = hub
        self.random = random.Random(seed)
        self.crowd = Crowd(hub.address, may_be_reset=True)
        self.streams = streams
        self.opened = 0
        self.cursors = []

    def take(self, member, block):
        """Remembers a cursor now and then, for resumes."""
        if block.id is not None and self.random.random() < 0.01:
            self.cursors = [*self.cursors[-50:], block.id]

    def member(self):
        """A new stream: fresh or resumed, read or stalled."""
        count = self.random.choice([1, 1, 3, 20])
        resources = [f"churn:{self.random.randrange(200)}" for _ in range(count)]
        if self.random.random() < 0.05:
            resources.append("churn:*")
        query = {}
        if self.cursors and self.random.random() < 0.3:
            query["last_event_id"] = self.random.choice(self.cursors)
        return Member(stream_target(resources, **query), self.take, self.random.random() < 0.05)

    def turn(self):
        """Some come, some go, all others read."""
        for _ in range(self.random.randrange(40)):
            if len(self.crowd.members) < self.streams * 1.5:
                self.crowd.open(self.member())
                self.opened += 1
        members = list(self.crowd.members.values())
        surplus = max(0, len(members) - self.streams)
        for member in self.random.sample(
            members, min(len(members), surplus + self.random.randrange(10))
        ):
            self.crowd.leave(member, abruptly=self.random.random() < 0.5)
        self.crowd.run_for(0.05)
        assert not self.crowd.errors, self.crowd.errors[:3]


def verdict(samples):
    """Whether memory stayed put; `samples` are (seconds, KiB)."""
    settled = [sample for sample in samples if sample[0] >= WARM_UP]
    if len(settled) < 10:
        return None, "too short for a verdict: at least two minutes are needed"
    fifth = max(3, len(settled) // 5)
    first = max(kib for _, kib in settled[:fifth])
    last = max(kib for _, kib in settled[-fifth:])
    growth = last / first - 1
    return (
        growth < GROWTH,
        f"{first} KiB after the first minute, {last} KiB at the end: {growth:+.1%}",
    )


def main():
    options = arguments()
    samples = []
    with Hub("--retention-events", str(KEPT)) as hub:
        publisher = Publisher(hub, options.seed)
        publisher.start()
        churn = Churn(hub, options.seed, options.streams)
        began = time.monotonic()
        while (now := time.monotonic() - began) < options.minutes * 60:
            churn.turn()
            if publisher.failure is not None:
                raise publisher.failure
            if now >= len(samples) * SAMPLE:
                samples.append((now, resident_kib(hub)))
                print(
                    f"{now:6.0f} s  {samples[-1][1]:8d} KiB  "
                    f"{len(churn.crowd.members):5d} streams  "
                    f"{churn.opened:8d} opened  {publisher.published:9d} published",
                    flush=True,
                )
        publisher.stopping.set()
        publisher.join(10)
        churn.crowd.close()
        deadline = Deadline(10, "the end of all streams")
        while hub.status()["connections"] != 0:
            deadline.left()
        empty = resident_kib(hub)
    passed, words = verdict(samples)
    print(f"{words}; {empty} KiB with no stream left")
    print({True: "PASS", False: "FAIL", None: "NO VERDICT"}[passed])
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())

"""Ten thousand streams, two hundred of which stall: every reader gets exactly its events."""

import json
import threading
import time

import pytest

from support.crowd import Crowd, Member
from support.hub import Hub, as_bytes
from support.stream import stream_target
from support.wait import Deadline

STREAMS = 10_000
RESOURCES = 1_000
STALLED = 200
ROUNDS = 20
BULK_AFTER = 6  # rounds
BULK_EVENTS = 400
BULK_SIZE = 16 * 1024


def round_of(number):
    """One event for each resource, which reaches each stream by two of its resources, and once."""
    lines = (
        {"resources": [f"load:{n}", f"twin:{n}"], "event": "tick", "data": {"round": number}}
        for n in range(RESOURCES)
    )
    return b"".join(as_bytes(line) + b"\n" for line in lines)


class Publisher(threading.Thread):
    """Publishes all rounds and, among them, what fills the stalled readers' queues."""

    def __init__(self, hub):
        super().__init__()
        self.hub = hub
        self.failure = None
        self.bulk_began = self.bulk_ended = self.cut_off = None
        self.round = 0
        self.sent_at = {}

    def run(self):
        try:
            with self.hub.connect(limit=20) as self.connection:
                self.publish_all()
        except BaseException as failure:  # shown by the test
            self.failure = failure

    def post(self, lines, count):
        """Posts lines and checks that all were taken."""
        headers = {"Content-Type": "application/x-ndjson"}
        answer = self.connection.exchange("POST", "/broadcast", headers, lines)
        assert answer.status == 200 and answer.json == {"published": count}, answer

    def publish_round(self):
        """One more round."""
        self.sent_at[self.round] = time.monotonic()
        self.post(round_of(self.round), RESOURCES)
        self.round += 1

    def stalled(self):
        """How many of the stalled readers are still there."""
        return self.connection.exchange("GET", "/presence?resources=bulk:all").json["resources"][
            "bulk:all"
        ]

    def publish_all(self):
        """The whole course."""
        while self.round < BULK_AFTER:
            self.publish_round()
        line = as_bytes({"resource": "bulk:all", "data": "x" * BULK_SIZE}) + b"\n"
        assert self.stalled() == STALLED
        self.bulk_began = time.monotonic()
        self.post(line * BULK_EVENTS, BULK_EVENTS)
        self.bulk_ended = time.monotonic()
        deadline = Deadline(10, "the end of all stalled readers")
        while self.stalled() > 0:
            deadline.left()
            if self.round < ROUNDS - 2:
                self.publish_round()
        self.cut_off = time.monotonic()
        while self.round < ROUNDS:
            self.publish_round()


@pytest.mark.limit(90)
def test_ten_thousand_streams_get_exactly_their_events_while_two_hundred_stall(capsys):
    delays = []
    faults = []

    with Hub() as hub:
        publisher = Publisher(hub)

        def take(member, block):
            if block.event != "tick":
                if block.event not in ("connected", "keepalive"):
                    faults.append((member.target, block))
                return
            envelope = json.loads(block.data)
            number = envelope["data"]["round"]
            if (
                number != member.tag[1]
                or envelope["resources"][0] != member.tag[0]
                or block.id is None
            ):
                faults.append((member.target, block))
            member.tag[1] = number + 1
            delays.append(time.monotonic() - publisher.sent_at[number])

        members = []
        for n in range(STREAMS):
            resources = [f"load:{n % RESOURCES}", f"twin:{n % RESOURCES}"]
            stalled = n % (STREAMS // STALLED) == 7
            if stalled:
                resources.append("bulk:all")
            members.append(Member(stream_target(resources), take, stalled, [resources[0], 0]))
        readers = [member for member in members if not member.stalled]

        crowd = Crowd(hub.address)
        try:
            began = time.monotonic()
            crowd.join(members)
            joined = time.monotonic() - began
            # The stalled ones have asked; only the count tells when they are subscribed.
            deadline = Deadline(5, "ten thousand streams in /events/status")
            while hub.status()["connections"] != STREAMS:
                crowd.run_once(min(0.01, deadline.left()))
            publisher.start()
            crowd.run_until(
                lambda: publisher.failure
                or faults
                or all(member.tag[1] == ROUNDS for member in readers),
                "the arrival of every event",
                45,
            )
            publisher.join(10)
            assert publisher.failure is None, publisher.failure
            assert not faults, f"{len(faults)} wrong events: {faults[:3]}"
            assert len(delays) == len(readers) * ROUNDS

            assert hub.status()["connections"] == STREAMS - STALLED
            # Their queues were full at the latest when the last bulk event was answered.
            cut_after = publisher.cut_off - publisher.bulk_ended
            delays.sort()
            with capsys.disabled():
                print(
                    f"\n  {STREAMS} streams open in {joined:.1f} s; {len(delays)} deliveries, "
                    f"median {delays[len(delays) // 2] * 1000:.0f} ms, "
                    f"last {delays[-1] * 1000:.0f} ms; "
                    f"stalled readers gone {cut_after:.1f} s after their queues were full "
                    f"({publisher.cut_off - publisher.bulk_began:.1f} s after the first bulk event)"
                )
            assert cut_after <= 3
        finally:
            crowd.close()
            if publisher.is_alive():
                publisher.join(20)
        deadline = Deadline(10, "the count of streams to fall to 0")
        while hub.status()["connections"] != 0:
            deadline.left()

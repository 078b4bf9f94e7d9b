"""Kills the hub again and again under load, and checks what its clients were promised.

Publishers retry every event under one idempotency key until it is acknowledged; subscribers resume from their
last id. Whatever happens to the hub, or to its disk, each subscriber must have, in the end, each event of each publisher
exactly once and in order, with ids that only grow, and nothing that nobody sent.
"""

import asyncio
import json
import os
import random
import signal

from .disk import fill
from .faulty import DATABASE, INDEX, LOG, SYNCS, WRITES
from .hub import Hub

RESOURCES = ["crash:1", "crash:2", "crash:3", "crash:4"]


class Publisher:
    """Sends numbered events, one after the other, each until it is acknowledged."""

    def __init__(self, number, address):
        self.number, self.address = number, address
        self.acknowledged = []
        self.refusals = 0
        self.is_stopping = False

    async def run(self):
        streams = None
        is_pending = False
        # What was sent once may be stored: it is sent again until it is acknowledged.
        while is_pending or not self.is_stopping:
            is_pending = True
            count = len(self.acknowledged)
            body = json.dumps(
                {
                    "resource": RESOURCES[count % len(RESOURCES)],
                    "data": {"publisher": self.number, "count": count, "filler": "x" * 100},
                    "key": f"{self.number}-{count}",
                }
            ).encode()
            head = (
                "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            try:
                streams = streams or await asyncio.open_connection(*self.address)
                reader, writer = streams
                writer.write(head + body)
                status, answer = await asyncio.wait_for(response(reader), 10)
                if status == 503:
                    self.refusals += 1
                    streams = None
                    writer.close()
                    await asyncio.sleep(0.02)
                    continue
                assert status == 200, (status, answer)
                self.acknowledged.append(json.loads(answer)["id"])
                is_pending = False
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                streams = None
                await asyncio.sleep(0.005)


class Subscriber:
    """Follows all resources, and resumes from its last id after every end."""

    def __init__(self, address):
        self.address = address
        self.last_id = None
        self.ids = []
        self.counts = {}
        self.faults = []

    async def run(self):
        while True:
            try:
                await self.follow()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                pass
            await asyncio.sleep(0.005)

    async def follow(self):
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            resume = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
            writer.write(
                f"GET /stream?resources={','.join(RESOURCES)} HTTP/1.1\r\nHost: localhost\r\n"
                f"{resume}\r\n".encode()
            )
            await reader.readuntil(b"\r\n\r\n")
            block = b""
            while True:
                size = int(await reader.readuntil(b"\r\n"), 16)
                if size == 0:
                    return
                block += (await reader.readexactly(size + 2))[:-2]
                *whole, block = block.split(b"\n\n")
                for event in whole:
                    self.take(event)
        finally:
            writer.close()

    def take(self, block):
        fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
        name = fields.get(b"event", b"message").decode()
        if name == "reset":
            self.faults.append(("reset", block.decode()))
        if name != "message":
            if b"id" in fields and fields[b"id"]:
                self.last_id = fields[b"id"].decode()
            return
        identity = fields[b"id"].decode()
        if self.ids and sequence(identity) <= sequence(self.ids[-1]):
            self.faults.append(("order", self.ids[-1], identity))
        data = json.loads(fields[b"data"])["data"]
        expected = self.counts.get(data["publisher"], 0)
        if data["count"] != expected:
            self.faults.append(("count", data, expected))
        self.counts[data["publisher"]] = data["count"] + 1
        self.ids.append(identity)
        self.last_id = identity


def sequence(identity):
    """The number within an event id."""
    return int(identity.rsplit("-", 1)[1])


async def response(reader):
    """Reads one answer with a Content-Length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(
        int(line.split(":")[1])
        for line in head.split("\r\n")
        if line.lower().startswith("content-length")
    )
    return int(head.split(" ")[1]), await reader.readexactly(length)


def fail_somehow(disk, chance):
    """Lets a `FaultyDisk` fail in one of many ways."""
    files = chance.choice([DATABASE, LOG, INDEX | LOG, DATABASE | LOG])
    if chance.random() < 0.3:
        disk.shorten(files, 300)
        return
    calls = chance.choice([WRITES, SYNCS, WRITES | SYNCS])
    disk.fail(files, calls, chance=chance.choice([30, 300, 1000]), count=chance.choice([1, 20, -1]))


async def crash_rounds(
    directory,
    rounds,
    *,
    flags=(),
    publishers=8,
    subscribers=4,
    full_disk=0.0,
    faulty=None,
    seed=None,
    say=None,
):
    """Runs the rounds on one store; gives back figures, or raises what went wrong.

    `full_disk` is the share of rounds in which `directory`, a file system of its own, becomes full; in half of
    them the hub is killed before there is room again. The same with `faulty`, a disk that fails in each round.
    """
    chance = random.Random(seed)
    full = 0
    env = faulty.env if faulty else None
    hub = Hub(*flags, data=str(directory), env=env)
    port = hub.port
    producers = [Publisher(number, hub.address) for number in range(publishers)]
    followers = [Subscriber(hub.address) for _ in range(subscribers)]
    # A subscriber that comes before the first event has promised to have seen them all.
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    await until(lambda: all(follower.last_id for follower in followers), 10, "streams to open")
    sending = [asyncio.create_task(producer.run()) for producer in producers]
    try:
        for number in range(rounds):
            await asyncio.sleep(chance.uniform(0.01, 0.4))
            if chance.random() < 0.2:
                os.kill(hub.process.pid, signal.SIGSTOP)
                await asyncio.sleep(chance.uniform(0.01, 0.2))
                os.kill(hub.process.pid, signal.SIGCONT)
            ballast = None
            if chance.random() < full_disk:
                full += 1
                refused = sum(producer.refusals for producer in producers)
                ballast = await asyncio.to_thread(fill, directory)
                await until(
                    lambda: sum(producer.refusals for producer in producers) > refused, 10, "a refusal"
                )
                await asyncio.sleep(chance.uniform(0, 0.2))
                if chance.random() < 0.5:
                    ballast.unlink()
                    await asyncio.sleep(chance.uniform(0, 0.3))
            if faulty:
                fail_somehow(faulty, chance)
                await asyncio.sleep(chance.uniform(0, 0.3))
                if chance.random() < 0.5:
                    faulty.heal()
                    await asyncio.sleep(chance.uniform(0, 0.3))
            hub.kill()
            if ballast:
                ballast.unlink(missing_ok=True)
            if faulty:
                faulty.heal()
            hub = await asyncio.to_thread(Hub, *flags, port=port, data=str(directory), env=env)
            if say:
                say(number + 1, sum(len(producer.acknowledged) for producer in producers))
        for producer in producers:
            producer.is_stopping = True
        await asyncio.gather(*sending)
        promised = {producer.number: len(producer.acknowledged) for producer in producers}
        await until(
            lambda: all(
                follower.faults
                or all(follower.counts.get(key, 0) >= count for key, count in promised.items())
                for follower in followers
            ),
            30,
            "every acknowledged event at every subscriber",
        )
        hub.stop()
    finally:
        for task in [*tasks, *sending]:
            task.cancel()
        if hub.process.poll() is None:
            hub.kill()
    check(producers, followers)
    return {
        "rounds": rounds,
        "on a full disk": full,
        "calls failed": faulty.failed if faulty else 0,
        "acknowledged": sum(promised.values()),
        "delivered": sum(len(follower.ids) for follower in followers),
        "refused": sum(producer.refusals for producer in producers),
    }


def check(producers, followers):
    """Compares what was promised with what arrived."""
    acknowledged = sorted(
        (identity for producer in producers for identity in producer.acknowledged), key=sequence
    )
    assert len(set(acknowledged)) == len(acknowledged), "two events got one id"
    for follower in followers:
        assert not follower.faults, follower.faults[:5]
        # A producer sends the next event only when the last was acknowledged: nothing beyond can be there.
        assert follower.ids == acknowledged, (len(follower.ids), len(acknowledged))


async def until(condition, limit, what):
    """Awaits a condition, with a limit."""
    end = asyncio.get_running_loop().time() + limit
    while not condition():
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError(f"waited {limit} s for {what}")
        await asyncio.sleep(0.01)

"""The race of load, subscribe and publish: snapshot and live together miss no change and repeat none.

MARTLET_RACE_ROUNDS=10000 plays the long form.
"""

import asyncio
import json
import os
import random

import pytest

from support.crash import response
from support.hub import Hub

ROUNDS = int(os.environ.get("MARTLET_RACE_ROUNDS", "1000"))


class Racer:
    """One resource whose state counts to `CHANGES` while somebody loads it and subscribes."""

    CHANGES = 6

    def __init__(self, address, number, chance):
        self.address = address
        self.resource = f"race{number % 7}:{number}"
        self.chance = chance
        self.by_state = number % 2 == 1
        self.start = chance.randint(1, self.CHANGES + 1)  # the change beside which it begins
        self.selector = self.resource if number % 3 else f"race{number % 7}:*"

    async def pause(self):
        """A moment of random length, often none."""
        await asyncio.sleep(max(0, self.chance.uniform(-0.002, 0.004)))

    async def post(self, streams, value, name="count", retain=True):
        """Publishes and awaits the answer."""
        event = {"resource": self.resource, "event": name, "data": value, "retain": retain}
        body = json.dumps(event).encode()
        streams[1].write(
            b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        status, answer = await response(streams[0])
        assert status == 200, answer

    async def publish(self, streams):
        """Counts."""
        for value in range(1, self.CHANGES + 1):
            if value == self.start:
                self.may_begin.set()
            await self.pause()
            await self.post(streams, value)
        self.may_begin.set()

    async def subscribe(self):
        """Loads the state, by itself or as the stream's snapshot, and follows to the end mark."""
        await self.may_begin.wait()
        await self.pause()
        values, query = [], ""
        reader, writer = await asyncio.open_connection(*self.address)
        if self.by_state:
            writer.write(
                f"GET /state?resources={self.resource} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            )
            _, answer = await response(reader)
            state = json.loads(answer)
            values = [one["count"]["data"] for one in state["resources"].values()]
            query = f"&last_event_id={state['cursor']}"
            await self.pause()
        writer.write(
            f"GET /stream?resources={self.selector}{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        block = b""
        try:
            while True:
                length = int(await reader.readuntil(b"\r\n"), 16)
                block += (await reader.readexactly(length + 2))[:-2]
                *whole, block = block.split(b"\n\n")
                for text in whole:
                    fields = dict(line.split(b": ", 1) for line in text.split(b"\n") if b": " in line)
                    if fields[b"event"] == b"end" and self.is_mine(fields):
                        return values
                    assert fields[b"event"] != b"reset", text
                    if fields[b"event"] == b"count" and self.is_mine(fields):
                        values.append(json.loads(fields[b"data"])["data"])
                    if fields[b"event"] == b"live":
                        self.is_live.set()
        finally:
            writer.close()

    def is_mine(self, fields):
        """Patterns bring what others published."""
        return json.loads(fields[b"data"])["resources"] == [self.resource]

    async def run(self):
        """Plays one round; what the subscriber came to know."""
        self.may_begin, self.is_live = asyncio.Event(), asyncio.Event()
        streams = await asyncio.open_connection(*self.address)
        following = asyncio.create_task(self.subscribe())
        await self.publish(streams)
        await self.is_live.wait()
        await self.post(streams, None, "end", retain=False)
        values = await asyncio.wait_for(following, 20)
        streams[1].close()
        # It begins with the state as it was, or with nothing, and misses and repeats no change.
        first = values[0] if values else None
        assert values == list(range(first or 0, self.CHANGES + 1)) and values, (self.resource, values)
        return first


@pytest.mark.limit(60 + ROUNDS // 20)
def test_load_subscribe_and_publish_at_once_misses_and_repeats_nothing(tmp_path):
    async def all_rounds(address):
        chance, gate = random.Random(11), asyncio.Semaphore(16)

        async def one(number):
            async with gate:
                return await asyncio.wait_for(Racer(address, number, chance).run(), 30)

        return await asyncio.gather(*(one(number) for number in range(ROUNDS)))

    with Hub("--memory-events", "50", data=str(tmp_path)) as hub:
        firsts = asyncio.run(all_rounds(hub.address))
    # The race was one: some came before the first change, some between, some after the last.
    counts = [firsts.count(value) for value in range(1, Racer.CHANGES + 1)]
    assert all(count > ROUNDS // 200 for count in counts), counts

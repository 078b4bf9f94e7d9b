"""The examples' subscribers, and Chromium and the loop in PHP beside them, over restarts of the hub and of themselves."""

import contextlib
import itertools
import json
import os
import random
import re
import signal
import subprocess

import pytest

from peers.listeners import PHP, Subscriber, chromium, subscribers
from peers.restarts import KILL, STOP, Feed, House, assert_all_once
from support.hub import environment
from support.sse import sequence
from support.wait import eventually

# The long form is `make peers`.
ROUNDS = int(os.environ.get("PEERS_ROUNDS", "3"))
A_ROUND = 60


@pytest.fixture
def stack():
    """What a test opens, closed in the opposite order."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The subscribers of the examples."""
    return subscribers(tmp_path_factory.mktemp("programs"))


def folder(path, name):
    """A folder of a program's own."""
    made = path / name
    made.mkdir()
    return made


@pytest.mark.limit(300 + 30 * ROUNDS)
def test_each_has_each_event_once_over_restarts_of_the_hub(tmp_path, stack, post, programs):
    house = House(tmp_path)
    stack.callback(house.close)
    url = "http://%s:%d" % house.address
    listeners = [
        Subscriber(name, program, url, post, folder(tmp_path, name)) for name, program in programs.items()
    ]
    listeners.append(chromium(f"{url}/stream?resources={post}", folder(tmp_path, "chromium")))
    listeners.append(PHP(url, post, folder(tmp_path, "php")))
    for each in listeners:
        stack.callback(each.close)
    for each in listeners:
        each.await_live()
    feed = Feed(house, post)
    stack.callback(feed.close)
    for number in range(ROUNDS):
        before = len(feed.ids)
        feed.publish(A_ROUND)
        # Whoever has the first of them is restarted upon while the others are on their way.
        eventually(
            lambda: all(len(each.got) > before for each in listeners),
            f"the first event of round {number + 1} at {[each.name for each in listeners]}",
            60,
        )
        house.restart([KILL, STOP][number % 2], away=random.uniform(0, 2))
        feed.finish()
    assert_all_once(feed, listeners)


@pytest.mark.limit(400 + 20 * ROUNDS)
@pytest.mark.parametrize("name", ["Python", "Node", "Go"])
def test_a_subscriber_that_is_killed_misses_nothing(name, tmp_path, stack, post, programs):
    house = House(tmp_path)
    stack.callback(house.close)
    feed = Feed(house, post)
    stack.callback(feed.close)
    place = folder(tmp_path, "place")
    output, cursor = place / "events", place / "subscriber.cursor"
    command = [programs[name], post]
    options = {"cwd": place, "env": environment({"MARTLET_URL": house.hub.url}), "stdin": subprocess.DEVNULL}

    def run():
        with open(output, "ab") as lines, open(place / "complaints", "ab") as complaints:
            return subprocess.Popen(command, stdout=lines, stderr=complaints, **options)

    def newest():
        """How far the output is; the last line may be cut or be on its way."""
        whole = output.read_bytes().rpartition(b"\n")[0].splitlines()[-2:]
        ids = [re.search(rb'"id":"[0-9a-z]+-([0-9]+)",.*}$', line) for line in whole]
        return max((int(match[1]) for match in ids if match), default=0)

    def awaits(condition, what):
        try:
            eventually(condition, what, 120)
        except TimeoutError as error:
            said = (place / "complaints").read_text()[-2000:]
            raise AssertionError(f"{error}; {process.poll()}; {cursor.read_text()}; {said}") from None

    process = run()
    stack.callback(lambda: (process.kill(), process.wait(10)))
    eventually(cursor.exists, "the first cursor", 120)
    for number in range(ROUNDS):
        before = newest()
        feed.publish(A_ROUND)
        # Further than before: events that come again do not count.
        awaits(lambda: newest() > before + 5, f"events of round {number + 1}")
        process.kill()
        process.wait(10)
        if number % 3 == 2:
            # Both at once.
            house.restart(KILL, away=0)
        process = run()
    # One that the killed cannot have had: by its cursor, this one has started.
    feed.publish(1)
    feed.finish()
    awaits(lambda: cursor.read_text().strip() == feed.ids[-1], f"the cursor {feed.ids[-1]}")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    # Apart from a line that a kill has cut, what there is is right: each event in order, and again only after a kill.
    events, again = [], 0
    for text in output.read_text(errors="replace").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if events and sequence(line["id"]) <= sequence(events[-1][0]):
            again += 1
            position = sequence(line["id"]) - sequence(feed.ids[0])
            assert events[position] == (line["id"], line["data"])
            events = events[:position]
        events.append((line["id"], line["data"]))
    assert events == list(zip(feed.ids, itertools.count()))
    assert again <= ROUNDS


@pytest.mark.limit(180)
def test_a_stopped_subscriber_neither_repeats_nor_misses(tmp_path, stack, post, programs):
    house = House(tmp_path)
    stack.callback(house.close)
    feed = Feed(house, post)
    stack.callback(feed.close)
    for name, program in programs.items():
        place = folder(tmp_path, name)
        output = place / "events"
        environ = environment({"MARTLET_URL": house.hub.url})

        def run():
            with open(output, "ab") as lines:
                return subprocess.Popen([program, post], cwd=place, stdout=lines, env=environ)

        process = run()
        stack.callback(lambda process=process: process.kill())
        eventually((place / "subscriber.cursor").exists, "the first cursor", 60)
        first = len(feed.ids)
        for _ in range(2):
            before = len(feed.ids)
            feed.publish(100)
            eventually(lambda: len(output.read_bytes().splitlines()) > before - first + 5, "events", 30)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            feed.finish()
            process = run()
            stack.callback(lambda process=process: process.kill())
        eventually(lambda: len(output.read_bytes().splitlines()) >= 200, "all events", 30)
        process.kill()
        process.wait(10)
        got = [json.loads(line)["id"] for line in output.read_text().splitlines()]
        assert got == feed.ids[first:], name

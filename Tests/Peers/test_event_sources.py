"""EventSources of other makes, and the subscribers of the examples, over restarts of the hub behind a proxy and with a
socket that stays open: each has each event once."""

import contextlib
import os

import pytest

from peers.listeners import EVENT_SOURCES, Subscriber, subscribers
from peers.proxies import Nginx
from peers.restarts import KILL, STOP, Feed, House, assert_all_once

TOTAL = 1000
# The long form is `make peers`.
ROUNDS = int(os.environ.get("PEERS_ROUNDS", "1"))


@pytest.fixture
def stack():
    """What a test opens, closed in the opposite order."""
    with contextlib.ExitStack() as stack:
        yield stack


def folder(path, name):
    """A folder of a program's own."""
    made = path / name
    made.mkdir()
    return made


@pytest.mark.limit(300 + 30 * ROUNDS)
@pytest.mark.parametrize("how", [KILL, STOP], ids=["kill", "stop"])
@pytest.mark.parametrize("way", ["nginx", "activated"])
def test_each_has_each_event_once_over_restarts(way, how, tmp_path, stack, post):
    house = House(tmp_path, activated=way == "activated")
    stack.callback(house.close)
    address = house.address
    if way == "nginx":
        address = stack.enter_context(Nginx(folder(tmp_path, "nginx"), house.address)).address
    url = "http://%s:%d" % address
    listeners = []
    for name, open_listener in EVENT_SOURCES.items():
        listeners.append(open_listener(f"{url}/stream?resources={post}", folder(tmp_path, name)))
        stack.callback(listeners[-1].close)
    for name, program in subscribers(tmp_path).items():
        listeners.append(Subscriber(name, program, url, post, folder(tmp_path, name)))
        stack.callback(listeners[-1].close)
    for each in listeners:
        each.await_live()
    feed = Feed(house, post)
    stack.callback(feed.close)
    feed.publish(TOTAL // 2)
    feed.finish()
    for _ in range(ROUNDS):
        # Half of it is published while the hub is on its way down or while its listeners come back.
        feed.publish(TOTAL // ROUNDS // 2)
        house.restart(how, away=2)
        feed.finish()
    assert_all_once(feed, listeners, 60)

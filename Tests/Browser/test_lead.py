"""A tab that leads the others and stands still: they go on without it, and when it goes on too there is one stream."""

import threading
import time

import pytest
from support.hub import Hub
from support.wait import eventually

pytestmark = pytest.mark.limit(90)

KEEPALIVE = 2
# The browser tells a page before it freezes it; phones do not.
UNTOLD = "window.addEventListener('freeze', (event) => event.stopImmediatePropagation(), true)"


@pytest.fixture
def hub():
    """A hub that is never silent for long."""
    with Hub("--keepalive", str(KEEPALIVE)) as hub:
        yield hub


class Frozen:
    """Stops a page as the browser does with those that nobody looks at."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Page.setWebLifecycleState", {"state": "frozen"})

    def end(self):
        self.session.send("Page.setWebLifecycleState", {"state": "active"})


class FrozenUntold(Frozen):
    """The same, and the page has not heard of it."""

    def __init__(self, page):
        page.evaluate(UNTOLD)
        super().__init__(page)


class Paused:
    """Stops a page in its debugger."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Debugger.enable")
        paused = threading.Event()
        self.session.on("Debugger.paused", lambda _: paused.set())
        page.evaluate("setTimeout(() => { debugger; })")
        eventually(lambda: page.context.pages and self._is(paused), "the page stands still")

    def _is(self, paused):
        # Events of the session come while a call is on its way.
        self.session.send("Debugger.setSkipAllPauses", {"skip": False})
        return paused.is_set()

    def end(self):
        self.session.send("Debugger.resume")


class Busy:
    """Lets a page compute."""

    def __init__(self, page):
        page.evaluate("setTimeout(() => { const end = Date.now() + 6000; while (Date.now() < end); })")

    def end(self):
        pass


def statuses(page):
    return page.evaluate("page.states.map((state) => state.status)")


def has(page, expected):
    """Waits until so many events have come, and checks that they are these."""
    page.wait_for_function("count => page.events['post:1'].length >= count", arg=len(expected))
    assert page.evaluate("page.data('post:1')") == expected


@pytest.mark.parametrize("how", [Frozen, FrozenUntold, Paused, Busy])
def test_a_leader_that_stands_still_is_replaced_within_two_keep_alives(hub, proxy, open_page, how):
    leader, other = [open_page(options={"keepalive": KEEPALIVE}) for _ in range(2)]
    for page in (leader, other):
        page.evaluate("page.listen('post:1')")
        page.wait_for_function("page.state().status === 'open'")
    hub.publish("post:1", "before")
    for page in (leader, other):
        has(page, ["before"])

    stop = how(leader)
    began = time.monotonic()
    hub.publish("post:1", "meanwhile")
    # What the leader still had at hand came before it stood still.
    has(other, ["before", "meanwhile"])
    took = time.monotonic() - began
    print(f"{how.__name__}: the other tab had the event after {took:.1f} s")
    assert took < 2 * KEEPALIVE + 0.5
    other.wait_for_function("page.state().status === 'open'")

    third = open_page(options={"keepalive": KEEPALIVE})
    third.evaluate("page.listen('post:1')")
    third.wait_for_function("page.state().status === 'open'")
    hub.publish("post:1", "for all")
    has(third, ["for all"])
    has(other, ["before", "meanwhile", "for all"])

    stop.end()
    leader.wait_for_function("page.events['post:1'].length >= 3", timeout=20_000)
    eventually(lambda: len(proxy.streams) == 1, "there is one stream again", seconds=20)
    hub.publish("post:1", "after")
    has(leader, ["before", "meanwhile", "for all", "after"])
    has(other, ["before", "meanwhile", "for all", "after"])
    has(third, ["for all", "after"])
    assert hub.status()["connections"] == 1
    for page in (leader, other, third):
        page.wait_for_function("page.state().status === 'open'")


def test_a_tab_that_joins_a_leader_that_stands_still_has_its_events_in_three_seconds(hub, open_page):
    leader = open_page(options={"keepalive": KEEPALIVE})
    leader.evaluate("page.listen('post:1')")
    leader.wait_for_function("page.state().status === 'open'")
    stop = FrozenUntold(leader)
    joined = open_page(options={"keepalive": KEEPALIVE})
    joined.evaluate("page.listen('post:1')")
    joined.wait_for_function("page.state().status === 'open'", timeout=3_000)
    assert "stale" in statuses(joined)
    hub.publish("post:1", 1)
    has(joined, [1])
    stop.end()
    has(leader, [1])

"""A tab that leads the others and stands still: they go on without it, and when it goes on too there is one stream."""

import time

import pytest
from support.hub import Hub
from support.wait import eventually
from web.devtools import Chromium

pytestmark = pytest.mark.limit(240)

KEEPALIVE = 2


@pytest.fixture
def hub(site):
    """A hub that is never silent for long, and serves the page."""
    with Hub("--keepalive", str(KEEPALIVE), "--web", str(site)) as hub:
        yield hub


@pytest.fixture
def join(hub, chromium):
    """Opens a tab that listens."""
    with Chromium(chromium) as browser:

        def join():
            tab = browser.open(f"{hub.url}/app/client.html")
            tab.evaluate(f"page.start({{ keepalive: {KEEPALIVE} }}), page.listen('post:1')")
            return tab

        yield join


def is_open(tab, seconds=20):
    tab.until("page.state().status === 'open'", seconds)


def has(tab, *expected):
    """Waits until so many events have come, and checks that they are these."""
    tab.until(f"page.events['post:1'].length >= {len(expected)}")
    assert tab.evaluate("page.data('post:1')") == list(expected)


# The browser tells a page before it freezes it; phones do not.
UNTOLD = "window.addEventListener('freeze', (event) => event.stopImmediatePropagation(), true)"
COMPUTE = "setTimeout(() => { const end = Date.now() + 8000; while (Date.now() < end); })"


def freeze(leader):
    leader.freeze()
    return leader.thaw


def freeze_untold(leader):
    leader.evaluate(UNTOLD)
    return freeze(leader)


def pause(leader):
    leader.call("Debugger.enable")
    leader.evaluate("setTimeout(() => { debugger; })")
    return lambda: leader.call("Debugger.resume")


def compute(leader):
    leader.evaluate(COMPUTE)
    return lambda: None


@pytest.mark.parametrize("stop", [freeze, freeze_untold, pause, compute])
def test_a_leader_that_stands_still_is_replaced_within_two_keep_alives(hub, join, stop):
    leader = join()
    is_open(leader)
    other = join()
    is_open(other)
    eventually(lambda: hub.status()["connections"] == 1, "they share a stream")
    hub.publish("post:1", "before")
    for tab in (leader, other):
        has(tab, "before")

    go_on = stop(leader)
    began = time.monotonic()
    hub.publish("post:1", "meanwhile")
    has(other, "before", "meanwhile")
    took = time.monotonic() - began
    print(f"{stop.__name__}: the other tab had the event after {took:.1f} s")
    assert took < 2 * KEEPALIVE + 1
    is_open(other)

    third = join()
    is_open(third)
    hub.publish("post:1", "for all")
    has(third, "for all")
    has(other, "before", "meanwhile", "for all")

    go_on()
    has(leader, "before", "meanwhile", "for all")
    eventually(lambda: hub.status()["connections"] == 1, "there is one stream again", seconds=20)
    for tab in (leader, other, third):
        is_open(tab)
    hub.publish("post:1", "after")
    has(leader, "before", "meanwhile", "for all", "after")
    has(other, "before", "meanwhile", "for all", "after")
    has(third, "for all", "after")


# A page that Chromium has frozen still answers messages; one in a debugger does not.
@pytest.mark.parametrize(("stop", "limit"), [(freeze_untold, 2 * KEEPALIVE), (pause, 2)])
def test_a_tab_that_joins_a_leader_that_stands_still_does_not_wait_for_it(hub, join, stop, limit):
    leader = join()
    is_open(leader)
    # Another comes to the front, so that the leader can be frozen, and says nothing.
    leader.browser.open(f"{hub.url}/app/client.html")
    go_on = stop(leader)
    joined = join()
    began = time.monotonic()
    hub.publish("post:1", {"status": "new"}, retain=True)
    has(joined, {"status": "new"})
    took = time.monotonic() - began
    print(f"{stop.__name__}: the new tab had the state after {took:.1f} s")
    assert took < limit + 1
    is_open(joined)
    assert "stale" in joined.evaluate("page.states.map((state) => state.status)")
    go_on()
    has(leader, {"status": "new"})

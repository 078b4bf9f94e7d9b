"""One stream, whatever is subscribed and in however many tabs."""

import time

import pytest
from playwright.sync_api import Error
from support.wait import eventually


def is_open(page):
    """Waits until the page's connection is open."""
    page.wait_for_function("page.state().status === 'open'")


def test_sixty_subscriptions_have_one_stream_and_changes_open_no_other(hub, proxy, open_page):
    page = open_page()
    page.evaluate("for (let n = 0; n < 60; n += 1) page.listen(`post:${n % 30}`, `l${n}`)")
    is_open(page)
    assert len(hub.presence("post:0")) == 1
    status = hub.status()
    assert (status["connections"], status["subscriptions"]) == (1, 30)

    page.evaluate("for (let n = 60; n < 90; n += 1) page.listen(`post:${n}`, `l${n}`)")
    eventually(lambda: hub.status()["subscriptions"] == 60, "all are on the stream")
    page.evaluate("for (let n = 60; n < 90; n += 1) page.end(`l${n}`)")
    eventually(lambda: hub.status()["subscriptions"] == 30, "they are off again", seconds=10)

    hub.publish("post:3", 1)
    page.wait_for_function("page.events.l3.length === 1 && page.events.l33.length === 1")
    assert hub.status()["connections"] == 1
    assert len(proxy.asked("/stream")) == 1
    assert len([each for each in proxy.exchanges if each.method == "PATCH"]) == 2


def test_eight_tabs_share_one_stream_and_the_ninth_page_loads(hub, proxy, open_page):
    pages = [open_page() for _ in range(8)]
    for number, page in enumerate(pages):
        page.evaluate("n => page.listen([`post:${n}`, 'all:1'])", number)
    for page in pages:
        is_open(page)
    eventually(lambda: hub.status()["subscriptions"] == 9, "all are on the stream")
    assert hub.status()["connections"] == 1

    ninth = open_page()
    assert ninth.title() == "client"
    hub.publish("all:1", "everyone")
    for number, page in enumerate(pages):
        hub.publish(f"post:{number}", number)
        page.wait_for_function(
            "n => JSON.stringify(page.data(`post:${n},all:1`)) === `[\"everyone\",${n}]`", arg=number
        )
    assert len(proxy.asked("/stream")) == 1


def test_a_leading_tab_that_is_closed_loses_no_event_and_hands_over_in_a_second(
    hub, proxy, open_page
):
    pages = [open_page() for _ in range(3)]
    for page in pages:
        page.evaluate("page.listen('post:1')")
        is_open(page)
    # The first to open has the lead.
    leader, *others = pages
    published = 0

    def publish(count):
        nonlocal published
        for _ in range(count):
            hub.publish("post:1", published)
            published += 1

    publish(50)
    closed = time.monotonic()
    leader.close(run_before_unload=False)
    publish(50)
    eventually(lambda: len(proxy.streams) == 1, "another tab has the stream")
    handed_over = time.monotonic() - closed
    publish(50)
    for page in others:
        page.wait_for_function("count => page.events['post:1'].length >= count", arg=published)
        assert page.evaluate("page.data('post:1')") == list(range(published))
        gap = page.evaluate(
            """() => {
                const times = page.events['post:1'].map((event) => event.when);
                return Math.max(...times.slice(1).map((time, index) => time - times[index]));
            }"""
        )
        print(f"longest pause between two events: {gap:.0f} ms")
        assert gap < 1000
    print(f"publishing 50 events and handing over took {handed_over * 1000:.0f} ms")
    assert handed_over < 1
    assert len(proxy.asked("/stream")) == 2


def test_a_leading_tab_that_crashes_hands_over_too(hub, open_page):
    leader, other = open_page(), open_page()
    for page in (leader, other):
        page.evaluate("page.listen('post:1')")
        is_open(page)
    hub.publish("post:1", 0)
    with pytest.raises(Error, match="crash"):
        leader.goto("chrome://crash")
    for number in range(1, 20):
        hub.publish("post:1", number)
    other.wait_for_function("page.events['post:1'].length >= 20", timeout=5000)
    assert other.evaluate("page.data('post:1')") == list(range(20))


def test_back_from_the_history_a_page_has_what_it_missed(hub, proxy, open_page):
    other, page = open_page(), open_page()
    for each in (other, page):
        each.evaluate("page.listen('post:1')")
        is_open(each)
    hub.publish("post:1", 0)
    page.wait_for_function("page.events['post:1'].length === 1")
    page.goto(proxy.page("client") + "?elsewhere")
    hub.publish("post:1", 1)
    other.wait_for_function("page.events['post:1'].length === 2")
    page.go_back()
    if not page.evaluate("!!window.page && 'post:1' in page.events"):
        page.evaluate("page.start(); page.listen('post:1')")
        is_open(page)
        hub.publish("post:1", 2)
        page.wait_for_function("page.events['post:1'].length === 1")
        print("the browser did not keep the page")
        return
    page.wait_for_function("page.events['post:1'].length === 2")
    assert page.evaluate("page.data('post:1')") == [0, 1]
    assert other.evaluate("page.data('post:1')") == [0, 1]

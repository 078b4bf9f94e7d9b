"""The client where there are no locks: on plain http by a name, as in an intranet."""

import pytest
from playwright.sync_api import Error
from support.hub import Hub
from support.wait import eventually

pytestmark = pytest.mark.limit(240)

NAME = "app.test"


@pytest.fixture
def hub():
    """A hub that is never silent for long."""
    with Hub("--keepalive", "2", "--allowed-hosts", NAME) as hub:
        yield hub


@pytest.fixture(scope="module")
def browser(launch):
    """A browser that takes a name for this machine: unlike its address, that is no secure context."""
    with launch(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def proxy(make_proxy, hub):
    proxy = make_proxy(hub)
    proxy.url = proxy.url.replace("127.0.0.1", NAME)
    return proxy


def join(open_page, number=1):
    page = open_page(options={"keepalive": 2})
    page.evaluate("n => page.listen(['all:1', `post:${n}`])", number)
    page.wait_for_function("page.state().status === 'open'", timeout=10_000)
    return page


def test_seven_tabs_share_one_stream_and_the_site_answers(hub, proxy, open_page):
    pages = [join(open_page, number) for number in range(7)]
    assert pages[0].evaluate("[isSecureContext, navigator.locks === undefined]") == [False, True]
    answer = "Promise.race([fetch('/health').then((r) => r.status), new Promise((r) => setTimeout(r, 5000, 'none'))])"
    assert pages[0].evaluate(answer) == 200
    eventually(lambda: hub.status()["subscriptions"] == 8, "all are on the stream")
    hub.publish("all:1", "everyone")
    for number, page in enumerate(pages):
        hub.publish(f"post:{number}", number)
        page.wait_for_function("page.events[Object.keys(page.events)[0]].length >= 2")
        assert page.evaluate("page.data(Object.keys(page.events)[0])") == ["everyone", number]
    assert hub.status()["connections"] == 1
    assert len(proxy.streams) == 1


def test_the_leader_is_closed_and_another_leads_in_a_second_without_a_gap(hub, proxy, open_page):
    leader, *others = [join(open_page) for _ in range(3)]
    name = "all:1,post:1"
    hub.publish("all:1", 0)
    for page in others:
        page.wait_for_function("name => page.events[name].length === 1", arg=name)
    leader.close(run_before_unload=True)
    for number in range(1, 30):
        hub.publish("all:1", number)
    eventually(lambda: len(proxy.streams) == 1, "another tab has the stream", seconds=1)
    for page in others:
        page.wait_for_function("name => page.events[name].length >= 30", arg=name)
        assert page.evaluate("name => page.data(name)", name) == list(range(30))


def test_the_leader_crashes_and_another_leads_within_two_keep_alives(hub, open_page):
    leader, other = [join(open_page) for _ in range(2)]
    with pytest.raises(Error, match="crash"):
        leader.goto("chrome://crash")
    hub.publish("all:1", "news")
    other.wait_for_function("page.data('all:1,post:1').length === 1", timeout=4_500)

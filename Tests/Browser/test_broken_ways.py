"""What stands between a page and its events, and what the page makes of it: each ends as it should, and whatever
happened, each event is told once and in order."""

import http.client
import json
import threading

import pytest
from support.hub import Hub
from support.wait import eventually
from web.proxy import buffer, respond

pytestmark = pytest.mark.limit(90)


def is_open(page):
    """Waits until the page's connection is open."""
    page.wait_for_function("page.state().status === 'open'", timeout=20_000)


def has(page, expected, name="post:1"):
    """Waits until as many events have come, and checks that they are these."""
    page.wait_for_function(
        "([name, count]) => page.events[name].length >= count",
        arg=[name, len(expected)],
        timeout=30_000,
    )
    assert page.evaluate("name => page.data(name)", name) == expected


def statuses(page):
    """The states that the connection has gone through."""
    return page.evaluate("page.states.map((state) => state.status)")


class Publisher:
    """A service that publishes the numbers up to `count` one after the other, and says each again until it hears
    that it is kept. The key makes that one event."""

    def __init__(self, address, count):
        self.address = address
        self.count = count
        self.published = 0
        self.refused = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.published < self.count:
            if self._post(self.published):
                self.published += 1
            else:
                self.refused += 1

    def _post(self, number):
        connection = http.client.HTTPConnection(*self.address, timeout=5)
        try:
            body = json.dumps({"resource": "post:1", "event": "update", "data": number, "key": f"n{number}"})
            connection.request("POST", "/broadcast", body, {"Content-Type": "application/json"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@pytest.mark.parametrize("native", [False, True], ids=["fetch", "EventSource"])
def test_the_hub_is_killed_amid_200_events_and_each_is_shown_once(site, context, tmp_path, native):
    flags = ("--web", str(site))
    hub = Hub(*flags, data=str(tmp_path))
    try:
        page = context.new_page()
        page.goto(f"{hub.url}/app/client.html")
        page.evaluate("options => page.start(options)", {"native": ["update"]} if native else {})
        page.evaluate("page.listen('post:1')")
        is_open(page)
        publisher = Publisher(hub.address, 200)
        eventually(lambda: publisher.published >= 80, "the first events are kept")
        hub.kill()
        eventually(lambda: publisher.refused > 2, "the publisher notices")
        assert publisher.published < 200
        page.wait_for_function("page.state().status !== 'open'")
        hub = Hub(*flags, port=hub.port, data=str(tmp_path))
        has(page, list(range(200)))
        assert publisher.published == 200
        assert "retrying" in statuses(page)
        assert len({each for each in page.evaluate("page.events['post:1'].map((e) => e.id)")}) == 200
    finally:
        hub.kill()


def test_a_stream_cut_within_an_event_goes_on_with_that_event(hub, proxy, open_page):
    page = open_page()
    page.evaluate("page.listen('post:1')")
    is_open(page)
    told = []
    # Within the id, the name, the data; between the two line ends; right behind the block.
    block = len(f'id: {hub.publish("post:2", 0)}\nevent: update\n')
    for count in (7, block - 3, block + 40, block + 200):
        # A stream that has brought news is good: losing it is no reason to poll.
        hub.publish("post:1", len(told))
        told.append(len(told))
        has(page, told)
        before = len(proxy.asked("/stream"))
        proxy.streams[0].cut_after(count)
        for number in range(3):
            data = f"{len(told)} " + "é€𝄞" * 30
            hub.publish("post:1", data)
            told.append(data)
        eventually(lambda: len(proxy.asked("/stream")) > before, "the page comes back")
        has(page, told)
        is_open(page)
    asked = proxy.asked("/stream")
    assert len(asked) == 5
    assert all("last_event_id=" in each.target for each in asked[1:])
    assert not proxy.asked("/poll")


def test_503_with_retry_after_is_waited_for(proxy, open_page):
    refusals = [respond(503, {"Retry-After": "3"})]
    proxy.rule = lambda exchange: refusals.pop() if refusals else None
    page = open_page()
    page.evaluate("page.listen('post:1')")
    page.wait_for_function("page.state().status === 'retrying'")
    state = page.evaluate("page.states.at(-1)")
    assert state["attempt"] == 1
    assert state["nextAt"] - page.evaluate("performance.timeOrigin") - state["when"] >= 2_990
    # Neither the network's return nor a person's hurries it.
    page.evaluate("dispatchEvent(new Event('online'))")
    is_open(page)
    first, second = proxy.exchanges
    assert first.path == second.path == "/stream"
    assert second.when - first.when >= 2.99


def test_401_closes_and_nothing_more_is_asked_until_the_app_says_so(hub, proxy, open_page):
    proxy.rule = lambda exchange: respond(401)
    page = open_page()
    page.evaluate("page.listen('post:1')")
    page.wait_for_function("page.state().status === 'closed'")
    assert page.evaluate("page.state().reason") == "unauthorized"
    page.evaluate("dispatchEvent(new Event('online'))")
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    asked = len(proxy.exchanges)
    proxy.rule = lambda exchange: None
    page.evaluate("page.retry()")
    is_open(page)
    assert len(proxy.exchanges) == asked + 1
    hub.publish("post:1", "in")
    has(page, ["in"])


def test_401_asks_the_app_once_for_a_new_token(hub, proxy, open_page):
    def rule(exchange):
        return None if exchange.headers.get("authorization") == "Bearer new" else respond(401)

    proxy.rule = rule
    page = open_page(start=False)
    page.evaluate("window.asked = page.startWithToken()")
    page.evaluate("page.listen('post:1')")
    is_open(page)
    assert page.evaluate("window.asked") == [None, 401]
    hub.publish("post:1", "in")
    has(page, ["in"])


def test_a_connection_gone_silent_is_noticed_and_left(site, context, tmp_path, make_proxy):
    with Hub() as hub:
        proxy = make_proxy(hub)
        page = context.new_page()
        page.goto(proxy.page("client"))
        page.evaluate("page.start({ keepalive: 1 })")
        page.evaluate("page.listen('post:1')")
        is_open(page)
        hub.publish("post:1", 0)
        has(page, [0])
        proxy.streams[0].silence()
        for number in range(1, 5):
            hub.publish("post:1", number)
        has(page, list(range(5)))
        is_open(page)
        found = statuses(page)
        at = found.index("stale")
        assert found[at - 1 :] == ["open", "stale", "retrying", "connecting", "open"]
        times = page.evaluate("page.states.slice(-4).map((state) => state.when)")
        # One and a half keep-alives of silence, and two.
        assert 400 < times[1] - times[0] < 2_000


def test_a_proxy_that_buffers_is_polled_through_and_left_for_a_stream_when_it_can(
    hub, proxy, open_page
):
    proxy.rule = lambda exchange: buffer(proxy) if exchange.path == "/stream" else None
    page = open_page(options={"connectTimeout": 1_000})
    hub.publish("post:1", "state", retain=True)
    page.evaluate("page.listen('post:1')")
    page.wait_for_function("page.state().status === 'polling'", timeout=20_000)
    expected = ["state"]
    for number in range(5):
        hub.publish("post:1", number)
        expected.append(number)
        has(page, expected)
    # Probes go on meanwhile, and do not show.
    eventually(lambda: len(proxy.asked("/stream")) >= 2, "streaming is tried", seconds=10)
    assert page.evaluate("page.state().status") == "polling"
    proxy.rule = lambda exchange: None
    hub.publish("post:1", "between")
    is_open(page)
    hub.publish("post:1", "streamed")
    has(page, [*expected, "between", "streamed"])
    assert [each for each in statuses(page) if each != "connecting"] == ["polling", "open"]
    eventually(lambda: not [e for e in proxy.asked("/poll") if e.is_open], "polling has ended")

"""batch=MS and rewind=N in Chromium: through its own EventSource, and through the client in several tabs."""

import json

import pytest
from support.hub import Hub
from support.wait import eventually

pytestmark = pytest.mark.limit(120)

_LISTEN = """(url) => {
    window.got = [];
    window.sizes = [];
    const source = new EventSource(url);
    source.addEventListener("note", ({ data, lastEventId }) => got.push([lastEventId, JSON.parse(data).data]));
    source.addEventListener("batch", ({ data, lastEventId }) => {
        const { events } = JSON.parse(data);
        sizes.push(events.length);
        for (const { id, data } of events) got.push([id, data]);
        window.isWrong ||= events.at(-1).id !== lastEventId;
    });
    source.addEventListener("live", () => (window.lives = (window.lives ?? 0) + 1));
}"""


def publish(hub, first, count):
    """Publishes numbers, as one transaction; (id, number) of each."""
    events = [{"resource": "post:1", "event": "note", "data": n} for n in range(first, first + count)]
    body = json.dumps(events).encode()
    answer = hub.request("POST", "/broadcast", {"Content-Type": "application/json"}, body)
    assert answer.status == 200, answer
    return [[id, first + n] for n, id in enumerate(answer.json["ids"])]


def test_an_eventsource_begins_in_the_past_and_goes_on_after_a_restart_where_its_batches_were(context, tmp_path):
    folder = str(tmp_path / "data")
    with Hub(data=folder) as hub:
        past = publish(hub, 0, 30)
        page = context.new_page()
        page.goto(hub.url + "/health")
        page.evaluate(_LISTEN, f"{hub.url}/stream?resources=post:1&batch=50&rewind=10")
        page.wait_for_function("window.lives === 1")
        sent = past[-10:] + publish(hub, 30, 250)
        page.wait_for_function("count => got.length >= count", arg=len(sent))
        assert page.evaluate("sizes").count(100) == 2
        port = hub.port
    with Hub(data=folder, port=port) as hub:
        sent += publish(hub, 280, 20)
        # With a cursor the past is not told again.
        page.wait_for_function("window.lives === 2", timeout=20_000)
        sent += publish(hub, 300, 20)
        page.wait_for_function("count => got.length >= count", arg=len(sent))
    assert page.evaluate("got") == sent
    assert not page.evaluate("!!window.isWrong"), "the id of a batch was not that of its last event"


def test_the_client_tells_each_event_of_a_batch_in_all_tabs(hub, proxy, open_page):
    pages = [open_page(options={"batch": 200}) for _ in range(3)]
    for page in pages:
        page.evaluate("page.listen('post:1')")
        page.wait_for_function("page.state().status === 'open'")
    sent = publish(hub, 0, 130)
    for page in pages:
        page.wait_for_function("page.events['post:1'].length >= 130")
    assert all("batch=200" in exchange.target for exchange in proxy.asked("/stream"))
    # The tab with the stream ends: the next one goes on behind the last event of the last batch.
    pages.pop(0).close()
    eventually(lambda: len(proxy.streams) == 1, "another tab has the stream")
    sent += publish(hub, 130, 130)
    for page in pages:
        page.wait_for_function("page.events['post:1'].length >= 260")
        told = page.evaluate("page.events['post:1'].map(({ id, data }) => [id, data])")
        assert told == sent
        assert page.evaluate("page.errors") == []


def test_an_eventsource_in_the_client_has_batches_too(hub, open_page):
    page = open_page(options={"batch": 100, "native": ["note"]})
    page.evaluate("page.listen('post:1')")
    page.wait_for_function("page.state().status === 'open'")
    sent = publish(hub, 0, 20)
    page.wait_for_function("page.events['post:1'].length >= 20")
    assert page.evaluate("page.events['post:1'].map(({ id, data }) => [id, data])") == sent

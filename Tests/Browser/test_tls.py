"""A native EventSource over https, from the hub itself to a browser without a proxy between them."""

import pytest
from support.certificates import Certificates
from support.hub import Hub


@pytest.fixture
def certificates(tmp_path):
    """What the hub shows."""
    return Certificates(tmp_path / "certificates")


@pytest.fixture
def hub(certificates):
    """A hub that speaks TLS."""
    with Hub("--keepalive", "2", tls=certificates) as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def page(browser, hub):
    """A page of the hub's own origin, in a browser that takes the authority's word for nothing."""
    context = browser.new_context(bypass_csp=True, ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{hub.url}/")
    yield page
    context.close()


LISTEN = """resource => {
    window.got = [];
    window.source = new EventSource(`/stream?resources=${resource}`);
    source.addEventListener("live", () => { window.isLive = true; });
    source.addEventListener("update", (event) => got.push([event.lastEventId, JSON.parse(event.data).data]));
}"""


def test_an_event_source_gets_events_and_publishes_beside_it(hub, page):
    page.evaluate(LISTEN, "post:1")
    page.wait_for_function("window.isLive")
    ids = [hub.publish("post:1", n) for n in range(20)]
    page.wait_for_function("got.length === 20")
    assert page.evaluate("got") == [[id, n] for n, id in enumerate(ids)]
    status = page.evaluate(
        """() => fetch("/broadcast", { method: "POST", headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ resource: "post:1", event: "update", data: "own" }) }).then((a) => a.status)"""
    )
    assert status == 200
    page.wait_for_function("got.length === 21 && got[20][1] === 'own'")


def test_an_event_source_misses_nothing_over_a_restart_with_another_certificate(
    certificates, browser, tmp_path
):
    data = str(tmp_path / "data")
    context = browser.new_context(bypass_csp=True, ignore_https_errors=True)
    try:
        with Hub(data=data, tls=certificates) as hub:
            port = hub.port
            page = context.new_page()
            page.goto(f"{hub.url}/")
            page.evaluate(LISTEN, "post:1")
            page.wait_for_function("window.isLive")
            ids = [hub.publish("post:1", 0)]
            page.wait_for_function("got.length === 1")
        certificates.issue("server")
        with Hub(data=data, port=port, tls=certificates) as hub:
            ids.append(hub.publish("post:1", 1))
            page.wait_for_function("got.length === 2")
            ids.append(hub.publish("post:1", 2))
            page.wait_for_function("got.length === 3")
            assert page.evaluate("got") == [[id, n] for n, id in enumerate(ids)]
    finally:
        context.close()

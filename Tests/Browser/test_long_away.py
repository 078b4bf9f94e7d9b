"""A hub that is away for longer than the client tries: a page in view comes back by itself."""

import os
import time

import pytest
from support.hub import Hub

IS_LONG = os.environ.get("MARTLET_LONG") == "1"

pytestmark = pytest.mark.limit(240)


def test_a_page_in_view_that_has_given_up_comes_back_by_itself(context, make_proxy, tmp_path):
    hub = Hub(data=str(tmp_path))
    try:
        proxy = make_proxy(hub)
        page = context.new_page()
        page.clock.install()
        page.goto(proxy.page("client"))
        page.evaluate("page.start(); page.listen('post:1')")
        page.wait_for_function("page.state().status === 'open'")
        hub.kill()
        for _ in range(200):
            if page.evaluate("page.state().status") == "closed":
                break
            page.clock.run_for(1_000)
            page.wait_for_timeout(20)
        assert page.evaluate("page.state()") == {"status": "closed", "reason": "failed"}
        # Step by step: the network takes its time, which is not the page's.
        for _ in range(75):
            page.clock.run_for(1_000)
            page.wait_for_timeout(20)
        assert 1 <= len(proxy.asked("/health/ready")) <= 5
        hub = Hub(port=hub.port, data=str(tmp_path))
        hub.publish("post:1", "back")
        for _ in range(45):
            page.clock.run_for(1_000)
            page.wait_for_timeout(20)
            if page.evaluate("page.state().status") == "open":
                break
        page.wait_for_function("page.events['post:1'].length === 1")
        assert page.evaluate("page.data('post:1')") == ["back"]
    finally:
        hub.kill()


@pytest.mark.skipif(not IS_LONG, reason="takes two minutes; MARTLET_LONG=1 runs it")
def test_a_hub_that_is_away_for_75_seconds_has_its_pages_back_within_45(context, make_proxy, tmp_path):
    hub = Hub(data=str(tmp_path))
    try:
        proxy = make_proxy(hub)
        page = context.new_page()
        page.goto(proxy.page("client"))
        page.evaluate("page.start(); page.listen('post:1')")
        page.wait_for_function("page.state().status === 'open'")
        hub.kill()
        page.wait_for_timeout(75_000)
        hub = Hub(port=hub.port, data=str(tmp_path))
        began = time.monotonic()
        hub.publish("post:1", "back")
        page.wait_for_function("page.events['post:1'].length === 1", timeout=45_000)
        print(f"back after {time.monotonic() - began:.1f} s")
        assert "closed" in page.evaluate("page.states.map((state) => state.status)")
    finally:
        hub.kill()

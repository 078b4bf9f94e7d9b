"""The small examples: reconnecting to be seen, in a page and in Node, and EventSource alone."""

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.hub import Hub

REPOSITORY = Path(__file__).resolve().parents[2]

RECONNECT = REPOSITORY / "examples/reconnect"
VANILLA = REPOSITORY / "examples/vanilla"
LIMIT = 20_000

pytestmark = pytest.mark.limit(90)


@pytest.fixture(scope="module")
def example():
    """The example's folder, built."""
    subprocess.run([RECONNECT / "build"], check=True, capture_output=True, text=True)
    return str(RECONNECT / "dist")


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1100, "height": 1000})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def test_the_page_draws_each_wait_and_what_came_of_it(example, tmp_path, page):
    hub = Hub("--web", example, data=str(tmp_path))
    try:
        page.clock.install()
        page.goto(f"{hub.url}/app/")
        state = page.get_by_role("heading", level=1)
        expect(state).to_have_text("Live", timeout=LIMIT)
        hub.kill()
        expect(state).to_have_text(re.compile(r"Waiting \d+\.\d s for try 1"), timeout=LIMIT)
        bars = page.locator("svg .waited")
        for _ in range(60):
            if state.inner_text() == "Closed":
                break
            page.clock.run_for(2_000)
            page.wait_for_timeout(50)
        expect(state).to_have_text("Closed")
        expect(bars).to_have_count(4)
        expect(page.locator("svg .bad")).to_have_count(1)
        rows = page.get_by_role("row").filter(has_text=re.compile(r"try \d in"))
        waits = [float(re.search(r"in ([\d.]+) s", row)[1]) for row in rows.all_inner_texts()]
        assert all(1 <= wait <= 8.1 for wait in waits), waits
        hub = Hub("--web", example, port=hub.port, data=str(tmp_path))
        page.get_by_role("button", name="Try now").click()
        expect(state).to_have_text("Live", timeout=LIMIT)
        page.screenshot(path=Path(os.environ.get("MARTLET_SHOTS", tmp_path)) / "reconnect.png")
        label = page.get_by_role("img", name="The waits so far").get_attribute("aria-label")
        assert label.count("try ") == 4
    finally:
        hub.kill()


class Lines:
    """What a program prints, line by line."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.timer = threading.Timer(60, self.process.kill)
        self.timer.start()

    def until(self, pattern):
        """Reads on to a line that matches."""
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in {''.join(seen)}")

    def end(self):
        self.timer.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_the_script_waits_comes_back_and_misses_nothing(example, tmp_path):
    hub = Hub(data=str(tmp_path))
    lines = Lines("node", str(RECONNECT / "reconnect.mjs"), hub.url)
    try:
        lines.until(" open")
        hub.publish("example:reconnect", 1)
        lines.until(r"event .* 1\b")
        hub.kill()
        lines.until(r"retrying +try 1 in +\d+\.\d\d s +█")
        lines.until(r"retrying +try 2 in")
        hub = Hub(port=hub.port, data=str(tmp_path))
        missed = hub.publish("example:reconnect", 2)
        assert lines.until(r"event +(\S+) 2\b")[1] == missed
        lines.process.terminate()
        lines.until("closed +manual")
        assert lines.process.wait(10) == 0
    finally:
        lines.end()
        hub.kill()


def test_event_source_alone_shows_state_and_news_and_resumes(tmp_path, page):
    flags = ("--web", str(VANILLA))
    hub = Hub(*flags, data=str(tmp_path))
    try:
        hub.publish("post:1", {"status": "pending"}, "post_update", retain=True)
        page.goto(f"{hub.url}/app/?hub={hub.url}")
        items = page.get_by_role("listitem")
        expect(page.get_by_role("status")).to_have_text("live")
        expect(items).to_have_count(1)
        expect(items.first).to_contain_text('state: {"status":"pending"}')
        hub.publish("post:1", {"status": "ready"}, "post_update", retain=True)
        expect(items.first).to_contain_text('news: {"status":"ready"}')
        hub.kill()
        expect(page.get_by_role("status")).to_have_text("reconnecting")
        hub = Hub(*flags, port=hub.port, data=str(tmp_path))
        hub.publish("post:1", {"status": "late"}, "post_update")
        expect(items.first).to_contain_text('news: {"status":"late"}', timeout=LIMIT)
        expect(items).to_have_count(3)
    finally:
        hub.kill()


def test_event_source_alone_is_about_twenty_lines():
    script = (VANILLA / "index.html").read_text().split("<script>")[1].split("</script>")[0]
    assert len(script.strip().splitlines()) <= 20

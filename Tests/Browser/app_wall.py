"""The wall of apps under test: built, served by a hub, looked at."""

import contextlib
import re
import socket
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.hub import BINARY, environment
from support.wait import eventually

REPOSITORY = Path(__file__).resolve().parents[2]
WALL = REPOSITORY / "examples/app-wall"
LIMIT = 30_000
STARTED = re.compile(r"The page is at (\S+) \(hub (\d+), nginx (\d+)\)\.")

# What is empty of the places in which something is to be seen: neither words, nor a frame or a picture with a size.
EMPTY = """() => [...document.querySelectorAll('.card, .stage, .stage *, .badge, .note, header, h3, .actions')]
    .filter((element) => element.checkVisibility() && !element.closest('[aria-hidden="true"]')
        && !['progressbar'].includes(element.role) && !element.closest('[role="progressbar"]'))
    .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        const shown = element.matches('iframe, img') ? [element] : [...element.querySelectorAll('iframe, img')];
        return !element.innerText.trim() && !shown.some((part) => part.clientWidth > 30 && part.clientHeight > 30)
            || !width || !height;
    })
    .map((element) => element.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def wall():
    """The wall's folder, built."""
    subprocess.run([WALL / "build"], check=True, capture_output=True, text=True)
    return str(WALL / "dist")


def visit(page, hub):
    page.goto(f"{hub.url}/app/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=LIMIT)


def ask(page, prompt):
    """Asks for an app as a person would; its post."""
    page.get_by_label("What the app should do").fill(prompt)
    page.get_by_role("button", name="Build it").click()
    return post(page, prompt)


def post(page, prompt):
    return page.get_by_role("article", name=prompt, exact=True)


def until(article, state):
    expect(article).to_have_attribute("data-state", state, timeout=LIMIT)


def frame_of(article):
    """The document in the post's frame, when it is loaded, which it is when it comes into view."""
    article.locator("iframe").scroll_into_view_if_needed()
    expect(article.locator(".loading")).to_have_count(0, timeout=LIMIT)
    return article.frame_locator("iframe")


def assert_nothing_empty(page):
    assert page.evaluate(EMPTY) == []
    pictures = page.evaluate("[...document.images].filter((image) => image.complete && !image.naturalWidth).length")
    assert pictures == 0, "a picture is missing"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def started(folder, **variables):
    """The example as its one command starts it: where the wall is, and the number of the hub's process at that time."""
    said = folder / "said"
    command = [WALL / "start", "--port", str(free_port()), "--hub-port", str(free_port()), "--data", str(folder / "data")]
    with open(said, "w") as output:
        process = subprocess.Popen(
            command,
            env=environment({"MARTLET": str(Path(BINARY).resolve()), **variables}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:

        def is_up():
            assert process.poll() is None, said.read_text()
            return STARTED.search(said.read_text())

        url, hub, _ = eventually(is_up, "the wall", 60).groups()
        yield url, int(hub)
        assert process.poll() is None, said.read_text()
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


"""The influencer app under test: served by a hub, opened by people, looked at."""

import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.fixtures import influencer, jobs  # noqa: F401
from support.hub import Hub

REPOSITORY = Path(__file__).resolve().parents[2]
APP = REPOSITORY / "examples/react-feed"
PACE = ("--builtin-rate", "40", "--builtin-picture", "0.6")
SLOW = ("--builtin-rate", "15", "--builtin-picture", "1")
LIMIT = 20_000
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
LOOKS = [
    ("light", {"color_scheme": "light"}),
    ("dark", {"color_scheme": "dark"}),
    ("phone", PHONE | {"color_scheme": "light"}),
    ("phone-dark", PHONE | {"color_scheme": "dark"}),
]


@pytest.fixture(scope="module")
def app():
    """The app's folder, built."""
    subprocess.run([APP / "build"], check=True, capture_output=True, text=True)
    return str(APP / "dist")


@pytest.fixture(scope="module")
def hub(app, tmp_path_factory):
    with Hub(*PACE, "--web", app, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub


@pytest.fixture
def person(browser):
    """Opens browsers of their own: a function that gives a page; nothing may go wrong in any."""
    contexts, errors = [], []

    def open_page(**options):
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options)
        context.set_default_timeout(LIMIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(person):
    return person()


@pytest.fixture
def picture(tmp_path):
    """Keeps a screenshot, in $MARTLET_SHOTS if that is set."""
    folder = Path(os.environ.get("MARTLET_SHOTS", tmp_path))

    def keep(page, name):
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")

    return keep


def visit(page, hub, path="/"):
    page.goto(f"{hub.url}/app/#{path}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=LIMIT)


def visit_feed(page, hub, influencer):
    visit(page, hub, f"/influencers/{influencer['id']}")
    expect(page.get_by_role("heading", level=1, name=influencer["name"])).to_be_visible()


def write(page, prompt):
    """Asks for a post as a person would; its article."""
    page.get_by_label("post about").fill(prompt)
    page.get_by_role("button", name="Generate post").click()
    return page.get_by_role("article", name=prompt, exact=True)


def until(article, status):
    expect(article).to_have_attribute("data-status", status, timeout=LIMIT)

def check_page(page):
    """What can be checked of any page by hand: names, structure, width, contrast."""
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert page.evaluate("[...document.images].every((image) => image.hasAttribute('alt'))")
    for role in ("button", "link", "textbox", "radio", "progressbar"):
        for element in page.get_by_role(role).all():
            assert element.evaluate(NAME), element.evaluate("(element) => element.outerHTML")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
    assert len(ids) == len(set(ids))
    assert page.evaluate(CONTRAST) == []


NAME = """(element) => element.getAttribute('aria-label') || element.textContent.trim()
    || [...(element.labels ?? [])].some((label) => label.textContent.trim()
        || label.querySelector('img[alt]')?.alt)"""

# The text whose contrast with what is behind it is less than 4.5 (3 where it is large).
CONTRAST = """() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const parse = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const over = (top, below) => {
        const part = top[3] / 255;
        return [0, 1, 2].map((at) => top[at] * part + below[at] * (1 - part)).concat(255);
    };
    const ground = (element) => {
        if (!element) return [255, 255, 255, 255];
        const colour = parse(getComputedStyle(element).backgroundColor);
        return colour[3] === 255 ? colour : over(colour, ground(element.parentElement));
    };
    const light = (colour) => colour.slice(0, 3)
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const poor = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
        const element = text.parentElement;
        if (!text.data.trim() || element.closest('.hidden, .skip, noscript, .picture')) continue;
        const style = getComputedStyle(element);
        if (!element.checkVisibility() || element.closest(':disabled')) continue;
        const behind = ground(element);
        const [a, b] = [light(over(parse(style.color), behind)), light(behind)];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const isLarge = parseFloat(style.fontSize) >= 24;
        if (contrast < (isLarge ? 3 : 4.5)) poor.push(`${text.data}: ${contrast.toFixed(2)}`);
    }
    return poor;
}"""

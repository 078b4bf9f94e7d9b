"""The hub's own page, on a hub that asks for credentials and on one that does not."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from web.locked import LockedHub, key, token

LIMIT = 20_000

pytestmark = pytest.mark.limit(90)


@pytest.fixture
def locked(tmp_path):
    with LockedHub(tmp_path) as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def visit(browser):
    """Opens a hub's page; nothing on it may be against its policy, or go wrong."""
    contexts, faults = [], []

    def visit(hub, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: "Content Security" in told.text and faults.append(told.text))
        page.goto(f"{hub.url}/")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert faults == []


def log_in(page, credential):
    page.get_by_label("API key or JWT").fill(credential)
    page.get_by_label("API key or JWT").press("Enter")


def test_an_open_hub_asks_for_nothing(hub, visit):
    page = visit(hub)
    expect(page.locator("#health")).to_have_text(re.compile("^ok"), timeout=LIMIT)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#account")).to_be_hidden()
    expect(page.locator("#curl-publish")).not_to_contain_text("Authorization")
    page.get_by_role("button", name="Try it with post:1").click()
    expect(page.locator("#state-name")).to_have_text("Live", timeout=LIMIT)


def test_a_locked_hub_asks_for_a_key_with_which_the_page_receives_and_publishes(locked, visit):
    page = visit(locked)
    dialog = page.get_by_role("dialog", name="Log in to this hub")
    expect(dialog).to_be_visible(timeout=LIMIT)
    expect(page.get_by_label("API key or JWT")).to_be_focused()
    expect(dialog).to_contain_text("martlet key create --admin")
    log_in(page, key("backend"))
    expect(dialog).to_be_hidden(timeout=LIMIT)
    expect(page.locator("#health")).to_have_text(re.compile("^ok"), timeout=LIMIT)
    page.get_by_role("button", name="Try it with post:1").click()
    expect(page.locator("#state-name")).to_have_text("Live", timeout=LIMIT)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#result")).to_contain_text("on this stream after", timeout=LIMIT)
    assert page.evaluate("document.cookie") == ""
    assert key("backend") not in page.evaluate("JSON.stringify([{ ...localStorage }, document.body.innerHTML])")
    # Whoever comes back is still logged in, until they log out. The page writes its view into its address a moment later.
    expect(page).to_have_url(re.compile("#.*connect=1"), timeout=LIMIT)
    page.reload()
    expect(page.locator("#state-name")).to_have_text("Live", timeout=LIMIT)
    page.get_by_role("button", name="Log out").click()
    expect(dialog).to_be_visible(timeout=LIMIT)
    expect(page.locator("#state-name")).to_have_text("Closed")
    expect(page.locator("#health")).to_have_text("Not logged in", timeout=LIMIT)
    page.reload()
    expect(dialog).to_be_visible(timeout=LIMIT)


@pytest.mark.parametrize("wrong", ["mk_wrong", "eyJ.eyJ.x", "ключ"])
def test_a_wrong_key_shows_what_is_wrong_and_can_be_put_right(locked, visit, wrong):
    page = visit(locked)
    answer = locked.request("POST", "/session", {"Authorization": f"Bearer {wrong}"}) if wrong.isascii() else None
    log_in(page, wrong)
    error = page.get_by_role("alert")
    expect(error).to_have_text(answer.json["detail"] if answer else re.compile("characters"), timeout=LIMIT)
    expect(page.get_by_label("API key or JWT")).to_be_focused()
    log_in(page, token("ada", "post:*"))
    expect(page.get_by_role("dialog")).to_be_hidden(timeout=LIMIT)
    expect(page.locator("#health")).to_have_text(re.compile("admin"), timeout=LIMIT)
    page.get_by_role("button", name="Try it with post:1").click()
    expect(page.locator("#state-name")).to_have_text("Live", timeout=LIMIT)


def test_who_looks_around_without_a_key_is_asked_again_only_for_what_needs_one(locked, visit):
    page = visit(locked)
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    with page.expect_response(re.compile("/events/status"), timeout=LIMIT):
        pass
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Try it with post:1").click()
    expect(dialog).to_be_visible(timeout=LIMIT)
    log_in(page, key("reader"))
    expect(page.locator("#state-name")).to_have_text("Live", timeout=LIMIT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_form_fits_on_a_phone_and_on_a_desk(locked, visit, tmp_path, scheme, width):
    page = visit(locked, color_scheme=scheme, viewport={"width": width, "height": 800})
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=LIMIT)
    log_in(page, "mk_wrong")
    expect(page.get_by_role("alert")).not_to_be_empty(timeout=LIMIT)
    shots = Path(os.environ.get("MARTLET_SHOTS", tmp_path))
    page.screenshot(path=shots / f"login-{scheme}-{width}.png")
    box = dialog.bounding_box()
    assert box["x"] >= 8 and box["x"] + box["width"] <= width - 8
    assert box["y"] >= 0 and box["y"] + box["height"] <= 800
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    log_in(page, key("backend"))
    expect(page.get_by_role("button", name="Log out")).to_be_visible(timeout=LIMIT)
    page.screenshot(path=shots / f"logged-in-{scheme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

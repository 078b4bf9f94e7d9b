"""The influencer app's notices, and whether everyone can use it."""

import re

import pytest
from feed_app import app, hub, influencer, jobs, page, person, picture  # noqa: F401
from feed_app import LIMIT, until, visit, visit_feed, write
from playwright.sync_api import expect

pytestmark = pytest.mark.limit(150)

# Toasts


def announce(hub, influencer, post, status, **more):
    """Says of a post what the hub would say."""
    stamp = "2026-11-21T00:00:00.000Z"
    record = {"id": post, "influencer": influencer["id"], "status": status, "prompt": "Toast"}
    record |= {"content": None, "image_urls": [], "error": None, "job": post}
    record |= {"created_at": stamp, "updated_at": stamp} | more
    hub.publish([f"post:{post}", f"influencer:{influencer['id']}"], record, "post_update")


def test_toasts_are_told_once_and_leave_after_four_seconds(page, hub, influencer):
    page.clock.install()
    visit(page, hub)
    toasts = page.get_by_role("region", name="Notices").get_by_role("listitem")
    page.clock.pause_at(page.evaluate("Date.now() + 60000"))
    expect(toasts).to_have_count(0)
    for _ in range(3):
        announce(hub, influencer, "toast-1", "generating_story")
    expect(toasts).to_have_text([re.compile("^Writing story…")])
    page.clock.run_for(1_000)
    announce(hub, influencer, "toast-2", "generating_story")
    expect(toasts).to_have_text([re.compile("^Writing story… ×2")])
    announce(hub, influencer, "toast-1", "generating_images")
    expect(toasts).to_contain_text(["Writing story…", "Generating images…"])
    announce(hub, influencer, "toast-1", "ready")
    expect(toasts).to_contain_text(["Writing story…", "Post ready!"])
    announce(hub, influencer, "toast-2", "failed", error="the model said no")
    expect(toasts).to_contain_text(["Post ready!", "Post generation failed"])
    page.clock.run_for(3_900)
    expect(toasts).to_have_count(2)
    page.clock.run_for(200)
    expect(toasts).to_have_count(0)


def test_toasts_come_on_every_page_and_escape_sends_them_away(page, hub, influencer):
    for number, path in enumerate(("/", "/create", "/nowhere", f"/influencers/{influencer['id']}")):
        visit(page, hub, path)
        announce(hub, influencer, f"everywhere-{number}", "ready")
        toast = page.get_by_role("region", name="Notices").get_by_text("Post ready!")
        expect(toast).to_be_visible()
        page.keyboard.press("Escape")
        expect(toast).to_have_count(0)


def test_state_that_was_there_before_is_no_news(page, hub, jobs, influencer):
    made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "Old news"}, 201)
    jobs.until_final(made["job"]["id"])
    visit(page, hub)
    expect(page.get_by_role("link", name=influencer["name"]).first).to_be_visible()
    made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "Real news"}, 201)
    notices = page.get_by_role("region", name="Notices").get_by_role("listitem")
    expect(notices).to_have_text([re.compile("^(Writing|Generating)")])
    visit_feed(page, hub, influencer)
    expect(page.get_by_role("article", name="Old news")).to_be_visible()
    jobs.until_final(made["job"]["id"])
    page.reload()
    expect(page.get_by_role("article", name="Real news")).to_be_visible()
    expect(page.get_by_role("region", name="Notices").get_by_role("listitem")).to_have_count(0)


# For everyone


def test_the_whole_way_can_be_gone_by_keyboard(page, hub):
    visit(page, hub, "/create")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Describe")).to_be_focused()
    page.keyboard.type("A tailor from Turin")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Choose a face")).to_be_visible(timeout=LIMIT)
    radios = page.get_by_role("radio")
    while not radios.first.evaluate("(radio) => radio === document.activeElement"):
        page.keyboard.press("Tab")
    assert radios.first.evaluate(
        "(radio) => getComputedStyle(radio.parentElement).outlineStyle"
    ) == "solid", "the focus is not to be seen"
    page.keyboard.press("ArrowRight")
    expect(radios.nth(1)).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Create "))).to_be_visible(timeout=LIMIT)


def test_a_screen_reader_finds_its_way(page, hub, influencer):
    visit_feed(page, hub, influencer)
    write(page, "To be heard")
    for role in ("banner", "main", "navigation", "complementary"):
        expect(page.get_by_role(role)).to_have_count(1)
    article = page.get_by_role("article", name="To be heard", exact=True)
    bar = article.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^\d+$"))
    expect(bar).to_have_attribute("aria-valuetext", re.compile(r"^\d+ %"))
    expect(page.locator(".toasts [aria-live=polite]")).to_have_count(1)
    until(article, "ready")
    expect(page).to_have_title(f"{influencer['name']} · Martlet")


def test_who_wants_no_motion_gets_none(person, hub, influencer):
    page = person(reduced_motion="reduce")
    visit_feed(page, hub, influencer)
    article = write(page, "Quietly")
    until(article, "generating_story")
    assert page.evaluate("document.getAnimations().length") == 0
    until(article, "ready")


def test_errors_are_in_words(page, hub, influencer):
    visit(page, hub, "/influencers/none")
    expect(page.get_by_role("alert").get_by_text("not here any more")).to_be_visible()
    visit(page, hub, "/sky/high")
    expect(page.get_by_role("heading", name="Nothing lands here")).to_be_visible()
    visit_feed(page, hub, influencer)
    busy = {"status": 503, "headers": {"Retry-After": "7"}, "body": "{}"}
    page.route("**/posts", lambda route: route.fulfill(**busy))
    page.get_by_label("post about").fill("Not now")
    page.get_by_role("button", name="Generate post").click()
    expect(page.get_by_role("alert").get_by_text("Try again in 7 s.")).to_be_visible()

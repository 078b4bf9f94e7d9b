"""A database is described, clicked through as a person would: each state, each failure, and a hub that is killed."""

import pytest
from feed_app import LOOKS, check_page, person, picture  # noqa: F401
from playwright.sync_api import expect
from schema_context import (  # noqa: F401
    LIMIT,
    STEPS,
    WATCH,
    assert_focus_inside,
    assert_nothing_empty,
    database,
    example,
    give,
    until_ready,
    visit,
)
from support.access import Locked, token
from support.hub import Hub
from support.jobs import Jobs

pytestmark = pytest.mark.limit(120)


@pytest.fixture
def serve(example, tmp_path):
    """Starts a hub with the page that writes so many tokens in a second."""

    def serve(rate=60, *flags, **options):
        return Hub("--builtin-rate", str(rate), *flags, "--web", example, data=str(tmp_path / "data"), **options)

    return serve


def contexts(hub):
    return Jobs(hub).get("/jobs?kind=context")["jobs"]


# From a file to its context


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_the_sample_is_described_step_by_step(serve, person, picture, name, options):
    with serve() as hub:
        page = person(**options)

        def look(step):
            picture(page, f"context-{step}-{name}")
            check_page(page)
            assert_nothing_empty(page)

        visit(page, hub)
        look("1-begin")
        page.get_by_role("button", name="Try with the sample").click()
        modal = page.get_by_role("dialog")
        expect(modal.get_by_text("Analyzing 8 tables with 30 columns…")).to_be_visible(timeout=LIMIT)
        expect(modal.locator("#tables")).to_have_text("8")
        expect(modal.locator("#columns")).to_have_text("30")
        expect(modal.locator("[data-step=done]")).to_have_count(2)
        expect(modal.locator("[data-step=now]")).to_contain_text("Analyzing")
        expect(modal.get_by_role("region", name="The text so far")).to_contain_text("A database of", timeout=LIMIT)
        expect(modal.locator("#speed")).to_contain_text("tokens/s", timeout=LIMIT)
        expect(modal.locator("#late")).to_contain_text("ms late", timeout=LIMIT)
        expect(modal.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0")
        assert_focus_inside(page)
        look("2-analyzing")
        preview = until_ready(page)
        expect(modal).not_to_be_visible()
        expect(page.get_by_role("heading", name="The context", exact=True)).to_be_focused()
        expect(page.locator(".toast")).to_have_text("The context is ready.")
        expect(preview).to_contain_text("8 tables · 30 columns")
        expect(preview.get_by_role("region", name="Context")).to_contain_text("Areas")
        assert 3 <= preview.get_by_role("button", name="Copy: ").count() <= 6
        expect(page.get_by_text("By the last runs, it takes about")).to_be_visible()
        look("3-ready")
        # The same bytes are not described twice, unless that is wished.
        page.get_by_role("button", name="Try with the sample").click()
        expect(page.locator(".toast")).to_contain_text("was described before", timeout=LIMIT)
        assert len(contexts(hub)) == 1


def test_a_big_schema_shows_its_steps_in_order_with_true_messages(serve, tmp_path, person):
    with serve(200) as hub:
        page = person()
        visit(page, hub)
        page.evaluate(WATCH)
        give(page, database(tmp_path / "big.sqlite"))
        until_ready(page)
        seen = page.evaluate("seen")
        assert "Analyzing: Analyzing 59 tables with 177 columns…" in seen
        order = [STEPS.index(line.split(":")[0]) for line in seen]
        assert order == sorted(order), seen
        assert not any("clock" in line for line in seen)


def test_a_wish_to_have_it_anew_makes_another_and_knows_how_long_it_takes(serve, tmp_path, person):
    with serve(60) as hub:
        page = person()
        visit(page, hub)
        path = database(tmp_path / "some.sqlite", 9)
        give(page, path)
        until_ready(page)
        modal = give(page, path, force=True)
        expect(modal.locator("#left")).to_contain_text("about", timeout=LIMIT)
        until_ready(page)
        assert len(contexts(hub)) == 2


def test_a_run_is_cancelled_and_tried_again_by_keyboard(serve, tmp_path, person, picture):
    with serve(20) as hub:
        page = person()
        visit(page, hub)
        modal = give(page, database(tmp_path / "some.sqlite", 9))
        expect(modal.get_by_text("Analyzing 9 tables")).to_be_visible(timeout=LIMIT)
        for _ in range(6):
            page.keyboard.press("Tab")
        # Escape hides what goes on, and a reload shows it again.
        page.keyboard.press("Escape")
        expect(modal).not_to_be_visible()
        expect(page.locator(".toast")).to_contain_text("It goes on")
        page.reload()
        modal.get_by_role("button", name="Cancel").press("Enter")
        expect(modal.get_by_text("You have cancelled it.")).to_be_visible(timeout=LIMIT)
        picture(page, "context-cancelled")
        assert_nothing_empty(page)
        modal.get_by_role("button", name="Try again").press("Enter")
        expect(modal.get_by_text("Analyzing 9 tables")).to_be_visible(timeout=LIMIT)
        modal.get_by_role("button", name="Cancel").click()
        expect(modal.get_by_text("You have cancelled it.")).to_be_visible(timeout=LIMIT)
        modal.get_by_role("button", name="Close").click()
        expect(modal).not_to_be_visible()
        assert [row["state"] for row in contexts(hub)] == ["cancelled"]


# What goes wrong


def test_a_reload_in_the_middle_comes_back_to_the_run(serve, tmp_path, person):
    with serve(25) as hub:
        page = person()
        visit(page, hub)
        modal = give(page, database(tmp_path / "some.sqlite", 9))
        text = modal.get_by_role("region", name="The text so far")
        expect(text).to_contain_text("A database of", timeout=LIMIT)
        page.reload()
        expect(modal.get_by_text("Analyzing 9 tables")).to_be_visible(timeout=LIMIT)
        expect(text).to_contain_text("A database of", timeout=LIMIT)
        until_ready(page)
        assert len(contexts(hub)) == 1


def test_a_hub_that_is_killed_goes_on_with_the_run(serve, tmp_path, person, picture):
    first = serve(25)
    try:
        page = person()
        visit(page, first)
        modal = give(page, database(tmp_path / "some.sqlite", 9))
        expect(modal.get_by_role("region", name="The text so far")).to_contain_text("A database of", timeout=LIMIT)
    finally:
        first.kill()
    expect(modal.get_by_text("go by the clock")).to_be_visible(timeout=LIMIT)
    picture(page, "context-away")
    assert_nothing_empty(page)
    with serve(100, port=first.port) as hub:
        until_ready(page)
        assert [row["state"] for row in contexts(hub)] == ["succeeded"]


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_without_a_stream_the_clock_shows_the_steps_and_the_order_is_answered_when_done(
    serve, tmp_path, person, picture, name, options
):
    with serve(25) as hub:
        page = person(**options)
        for way in ("**/stream*", "**/poll*", "**/content"):
            page.route(way, lambda route: route.abort())
        orders = []
        page.on("request", lambda request: request.url.endswith("/jobs") and orders.append(request.headers.get("prefer")))
        visit(page, hub)
        modal = give(page, database(tmp_path / "some.sqlite", 9), force=True)
        expect(modal.get_by_text("go by the clock")).to_be_visible(timeout=LIMIT)
        picture(page, f"context-plain-{name}")
        check_page(page)
        assert_nothing_empty(page)
        until_ready(page)
        assert orders[0] is None and orders[1] == "wait=60"
        assert len(contexts(hub)) == 1


def test_steps_are_real_where_only_polling_gets_through(serve, tmp_path, person):
    with serve(25) as hub:
        page = person()
        page.route("**/stream*", lambda route: route.abort())
        visit(page, hub)
        modal = give(page, database(tmp_path / "some.sqlite", 9))
        expect(modal.get_by_text("Analyzing 9 tables")).to_be_visible(timeout=LIMIT)
        until_ready(page)


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_what_the_hub_refuses_is_said_in_its_words(serve, tmp_path, person, picture, name, options):
    with serve(60, "--upload-bytes", "65536") as hub:
        page = person(**options)
        visit(page, hub)
        (tmp_path / "wrong.db").write_bytes(b"This is no database. " * 100)
        modal = give(page, tmp_path / "wrong.db")
        expect(modal.locator("#reason")).to_contain_text("no SQLite database", timeout=LIMIT)
        expect(modal.locator("#advice")).to_contain_text("another file")
        picture(page, f"context-wrong-{name}")
        check_page(page)
        assert_nothing_empty(page)
        modal.get_by_role("button", name="Close").click()
        modal = give(page, database(tmp_path / "large.sqlite", 59))
        expect(modal.locator("#reason")).to_contain_text("--upload-bytes", timeout=LIMIT)
        expect(modal.locator("#advice")).to_contain_text("smaller")
        page.keyboard.press("Escape")
        expect(modal).not_to_be_visible()
        empty = tmp_path / "empty.sqlite"
        empty.write_bytes(b"SQLite format 3\0" + bytes(range(1, 250)) * 16)
        modal = give(page, empty)
        expect(modal.locator("#failure")).to_be_visible(timeout=LIMIT)
        expect(modal.locator("#steps [data-step=stopped]")).to_contain_text("Scanning")
        picture(page, f"context-damaged-{name}")
        check_page(page)
        assert_nothing_empty(page)


def test_a_locked_hub_knows_the_reader_by_the_cookie(example, tmp_path, person, picture):
    flags = ("--builtin-rate", "60", "--web", example)
    with Locked(tmp_path, *flags, data=str(tmp_path / "data")) as hub:
        page = person()
        visit(page, hub)
        expect(page.get_by_role("alert")).to_contain_text("wants to know who you are")
        page.get_by_role("button", name="Try with the sample").click()
        modal = page.get_by_role("dialog")
        expect(modal.locator("#reason")).to_contain_text("wants to know who you are", timeout=LIMIT)
        expect(modal.get_by_role("link", name="Sign in")).to_be_visible()
        picture(page, "context-unknown")
        assert_nothing_empty(page)
        check_page(page)
        grants = {"subscribe": ["job:*"], "jobs": ["read", "write"]}
        cookie = {"name": "auth_access_token", "value": token(sub="ann", martlet=grants), "url": hub.url}
        page.context.add_cookies([cookie])
        modal.get_by_role("button", name="Send it again").click()
        expect(modal.get_by_text("Analyzing 8 tables")).to_be_visible(timeout=LIMIT)
        expect(modal.locator("#late")).to_contain_text("ms late", timeout=LIMIT)
        until_ready(page)

"""The page of articles, clicked through as a person would in Persian and in English, and a hub that is killed."""

import re

import pytest
from article import ENDS, LIMIT, Visit, site_of_articles  # noqa: F401
from feed_app import LOOKS, check_page, person, picture  # noqa: F401
from playwright.sync_api import expect
from support.hub import Hub
from support.jobs import Jobs

pytestmark = pytest.mark.limit(180)

PROMPTS = {"en": "Pour-over coffee with a V60", "fa": "قهوهٔ دمی با V60 در ۳ دقیقه (نسخهٔ 2.1)"}
COUNTS = {"en": "Sections 3 of 3", "fa": "بخش‌ها ۳ از ۳"}
SLOW = ("--builtin-rate", "25")


@pytest.fixture
def start(site_of_articles, tmp_path):  # noqa: F811
    """Starts a hub that serves the page and keeps its data from one start to the next."""

    def start(*flags, port=0):
        return Hub(*flags, "--web", site_of_articles, port=port, data=str(tmp_path / "data"))

    return start


@pytest.fixture
def visit(person):  # noqa: F811
    """Opens the page of a hub, in a browser of its own unless in that of another visit."""

    def visit(hub, language="en", path="", beside=None, **options):
        page = person(locale=language, **options) if beside is None else beside.page.context.new_page()
        return Visit(page, f"{hub.url}/app/{path}", language)

    return visit


def rows(hub):
    return Jobs(hub).get("/jobs?kind=article")["jobs"]


# From a prompt to an article


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_a_prompt_becomes_an_article(start, visit, picture, language, name, options):  # noqa: F811
    with start("--builtin-rate", "150") as hub:
        reader = visit(hub, language, **options)

        def look(step):
            picture(reader.page, f"article-{step}-{language}-{name}")
            check_page(reader.page)
            reader.assert_nothing_empty()

        expect(reader.page.get_by_text(reader.words["none"])).to_be_visible()
        look("1-empty")
        sheet = reader.ask(PROMPTS[language])
        expect(sheet.get_by_role("heading", level=3)).to_have_count(3, timeout=LIMIT)
        look("2-writing")
        reader.until("succeeded")
        reader.toast("ready")
        expect(sheet).to_contain_text(COUNTS[language])
        expect(sheet.locator(".step.done")).to_have_count(7)
        expect(reader.bar).to_have_attribute("aria-valuenow", "100")
        expect(sheet.get_by_role("img")).to_have_count(2)
        look("3-ready")
        assert_shows(sheet, rows(hub)[0], PROMPTS[language])


def assert_shows(sheet, row, prompt):
    """Whether the sheet has each text of the row's article byte for byte, and the direction of its language."""
    result = row["result"]
    assert result["title"] == prompt == row["input"]["prompt"]
    expect(sheet.get_by_role("heading", level=2)).to_have_js_property("textContent", prompt)
    text = sheet.locator(".text")
    expect(text).to_have_attribute("dir", "rtl" if result["language"] == "fa" else "ltr")
    shown = text.evaluate("(text) => [...text.querySelectorAll('p, h3, dt, dd')].map((part) => part.textContent)")
    written = [result["summary"], *result["headings"], result["meta_description"]]
    written += [line for section in result["sections"] for line in section.split("\n") if line.strip()]
    written += [one[part] for one in result["faq"] for part in ("question", "answer")]
    assert len(result["sections"]) == len(result["headings"]) == row["input"]["sections"]
    for part in written:
        assert part.strip() in shown, part


# Directions


@pytest.mark.parametrize(("language", "start_side"), [("fa", "right"), ("en", "left")])
def test_the_bar_and_all_else_begin_where_the_language_begins(start, visit, language, start_side):
    end_side = {"right": "left", "left": "right"}[start_side]
    with start(*SLOW) as hub:
        reader = visit(hub, language)
        sheet = reader.ask(PROMPTS[language])
        expect(reader.bar).to_have_attribute("aria-valuenow", re.compile("^([1-9]|[1-9][0-9])$"), timeout=LIMIT)
        ends = reader.bar.evaluate(ENDS)
        assert ends[start_side] == pytest.approx(0, abs=0.01)
        assert ends[end_side] > 0
        assert reader.page.evaluate("getComputedStyle(document.body).direction") == {"fa": "rtl", "en": "ltr"}[language]
        marks = sheet.locator(".step").evaluate_all("(steps) => steps.map((step) => step.getBoundingClientRect().left)")
        assert marks == sorted(marks, reverse=language == "fa")
        form, text = (reader.page.locator(part).bounding_box()["x"] for part in ("#form", ".reader"))
        assert (form > text) == (language == "fa")


def test_an_article_keeps_its_direction_in_a_page_of_the_other_language(start, visit):
    with start("--builtin-rate", "0") as hub:
        reader = visit(hub, "fa")
        sheet = reader.ask(PROMPTS["fa"])
        reader.until("succeeded")
        reader.page.get_by_role("radio", name="English").check()
        expect(reader.page.locator("html")).to_have_attribute("dir", "ltr")
        expect(sheet.locator(".text")).to_have_css("direction", "rtl")
        expect(sheet.get_by_role("heading", level=2)).to_have_css("text-align", "left")
        expect(sheet).to_contain_text(COUNTS["en"])
        reader.assert_nothing_empty()
        reader.page.reload()
        expect(reader.page.locator("html")).to_have_attribute("lang", "en")


# Leaving, other tabs, another way


def test_a_refresh_and_a_second_tab_see_the_same_run(start, visit):
    with start(*SLOW) as hub:
        reader = visit(hub, "fa")
        sheet = reader.ask(PROMPTS["fa"])
        expect(sheet.locator(".text > p:not(.note, .soon)").first).to_be_visible(timeout=LIMIT)
        address = reader.page.url
        headings = sheet.get_by_role("heading", level=3).all_inner_texts()
        reader.page.reload()
        other = visit(hub, "fa", "#" + address.partition("#")[2], beside=reader)
        for visitor in (reader, other):
            expect(visitor.sheet.get_by_role("heading", level=2)).to_have_text(PROMPTS["fa"], timeout=LIMIT)
            for heading in headings:
                expect(visitor.sheet.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=LIMIT)
        other.press("cancel")
        reader.until("cancelled")
        reader.toast("cancelled")
        reader.assert_nothing_empty()
        reader.press("retry")
        other.until("running")
        assert [row["session_hash"] for row in rows(hub)] == [address.partition("#/")[2]]
        assert reader.page.url == address


def test_polling_shows_the_figures_that_the_stream_shows(start, visit):
    with start(*SLOW) as hub:
        streams, polls = visit(hub), visit(hub)
        opened = []
        streams.ask(PROMPTS["en"])
        polls.page.on("request", lambda request: opened.append(request.url))
        polls.page.get_by_role("radio", name=polls.words["poll"]).check()
        expect(polls.page.locator("#connection")).to_have_text(polls.words["asking"])
        polls.entry(PROMPTS["en"]).get_by_role("link").click()
        expect(polls.sheet.locator(".counts")).to_be_visible(timeout=LIMIT)
        polls.assert_nothing_empty()
        streams.press("cancel")
        for visitor in (streams, polls):
            visitor.until("cancelled")
        figures = [visitor.sheet.locator(".counts").inner_text() for visitor in (streams, polls)]
        values = [visitor.bar.get_attribute("aria-valuenow") for visitor in (streams, polls)]
        assert figures[0] == figures[1] and values[0] == values[1]
        assert [address for address in opened if re.search("/(stream|progress|content)", address)] == []
        assert [address for address in opened if address.endswith("/status")] != []
        polls.page.get_by_role("radio", name=polls.words["stream"], exact=True).check()
        expect(polls.page.locator("#connection")).to_have_text(polls.words["live"], timeout=LIMIT)


# Faults


def test_an_article_that_is_not_kept_any_more_is_said_to_be_gone(start, visit):
    with start() as hub:
        reader = visit(hub, "fa", "#/abcdef123456")
        expect(reader.page.locator("#reader")).to_have_text(re.compile("^چنین مقاله‌ای نیست"), timeout=LIMIT)
        expect(reader.page.get_by_text(reader.words["none"])).to_be_visible()
        reader.assert_nothing_empty()


@pytest.mark.limit(240)
def test_a_hub_that_is_killed_loses_nothing_and_doubles_nothing(start, visit, picture):  # noqa: F811
    hub = start(*SLOW)
    try:
        reader = visit(hub, "fa")
        sheet = reader.ask(PROMPTS["fa"])
        expect(sheet.locator(".text > p:not(.note, .soon)").first).to_be_visible(timeout=LIMIT)
        headings = sheet.get_by_role("heading", level=3).all_inner_texts()
        assert len(headings) == 3
        hub.kill()
        expect(reader.page.locator("#connection")).not_to_have_text(reader.words["live"], timeout=LIMIT)
        reader.assert_nothing_empty()
        picture(reader.page, "article-killed")
    finally:
        hub.kill()
    with start("--builtin-rate", "0", port=hub.port) as again:
        reader.until("succeeded")
        row = rows(again)
        assert len(row) == 1
        # What was finished before was not written again.
        assert headings == row[0]["result"]["headings"]
        assert_shows(sheet, row[0], PROMPTS["fa"])
        reader.assert_nothing_empty()


def test_an_order_whose_answer_is_lost_with_the_tab_makes_one_article(start, visit):
    with start("--builtin-rate", "0") as hub:
        reader = visit(hub)
        lost = []

        def lose(route):
            lost.append(route.fetch().status)
            route.abort()

        reader.page.route("**/api/v1/jobs", lose)
        reader.page.get_by_label(reader.words["prompt"], exact=True).fill("Lost and found")
        reader.press("write")
        expect(reader.entry("Lost and found")).to_be_visible(timeout=LIMIT)
        reader.page.unroute("**/api/v1/jobs")
        reader.page.reload()
        reader.page.wait_for_function("localStorage.getItem('article orders') === '[]'", timeout=LIMIT)
        assert 201 in lost
        assert len(rows(hub)) == 1
        expect(reader.page.locator(".entry")).to_have_count(1)


def test_a_failure_shows_the_hubs_own_sentence(start, visit, picture):  # noqa: F811
    with start("--text-provider", "ollama", "--text-url", "http://127.0.0.1:9", "--text-model", "none") as hub:
        reader = visit(hub, "fa")
        sheet = reader.ask("سرور خاموش")
        expect(sheet.locator(".problem:visible")).to_be_visible(timeout=LIMIT)
        said = rows(hub)[0]["error"]
        expect(sheet.locator(".problem:visible")).to_have_text(said)
        reader.assert_nothing_empty()
        picture(reader.page, "article-failing")


def test_nothing_moves_for_those_who_want_none_of_it(start, visit):
    with start(*SLOW) as hub:
        reader = visit(hub, "fa", reduced_motion="reduce")
        reader.ask(PROMPTS["fa"])
        moving = """() => [...document.querySelectorAll('*')].map((element) => getComputedStyle(element))
            .filter((style) => style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0).length"""
        assert reader.page.evaluate(moving) == 0

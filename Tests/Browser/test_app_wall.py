"""The wall of apps, clicked through as a person would: each state, and a hub that is killed."""

import os
import re
import signal

import pytest
from app_wall import LIMIT, ask, assert_nothing_empty, frame_of, post, started, until, visit, wall  # noqa: F401
from feed_app import LOOKS, check_page, person, picture  # noqa: F401
from playwright.sync_api import expect
from support.hub import Hub
from support.jobs import Jobs
from support.providers import texts
from support.providers.answers import last_line, line
from support.providers.faults import Instead, Slow, Stall
from support.providers.made import text_flags
from support.providers.ollama import MODEL, Ollama
from support.wait import eventually

pytestmark = pytest.mark.limit(180)

NDJSON = "application/x-ndjson"
ASKED = re.compile(r"Answer with the (HTML|CSS|JavaScript) ")
IS_ROW = re.compile(r"/api/v1/jobs/\w+$")


def asked(peer, prompt):
    """Which parts of an app the provider was asked for, in order."""
    bodies = [call.body.decode() for call in peer.worked()]
    return [ASKED.search(body)[1] for body in bodies if prompt in body]


# From a prompt to an app


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_a_prompt_becomes_an_app_on_the_wall(wall, tmp_path, person, picture, name, options):
    with Hub("--builtin-rate", "350", "--web", wall, data=str(tmp_path / "data")) as hub:
        page = person(**options)

        def look(step):
            picture(page, f"wall-{step}-{name}")
            check_page(page)
            assert_nothing_empty(page)

        visit(page, hub)
        expect(page.get_by_text("Nothing here yet")).to_be_visible()
        look("1-empty")
        article = ask(page, "A checklist for moving house")
        expect(page.get_by_label("What the app should do")).to_have_value("")
        expect(article.locator(".code:not(.waiting)")).to_be_visible(timeout=LIMIT)
        expect(article.get_by_role("progressbar", name="Writing the")).to_be_visible()
        expect(article).to_contain_text("tokens")
        look("2-writing")
        until(article, "succeeded")
        app = frame_of(article)
        expect(app.get_by_role("heading", level=1)).to_have_text("A checklist for moving house")
        look("3-ready")

        # It works, within its frame.
        app.get_by_label("What is to be done").fill("Boxes")
        app.get_by_role("button", name="Add", exact=True).click()
        app.get_by_label("Boxes", exact=True).check()
        expect(app.get_by_role("status")).to_have_text("2 of 4 done")
        article.locator("summary").click()
        for part in ("HTML", "CSS", "JavaScript"):
            expect(article.get_by_role("region", name=part)).not_to_be_empty()
        look("4-code")
        page.get_by_role("button", name="A focus timer").click()
        until(post(page, "A focus timer for deep work"), "succeeded")
        names = page.get_by_role("heading", level=3)
        expect(names).to_have_text(["A focus timer for deep work", "A checklist for moving house"])
        look("5-two")
        # The app that was in use goes on as it was.
        expect(app.get_by_role("status")).to_have_text("2 of 4 done")


def test_each_app_that_is_built_in_works(wall, tmp_path, person, picture):
    prompts = {
        "Split the bill of a dinner": use_split,
        "A memory game for children": use_memory,
        "Draw a small icon pixel by pixel": use_pixels,
        "Track my habits for a week": use_habits,
        "A focus timer for deep work": use_timer,
        "What whales sing": use_board,
    }
    with Hub("--builtin-rate", "0", "--web", wall, data=str(tmp_path / "data")) as hub:
        page = person()
        visit(page, hub)
        for prompt, use in prompts.items():
            article = ask(page, prompt)
            until(article, "succeeded")
            article.scroll_into_view_if_needed()
            use(frame_of(article))
        picture(page, "wall-6-all")
        assert_nothing_empty(page)
        page.reload()
        expect(page.get_by_role("article")).to_have_count(len(prompts), timeout=LIMIT)


def use_split(app):
    app.get_by_label("The bill").fill("100")
    app.get_by_label("People").fill("4")
    expect(app.locator("#each")).to_have_text("27.50")


def use_memory(app):
    app.get_by_role("button", name="Card 1", exact=True).click()
    app.get_by_role("button", name="Card 2", exact=True).click()
    expect(app.get_by_role("status")).to_contain_text("1 moves")


def use_pixels(app):
    app.get_by_role("button", name="Row 1, column 1, empty", exact=True).click()
    expect(app.get_by_role("button", name="Row 1, column 1, blue", exact=True)).to_be_visible()
    app.get_by_role("button", name="Row 1, column 1, blue", exact=True).press("ArrowRight")
    expect(app.get_by_role("button", name="Row 1, column 2, empty", exact=True)).to_be_focused()


def use_habits(app):
    app.get_by_role("button", name="Reading on Monday").click()
    expect(app.get_by_role("status")).to_have_text("6 of 21 this week")


def use_timer(app):
    app.get_by_role("button", name="5 min", exact=True).click()
    app.get_by_role("button", name="Start").click()
    expect(app.get_by_role("timer")).to_have_text(re.compile("04:5[0-9]"), timeout=LIMIT)
    app.get_by_role("button", name="Pause").click()
    expect(app.get_by_role("button", name="Go on")).to_be_visible()


def use_board(app):
    app.get_by_label("An idea").fill("Sing back")
    app.get_by_role("button", name="Add", exact=True).click()
    for count in range(4):
        app.get_by_role("button", name=f"Vote for Sing back, {count} so far").click()
    expect(app.get_by_role("listitem").first).to_contain_text("Sing back")


# Each state


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_there_is_something_to_see_in_every_state(wall, tmp_path, person, picture, name, options):
    with Ollama(rate=500) as peer:
        flags = ("--text-concurrency", "1", "--web", wall)
        with Hub(*text_flags(peer), *flags, data=str(tmp_path / "data")) as hub:
            jobs = Jobs(hub)
            done = jobs.create("app", {"prompt": "Ready"})["id"]
            assert jobs.until_final(done)["state"] == "succeeded"
            peer.plan(Instead((line("<p>Half"), last_line("length", eval_count=9)), NDJSON))
            failed = jobs.create("app", {"prompt": "Too long for the model " + "and longer " * 40})["id"]
            assert jobs.until_final(failed)["state"] == "failed"
            later = jobs.create("app", {"prompt": "Later"}, delay_seconds=600)["id"]
            cancelled = jobs.create("app", {"prompt": "Cancelled"}, delay_seconds=600)["id"]
            jobs.post(f"/jobs/{cancelled}/cancel")
            peer.plan(Slow(0), Stall(10))
            jobs.create("app", {"prompt": "Half written"})
            peer.wait_for_call(6)
            jobs.create("app", {"prompt": "Waits for its turn"})
            page = person(**options)
            visit(page, hub)
            expect(page.get_by_role("article")).to_have_count(6)
            states = {"Ready": "succeeded", "Later": "scheduled", "Cancelled": "cancelled"}
            for prompt, state in (states | {"Half written": "running", "Waits for its turn": "running"}).items():
                until(post(page, prompt), state)
            expect(post(page, "Half written")).to_contain_text("Writing the CSS")
            expect(post(page, "Half written").locator(".code")).to_contain_text("h1", timeout=LIMIT)
            expect(post(page, "Waits for its turn")).to_contain_text("Waiting for ollama", ignore_case=True)
            expect(page.locator("[data-state=failed]")).to_contain_text("--text-max-tokens")
            frame_of(post(page, "Ready"))
            picture(page, f"wall-states-{name}")
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            picture(page, f"wall-states-end-{name}")
            check_page(page)
            assert_nothing_empty(page)

            # By keyboard: what failed or was cancelled is tried again, what waits is cancelled.
            post(page, "Later").get_by_role("button", name="Cancel").press("Enter")
            until(post(page, "Later"), "cancelled")
            post(page, "Half written").get_by_role("button", name="Cancel").press("Enter")
            until(post(page, "Half written"), "cancelled")
            until(post(page, "Waits for its turn"), "succeeded")
            post(page, "Later").get_by_role("button", name="Try again").press("Enter")
            until(post(page, "Later"), "succeeded")
            frame_of(post(page, "Later"))
            assert_nothing_empty(page)
            assert jobs.job(later)["attempt"] == 1


def test_a_model_that_is_missing_is_named_on_the_wall(wall, tmp_path, person, picture):
    with Ollama(models=()) as peer:
        with Hub(*text_flags(peer), "--web", wall, data=str(tmp_path / "data")) as hub:
            page = person()
            visit(page, hub)
            article = ask(page, "A game")
            until(article, "failed")
            expect(article).to_contain_text(f"ollama pull {MODEL}")
            assert_nothing_empty(page)
            picture(page, "wall-missing-model")


def test_an_order_whose_answer_is_lost_makes_one_app(wall, tmp_path, person):
    with Hub("--builtin-rate", "0", "--web", wall, data=str(tmp_path / "data")) as hub:
        page = person()
        visit(page, hub)
        lost = []

        def lose(route):
            if lost:
                return route.continue_()
            lost.append(route.fetch().status)
            route.abort()

        page.route("**/api/v1/jobs", lose)
        until(ask(page, "Lost and found"), "succeeded")
        expect(page.get_by_role("button", name="Build it")).to_be_enabled(timeout=LIMIT)
        assert lost == [201]
        assert [row["input"]["prompt"] for row in Jobs(hub).get("/jobs")["jobs"]] == ["Lost and found"]
        expect(page.get_by_role("article")).to_have_count(1)


MOVING = """() => [...document.querySelectorAll('*')]
    .map((element) => getComputedStyle(element))
    .filter((style) => style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0).length"""


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_for_those_who_want_none_of_it(wall, tmp_path, person, motion, moves):
    with Hub("--builtin-rate", "20", "--web", wall, data=str(tmp_path / "data")) as hub:
        page = person(reduced_motion=motion)
        visit(page, hub)
        expect(ask(page, "Slow").get_by_role("progressbar")).to_be_visible()
        assert (page.evaluate(MOVING) > 0) == moves


def test_a_wall_without_a_hub_says_so_and_comes_back(wall, tmp_path, person):
    with Hub("--web", wall, data=str(tmp_path / "data")) as hub:
        page = person()
        page.route("**/api/v1/jobs?*", lambda route: route.fulfill(status=503, body="{}"))
        page.goto(f"{hub.url}/app/")
        expect(page.get_by_text("The hub is busy")).to_be_visible(timeout=LIMIT)
        assert_nothing_empty(page)
        page.unroute("**/api/v1/jobs?*")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("Nothing here yet")).to_be_visible()


# A hub that is killed


@pytest.mark.limit(240)
def test_a_hub_that_is_killed_loses_nothing_doubles_nothing_and_asks_for_no_finished_part_again(tmp_path, person, picture):
    with Ollama(rate=500) as peer:
        variables = {
            "MARTLET_TEXT_PROVIDER": "ollama",
            "MARTLET_TEXT_URL": peer.url,
            "MARTLET_TEXT_MODEL": MODEL,
            "MARTLET_TEXT_CONCURRENCY": "2",
        }
        with started(tmp_path, **variables) as (url, hub):
            page = person()
            requests, missing = [], []
            page.on("request", lambda request: requests.append(request.url))
            page.on("response", lambda answer: answer.status == 404 and missing.append(answer.url))
            page.goto(url)
            expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=LIMIT)
            prompts = ["First kiln", "Second kiln"]
            for prompt in prompts:
                peer.plan(Slow(0), Stall(4))
                expect(ask(page, prompt)).to_contain_text("Writing the CSS", timeout=LIMIT)
            first, second = (post(page, prompt) for prompt in prompts)
            os.kill(hub, signal.SIGKILL)
            # Asked for while nobody is there.
            third = ask(page, "Third kiln")
            for article in (first, second, third):
                until(article, "succeeded")
                expect(frame_of(article).get_by_role("button", name="Fire")).to_be_visible(timeout=LIMIT)
            frame_of(first).get_by_role("button", name="Fire").click()
            expect(frame_of(first).locator("#out")).to_have_text("fired")
            expect(page.get_by_role("article")).to_have_count(3)
            picture(page, "wall-killed")
            rows = page.evaluate("fetch('../api/v1/jobs').then((answer) => answer.json())")["jobs"]
            assert sorted(row["input"]["prompt"] for row in rows) == ["First kiln", "Second kiln", "Third kiln"]
            for prompt in prompts:
                assert asked(peer, prompt) == ["HTML", "CSS", "CSS", "JavaScript"], prompt
            assert asked(peer, "Third kiln") == ["HTML", "CSS", "JavaScript"]
            assert peer.repeated() == []
            page.reload()
            expect(page.get_by_role("article")).to_have_count(3, timeout=LIMIT)
            assert_nothing_empty(page)
            base = url.removesuffix("app/")
            assert [address for address in requests if not address.startswith(base)] == []
            assert missing == []


def test_code_that_comes_before_the_row_of_its_post_is_shown_with_it(wall, tmp_path, person):
    with Ollama(rate=500) as peer:
        with Hub(*text_flags(peer), "--web", wall, data=str(tmp_path / "data")) as hub:
            peer.plan(Slow(0), Stall(8))
            page = person()
            visit(page, hub)
            held = []
            page.route(IS_ROW, lambda route: held.append(route))
            jobs = Jobs(hub)
            early = jobs.create("app", {"prompt": "Early code"})["id"]
            length = len(texts.code("HTML")) + len("h1 {")
            eventually(lambda: jobs.job(early)["partial_content_length"] > length, "the CSS", 30)
            # The stream has told all of the first when it tells of the second.
            with page.expect_request(lambda asked: IS_ROW.search(asked.url) and early not in asked.url, timeout=LIMIT):
                jobs.create("app", {"prompt": "Second"})
            for route in held:
                route.continue_()
            page.unroute_all()
            expect(post(page, "Early code").locator(".code")).to_contain_text("h1 {", timeout=LIMIT)


def test_a_page_that_is_opened_in_the_middle_has_all_of_the_code(wall, tmp_path, person):
    with Ollama(rate=500) as peer:
        with Hub(*text_flags(peer), "--web", wall, data=str(tmp_path / "data")) as hub:
            peer.plan(Slow(0), Stall(8))
            page = person()
            visit(page, hub)
            article = ask(page, "Reloaded")
            expect(article.locator(".code")).to_contain_text("h1 {", timeout=LIMIT)
            code = article.locator(".code").inner_text()
            page.reload()
            expect(article.locator(".code")).to_have_text(code, timeout=LIMIT)
            other = person()
            visit(other, hub)
            expect(post(other, "Reloaded").locator(".code")).to_have_text(code, timeout=LIMIT)
            article.get_by_role("button", name="Cancel").click()
            until(post(other, "Reloaded"), "cancelled")
            post(other, "Reloaded").get_by_role("button", name="Try again").click()
            until(article, "succeeded")
            assert asked(peer, "Reloaded") == ["HTML", "CSS", "CSS", "JavaScript"]

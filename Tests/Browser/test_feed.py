"""The influencer app, clicked through as a person would, against a hub that runs, dies and comes back."""

import re

import pytest
from feed_app import app, hub, influencer, jobs, page, person, picture  # noqa: F401
from feed_app import LIMIT, LOOKS, PACE, SLOW, check_page, until, visit, visit_feed, write
from playwright.sync_api import expect
from support.hub import Hub
from support.jobs import Jobs

STATUSES = ["pending", "generating_story", "generating_images", "ready"]

pytestmark = pytest.mark.limit(150)

# From a sentence to a feed


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_a_sentence_becomes_a_person_with_a_feed(app, tmp_path, person, picture, name, options):
    with Hub(*PACE, "--web", app, data=str(tmp_path / "data")) as hub:
        page = person(**options)

        def look(step):
            page.wait_for_timeout(700)  # for the pictures to fade in
            picture(page, f"{step}-{name}")
            check_page(page)

        visit(page, hub)
        expect(page.get_by_role("heading", name="Who should it be?")).to_be_visible()
        look("1-empty")
        page.get_by_role("button", name="A ceramic artist").click()
        page.get_by_role("button", name="Create portraits").click()

        expect(page.get_by_role("progressbar", name="Painting the avatars")).to_be_visible()
        avatars = page.get_by_role("group", name="Avatars").get_by_role("img")
        expect(avatars).not_to_have_count(0)
        look("2-avatars")
        expect(page.get_by_role("heading", name="Choose a face")).to_be_visible(timeout=LIMIT)
        expect(avatars).to_have_count(4)
        expect(page.get_by_role("button", name="Write the persona")).to_be_disabled()
        page.get_by_role("radio", name="Avatar 3 of 4").check()
        look("3-choice")
        page.get_by_role("button", name="Write the persona").click()

        create = page.get_by_role("button", name=re.compile("^Create "))
        expect(create).to_be_visible(timeout=LIMIT)
        look("4-persona")
        create.click()
        expect(page).to_have_url(re.compile("#/influencers/[0-9a-z]+$"))
        expect(page.get_by_text("Nothing yet")).to_be_visible()

        first = write(page, "The first firing of the new kiln")
        second = write(page, "What the sea does to clay")
        expect(first.get_by_role("progressbar")).to_be_visible()
        expect(first.locator(".story")).to_contain_text(re.compile(r"\w+ \w+"), timeout=LIMIT)
        look("5-writing")
        for article in (first, second):
            until(article, "ready")
            expect(article.get_by_role("img", name="Picture for")).to_be_visible()
            expect(article.get_by_role("progressbar")).to_have_count(0)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        look("6-ready")
        page.get_by_role("link", name="Martlet").click()
        expect(page.get_by_role("link", name=re.compile("Lee|[A-Z]")).first).to_be_visible()
        look("7-home")


def test_a_post_goes_through_its_states_with_growing_progress_and_text(page, hub, influencer):
    visit_feed(page, hub, influencer)
    page.evaluate("""() => {
        window.seen = { states: [], progress: [], text: [] };
        const note = (list, value) => list[list.length - 1] === value || list.push(value);
        new MutationObserver(() => {
            const post = [...document.querySelectorAll('article')]
                .find((post) => post.querySelector('h2').textContent === 'Through all states');
            if (!post) return;
            note(seen.states, post.dataset.status);
            const bar = post.querySelector('[role=progressbar]');
            if (bar) note(seen.progress, +bar.getAttribute('aria-valuenow'));
            const story = post.querySelector('p.story');
            if (story) note(seen.text, story.textContent);
        }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    }""")
    article = write(page, "Through all states")
    expect(article).to_contain_text("tokens/s", timeout=LIMIT)
    expect(article).to_contain_text(re.compile("s left|almost there"))
    until(article, "ready")
    seen = page.evaluate("seen")
    # Writing may begin before the answer to the request has come.
    assert seen["states"] in (STATUSES, STATUSES[1:])
    assert seen["progress"] == sorted(seen["progress"]) and len(seen["progress"]) > 4
    assert len(seen["text"]) > 4, "the text came in one piece"
    assert all(b.startswith(a) for a, b in zip(seen["text"], seen["text"][1:]))


def test_a_page_that_is_left_and_opened_again_goes_on(person, hub, jobs, influencer):
    page = person()
    visit_feed(page, hub, influencer)
    article = write(page, "Away and back")
    story = article.locator("p.story")
    expect(story).to_be_visible(timeout=LIMIT)
    before = story.inner_text()
    page.get_by_role("link", name="Martlet").click()
    row = page.get_by_role("link", name="Away and back")
    expect(row.get_by_role("progressbar")).to_be_visible()
    page.go_back()
    expect(story).to_contain_text(before)
    page.reload()
    expect(story).to_contain_text(before, timeout=LIMIT)
    until(article, "ready")
    post = jobs.get(f"/influencers/{influencer['id']}/posts?limit=1")["posts"][0]
    assert story.inner_text() == post["content"]


def test_a_gap_in_a_text_is_filled(app, page, tmp_path):
    with Hub(*PACE, data=str(tmp_path)) as hub:
        influencer = Jobs(hub).influencer()
    with Hub("--builtin-rate", "6", "--web", app, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "With a gap"}, 201)
        page.route("**/content", lambda route: route.abort(), times=1)
        visit_feed(page, hub, influencer)
        article = page.get_by_role("article", name="With a gap", exact=True)
        expect(article.locator("p.story")).to_contain_text(
            re.compile("with a gap", re.IGNORECASE), timeout=LIMIT
        )
        assert article.get_attribute("data-status") == "generating_story"


def test_those_who_have_made_someone_are_not_asked_first_to_make_someone(page, hub, influencer):
    page.add_init_script("""
        new MutationObserver(() => {
            if (document.body?.textContent.includes('Who should it be?')) window.wasAsked = true;
        }).observe(document, { subtree: true, childList: true });
    """)
    visit(page, hub)
    expect(page.get_by_role("link", name=influencer["name"]).first).to_be_visible()
    assert not page.evaluate("window.wasAsked")


def test_all_posts_in_the_making_are_on_the_first_page(page, hub, jobs, influencer):
    prompts = [f"One of {number}" for number in range(3)]
    for prompt in prompts:
        jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": prompt}, 201)
    visit(page, hub)
    making = page.get_by_role("region", name="In flight")
    for prompt in prompts:
        expect(making.get_by_role("link", name=prompt)).to_be_visible()


def test_a_creation_goes_on_at_its_address(page, hub, jobs):
    made = jobs.post("/sessions", {"prompt": "a botanist who draws moss", "avatars": 4}, 201)
    visit(page, hub, f"/create/{made['session']['id']}")
    expect(page.get_by_role("group", name="Avatars").get_by_role("img")).not_to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Choose a face")).to_be_visible(timeout=LIMIT)


# Cancel and restart


def test_a_post_is_cancelled_and_restarted(page, hub, influencer):
    visit_feed(page, hub, influencer)
    article = write(page, "Stop and go")
    until(article, "generating_story")
    article.get_by_role("button", name="Cancel").press("Enter")
    until(article, "failed")
    expect(article).to_contain_text("This was stopped.")
    expect(article.get_by_role("button", name="Try again")).to_be_focused()
    expect(page.get_by_text("Post cancelled")).to_be_visible()
    article.get_by_role("button", name="Try again").click()
    until(article, "ready")


def test_a_creation_is_cancelled_and_restarted(page, hub):
    visit(page, hub, "/create")
    page.get_by_label("Describe").fill("A diver")
    page.get_by_role("button", name="Create portraits").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="This did not work out")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Choose a face")).to_be_visible(timeout=LIMIT)


# The hub goes away


def test_a_hub_that_is_killed_in_the_middle_of_a_post_is_recovered_from(
    app, tmp_path, page, picture
):
    flags = (*SLOW, "--web", app)
    hub = Hub(*flags, data=str(tmp_path))
    try:
        influencer = Jobs(hub).influencer()
        visit_feed(page, hub, influencer)
        article = write(page, "In spite of it all")
        expect(article.locator("p.story")).to_be_visible(timeout=LIMIT)
        hub.kill()
        expect(page.get_by_text("Connection lost.")).to_be_visible(timeout=LIMIT)
        expect(page.locator(".connection")).to_contain_text(re.compile(r"try \d+ (in \d+ s|now)"))
        picture(page, "8-offline")
        expect(article).to_be_visible()
        page.get_by_label("post about").fill("Kept")
        page.get_by_role("button", name="Generate post").click()
        expect(page.get_by_role("alert").get_by_text("cannot be reached")).to_be_visible()
        expect(page.get_by_label("post about")).to_have_value("Kept")
        hub = Hub(*flags, port=hub.port, data=str(tmp_path))
        expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Connection lost.")).to_have_count(0)
        until(article, "ready")
        content = Jobs(hub).get(f"/influencers/{influencer['id']}/posts")["posts"][0]["content"]
        assert article.locator(".story").inner_text() == content
    finally:
        hub.kill()


def test_a_hub_that_stays_away_is_given_up_until_someone_asks(app, tmp_path, page, picture):
    page.clock.install()
    flags = (*PACE, "--web", app)
    hub = Hub(*flags, data=str(tmp_path))
    try:
        influencer = Jobs(hub).influencer()
        visit_feed(page, hub, influencer)
        hub.kill()
        give_up = page.get_by_text("Disconnected")
        for _ in range(40):
            if give_up.is_visible():
                break
            page.clock.run_for(5_000)
            page.wait_for_timeout(50)
        expect(give_up).to_be_visible()
        expect(page.get_by_text("It is asked now and then")).to_be_visible()
        expect(page.get_by_role("heading", name=influencer["name"])).to_be_visible()
        picture(page, "9-closed")
        hub = Hub(*flags, port=hub.port, data=str(tmp_path))
        page.get_by_role("button", name="Try now").click()
        expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=LIMIT)
        until(write(page, "Back again"), "ready")
    finally:
        hub.kill()


# Tabs


def test_two_tabs_are_in_step_on_one_stream(page, hub, jobs, influencer):
    other = page.context.new_page()
    for tab in (page, other):
        visit_feed(tab, hub, influencer)
    article = write(page, "In two tabs")
    twin = other.get_by_role("article", name="In two tabs", exact=True)
    expect(twin.locator("p.story")).to_be_visible(timeout=LIMIT)
    name = f"influencer:{influencer['id']}"
    assert hub.presence(name)[name] == 1
    page.close()
    until(twin, "ready")
    expect(other.get_by_text("Live", exact=True)).to_be_visible()
    assert hub.presence(name)[name] == 1


def test_an_influencer_made_in_one_tab_is_in_the_other(page, hub, jobs):
    session = jobs.session("a lighthouse keeper")
    chosen = jobs.post(f"/sessions/{session['id']}/persona", {"avatar": 1}, 202)
    jobs.until_final(chosen["job"]["id"])
    visit(page, hub)
    people = page.get_by_role("region", name="All influencers").get_by_role("listitem")
    expect(people).not_to_have_count(0)
    before = people.count()
    other = page.context.new_page()
    visit(other, hub, f"/create/{session['id']}")
    other.get_by_role("button", name=re.compile("^Create ")).click()
    expect(people).to_have_count(before + 1)


def test_an_influencer_made_elsewhere_is_shown_at_once(page, hub, jobs):
    session = jobs.session("a beekeeper")
    chosen = jobs.post(f"/sessions/{session['id']}/persona", {"avatar": 1}, 202)
    jobs.until_final(chosen["job"]["id"])
    visit(page, hub)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    made = jobs.post("/influencers", {"session": session["id"]}, 201)
    people = page.get_by_role("region", name="All influencers")
    expect(people.locator(f'a[href$="{made["id"]}"]')).to_be_visible()

"""The influencer app's overview: who is at work now, and who looks at the same thing."""

import re

import pytest
from feed_app import app, influencer, jobs, page, person, picture  # noqa: F401
from feed_app import LIMIT, LOOKS, check_page, visit, visit_feed, write
from playwright.sync_api import expect
from support.hub import Hub
from support.jobs import Jobs

# Slow enough to be looked at.
PACE = ("--builtin-rate", "25", "--builtin-picture", "2.5", "--external-kinds", "film")
# A page that is left stays on the stream for 5 s, and who has left is seen for 10 s more.
LEAVING = 40_000

pytestmark = pytest.mark.limit(150)


@pytest.fixture(scope="module")
def hub(app, tmp_path_factory):
    with Hub(*PACE, "--web", app, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub


def here(page):
    """Who looks at the page, in words."""
    return page.get_by_role("group", name="Looking at this now")


def workers(page):
    """Those who are shown at work."""
    return page.get_by_role("list", name="At work").get_by_role("listitem")


def name_of(page):
    """The name that a browser has drawn."""
    return page.evaluate("localStorage.getItem('martlet.member')").rpartition(" ")[0]


def alone(page, limit=LIMIT):
    expect(here(page)).to_contain_text("Only you are here", timeout=limit)


def together(page, *others):
    for other in others:
        expect(here(page)).to_contain_text(name_of(other), timeout=LIMIT)


def test_everybody_sees_who_is_at_work_whoever_asked_for_it(person, hub, influencer):
    ann, bob = person(), person()
    visit(ann, hub)
    expect(ann.get_by_text("Nobody is at work.")).to_be_visible()
    visit_feed(bob, hub, influencer)
    write(bob, "Seen from afar")
    worker = workers(ann).get_by_role("link", name=influencer["name"])
    expect(worker).to_contain_text("Writing the story", timeout=LIMIT)
    expect(worker).to_contain_text(re.compile(r"· \d+ s"))
    bar = worker.get_by_role("progressbar", name=f"{influencer['name']}: Writing the story")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^[1-9]\d?$"), timeout=LIMIT)
    expect(ann.get_by_text("1 job at work")).to_have_count(1)
    expect(bob.get_by_role("complementary")).to_contain_text("Writing the story")
    expect(worker).to_contain_text("Painting", timeout=LIMIT)
    expect(bob.get_by_role("complementary")).to_contain_text("Painting", timeout=LIMIT)
    worker.click()
    expect(ann.get_by_role("heading", level=1, name=influencer["name"])).to_be_visible()
    ann.get_by_role("link", name="Martlet").click()
    expect(ann.get_by_text("Nobody is at work.")).to_be_visible(timeout=LIMIT)
    expect(bob.locator(".busy")).to_have_count(0)


def test_a_creation_and_a_worker_outside_are_at_work_as_well(page, hub, jobs, influencer):
    visit(page, hub)
    made = jobs.post("/sessions", {"prompt": "a botanist who draws moss", "avatars": 2}, 201)
    creation = workers(page).get_by_role("link", name="a botanist who draws moss")
    expect(creation).to_contain_text("Painting", timeout=LIMIT)
    film = jobs.create("film", {"influencer": influencer["id"]})
    claimed = jobs.post("/jobs/claim", {"kinds": ["film"]}, 200)
    lease = {"lease": claimed["lease"]["token"]}
    jobs.post(f"/jobs/{film['id']}/progress", {**lease, "step": "cutting_film", "progress": 40}, 204)
    outside = workers(page).get_by_role("link", name=influencer["name"])
    expect(outside).to_contain_text("cutting film", timeout=LIMIT)
    expect(outside.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    other = jobs.create("film", None)
    jobs.post("/jobs/claim", {"kinds": ["film"]}, 200)
    expect(workers(page).filter(has_text="Begins: film")).to_be_visible(timeout=LIMIT)
    jobs.post(f"/jobs/{other['id']}/cancel", status=200)
    jobs.post(f"/jobs/{film['id']}/complete", {**lease, "result": 1}, 204)
    jobs.until_final(made["job"]["id"])
    expect(page.get_by_text("Nobody is at work.")).to_be_visible(timeout=LIMIT)


def test_many_at_work_are_counted(page, hub, jobs):
    made = [jobs.create("film", None)["id"] for _ in range(15)]
    for _ in made:
        jobs.post("/jobs/claim", {"kinds": ["film"]}, 200)
    visit(page, hub)
    expect(page.get_by_text("15 jobs at work")).to_have_count(1, timeout=LIMIT)
    expect(workers(page)).to_have_count(13)
    expect(workers(page).last).to_have_text("and 3 others")
    for identifier in made:
        jobs.post(f"/jobs/{identifier}/cancel", status=200)
    expect(page.get_by_text("Nobody is at work.")).to_be_visible(timeout=LIMIT)


def test_who_looks_at_the_same_thing_is_seen(person, hub, influencer):
    ann, bob = person(), person()
    visit(ann, hub)
    alone(ann)
    visit(bob, hub)
    together(ann, bob)
    together(bob, ann)
    assert name_of(ann) not in here(ann).locator("p").inner_text()
    # Two tabs of one person are one.
    tab = bob.context.new_page()
    visit(tab, hub)
    expect(here(tab)).to_contain_text(f"You and {name_of(ann)} are here")
    expect(here(ann)).to_contain_text(f"You and {name_of(bob)} are here")
    tab.close()
    cyn = person()
    visit(cyn, hub)
    for page in (ann, bob):
        expect(here(page)).to_contain_text(re.compile(r"You, .+ and .+ are here"), timeout=LIMIT)
    # Elsewhere is elsewhere.
    path = f"/influencers/{influencer['id']}"
    visit(cyn, hub, path)
    alone(cyn)
    visit(bob, hub, path)
    together(bob, cyn)
    together(cyn, bob)
    alone(ann, LEAVING)


def test_who_loads_the_page_again_has_not_left(person, hub):
    ann, bob = person(), person()
    visit(ann, hub)
    visit(bob, hub)
    together(ann, bob)
    ann.evaluate("""() => {
        window.said = [];
        const group = document.querySelector('.watchers');
        new MutationObserver(() => window.said.push(group.textContent))
            .observe(group, { subtree: true, childList: true, characterData: true });
    }""")
    bob.reload()
    together(bob, ann)
    assert ann.evaluate("window.said") == []
    bob.close()
    alone(ann, LEAVING)


def test_the_overview_is_true_after_the_hub_was_killed(app, page, tmp_path):
    folder = str(tmp_path / "data")
    with Hub(*PACE, data=folder) as hub:
        influencer = Jobs(hub).influencer()
    hub = Hub(*PACE, "--web", app, data=folder)
    try:
        visit(page, hub)
        jobs = Jobs(hub)
        made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "Survive"}, 201)
        expect(workers(page)).to_contain_text(["Writing the story"], timeout=LIMIT)
        port = hub.port
        hub.kill()
        hub = Hub(*PACE, "--web", app, port=port, data=folder)
        expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=LIMIT)
        alone(page)
        expect(workers(page)).to_contain_text([influencer["name"]], timeout=LIMIT)
        Jobs(hub).until_final(made["job"]["id"])
        expect(page.get_by_text("Nobody is at work.")).to_be_visible(timeout=LIMIT)
    finally:
        hub.kill()


@pytest.fixture(scope="module")
def still(app, tmp_path_factory):
    """A hub whose work does not end while it is looked at, and the influencer there."""
    folder = str(tmp_path_factory.mktemp("still"))
    with Hub(*PACE, data=folder) as hub:
        influencer = Jobs(hub).influencer()
    slow = ("--builtin-rate", "2", "--builtin-picture", "600")
    with Hub(*slow, "--web", app, data=folder) as hub:
        jobs = Jobs(hub)
        jobs.post("/sessions", {"prompt": "a botanist who draws moss", "avatars": 4}, 201)
        for prompt in ("The first firing of the new kiln", "What the sea does to clay"):
            jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": prompt}, 201)
        yield hub, influencer


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_the_overview_can_be_used_by_everybody(person, still, picture, name, options):
    hub, influencer = still
    page = person(reduced_motion="reduce", **options)
    visit(page, hub)
    alone(page)
    others = [person() for _ in range(2)]
    for other in others:
        visit(other, hub)
    expect(workers(page)).to_have_count(3, timeout=LIMIT)
    expect(here(page)).to_contain_text(re.compile(r"You, .+ and .+ are here"))
    assert page.evaluate("document.getAnimations().length") == 0
    page.wait_for_timeout(700)  # for the pictures to fade in
    picture(page, f"overview-{name}")
    check_page(page)
    # By keyboard: the first who is at work is the first link of the page.
    page.get_by_role("main").focus()
    page.keyboard.press("Tab")
    link = page.locator("a.worker").first
    expect(link).to_be_focused()
    assert link.evaluate("(link) => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#/(influencers|create)/"))
    visit(page, hub, f"/influencers/{influencer['id']}")
    visit(others[0], hub, f"/influencers/{influencer['id']}")
    together(page, others[0])
    picture(page, f"influencer-{name}")
    check_page(page)

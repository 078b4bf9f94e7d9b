"""A prompt becomes an app, with the generator that is built in; its page; and the streams under their older names."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.access import Locked, as_
from support.apps import OLDER, PARTS, PROMISED, STEPS, blocks
from support.hub import Hub, assert_problem
from support.jobs import Jobs
from support.providers.made import text_of

PROMPTS = {
    "A checklist for moving house": "checkbox",
    "Make me a pomodoro timer": "setInterval",
    "split the restaurant bill": "each",
    "a Memory GAME for kids": "shuffle",
    "draw pixel art": "pointermove",
    "track my habits": "aria-pressed",
    "something about whales": "votes",
    "Ein Spiel, 日本語, <b>& \"quotes\"": "votes",
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    data = str(tmp_path_factory.mktemp("data"))
    with Hub("--builtin-rate", "3000", "--external-kinds", "thumb", data=data) as hub:
        yield hub


@pytest.fixture(scope="module")
def jobs(hub):
    return Jobs(hub)


@pytest.fixture(scope="module")
def app(jobs):
    """An app that was built."""
    job = jobs.create("app", {"prompt": "A checklist for moving house"})["id"]
    return jobs.until_final(job)


def alias(job, what="progress"):
    return f"/api/v1/ai/generation/{job}/{what}"


def updates(events):
    return [data["data"] for name, data, _ in events if name == "job_update"]


# The app


@pytest.mark.parametrize(("prompt", "sign"), PROMPTS.items())
def test_a_prompt_becomes_html_css_and_js(hub, jobs, prompt, sign):
    made = jobs.create("app", {"prompt": prompt})
    assert made["kind"] == "app" and made["input"] == {"prompt": prompt} and made["result"] is None
    row = jobs.until_final(made["id"])
    assert row["state"] == "succeeded" and row["attempt"] == 1, row
    assert set(row["result"]) == set(PARTS)
    assert all(len(row["result"][part]) > 100 for part in PARTS)
    assert sign in row["result"]["js"], row["result"]["js"]
    assert "{title}" not in row["result"]["html"] and "<b>" not in row["result"]["html"]
    assert row["total_tokens"] == row["input_tokens"] + row["output_tokens"]
    assert row["output_tokens"] > 300
    again = jobs.create("app", {"prompt": prompt})["id"]
    assert jobs.until_final(again)["result"] == row["result"], "the same prompt, another app"


def test_all_apps_are_different(jobs):
    rows = [jobs.create("app", {"prompt": prompt})["id"] for prompt in PROMPTS]
    results = [jobs.until_final(job)["result"] for job in rows]
    assert len({result["js"] for result in results}) == len(set(PROMPTS.values()))


def test_the_code_streams_while_it_is_written(tmp_path):
    with Hub("--builtin-rate", "600", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        job = jobs.create("app", {"prompt": "split a bill"})["id"]
        with ThreadPoolExecutor(6) as pool:
            readers = []
            with hub.open([f"job:{job}"]) as stream:
                for _ in range(3):
                    readers.append(pool.submit(jobs.follow, job, "content", 60))
                    readers.append(pool.submit(jobs.follow_path, alias(job, "content")))
                    stream.until("content_delta")
            streams = [reader.result() for reader in readers]
        row = jobs.job(job)
        assert row["state"] == "succeeded", row
        for events in streams:
            assert blocks(text_of(events)) == row["result"]
            assert updates(events)[-1]["state"] == "succeeded"
        assert sum(name == "content_delta" for name, _, _ in streams[0]) > 10, "it came at once"
        told = updates(streams[0])
        steps = [row["step"] for row in told]
        assert [step for at, step in enumerate(steps) if step and step not in steps[:at]] == STEPS
        assert [row["progress"] for row in told] == sorted(row["progress"] for row in told)
        tokens = [row["current_tokens"] for row in told]
        assert tokens == sorted(tokens), "the tokens of the parts add up"
        lengths = [row["partial_content_length"] for row in told]
        assert lengths == sorted(lengths)
        # What is there afterwards is what was streamed.
        again = jobs.follow(job, "content")
        assert blocks(text_of(again)) == row["result"]
        assert row["partial_content_length"] == len(text_of(again).encode())
        assert row["current_tokens"] == row["output_tokens"]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({}, "/input/prompt"),
        ({"prompt": ""}, "/input/prompt"),
        ({"prompt": " \n"}, "/input/prompt"),
        ({"prompt": 7}, "/input/prompt"),
        ({"prompt": "x" * 4001}, "/input/prompt"),
        ({"prompt": "x", "model": "large"}, "/input/model"),
        ([], "/input"),
    ],
)
def test_what_is_no_order_is_refused_by_name(hub, value, pointer):
    answer = hub.post({"kind": "app", "input": value}, "/api/v1/jobs")
    assert_problem(answer, 422)
    assert answer.json["pointer"] == pointer, answer.json


# The page


def test_the_page_has_the_parts_and_may_do_nothing_but_run(hub, app):
    page = hub.get(f"/api/v1/jobs/{app['id']}/page")
    assert page.status == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    text = page.body.decode()
    for part in PARTS:
        assert app["result"][part] in text
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["sandbox"] == "allow-scripts allow-forms"
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'" and "connect-src" not in policy
    assert "http" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_there_is_a_page_only_of_an_app_that_is_finished(hub, jobs):
    waiting = jobs.create("app", {"prompt": "later"}, delay_seconds=600)["id"]
    answer = hub.get(f"/api/v1/jobs/{waiting}/page")
    assert_problem(answer, 404, "scheduled")
    jobs.post(f"/jobs/{waiting}/cancel")
    assert_problem(hub.get(f"/api/v1/jobs/{waiting}/page"), 404, "cancelled")
    session = jobs.session()
    assert_problem(hub.get(f"/api/v1/jobs/{session['job']}/page"), 404, "avatar")
    assert_problem(hub.get("/api/v1/jobs/none/page"), 404, "none")
    outside = jobs.create("thumb", {"prompt": "x"})["id"]
    assert_problem(hub.get(f"/api/v1/jobs/{outside}/page"), 404)
    assert hub.post({}, f"/api/v1/jobs/{waiting}/page").status == 405


# The older names


def test_the_alias_has_the_older_names_beside_the_present_ones(hub, jobs, app):
    job = jobs.create("app", {"prompt": "a timer"})["id"]
    told = updates(jobs.follow_path(alias(job)))
    assert len(told) > 2
    for row in told:
        assert set(PROMISED) <= set(row)
        for name, older in OLDER.items():
            assert row[older] == row[name], (name, row)
    last = jobs.job(job)
    assert {name: last[name] for name in told[-1] if name in last} == {
        name: value for name, value in told[-1].items() if name in last
    }
    assert told[-1]["progress_percentage"] == 100 and told[-1]["status"] == "succeeded"
    # And of a job that has ended, from its state and from its row.
    for job in (job, app["id"]):
        for what in ("progress", "content"):
            row = updates(jobs.follow_path(alias(job, what)))[-1]
            assert row["status"] == "succeeded" and row["elapsed_time"] == row["elapsed_seconds"]


def test_the_older_names_are_nowhere_else(hub, jobs, app):
    news = {*OLDER.values()}
    with hub.open([f"job:{app['id']}", "job:*"]) as stream:
        job = jobs.create("app", {"prompt": "a list"})["id"]
        path = alias(job)
        seen = jobs.follow_path(path)
        block = stream.until(lambda block: block.event == "job_update" and block.payload["state"] == "succeeded")[-1]
    assert news <= set(updates(seen)[-1])
    assert not news & set(block.payload)
    assert not news & set(updates(jobs.follow(job))[-1])
    assert not news & set(jobs.job(job))
    assert not news & set(hub.get(f"/state?resources=job:{job}").json["resources"][f"job:{job}"]["job_update"]["data"])


def test_the_alias_is_a_stream_like_the_job_s_own(hub, jobs, app):
    events = jobs.follow_path(alias(app["id"]))
    last = [identifier for _, _, identifier in events if identifier][-1]
    assert hub.request("GET", alias(app["id"]), {"Last-Event-ID": last}).status == 204
    assert hub.request("GET", alias(app["id"], "content"), {"Last-Event-ID": last}).status == 204
    assert_problem(hub.get(alias("none")), 404, "none")
    answer = hub.post({}, alias(app["id"]))
    assert answer.status == 405 and answer.list("allow") == {"get", "head", "options"}
    for path in ("", "/x", "/x/status", "/x/progress/y", "/a.b/progress"):
        assert hub.get(f"/api/v1/ai/generation{path}").status == 404, path
    assert hub.get(alias(app["id"]) + "?keepalives=3").status == 400


def test_the_alias_needs_what_the_job_s_stream_needs(tmp_path):
    with Locked(tmp_path, "--builtin-rate", "3000") as hub:
        made = hub.post({"kind": "app", "input": {"prompt": "a game"}}, "/api/v1/jobs", hub.admin)
        job = made.json["id"]
        reader = as_("ann", jobs=["read"])
        events = Jobs(hub).follow_path(alias(job, "content"), reader)
        told = updates(events)
        assert told[-1]["status"] == "succeeded" and "```js" in text_of(events)
        path = f"/api/v1/jobs/{job}/page"
        assert hub.get(path, reader).status == 200
        for fields in ({}, as_("eve", subscribe=["*"], publish=["*"], jobs=["write"])):
            status = 403 if fields else 401
            for target in (alias(job), alias(job, "content"), path):
                assert hub.get(target, fields).status == status, target


def test_what_others_say_of_a_job_is_shown_as_far_as_one_may_read_it(tmp_path):
    with Locked(tmp_path, "--external-kinds", "thumb") as hub:
        before = hub.give(["nothing:1"])
        job = hub.post({"kind": "thumb", "input": 1}, "/api/v1/jobs", hub.admin).json["id"]
        hub.give([f"job:{job}", "secret:1"], {"state": "queued"}, "job_update")
        hub.give([f"job:{job}"], [1, {"state": 2}], "job_update")
        hub.request("POST", f"/api/v1/jobs/{job}/cancel", hub.admin)
        path = f"{alias(job)}?last_event_id={before}"
        events = Jobs(hub).follow_path(path, as_("ann", jobs=["read"]))
        told = [data for name, data, _ in events if name == "job_update"]
        assert [row["resources"] for row in told] == [[f"job:{job}"]] * 4
        assert told[1]["data"] == {"state": "queued"} and told[2]["data"] == [1, {"state": 2}]
        assert told[0]["data"]["status"] == "queued" and told[3]["data"]["status"] == "cancelled"

"""Articles: parts side by side, their counts, both languages, the older paths, and how long they are kept."""

import re

import pytest

from support.hub import Hub, assert_problem
from support.jobs import Jobs
from support.providers.answers import last_line, line
from support.providers.faults import Instead, Stall
from support.providers.made import text_flags, text_of
from support.providers.ollama import Ollama
from support.wait import eventually

STEPS = [
    "initialization",
    "heading_generation",
    "section_generation",
    "image_generation",
    "summary_generation",
    "meta_generation",
    "faq_generation",
]
BEGINS = dict(zip(STEPS, (0, 16, 32, 48, 65, 75, 85)))
PERSIAN = "باغبانی در شهر و نرم‌افزار Linux، نسخهٔ ۲"
PROMPT = {"prompt": "a kiln to fire", "sections": 4}
FIELDS = [
    "ai_content_id", "session_hash", "status", "step", "progress", "current_message", "headings", "sections",
    "completed_sections", "total_sections", "completed_images", "total_images", "is_completed", "is_failed",
    "error", "updated_at",
]  # fmt: skip


@pytest.fixture(scope="module", params=["memory", "file"])
def jobs(request, tmp_path_factory):
    """The jobs of a hub that writes quickly."""
    data = ":memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("articles"))
    with Hub("--builtin-rate", "2000", data=data) as hub:
        yield Jobs(hub)
        hub.assert_healthy()


def older(hub, hash, call="status", status=200):
    """What the older paths answer."""
    target = f"/api/ai-content-progress/{hash}/{call}"
    answer = hub.get(target) if call == "status" else hub.request("POST", target)
    assert answer.status == status, answer
    return answer.json


def updates(events):
    return [data["data"] for name, data, _ in events if name == "job_update"]


def said(text):
    """A provider's whole answer."""
    return Instead((line(text), last_line()), "application/x-ndjson")


# What is ordered


@pytest.mark.parametrize(
    ("value", "pointer", "word"),
    [
        ({}, "/input/prompt", "missing"),
        ({"prompt": " "}, "/input/prompt", "empty"),
        ({"prompt": "x", "sections": 0}, "/input/sections", "20"),
        ({"prompt": "x", "sections": 21}, "/input/sections", "20"),
        ({"prompt": "x", "language": "persian"}, "/input/language", "tag"),
        ({"prompt": "x", "language": "fa_IR"}, "/input/language", "tag"),
        ({"prompt": "x", "language": ""}, "/input/language", "tag"),
        ({"prompt": "x", "more": 1}, "/input/more", "no field"),
    ],
    ids=str,
)
def test_an_order_that_breaks_a_rule_is_refused_by_name(jobs, value, pointer, word):
    answer = jobs.hub.post({"kind": "article", "input": value}, "/api/v1/jobs")
    problem = assert_problem(answer, 422, word)
    assert problem["pointer"] == pointer


def test_language_and_number_of_sections_have_defaults(jobs):
    row = jobs.create("article", {"prompt": "bread"})
    assert row["input"] == {"prompt": "bread", "language": "en", "sections": 8}
    jobs.post(f"/jobs/{row['id']}/cancel")


# What is made


@pytest.mark.parametrize(("language", "prompt"), [("en", "Bread at home"), ("fa", PERSIAN)])
def test_an_article_has_all_of_its_parts(jobs, language, prompt):
    order = jobs.create("article", {"prompt": prompt, "language": language, "sections": 5})
    text = text_of(jobs.follow(order["id"], "content"))
    row = jobs.until_final(order["id"])
    result = row["result"]
    assert row["state"] == "succeeded", row
    assert (result["title"], result["language"]) == (prompt, language)
    assert len(set(result["headings"])) == len(result["sections"]) == 5
    assert len(result["faq"]) == 4 and all(one["question"] and one["answer"] for one in result["faq"])
    assert result["summary"] and result["meta_description"]
    assert len(result["image_urls"]) == 2
    for url in result["image_urls"]:
        assert jobs.hub.get(url).status == 200
    assert row["counts"] == {
        "headings": {"completed": 5, "total": 5},
        "sections": {"completed": 5, "total": 5},
        "images": {"completed": 2, "total": 2},
    }
    # The stream has had all of it, byte for byte and in its order, though it was written side by side.
    parts = [f"## {heading}\n\n{section}\n\n" for heading, section in zip(result["headings"], result["sections"])]
    assert "".join(parts) in text
    assert text.startswith("\n".join(result["headings"]))
    assert result["summary"] in text
    is_persian = re.search("[\u0600-\u06ff]", "".join(result["sections"])) is not None
    assert is_persian == (language == "fa")


def test_the_page_has_the_direction_of_the_language_and_escapes_what_was_asked_for(jobs):
    prompt = f"{PERSIAN} <script>alert(1)</script> & \"quotes\""
    row = jobs.until_final(jobs.create("article", {"prompt": prompt, "language": "fa", "sections": 1})["id"])
    page = jobs.hub.get(f"/api/v1/jobs/{row['id']}/page")
    document = page.body.decode()
    assert '<html lang="fa" dir="rtl">' in document
    assert "<script>" not in document and "&lt;script>alert(1)" in document
    assert row["result"]["summary"].replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") in document
    assert "sandbox" in page.headers["content-security-policy"]
    row = jobs.until_final(jobs.create("article", {"prompt": "bread", "sections": 1})["id"])
    assert '<html lang="en" dir="ltr">' in jobs.hub.get(f"/api/v1/jobs/{row['id']}/page").body.decode()


# How far it is


def test_each_step_comes_in_its_order_at_its_share_and_counts_what_is_done():
    with Hub("--builtin-rate", "300") as hub:
        jobs = Jobs(hub)
        job = jobs.create("article", {"prompt": PERSIAN, "language": "fa", "sections": 4})["id"]
        rows = updates(jobs.follow(job))
        seen = [row["step"] for row in rows if row["step"]]
        assert list(dict.fromkeys(seen)) == [step for step in STEPS if step in seen]
        assert set(STEPS[1:]) <= set(seen)
        progress = [row["progress"] for row in rows]
        assert progress == sorted(progress) and progress[-1] == 100
        for row in rows:
            if row["step"]:
                assert BEGINS[row["step"]] <= row["progress"]
        completed = [row["counts"]["sections"]["completed"] for row in rows if "counts" in row]
        assert completed == sorted(completed) and completed[0] == 0 and completed[-1] == 4
        messages = {row["message"] for row in rows if row["step"] == "section_generation"}
        assert any(re.fullmatch("نوشتن بخش‌ها \\([۱-۴] از ۴\\)", message) for message in messages), messages


def test_whoever_polls_sees_what_whoever_streams_sees():
    with Hub("--builtin-rate", "300") as hub:
        jobs = Jobs(hub)
        order = jobs.create("article", {"prompt": "bread", "sections": 6})
        id, hash = order["id"], order["session_hash"]
        assert re.fullmatch("[0-9a-z]{12}", hash)
        told = {}
        common = 0
        with hub.stream([f"job:{id}"]) as stream:
            while True:
                block = stream.until("job_update", 20)[-1]
                row = block.json["data"]
                told[row["elapsed_seconds"], row["state"], row["step"], row["progress"]] = row
                polled = jobs.get(f"/jobs/{id}/status")
                assert {name: polled[name] for name in row if name not in CHANGING} == {
                    name: row[name] for name in row if name not in CHANGING
                }
                same = told.get((polled["elapsed_seconds"], polled["state"], polled["step"], polled["progress"]))
                if same:
                    common += 1
                    assert {name: polled[name] for name in same} == same
                if row["state"] == "succeeded":
                    break
        assert common > 5
        assert {name: polled[name] for name in row} == row
        status = older(hub, hash)
        assert status["progress"] == 100 and status["is_completed"]


CHANGING = {
    "state", "step", "message", "progress", "current_tokens", "input_tokens", "output_tokens", "total_tokens",
    "tokens_per_second", "elapsed_seconds", "eta_seconds", "partial_content_length", "content_rate", "counts",
    "finished_at", "started_at", "attempt", "error", "scheduled_at",
}  # fmt: skip


# The older paths


def test_the_older_paths_have_the_older_names(jobs):
    order = jobs.create("article", PROMPT)
    row = jobs.until_final(order["id"])
    status = older(jobs.hub, row["session_hash"])
    assert list(status) == FIELDS
    assert (status["ai_content_id"], status["session_hash"]) == (row["id"], row["session_hash"])
    assert (status["status"], status["step"], status["progress"]) == ("succeeded", "faq_generation", 100)
    assert status["headings"] == row["result"]["headings"]
    assert [section["content"] for section in status["sections"]] == row["result"]["sections"]
    assert [section["heading"] for section in status["sections"]] == row["result"]["headings"]
    counts = [status[f"{what}_{of}"] for of in ("sections", "images") for what in ("completed", "total")]
    assert counts == [4, 4, 2, 2]
    assert (status["is_completed"], status["is_failed"], status["error"]) == (True, False, None)
    assert status["updated_at"] == row["finished_at"]


def test_an_article_is_cancelled_and_restarted_by_its_hash(tmp_path):
    with Ollama(rate=500) as peer, Hub(*text_flags(peer), "--text-concurrency", "8", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        peer.plan(said("1. One\n2. Two"), Stall(3), Stall(3))
        order = jobs.create("article", PROMPT | {"sections": 2})
        hash = order["session_hash"]
        peer.wait_for_call(3)
        assert older(hub, hash)["total_sections"] == 2
        status = older(hub, hash, "cancel")
        assert (status["status"], status["is_failed"], status["is_completed"]) == ("cancelled", True, False)
        eventually(lambda: peer.running() == [], "the end of both transfers")
        assert_problem(hub.request("POST", f"/api/ai-content-progress/{hash}/cancel"), 409)
        assert older(hub, hash, "restart")["status"] in ("queued", "running")
        row = jobs.until_final(order["id"])
        assert row["state"] == "succeeded", row
        # The headings were kept; both sections were under way.
        assert asked(peer) == ["headings", "One", "One", "Two", "Two", "rest", "rest", "rest"]


@pytest.mark.parametrize("hash", ["0123456789ab", "x", "0123456789abc"])
@pytest.mark.parametrize("call", ["status", "cancel", "restart"])
def test_an_unknown_hash_is_404_and_says_how_long_articles_are_kept(jobs, hash, call):
    method = "GET" if call == "status" else "POST"
    answer = jobs.hub.request(method, f"/api/ai-content-progress/{hash}/{call}")
    assert_problem(answer, 404, hash, "3600 seconds", "--result-age")


def test_a_job_of_another_kind_has_no_hash(jobs):
    row = jobs.create("app", {"prompt": "a clock"})
    assert "session_hash" not in row and "counts" not in row
    older(jobs.hub, row["id"][-12:], status=404)
    jobs.post(f"/jobs/{row['id']}/cancel")


# Faults


def asked(peer):
    """What the provider was asked for, sorted but for the headings, which come first."""
    names = []
    for call in peer.worked():
        body = call.body.decode()
        section = re.search(r'its section \\"(.*?)\\"', body)
        names.append(section[1] if section else "headings" if " headings of its" in body else "rest")
    return names[:1] + sorted(names[1:])


def test_a_finished_part_is_not_asked_for_again_after_a_kill(tmp_path):
    with Ollama(rate=500) as peer:
        peer.plan(said("1. One\n2. Two\n3. Three"), said("A whole section."), Stall(3), Stall(3))
        hub = Hub(*text_flags(peer), "--text-concurrency", "8", data=str(tmp_path))
        try:
            jobs = Jobs(hub)
            id = jobs.create("article", PROMPT | {"sections": 3})["id"]
            # One section is whole, and the others stand still.
            eventually(lambda: done(jobs, id) == 1, "the first section", 20)
            assert len(peer.running()) == 2
        finally:
            hub.kill()
        with Hub(*text_flags(peer), "--text-concurrency", "8", data=str(tmp_path)) as hub:
            row = Jobs(hub).until_final(id)
            assert row["state"] == "succeeded", row
            assert len(row["result"]["sections"]) == 3 and all(row["result"]["sections"])
        # The finished section and the headings were asked for once, those under way again.
        assert len(peer.worked()) == 1 + (1 + 2 + 2) + 3
        assert asked(peer)[0] == "headings" and asked(peer).count("headings") == 1


def done(jobs, id):
    return jobs.job(id).get("counts", {}).get("sections", {}).get("completed", 0)


def test_too_few_headings_are_tried_again_and_said():
    with Ollama(rate=500) as peer, Hub(*text_flags(peer)) as hub:
        jobs = Jobs(hub)
        peer.plan(said("1. One"))
        id = jobs.create("article", PROMPT)["id"]
        eventually(lambda: jobs.job(id)["error"], "the failure", 20)
        row = jobs.job(id)
        assert "1 headings instead of 4" in row["errors"][0]["error"]
        assert row["state"] in ("scheduled", "running", "queued")


def test_a_section_that_fails_ends_the_attempt_and_the_others_are_kept():
    with Ollama(rate=500) as peer, Hub(*text_flags(peer), "--text-concurrency", "8") as hub:
        jobs = Jobs(hub)
        peer.plan(said("1. One\n2. Two"), said(" "))
        id = jobs.create("article", PROMPT | {"sections": 2})["id"]
        row = jobs.until_final(id, 30)
        assert row["state"] == "failed" and "wrote no text" in row["error"], row


# Many, and for how long


def test_fifty_articles_at_once_are_each_finished_once(tmp_path):
    with Hub("--builtin-rate", "0", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        ids = [jobs.create("article", {"prompt": f"subject {n}", "sections": 3})["id"] for n in range(50)]
        rows = [jobs.until_final(id, 60) for id in ids]
        assert {row["state"] for row in rows} == {"succeeded"}
        assert {row["attempt"] for row in rows} == {1}
        assert len({row["session_hash"] for row in rows}) == 50
        for number, row in enumerate(rows):
            assert row["result"]["title"] == f"subject {number}"
            assert len(row["result"]["sections"]) == 3


def test_an_article_and_its_pictures_are_gone_when_they_are_too_old(tmp_path):
    with Hub("--builtin-rate", "0", "--result-age", "2", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        other = jobs.until_final(jobs.create("app", {"prompt": "a clock"})["id"])
        row = jobs.until_final(jobs.create("article", {"prompt": "bread", "sections": 2})["id"])
        urls = row["result"]["image_urls"]
        assert urls and all(hub.get(url).status == 200 for url in urls)
        assert older(hub, row["session_hash"])["is_completed"]

        def is_gone():
            # A pass of the scheduler looks; an order starts one.
            jobs.create("app", {"prompt": "a clock"}, priority=4)
            return hub.get(f"/api/v1/jobs/{row['id']}").status == 404

        eventually(is_gone, "the end of the article", 20)
        older(hub, row["session_hash"], status=404)
        assert all(hub.get(url).status == 404 for url in urls)
        assert jobs.job(other["id"])["state"] == "succeeded"

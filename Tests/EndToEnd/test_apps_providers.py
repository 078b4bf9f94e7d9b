"""Apps by providers that are slow, break off, or lack the model, and over a hub that is killed while they write."""

import re
import signal

import pytest

from support.apps import OLDER, PARTS, STEPS, blocks, text_after_restarts
from support.hub import Hub
from support.jobs import Jobs
from support.providers import texts
from support.providers.answers import DONE, chunk, last_line, line
from support.providers.faults import Cut, Instead, Slow, Stall
from support.providers.made import Made, assert_readable, text_flags, text_of
from support.providers.ollama import Ollama
from support.providers.openai import OpenAI
from support.wait import eventually

PEERS = {"ollama": Ollama, "openai": OpenAI}
APP = {part: texts.code(name) for part, name in zip(PARTS, ("HTML", "CSS", "JavaScript"))}
PROMPT = {"prompt": "a kiln to fire"}
ASKED = re.compile(r"Answer with the (HTML|CSS|JavaScript) ")


@pytest.fixture(params=PEERS)
def peer(request):
    with PEERS[request.param](rate=500) as peer:
        yield peer


def asked(peer):
    """What the provider was asked for, in order."""
    return [ASKED.search(call.body.decode())[1] for call in peer.worked()]


def test_each_part_is_asked_for_once_and_the_next_knows_those_before(peer):
    with Made(peer, *text_flags(peer)) as made:
        row = made.jobs.until_final(made.jobs.create("app", PROMPT)["id"])
        assert row["state"] == "succeeded" and row["result"] == APP, row
        assert asked(peer) == ["HTML", "CSS", "JavaScript"]
        html, css, script = (call.body.decode() for call in peer.worked())
        assert all(PROMPT["prompt"] in body for body in (html, css, script))
        for body, known in ((css, "café"), (script, "café"), (script, "color: teal")):
            assert known in body or known.encode("ascii", "backslashreplace").decode() in body
        # The row is what the provider counted, all three together.
        assert row["input_tokens"] > 100
        pieces = sum(call.sent for call in peer.worked())
        assert pieces - 15 <= row["output_tokens"] <= pieces


def test_what_stands_around_the_code_is_not_shown_for_a_moment(peer):
    with Made(peer, *text_flags(peer)) as made:
        peer.plan(Slow(0.2, piece=2), Slow(0.2, piece=4), Slow(0.2, piece=20))
        job = made.jobs.create("app", PROMPT)["id"]
        events = made.jobs.follow(job, "content")
        assert blocks(text_of(events)) == APP
        assert "Enjoy" not in text_of(events) and "```css\n```" not in text_of(events)


@pytest.mark.parametrize("how", ["end", "close", "reset"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_part_that_breaks_off_is_asked_for_again_and_no_other(peer, part, how):
    plan = [Slow(0, piece=0)] * part + [Cut(4, how)]
    with Made(peer, *text_flags(peer)) as made:
        peer.plan(*plan)
        job = made.jobs.create("app", PROMPT)["id"]
        events = made.jobs.follow_path(f"/api/v1/ai/generation/{job}/content", limit=30)
        row = made.jobs.job(job)
        assert row["state"] == "succeeded" and row["attempt"] == 2 and row["result"] == APP, row
        names = ["HTML", "CSS", "JavaScript"]
        assert asked(peer) == names[: part + 1] + names[part:]
        assert peer.repeated() == []
        assert blocks(text_after_restarts(events)) == APP
        assert any(older in events[-1][1]["data"] for older in OLDER.values())


def test_a_slow_model_is_waited_for(peer):
    with Made(peer, *text_flags(peer), "--start-timeout", "20") as made:
        peer.plan(Slow(1.2), Slow(1.2), Slow(1.2))
        row = made.jobs.until_final(made.jobs.create("app", PROMPT)["id"], limit=40)
        assert row["state"] == "succeeded" and row["attempt"] == 1 and row["result"] == APP
        assert row["elapsed_seconds"] > 3.6


def test_a_model_that_stands_still_is_given_up_and_asked_again(peer):
    with Made(peer, *text_flags(peer), "--stall-timeout", "1", "--start-timeout", "1") as made:
        peer.plan(Slow(0), Stall(5))
        row = made.jobs.until_final(made.jobs.create("app", PROMPT)["id"], limit=40)
        assert row["state"] == "succeeded" and row["attempt"] == 2, row
        assert asked(peer) == ["HTML", "CSS", "CSS", "JavaScript"]


@pytest.mark.parametrize("model", ["qwen2.5-coder", "codellama:34b", "no such model"])
def test_a_model_that_is_not_installed_fails_at_once_and_says_what_helps(model):
    with Ollama() as peer:
        flags = ("--text-provider", "ollama", "--text-url", peer.url, "--text-model", model)
        with Made(peer, *flags) as made:
            job = made.jobs.create("app", PROMPT)["id"]
            row = made.assert_failed(job)
            assert model in row["error"] and "404" in row["error"], row["error"]
            assert "ollama pull" in row["error"], row["error"]
            assert len(peer.worked()) == 1
            told = made.jobs.follow_path(f"/api/v1/ai/generation/{job}/progress")
            last = [data["data"] for name, data, _ in told if name == "job_update"][-1]
            assert last["status"] == "failed" and last["error_message"] == row["error"]


def test_an_answer_that_is_no_html_is_asked_for_again():
    with OpenAI(rate=500) as peer, Made(peer, *text_flags(peer)) as made:
        words = (chunk("I cannot "), chunk("do that."), chunk(finish="stop"), DONE)
        peer.plan(Instead(words))
        job = made.jobs.create("app", PROMPT)["id"]
        row = made.jobs.until_final(job, limit=30)
        assert row["state"] == "succeeded" and row["attempt"] == 2, row
        assert_readable(row["errors"][0]["error"])
        assert "no HTML" in row["errors"][0]["error"]
        assert asked(peer) == ["HTML", "HTML", "CSS", "JavaScript"]


def test_a_part_that_is_cut_at_the_limit_fails_and_says_which_flag():
    with Ollama(rate=500) as peer, Made(peer, *text_flags(peer)) as made:
        peer.plan(Instead((line("<p>Half"), last_line("length", eval_count=4096)), "application/x-ndjson"))
        row = made.assert_failed(made.jobs.create("app", PROMPT)["id"])
        assert "--text-max-tokens (now 4096)" in row["error"], row["error"]


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_hub_that_ends_asks_for_no_finished_part_again(tmp_path, part, number):
    with Ollama(rate=500) as peer:
        flags = text_flags(peer)
        peer.plan(*[Slow(0)] * part, Stall(6))
        hub = Hub(*flags, data=str(tmp_path))
        try:
            job = Jobs(hub).create("app", PROMPT)["id"]
            call = peer.wait_for_call(part + 1)
            eventually(lambda: call.sent == 6, "the middle of an answer")
            assert Jobs(hub).job(job)["step"] == STEPS[part]
            hub.signal(number)
            hub.wait()
            hub.kill()
            hub = Hub(*flags, data=str(tmp_path))
            jobs = Jobs(hub)
            events = jobs.follow(job, "content", 30)
            row = jobs.job(job)
            assert row["state"] == "succeeded" and row["result"] == APP, row
            assert row["attempt"] == (2 if number == signal.SIGKILL else 1)
            names = ["HTML", "CSS", "JavaScript"]
            assert asked(peer) == names[: part + 1] + names[part:]
            assert blocks(text_after_restarts(events)) == APP
            assert row["partial_content_length"] == len(text_after_restarts(events).encode())
            assert jobs.get("/jobs?kind=app")["next"] is None
            assert len(jobs.get("/jobs?kind=app")["jobs"]) == 1
        finally:
            hub.kill()


"""The hub with texts that end otherwise than whole ones: none of them becomes a post."""

import pytest

from support.providers.answers import DONE, chunk, event, last_line, line, usage, whole
from support.providers.faults import Instead
from support.providers.made import Made, image_flags, text_flags
from support.providers.ollama import Ollama
from support.providers.openai import OpenAI

NDJSON = "application/x-ndjson"
HALF = "Half a"


@pytest.fixture(scope="module")
def ollama_hub():
    with Ollama(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.influencer()
        yield made


@pytest.fixture(scope="module")
def openai_hub():
    with OpenAI(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.influencer()
        yield made


def meet(made, *pieces, media_type="text/event-stream"):
    """A post that is about to get this answer, and its job."""
    made.peer.forgive()
    made.peer.plan(Instead(pieces, media_type))
    return made.post("endings")


def assert_no_post(made, post):
    row = made.jobs.get(f"/posts/{post}")
    assert row["content"] is None or HALF not in row["content"], row
    assert row.get("ending") in (None, "stop"), row


# Cut


def test_a_text_that_was_cut_fails_and_says_where(openai_hub, ollama_hub):
    openai = (chunk(HALF), chunk(finish="length"), usage(64), DONE)
    ollama = (line(HALF), last_line("length", eval_count=64))
    for made, pieces, media_type in (
        (openai_hub, openai, "text/event-stream"),
        (ollama_hub, ollama, NDJSON),
        (openai_hub, (whole(HALF, "length").replace(b': 5', b': 64'),), "application/json"),
    ):
        before = len(made.peer.worked())
        post, job = meet(made, *pieces, media_type=media_type)
        row = made.assert_failed(job)
        assert "cut off after 64 tokens" in row["error"], row["error"]
        assert "--text-max-tokens (now 1024) or the server's context is too small" in row["error"]
        assert made.jobs.get(f"/posts/{post}")["status"] == "failed"
        assert_no_post(made, post)
        assert len(made.peer.worked()) == before + 1


def test_a_persona_that_was_cut_fails_too(openai_hub):
    made = openai_hub
    made.peer.forgive()
    # Whole as JSON by chance, and cut all the same.
    made.peer.plan(Instead((chunk('{"name":"Ann"}'), chunk(finish="length"), usage(7), DONE)))
    row = made.assert_failed(made.persona())
    assert "cut off after 7 tokens" in row["error"], row


def test_a_whole_text_says_how_it_ended(openai_hub, ollama_hub):
    for made, pieces, media_type in (
        (openai_hub, (chunk("All."), chunk(finish="stop"), DONE), "text/event-stream"),
        (openai_hub, (chunk("All.", finish="eos"),), "text/event-stream"),
        (ollama_hub, (line("All."), last_line("stop")), NDJSON),
        # Ollama before 0.1.33, and servers that copy its interface.
        (ollama_hub, (line("All."), last_line(None)), NDJSON),
    ):
        post, job = meet(made, *pieces, media_type=media_type)
        row = made.jobs.until_final(job)
        assert row["state"] == "succeeded" and row["result"]["ending"] == "stop", row
        post = made.jobs.get(f"/posts/{post}")
        assert (post["status"], post["content"], post["ending"]) == ("ready", "All.", "stop")
        listed = made.jobs.get(f"/influencers/{post['influencer']}/posts")["posts"]
        assert listed[0] == post


# Broken off


FAILED = {"error": {"message": "out of memory", "type": "server_error", "code": None}}
BROKEN = {
    "[DONE] alone": (chunk(HALF), DONE),
    "the reason error": (chunk(HALF), chunk(finish="error"), DONE),
    "the reason abort": (chunk(HALF), chunk(finish="abort"), DONE),
    "the reason tool_calls": (chunk(HALF), chunk(finish="tool_calls"), DONE),
    "a reason of tomorrow": (chunk(HALF, finish="insufficient_system_resource"), DONE),
    "an empty reason": (chunk(HALF, finish=""), DONE),
    "an error object": (
        chunk(HALF),
        event({"object": "error", "message": "out of memory", "type": "X", "code": 500}),
        DONE,
    ),
    "an error object of another type": (
        chunk(HALF),
        event({"type": "error", "message": "out of memory"}),
        DONE,
    ),
    "an error event": (chunk(HALF), event({"message": "out of memory"}, "error"), DONE),
    "an error event in words": (chunk(HALF), event(b"out of memory", "error"), DONE),
    "an error field": (chunk(HALF), b'error: {"code":500,"message":"out of memory"}\n\n', DONE),
    "an error in the choice": (
        chunk(HALF),
        event({"choices": [{"delta": {}, "finish_reason": "error", "error": FAILED["error"]}]}),
        DONE,
    ),
    "an error behind the reason": (chunk(HALF), chunk(finish="stop"), event(FAILED), DONE),
    "a detail": (chunk(HALF), event({"detail": "out of memory"}), DONE),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_text_that_broke_off_is_tried_again(openai_hub, how):
    post, job = meet(openai_hub, *BROKEN[how])
    row = openai_hub.assert_retried_later(job)
    if "error " in how or how == "a detail":
        assert "out of memory" in row["errors"][0]["error"] or "the reason" in how, row["errors"]
    assert_no_post(openai_hub, post)


@pytest.mark.parametrize("reason", ["load", "unload", "error"])
def test_a_text_of_ollama_s_that_broke_off_is_tried_again(ollama_hub, reason):
    post, job = meet(ollama_hub, line(HALF), last_line(reason), media_type=NDJSON)
    row = ollama_hub.assert_retried_later(job)
    assert f"`{reason}`" in row["errors"][0]["error"]
    assert_no_post(ollama_hub, post)


# In one piece


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_in_one_piece_is_read(openai_hub, indent):
    body = whole("<think>Hm.</think>All in one.", indent=indent)
    post, job = meet(openai_hub, body, media_type="application/json")
    row = openai_hub.jobs.until_final(job)
    assert row["state"] == "succeeded" and row["attempt"] == 1, row
    assert openai_hub.jobs.get(f"/posts/{post}")["content"] == "All in one."
    assert row["input_tokens"] == 9 and row["output_tokens"] == 5


def test_a_whole_answer_in_one_event_is_read(openai_hub):
    post, job = meet(openai_hub, event(whole("All in one.")), DONE)
    assert openai_hub.jobs.until_final(job)["state"] == "succeeded"
    assert openai_hub.jobs.get(f"/posts/{post}")["content"] == "All in one."


def test_half_of_a_whole_answer_is_tried_again(openai_hub):
    body = whole("All in one.", indent=2)
    for end in (60, len(body) // 2, len(body) - 2):
        post, job = meet(openai_hub, body[:end], media_type="application/json")
        openai_hub.assert_retried_later(job)
        assert_no_post(openai_hub, post)


ERRORS = {
    "busy": ({"error": {"message": "Slow down", "code": 429}}, None, "is busy (429: Slow down)"),
    "its own fault": ({"error": {"message": "Oops", "code": "503"}}, None, "is busy (503: Oops)"),
    "vLLM's": ({"object": "error", "message": "Oops", "code": 500}, None, "failed (500: Oops)"),
    "a key": ({"error": {"message": "Who?", "code": 401}}, "never", "wants a key (401: Who?)"),
    "a model": ({"error": {"message": "What?", "code": 404}}, "never", "404: What?"),
}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("how", ERRORS)
def test_an_error_under_a_status_of_success_counts_as_its_code_says(openai_hub, how, streams):
    value, retry, words = ERRORS[how]
    piece = event(value) if streams else event(value)[6:].strip()
    _, job = meet(openai_hub, piece, media_type="text/event-stream" if streams else "application/json")
    check = openai_hub.assert_failed if retry else openai_hub.assert_retried_later
    row = check(job)
    assert words in row["errors"][0]["error"], row["errors"]


def test_a_picture_s_error_under_a_status_of_success_counts_as_its_code_says():
    with OpenAI() as peer, Made(peer, *image_flags(peer)) as made:
        for how, (value, retry, words) in ERRORS.items():
            peer.forgive()
            peer.plan(Instead((event(value)[6:].strip(),), "application/json"))
            _, job = made.session()
            row = made.assert_failed(job) if retry else made.assert_retried_later(job)
            assert words in row["errors"][0]["error"], (how, row["errors"])

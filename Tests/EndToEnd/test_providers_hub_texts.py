"""The hub with providers of texts that are well: what it asks them, and what becomes of the answers."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.hub import Hub
from support.jobs import Jobs
from support.providers import ollama, openai
from support.providers.faults import Garbage, Slow, Stall
from support.providers.made import KEY, Made, key_file, text_flags, text_of
from support.providers.ollama import Ollama
from support.providers.openai import OpenAI
from support.providers.persona import SCHEMA, assert_persona

PEERS = {
    "ollama": lambda: Ollama(rate=500),
    "openai": lambda: OpenAI(key=KEY, rate=500),
    "llama.cpp": lambda: OpenAI(key=KEY, rate=500, dialect="llama.cpp"),
    "litellm": lambda: OpenAI(key=KEY, rate=500, dialect="litellm"),
}


@pytest.fixture(scope="module", params=PEERS)
def made(request, tmp_path_factory):
    key = key_file(tmp_path_factory.mktemp("key"))
    with PEERS[request.param]() as peer:
        with Made(peer, *text_flags(peer), "--text-key-file", key) as made:
            yield made
        assert peer.running() == []


def is_ollama(made):
    return isinstance(made.peer, Ollama)


def test_the_persona_is_the_provider_s_and_was_asked_for_with_a_schema(made):
    influencer = made.influencer()
    call = made.peer.worked()[0]
    assert influencer["persona"] == assert_persona(call.text)
    assert influencer["name"] == influencer["persona"]["name"]
    request = call.json
    if is_ollama(made):
        assert request["model"] == ollama.MODEL and request.get("stream", True) is True
        schema = request["format"]
        assert request["options"]["num_predict"] > 100 and "seed" in request["options"]
    else:
        assert request["model"] == openai.MODEL and request["stream"] is True
        assert request["stream_options"]["include_usage"] is True
        assert request["response_format"]["type"] == "json_schema"
        schema = request["response_format"]["json_schema"]["schema"]
        assert call.headers["authorization"] == f"Bearer {KEY}"
    assert set(schema["properties"]) == set(SCHEMA["properties"])
    assert call.headers["content-type"].split(";")[0] == "application/json"


def test_a_post_s_text_streams_as_the_provider_writes_it(made):
    made.influencer()
    made.peer.plan(Slow(0.1, piece=5), Slow(0.1, piece=5))
    before = len(made.peer.worked())
    post, job = made.post("ashes")
    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(made.jobs.follow, job, "content") for _ in range(3)]
        streams = [reader.result() for reader in readers]
    made.peer.forgive()
    (call,) = made.peer.worked()[before:]
    assert "ashes" in call.body.decode()
    content = made.jobs.get(f"/posts/{post}")["content"]
    assert content == call.text
    for events in streams:
        assert text_of(events) == content
    assert sum(name == "content_delta" for name, _, _ in streams[0]) > 1, "it came in one piece"
    assert made.jobs.get(f"/posts/{post}")["status"] == "ready"


def test_the_figures_are_the_provider_s(made):
    _, job = made.post("glazes")
    row = made.jobs.until_final(job)
    assert row["state"] == "succeeded" and row["attempt"] == 1 and row["errors"] == []
    pieces = made.peer.worked()[-1].sent
    # A stream has a few pieces without a token: a first, an end, the usage.
    assert pieces - 5 <= row["output_tokens"] <= pieces
    assert row["input_tokens"] > 5
    assert row["total_tokens"] == row["input_tokens"] + row["output_tokens"]
    assert row["current_tokens"] <= row["output_tokens"] + 5
    # 500 a second, less what the machine is late.
    assert 5 < row["tokens_per_second"] < 700
    assert row["model"] == (ollama.MODEL if is_ollama(made) else openai.MODEL)


def test_the_events_tell_of_each_state_in_turn(made):
    made.influencer()
    post, job = made.post("a shelf")
    with made.hub.stream([f"post:{post}", f"job:{job}"]) as stream:
        blocks = stream.until(
            lambda block: (
                block.event == "job_update" and block.json["data"]["state"] == "succeeded"
            ),
            limit=20,
        )
    data = [block.json["data"] for block in blocks if block.event == "job_update"]
    assert [row["progress"] for row in data] == sorted(row["progress"] for row in data)
    assert made.jobs.get(f"/posts/{post}")["content"] == made.peer.worked()[-1].text


@pytest.mark.parametrize("grain", [1, 5, 64])
def test_answers_may_be_cut_anywhere_on_their_way(made, grain):
    made.peer.grain = grain
    try:
        post, job = made.post(f"grain {grain}")
        assert made.jobs.until_final(job)["attempt"] == 1
    finally:
        made.peer.grain = None
    content = made.jobs.get(f"/posts/{post}")["content"]
    assert content == made.peer.worked()[-1].text and not content.isascii()


def test_a_slow_first_token_is_waited_for(made):
    made.influencer()
    made.peer.plan(Slow(0.7))
    post, job = made.post("patience")
    assert made.jobs.until_final(job)["attempt"] == 1
    call = made.peer.worked()[-1]
    assert call.first_piece - call.started >= 0.7
    assert made.jobs.get(f"/posts/{post}")["content"] == call.text


def test_what_is_no_part_of_the_text_is_left_out(made):
    made.influencer()
    if is_ollama(made):
        made.peer.thinking = "Let me think about clay. "
    else:
        made.peer.thinking = "Let me think about clay. "
        # Comments keep a stream alive: llama.cpp and many proxies send them.
        made.peer.plan(Garbage(b": keep-alive\n\n: \n\n", piece=4))
    try:
        post, job = made.post("thoughts")
        row = made.jobs.until_final(job)
    finally:
        made.peer.thinking = ""
    assert row["state"] == "succeeded" and row["attempt"] == 1, row
    assert made.jobs.get(f"/posts/{post}")["content"] == made.peer.worked()[-1].text


@pytest.mark.parametrize("moment", ["before the head", "before the first token", "in its midst"])
def test_a_cancel_ends_the_transfer_within_200_ms(made, moment):
    made.influencer()
    stall = {"before the head": None, "before the first token": 0, "in its midst": 6}[moment]
    made.peer.plan(Stall(stall))
    before = len(made.peer.worked())
    _, job = made.post("never mind")
    call = made.peer.wait_for_call(before + 1)
    if stall:
        made.peer.wait_for_pieces(call, stall)
    began = time.monotonic()
    row = made.jobs.post(f"/jobs/{job}/cancel", status=200)
    assert row["state"] == "cancelled"
    assert made.peer.wait_for_end(call) == "left"
    assert call.left - began < 0.2
    post, job = made.post("and on")
    assert made.jobs.until_final(job)["attempt"] == 1, "the provider's turn was not given back"
    assert len(made.peer.worked()) == before + 2


def test_a_cancel_of_a_flowing_text_ends_the_transfer_too(made):
    made.influencer()
    before = len(made.peer.worked())
    rate, made.peer.rate = made.peer.rate, 20
    try:
        _, job = made.post("never mind either")
        call = made.peer.wait_for_call(before + 1)
        made.peer.wait_for_pieces(call, 4)
        began = time.monotonic()
        made.jobs.post(f"/jobs/{job}/cancel", status=200)
        assert made.peer.wait_for_end(call) == "left"
        assert call.left - began < 0.2
    finally:
        made.peer.rate = rate
    sent = call.sent
    assert made.jobs.job(job)["state"] == "cancelled" and call.sent == sent


def test_only_as_many_are_asked_for_at_once_as_the_provider_can_do(made):
    made.influencer()
    with ThreadPoolExecutor(4) as pool:
        jobs = [job for _, job in pool.map(lambda n: made.post(f"crowd {n}"), range(4))]
    for job in jobs:
        assert made.jobs.until_final(job)["state"] == "succeeded"
    if is_ollama(made):
        assert made.peer.most_at_once() == 1
    assert made.peer.repeated() == []


def test_a_model_that_takes_the_newer_limit_alone_is_asked_again(made):
    if is_ollama(made):
        pytest.skip("it has one name for it")
    made.influencer()
    before = len(made.peer.worked())
    made.peer.refuses = ("max_tokens",)
    try:
        post, job = made.post("limits")
        row = made.jobs.until_final(job)
    finally:
        made.peer.refuses = ()
    assert row["state"] == "succeeded" and row["attempt"] == 1, row
    refused, asked = made.peer.worked()[before:]
    assert asked.json["max_completion_tokens"] == refused.json["max_tokens"]


def test_the_key_is_nowhere_to_be_read(made):
    made.influencer()
    made.assert_secret()


def test_a_key_may_come_from_the_environment():
    with OpenAI(key=KEY) as peer:
        with Made(peer, *text_flags(peer), env={"MARTLET_TEXT_KEY": KEY}) as made:
            assert made.influencer()["name"]
            made.assert_secret()


def test_a_kill_in_the_midst_repeats_nothing_that_was_done(tmp_path):
    with OpenAI(rate=500) as peer:
        flags = text_flags(peer)
        made = Made(peer, *flags, data=str(tmp_path))
        try:
            made.influencer()
            peer.plan(Stall(5))
            post, job = made.post("killed")
            call = peer.wait_for_call(2)
            peer.wait_for_pieces(call, 5)
        finally:
            made.hub.kill()
        assert peer.wait_for_end(call) == "left"
        with Hub(*flags, data=str(tmp_path)) as hub:
            jobs = Jobs(hub)
            row = jobs.until_final(job)
            assert row["state"] == "succeeded" and row["attempt"] == 2, row
            assert jobs.get(f"/posts/{post}")["content"] == peer.worked()[-1].text
        assert peer.outcomes() == ["completed", "left", "completed"] and peer.repeated() == []


def test_a_stop_ends_the_transfer_and_the_work_goes_on(tmp_path):
    with Ollama(rate=500) as peer:
        flags = text_flags(peer)
        with Made(peer, *flags, data=str(tmp_path)) as made:
            made.influencer()
            peer.plan(Stall(5))
            post, job = made.post("interrupted")
            call = peer.wait_for_call(2)
            peer.wait_for_pieces(call, 5)
        assert peer.wait_for_end(call) == "left"
        with Hub(*flags, data=str(tmp_path)) as hub:
            jobs = Jobs(hub)
            row = jobs.until_final(job)
            assert row["state"] == "succeeded" and row["attempt"] == 1 and row["errors"] == []
            assert jobs.get(f"/posts/{post}")["content"] == peer.worked()[-1].text
        assert peer.outcomes() == ["completed", "left", "completed"] and peer.repeated() == []

"""The double for Ollama is honest: the official client takes it for the real one, also when it misbehaves."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import ollama
import pytest

from support.providers.faults import Break, Cut, Fault, Garbage, Slow, Stall, bad_gateway
from support.providers.ollama import (
    MODEL,
    Ollama,
    bad_request,
    busy,
    crashed,
    rate_limited,
    unknown_model,
)
from support.providers.persona import SCHEMA, assert_persona

ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A kiln?"}]


@pytest.fixture
def peer():
    with Ollama(rate=2000) as peer:
        yield peer


def client(peer, **options):
    # Certificates take long to load, and nothing here needs them.
    return ollama.Client(host=peer.url, verify=False, **options)


def post(peer, **body):
    return httpx.post(f"{peer.url}/api/chat", verify=False, **body)


def get(peer, path):
    return httpx.get(peer.url + path, verify=False)


def chat(peer, timeout=10, **fields):
    """The parts of a streamed answer."""
    return list(client(peer, timeout=timeout).chat(MODEL, ASK, stream=True, **fields))


def text_of(parts):
    return "".join(part.message.content for part in parts)


def test_a_chat_comes_in_pieces_and_ends_with_the_figures(peer):
    parts = chat(peer)
    call = peer.calls[0]
    assert text_of(parts) == call.text and "\n\n" in call.text
    assert len(parts) > 20 and not any(part.done for part in parts[:-1])
    last = parts[-1]
    assert last.done and last.done_reason == "stop" and last.message.content == ""
    assert last.eval_count == len(parts)
    assert last.prompt_eval_count > 0
    assert last.total_duration > last.eval_duration > 0
    assert peer.outcomes() == ["completed"] and call.json["messages"] == ASK
    assert call.headers["content-type"] == "application/json"


def test_generate_gives_the_same_shape_under_another_name(peer):
    parts = list(client(peer).generate(MODEL, "A kiln?", system="Be brief.", stream=True))
    assert "".join(part.response for part in parts) == peer.calls[0].text
    assert parts[-1].done_reason == "stop" and parts[-1].eval_count > 0


def test_an_answer_in_one_piece_has_the_same_text(peer):
    whole = client(peer).chat(MODEL, ASK)
    assert whole.message.content == text_of(chat(peer)) == peer.calls[0].text
    assert whole.done and whole.eval_count > 0
    assert client(peer).generate(MODEL, "A kiln?").response == peer.calls[2].text


def test_an_empty_request_loads_the_model(peer):
    assert client(peer).generate(MODEL).done_reason == "load"
    assert [model.model for model in client(peer).ps().models] == [MODEL]


def test_a_seed_makes_a_difference_and_repeats(peer):
    first, again, other = (text_of(chat(peer, options={"seed": seed})) for seed in (1, 1, 2))
    assert first == again != other


def test_a_schema_is_honoured(peer):
    parts = chat(peer, format=SCHEMA)
    assert len(parts) > 10
    assert_persona(text_of(parts))
    assert json.loads(client(peer).chat(MODEL, ASK, format="json").message.content)["answer"]


def test_a_limit_of_tokens_is_the_reason_for_the_end(peer):
    parts = chat(peer, options={"num_predict": 7})
    assert len(parts) == 8 and parts[-1].done_reason == "length" and parts[-1].eval_count == 7


def test_fields_that_are_zero_are_left_out():
    with Ollama(rate=2000, is_prompt_cached=True) as peer:
        last = chat(peer)[-1]
        assert last.prompt_eval_count is None and last.prompt_eval_duration is None
        answer = post(peer, json={"model": MODEL, "messages": ASK})
    lines = answer.text.split("\n")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert lines.pop() == ""
    assert all("eval_count" not in line and "done_reason" not in line for line in lines[:-1])
    assert "prompt_eval" not in lines[-1] and '"eval_count":' in lines[-1]
    assert "<" not in answer.text and "&" not in answer.text


def test_thoughts_come_before_the_text_and_apart_from_it():
    with Ollama(rate=2000, thinking="Clay, they say. Then fire.") as peer:
        parts = chat(peer, think=True)
        assert "".join(part.message.thinking or "" for part in parts) == peer.thinking
        assert text_of(parts) == peer.calls[0].text
        assert not any(part.message.thinking for part in chat(peer, think=False))


@pytest.mark.parametrize("grain", [1, 3, 50])
def test_pieces_may_be_cut_anywhere(grain):
    with Ollama(rate=5000, grain=grain) as peer:
        assert text_of(chat(peer)) == peer.calls[0].text


def test_models_are_listed_and_described(peer):
    listed = client(peer).list().models
    assert [model.model for model in listed] == [MODEL] and listed[0].size > 0
    shown = client(peer).show(MODEL)
    assert shown.details.family == "llama" and shown.capabilities == ["completion"]
    assert get(peer, "/api/version").json()["version"]


REFUSALS = [
    (rate_limited(seconds=3), 429, "too many requests", {"retry-after": "3"}),
    (rate_limited(), 429, "too many requests", {}),
    (busy(), 503, "server busy, please try again.  maximum pending requests exceeded", {}),
    (unknown_model("x"), 404, "model 'x' not found", {}),
    (bad_request(), 400, "invalid options: num_predict", {}),
    (crashed(), 500, "llama runner process has terminated: exit status 2", {}),
]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("fault", "status", "message", "headers"), REFUSALS)
def test_an_error_is_one_the_client_knows(peer, fault, status, message, headers, stream):
    peer.plan(fault, times=2)
    with pytest.raises(ollama.ResponseError) as caught:
        chat(peer) if stream else client(peer).chat(MODEL, ASK)
    assert (caught.value.status_code, caught.value.error) == (status, message)
    answer = post(peer, json={"model": MODEL})
    assert ("retry-after" in answer.headers) == ("retry-after" in headers)
    assert headers.items() <= dict(answer.headers).items()
    assert peer.outcomes() == ["refused", "refused"]
    assert chat(peer)[-1].done, "a fault is for one call"


def test_a_proxy_that_answers_for_it_sends_no_json(peer):
    peer.plan(bad_gateway())
    with pytest.raises(ollama.ResponseError, match="Bad Gateway") as caught:
        chat(peer)
    assert caught.value.status_code == 502


def test_requests_that_are_wrong_are_refused_without_a_plan(peer):
    with pytest.raises(ollama.ResponseError, match="model 'nobody' not found") as caught:
        client(peer).chat("nobody", ASK)
    assert caught.value.status_code == 404
    assert client(peer).chat(MODEL.removesuffix(":latest"), ASK).done
    for body, error in ((b"", "missing request body"), (b"[", "invalid"), (b"{}", "required")):
        answer = post(peer, content=body)
        assert answer.status_code == 400 and error in answer.json()["error"]
    assert get(peer, "/api/nothing").status_code == 404


@pytest.mark.parametrize("piece", [None, 0, 3])
def test_a_stall_lasts_until_the_client_goes(peer, piece):
    peer.plan(Stall(piece))
    parts = client(peer, timeout=0.3).chat(MODEL, ASK, stream=True)
    with pytest.raises(httpx.ReadTimeout):
        got = []
        for part in parts:
            got.append(part)
    assert len(got) == (piece or 0)
    call = peer.wait_for_call()
    assert peer.wait_for_end(call) == "left" and call.left is not None
    assert (call.status is None) == (piece is None)


def test_a_stall_can_be_ended(peer):
    peer.plan(Stall(3))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(chat, peer)
        call = peer.wait_for_call()
        peer.wait_for_pieces(call, 3)
        peer.wake()
        assert text_of(answer.result()) == call.text
    assert peer.outcomes() == ["completed"]


def test_the_first_token_can_be_slow(peer):
    peer.plan(Slow(0.2))
    assert chat(peer)[-1].done
    call = peer.calls[0]
    assert call.first_piece - call.started >= 0.2


def test_a_stream_that_is_cut_off_has_no_end(peer):
    peer.plan(Cut(3, "end"), Cut(3, "close"), Cut(3, "reset"))
    parts = chat(peer)
    assert len(parts) == 3 and not parts[-1].done
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        chat(peer)
    with pytest.raises(httpx.ReadError, match="reset"):
        chat(peer)
    assert peer.outcomes() == ["cut"] * 3


def test_an_answer_in_one_piece_can_be_cut_off_too(peer):
    peer.plan(Cut(how="end"), Cut(how="close"), Cut(how="reset"))
    with pytest.raises(json.JSONDecodeError):
        client(peer).chat(MODEL, ASK)
    with pytest.raises(httpx.RemoteProtocolError):
        client(peer).chat(MODEL, ASK)
    with pytest.raises(httpx.ReadError):
        client(peer).chat(MODEL, ASK)


def test_an_error_may_come_in_the_midst_of_a_stream(peer):
    peer.plan(Break(piece=2), Break())
    parts = client(peer).chat(MODEL, ASK, stream=True)
    assert not next(parts).done and not next(parts).done
    with pytest.raises(ollama.ResponseError, match="while running the model"):
        next(parts)
    with pytest.raises(ollama.ResponseError) as caught:
        client(peer).chat(MODEL, ASK)
    assert caught.value.status_code == 500


def test_a_line_of_garbage_is_no_json(peer):
    peer.plan(Garbage(piece=2))
    parts = client(peer).chat(MODEL, ASK, stream=True)
    assert not next(parts).done and not next(parts).done
    with pytest.raises(ValueError):
        next(parts)


def test_a_client_that_goes_is_seen_at_once(peer):
    peer.rate = 5
    parts = client(peer).chat(MODEL, ASK, stream=True)
    next(parts)
    call = peer.wait_for_call()
    parts.close()
    closed = time.monotonic()
    assert peer.wait_for_end(call) == "left"
    assert call.left - closed < 0.2
    assert call.sent < 5


def test_faults_are_met_in_order_each_by_one_call_of_its_kind(peer):
    peer.plan(busy(), Fault(), crashed())
    peer.plan(rate_limited(), on="/api/tags", times=2)
    statuses = []
    for _ in range(4):
        answer = post(peer, json={"model": MODEL, "stream": False})
        statuses.append(answer.status_code)
    assert statuses == [503, 200, 500, 200]
    tags = [get(peer, "/api/tags").status_code for _ in range(3)]
    assert tags == [429, 429, 200] and peer.planned() == 0


def test_the_record_tells_what_was_done_twice_and_at_once(peer):
    peer.plan(Cut(), busy())
    for _ in range(3):
        try:
            chat(peer)
        except ollama.ResponseError:
            pass
    assert peer.repeated() == [] and peer.most_at_once() == 1
    with ThreadPoolExecutor(3) as pool:
        peer.rate = 200
        for done in [pool.submit(chat, peer) for _ in range(3)]:
            done.result()
    peer.settled()
    assert len(peer.repeated()) == 3 and peer.most_at_once() == 3

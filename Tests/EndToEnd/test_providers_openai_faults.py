"""The double for OpenAI's interface misbehaves as the official client expects a server to."""

import time

import openai
import pytest

from support.providers import openai as double
from support.providers.faults import Break, Cut, Fault, Garbage, Slow, Stall, bad_gateway
from support.providers.openai import DIALECTS, MODEL, Filtered, OpenAI, Refusal

KEY = "sk-test-0123456789"
ASK = [{"role": "user", "content": "A kiln?"}]


@pytest.fixture
def peer():
    with OpenAI(key=KEY, rate=2000) as peer:
        yield peer


def client(peer, key=KEY, **options):
    return openai.OpenAI(
        base_url=peer.base_url, api_key=key, **{"max_retries": 0, "timeout": 10} | options
    )


def stream(peer, **options):
    """A streamed answer, still to be read."""
    return client(peer, **options).chat.completions.create(
        model=MODEL, messages=ASK, stream=True, stream_options={"include_usage": True}
    )


def ask(peer, **options):
    """An answer in one piece."""
    return client(peer, **options).chat.completions.create(model=MODEL, messages=ASK)


REFUSALS = [
    (double.rate_limited(seconds=2), openai.RateLimitError, "rate_limit_exceeded"),
    (double.insufficient_quota(), openai.RateLimitError, "insufficient_quota"),
    (double.wrong_key(KEY), openai.AuthenticationError, "invalid_api_key"),
    (double.blabbing(KEY), openai.AuthenticationError, "401"),
    (double.unknown_model(), openai.NotFoundError, "model_not_found"),
    (double.content_policy(), openai.BadRequestError, "content_policy_violation"),
    (double.invalid("no"), openai.BadRequestError, None),
    (double.server_error(), openai.InternalServerError, None),
    (double.server_error(503), openai.InternalServerError, None),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("fault", "error", "code"), REFUSALS)
def test_an_error_is_of_the_client_s_kind(peer, fault, error, code, dialect):
    peer.dialect = dialect
    peer.plan(fault)
    with pytest.raises(error, match=f"Error code: {fault.status}") as caught:
        stream(peer)
    caught = caught.value
    assert caught.body["message"] == fault.message
    expected = {"openai": code, "llama.cpp": fault.status, "litellm": str(fault.status)}
    assert caught.body["code"] == expected[dialect]
    assert peer.outcomes() == ["refused"]
    assert ask(peer).choices[0].message.content, "a fault is for one call"


def test_a_wrong_key_is_refused_and_not_quoted_in_whole(peer):
    wrong = "sk-wrong-key-98765"
    for call in (lambda: ask(peer, key=wrong), lambda: client(peer, wrong).models.list()):
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key") as caught:
            call()
        assert wrong not in str(caught.value) and "8765" in str(caught.value)
    assert peer.calls[0].headers["authorization"] == f"Bearer {wrong}"


@pytest.mark.parametrize(
    ("when", "least"),
    [
        ({"seconds": 0.7}, 0.7),
        ({"milliseconds": 700}, 0.7),
        # A date has whole seconds: up to one less is left of it. By itself the client waits 0.5 s at most.
        ({"date": 2}, 0.9),
    ],
)
def test_the_client_waits_as_long_as_it_is_told(peer, when, least):
    peer.plan(double.rate_limited(**when))
    assert ask(peer, max_retries=1).choices[0].message.content
    first, second = peer.calls
    assert peer.outcomes() == ["refused", "completed"]
    # From the call's begin: its end is written down after the client has the answer, on a busy machine later.
    assert second.started - first.started >= least


def test_a_proxy_that_answers_for_it_sends_no_json(peer):
    peer.plan(bad_gateway())
    with pytest.raises(openai.InternalServerError) as caught:
        ask(peer)
    assert caught.value.status_code == 502 and "<html>" in caught.value.body


@pytest.mark.parametrize("piece", [None, 0, 3])
def test_a_stall_lasts_until_the_client_goes(peer, piece):
    peer.plan(Stall(piece))
    got = []
    with pytest.raises(openai.APITimeoutError):
        for chunk in stream(peer, timeout=0.3):
            got.append(chunk)
    assert len(got) == (piece or 0)
    assert peer.outcomes() == ["left"]


def test_the_first_token_can_be_slow(peer):
    peer.plan(Slow(0.2))
    assert list(stream(peer))
    assert peer.calls[0].first_piece - peer.calls[0].started >= 0.2


def test_a_stream_that_is_cut_off_has_no_end(peer):
    peer.plan(Cut(3, "end"), Cut(3, "close"), Cut(3, "reset"))
    chunks = list(stream(peer))
    assert len(chunks) == 3 and not any(chunk.choices[0].finish_reason for chunk in chunks)
    for _ in range(2):
        with pytest.raises(openai.APIConnectionError):
            list(stream(peer))
    assert peer.outcomes() == ["cut"] * 3


def test_an_answer_in_one_piece_can_be_cut_off_too(peer):
    peer.plan(Cut(how="close"), Cut(how="reset"))
    for _ in range(2):
        with pytest.raises(openai.APIConnectionError):
            ask(peer)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_may_come_in_the_midst_of_a_stream(peer, dialect):
    peer.dialect = dialect
    peer.plan(Break("the model has crashed", piece=2), Break())
    chunks = stream(peer)
    next(chunks)
    next(chunks)
    with pytest.raises(openai.APIError, match="the model has crashed") as caught:
        next(chunks)
    assert not isinstance(caught.value, openai.APIStatusError)
    with pytest.raises(openai.InternalServerError):
        ask(peer)


def test_garbage_within_a_stream_is_ignored_when_it_is_no_field(peer):
    peer.plan(Garbage(b": a comment, as proxies send\n\n"), Garbage(b"data: {not json\n\n"))
    assert list(stream(peer))[-1].usage
    with pytest.raises(ValueError):
        list(stream(peer))


def test_a_model_may_decline_in_its_own_words(peer):
    peer.plan(Refusal(), Refusal())
    chunks = [chunk for chunk in stream(peer) if chunk.choices]
    assert "".join(chunk.choices[0].delta.refusal or "" for chunk in chunks) == Refusal.text
    assert not any(chunk.choices[0].delta.content for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"
    message = ask(peer).choices[0].message
    assert message.refusal == Refusal.text and message.content is None


def test_a_model_may_think_aloud(peer):
    peer.thinking = "Clay, they say. Then fire."
    deltas = [chunk.choices[0].delta for chunk in stream(peer) if chunk.choices]
    thoughts = [(delta.model_extra or {}).get("reasoning_content", "") for delta in deltas]
    assert "".join(thoughts) == peer.thinking
    assert "".join(delta.content or "" for delta in deltas) == peer.calls[0].text


def test_a_field_may_be_refused(peer):
    peer.refuses = ("max_tokens",)
    with pytest.raises(openai.BadRequestError) as caught:
        client(peer).chat.completions.create(model=MODEL, messages=ASK, max_tokens=5)
    assert (caught.value.param, caught.value.code) == ("max_tokens", "unsupported_parameter")
    assert ask(peer).choices


def test_a_filter_may_end_a_text(peer):
    peer.plan(Filtered(), Filtered())
    chunks = list(stream(peer))
    assert chunks[-1].choices[0].finish_reason == "content_filter" and len(chunks) == 6
    assert ask(peer).choices[0].finish_reason == "content_filter"


@pytest.mark.parametrize("grain", [1, 7])
def test_pieces_may_be_cut_anywhere(peer, grain):
    peer.grain, peer.rate = grain, 5000
    chunks = list(stream(peer))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == peer.calls[0].text and not text.isascii()


def test_a_client_that_goes_is_seen_at_once(peer):
    peer.rate = 5
    chunks = stream(peer)
    next(chunks)
    call = peer.wait_for_call()
    chunks.close()
    closed = time.monotonic()
    assert peer.wait_for_end(call) == "left"
    assert call.left - closed < 0.2 and call.sent < 5


def test_faults_are_met_in_order_each_by_one_call(peer):
    peer.plan(double.server_error(503), Fault(), double.rate_limited())
    seen = []
    for _ in range(4):
        try:
            seen.append(ask(peer).object)
        except openai.APIStatusError as error:
            seen.append(error.status_code)
    assert seen == [503, "chat.completion", 429, "chat.completion"]

"""The hub with providers that misbehave: each fault ends in the right retry, or in a failure that says why."""

import pytest

from support.providers import ollama, openai
from support.providers.faults import Break, Cut, Garbage, Refuse, Stall, bad_gateway
from support.providers.made import (
    KEY,
    Made,
    assert_readable,
    key_file,
    seconds,
    text_flags,
    text_of,
)
from support.providers.ollama import Ollama
from support.providers.openai import DIALECTS, Filtered, OpenAI, Refusal

STALL = ("--stall-timeout", "1", "--start-timeout", "1", "--log-level", "debug")


@pytest.fixture(scope="module")
def ollama_hub():
    with Ollama(rate=2000) as peer, Made(peer, *text_flags(peer), *STALL) as made:
        yield made


@pytest.fixture(scope="module")
def openai_hub(tmp_path_factory):
    key = key_file(tmp_path_factory.mktemp("key"))
    with OpenAI(key=KEY, rate=2000) as peer:
        with Made(peer, *text_flags(peer), *STALL, "--text-key-file", key) as made:
            yield made


def meet(made, *faults):
    """A post's job that is about to meet these faults."""
    made.influencer()
    made.peer.forgive()
    made.peer.plan(*faults)
    return made.post("trouble")


# Tried again


WHEN = [
    ({"seconds": 30}, 30, 30),
    ({"seconds": 1.5}, 1.5, 1.5),
    # A date has whole seconds: up to one less is left of it, and the way here takes its time.
    ({"date": 30}, 28, 30),
]


@pytest.mark.parametrize(("when", "least", "most"), WHEN)
@pytest.mark.parametrize("provider", ["ollama_hub", "openai_hub"])
def test_a_provider_that_says_when_is_believed(request, provider, when, least, most):
    made = request.getfixturevalue(provider)
    double = ollama if provider == "ollama_hub" else openai
    _, job = meet(made, double.rate_limited(**when))
    made.assert_retried_later(job, least, most)


def test_milliseconds_come_first(openai_hub):
    fault = openai.rate_limited(milliseconds=12_500)
    _, job = meet(
        openai_hub, Refuse(429, fault.message, headers=(*fault.headers, ("Retry-After", "60")))
    )
    openai_hub.assert_retried_later(job, 12.5, 12.5)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [("200000", 86_400, 86_400), ("-5", 0, 4), ("soon", 0, 4), ("inf", 0, 4)],
)
def test_what_makes_no_sense_is_not_believed(openai_hub, value, least, most):
    _, job = meet(openai_hub, Refuse(429, "Slow down.", headers=(("Retry-After", value),)))
    openai_hub.assert_retried_later(job, least, most)


def test_a_provider_may_say_that_trying_again_helps(openai_hub):
    fault = Refuse(400, "Not now.", headers=(("x-should-retry", "true"), ("Retry-After", "9")))
    _, job = meet(openai_hub, fault)
    openai_hub.assert_retried_later(job, 9, 9)


def test_an_overloaded_provider_may_say_when_too(openai_hub):
    fault = Refuse(503, "Overloaded.", kind="server_error", headers=(("Retry-After", "20"),))
    _, job = meet(openai_hub, fault)
    openai_hub.assert_retried_later(job, 20, 20)


AGAIN = {
    "rate limited": (ollama.rate_limited(), openai.rate_limited()),
    "busy": (ollama.busy(), openai.server_error(503)),
    "crashed": (ollama.crashed(), openai.server_error()),
    "timed out": (Refuse(408, "timeout"),) * 2,
    "in conflict": (Refuse(409, "conflict"),) * 2,
    "a proxy whose server is down": (bad_gateway(),) * 2,
    "silent": (Stall(),) * 2,
    "silent before the first token": (Stall(0),) * 2,
    "silent in the midst": (Stall(6),) * 2,
    "ends without an end": (Cut(6, "end"),) * 2,
    "closes in the midst": (Cut(6, "close"),) * 2,
    "resets in the midst": (Cut(6, "reset"),) * 2,
    "ends before the first token": (Cut(0, "end"),) * 2,
    "resets before the first token": (Cut(0, "reset"),) * 2,
    "an error in the midst": (Break(piece=6),) * 2,
    "garbage in the midst": (
        Garbage(b'{"message":{"role":\n', piece=6),
        Garbage(b'data: {"choices":[\n\n', piece=6),
    ),
}


@pytest.mark.parametrize("fault", AGAIN)
@pytest.mark.parametrize("provider", ["ollama_hub", "openai_hub"])
def test_what_may_pass_is_tried_again_later(request, provider, fault):
    made = request.getfixturevalue(provider)
    post, job = meet(made, AGAIN[fault][provider == "openai_hub"])
    made.assert_retried_later(job)
    assert made.peer.planned() == 0
    assert made.jobs.get(f"/posts/{post}")["status"] in ("failed", "ready", "generating_images")


@pytest.mark.parametrize("fault", ["ends without an end", "an error in the midst"])
@pytest.mark.parametrize("provider", ["ollama_hub", "openai_hub"])
def test_the_next_attempt_writes_the_text_anew(request, provider, fault):
    made = request.getfixturevalue(provider)
    before = len(made.peer.worked()) + (made._influencer is None)
    post, job = meet(made, AGAIN[fault][provider == "openai_hub"])
    events = made.jobs.follow(job, "content", limit=20)
    row = made.jobs.job(job)
    assert row["state"] == "succeeded" and row["attempt"] == 2 and len(row["errors"]) == 1, row
    cut, whole = made.peer.worked()[before:]
    assert (cut.outcome, cut.body) == ("cut", whole.body)
    content = made.jobs.get(f"/posts/{post}")["content"]
    assert content == whole.text
    assert row["partial_content_length"] == len(content.encode())
    assert row["error"] is None or row["error"] == row["errors"][0]["error"]
    # Whoever reads along has the text once, or begins again at offset 0.
    at = max(
        number
        for number, (name, data, _) in enumerate(events)
        if name == "content_delta" and data["data"]["offset"] == 0
    )
    assert text_of(events[at:]) == content


def test_attempts_come_to_an_end(openai_hub):
    made = openai_hub
    value = {"influencer": made.influencer()["id"], "prompt": "no luck"}
    made.peer.forgive()
    made.peer.plan(openai.rate_limited(milliseconds=50), times=3)
    before = len(made.peer.worked())
    job = made.jobs.create("post", value, max_attempts=3)["id"]
    row = made.jobs.until_final(job)
    assert row["state"] == "failed" and row["attempt"] == 3
    assert [error["attempt"] for error in row["errors"]] == [1, 2, 3]
    calls = made.peer.worked()[before:]
    assert [call.outcome for call in calls] == ["refused"] * 3
    for earlier, later in zip(calls, calls[1:], strict=False):
        assert later.started - earlier.started >= 0.05


def test_a_provider_that_is_not_there_is_tried_again_and_named():
    with Ollama() as peer:
        flags = text_flags(peer)
    with Made(peer, *flags) as made:
        row = made.assert_retried_later(made.persona())
        assert f"127.0.0.1:{peer.port}" in row["errors"][0]["error"], row["errors"]


# Given up


NEVER = {
    "bad request": (ollama.bad_request(), openai.invalid("'model' is not a string.", "model")),
    "unauthorized": (Refuse(401, "unauthorized"), openai.wrong_key(KEY)),
    "forbidden": (Refuse(403, "forbidden"),) * 2,
    "unknown model": (ollama.unknown_model(ollama.MODEL), openai.unknown_model(openai.MODEL)),
    "unprocessable": (Refuse(422, "unprocessable"),) * 2,
}


@pytest.mark.parametrize("fault", NEVER)
@pytest.mark.parametrize("provider", ["ollama_hub", "openai_hub"])
def test_what_stays_wrong_fails_at_once_and_says_why(request, provider, fault):
    made = request.getfixturevalue(provider)
    before = len(made.peer.worked()) + (made._influencer is None)
    post, job = meet(made, NEVER[fault][provider == "openai_hub"])
    row = made.assert_failed(job)
    assert len(made.peer.worked()) == before + 1
    row = made.jobs.get(f"/posts/{post}") | {"job": row}
    assert row["status"] == "failed" and row["error"] == row["job"]["error"]


MONEY = {
    "no money": (openai.insufficient_quota(), ("quota",)),
    "a filter in the midst": (Filtered(), ("filter", "content policy")),
    "a refusal": (Refusal(), ("i can't help with that",)),
    "a forbidden prompt": (openai.content_policy(), ("safety system",)),
    "not to be tried again, it says": (
        Refuse(503, "Out for good.", headers=(("x-should-retry", "false"),)),
        ("out for good",),
    ),
}


@pytest.mark.parametrize("fault", MONEY)
def test_what_waiting_does_not_mend_is_not_waited_for(openai_hub, fault):
    fault, words = MONEY[fault]
    _, job = meet(openai_hub, fault)
    row = openai_hub.assert_failed(job)
    assert not words or any(word in row["error"].lower() for word in words), row["error"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_s_errors_are_read(openai_hub, dialect):
    made = openai_hub
    made.influencer()
    made.peer.dialect = dialect
    try:
        for fault in (openai.unknown_model("llama-9"), openai.invalid("Too many words.")):
            _, job = meet(made, fault)
            row = made.assert_failed(job)
            # What the provider says is what a person can act on.
            assert fault.message.rstrip(".") in row["error"], row["error"]
        _, job = meet(made, Break("out of memory", piece=4))
        row = made.assert_retried_later(job)
        assert "out of memory" in row["errors"][0]["error"], row
    finally:
        made.peer.dialect = "openai"


def test_a_key_that_a_provider_quotes_is_not_passed_on(openai_hub):
    made = openai_hub
    for fault in (openai.blabbing(KEY), openai.blabbing(KEY, 400), openai.blabbing(KEY, 500)):
        _, job = meet(made, fault)
        row = made.attempted(job)
        assert_readable(row["errors"][0]["error"])
        made.jobs.post(f"/jobs/{job}/cancel", status=(200, 409))
    _, job = meet(made, Break(f"key {KEY} has expired", piece=3))
    made.assert_retried_later(job)
    page = b"<html>" + KEY.encode() + b"</html>"
    _, job = meet(made, Refuse(403, "x", raw=("text/html", page)))
    made.assert_failed(job)
    made.assert_secret()


def test_an_endless_complaint_is_cut(openai_hub):
    _, job = meet(openai_hub, openai.invalid("no " * 40_000))
    row = openai_hub.assert_failed(job)
    assert len(row["error"]) < 600


def test_a_wrong_key_fails_and_is_not_quoted(tmp_path):
    path = tmp_path / "key"
    path.write_text("sk-entirely-wrong-0987654321")
    with OpenAI(key=KEY) as peer:
        with Made(peer, *text_flags(peer), "--text-key-file", str(path)) as made:
            row = made.assert_failed(made.persona())
            assert "key" in row["error"].lower(), row["error"]
            (session,) = made.jobs.get("/sessions")["sessions"]
            assert session["status"] == "failed" and session["error"] == row["error"]
            made.assert_secret("sk-entirely-wrong-0987654321")
            assert seconds(row["finished_at"]) >= seconds(row["started_at"])


def test_the_key_is_nowhere_to_be_read_after_all_that(openai_hub):
    openai_hub.influencer()
    openai_hub.assert_secret()


def test_nothing_that_was_done_was_done_again(ollama_hub, openai_hub):
    for made in (ollama_hub, openai_hub):
        made.peer.forgive()
        assert made.peer.repeated() == []

"""How the hub asks providers: once each, without what they do not take, in turn, and through the right proxy."""

import json
import math
import socket

import pytest

from support.providers import openai
from support.providers.automatic1111 import Automatic1111
from support.providers.faults import Fault, HangUp, Refuse, Slots
from support.providers.made import Made, image_flags, text_flags
from support.providers.ollama import Ollama
from support.providers.openai import OpenAI
from support.wait import eventually

# What is not known


def refuses(status, body):
    """An error whose body is this."""
    return Refuse(status, "", raw=("application/json", json.dumps(body).encode()))


def mistral(*members):
    """Mistral's way of saying that it does not know members of a request."""
    detail = [
        {"type": "extra_forbidden", "loc": ["body", member], "msg": "Extra inputs are not permitted"}
        for member in members
    ]
    return refuses(
        422,
        {
            "object": "error",
            "message": {"detail": detail},
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        },
    )


def in_words(text, status=400):
    return refuses(status, {"error": {"message": text, "type": "invalid_request_error"}})


UNKNOWN = {
    "its param": (openai.unsupported("response_format"), ["response_format"]),
    "its words": (in_words("This response_format type is unavailable now"), ["response_format"]),
    "its detail": (mistral("seed"), ["seed"]),
    "several": (mistral("seed", "stream_options"), ["seed", "stream_options"]),
    "FastAPI": (
        refuses(422, {"detail": [{"loc": ["body", "seed"], "msg": "extra fields not permitted"}]}),
        ["seed"],
    ),
    "LiteLLM": (
        in_words("litellm.UnsupportedParamsError: x does not support parameters: ['seed'], y"),
        ["seed"],
    ),
}


@pytest.mark.parametrize("how", UNKNOWN)
def test_a_text_is_asked_for_without_what_the_server_does_not_know(how):
    fault, members = UNKNOWN[how]
    with OpenAI(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        row = made.attempted(made.persona_after(fault))
        first, second = (call.json for call in peer.worked()[:2])
        assert set(first) - set(second) == set(members)
        if "response_format" in members:
            # The double gives a story, which is no persona; asked for in words, a model gives one.
            schema = first["response_format"]["json_schema"]["schema"]
            prompt = second["messages"][-1]["content"]
            assert "JSON Schema" in prompt and json.loads(prompt[prompt.index("{") :]) == schema
        else:
            assert row["state"] == "succeeded" and row["attempt"] == 1 and not row["errors"], row


def test_one_member_after_the_other_may_be_unknown():
    faults = (mistral("seed"), openai.unsupported("stream_options"), openai.unsupported("max_tokens"))
    with OpenAI(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.influencer()
        peer.plan(*faults)
        _, job = made.post("members")
        row = made.jobs.until_final(job)
        assert row["state"] == "succeeded" and row["attempt"] == 1, row
        last = peer.worked()[-1].json
        assert not {"seed", "stream_options", "max_tokens"} & set(last)
        assert last["max_completion_tokens"] == 1024


def test_an_old_ollama_is_asked_without_a_schema():
    words = "json: cannot unmarshal object into Go struct field ChatRequest.format of type string"
    with Ollama(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.persona_after(Refuse(400, words))
        first, second = (call.json for call in (peer.wait_for_call(1), peer.wait_for_call(2)))
        assert "format" in first and "format" not in second
        assert "JSON Schema" in second["messages"][-1]["content"]


def test_a_picture_is_asked_for_without_what_the_server_does_not_know():
    faults = {
        OpenAI: (openai.unsupported("size"), "size"),
        Automatic1111: (
            refuses(422, {"detail": [{"loc": ["body", "force_task_id"], "msg": "extra"}]}),
            "force_task_id",
        ),
    }
    for kind, (fault, member) in faults.items():
        with kind() as peer, Made(peer, *image_flags(peer)) as made:
            peer.plan(fault)
            _, job = made.session()
            row = made.jobs.until_final(job)
            assert row["state"] == "succeeded" and row["attempt"] == 1, row
            first, second = (call.json for call in peer.worked())
            assert set(first) - set(second) == {member}


def test_what_is_known_and_wrong_is_not_asked_for_again_and_is_said_in_words():
    with OpenAI(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        job = made.persona_after(mistral("messages"))
        row = made.assert_failed(job)
        assert "(422: messages: Extra inputs are not permitted)" in row["error"], row["error"]
        assert len(peer.worked()) == 1
        # A member that is named again although it was left out.
        job = made.persona_after(mistral("seed"), mistral("seed"))
        made.assert_failed(job)
        assert len(peer.worked()) == 3


# Once each


def orders_twice(made):
    """Two pieces of work for one provider, one right behind the other; the job of the second."""
    _, first = made.post("first")
    assert made.jobs.until_final(first)["state"] == "succeeded"
    return made.post("second")[1]


@pytest.mark.parametrize("kind", [Ollama, OpenAI])
def test_a_text_whose_connection_is_closed_unanswered_is_asked_for_once(kind):
    with kind(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.influencer()
        before = len(peer.worked())
        peer.plan(Fault(), HangUp())
        made.assert_retried_later(orders_twice(made))
        seen = [call.outcome for call in peer.worked()[before : before + 2]]
        assert seen == ["completed", "cut"]


@pytest.mark.parametrize("kind", [Automatic1111, OpenAI])
def test_a_picture_whose_connection_is_closed_unanswered_is_ordered_once(kind):
    with kind() as peer, Made(peer, *image_flags(peer)) as made:
        peer.plan(Fault(), HangUp())
        _, job = made.session(avatars=2)
        row = made.attempted(job)
        assert len(row["errors"]) == 1 and "broke off its answer" in row["errors"][0]["error"], row
        row = made.jobs.until_final(job)
        # Two pictures, and one more request for the second in an attempt of its own.
        assert row["state"] == "succeeded" and row["attempt"] == 2, row
        assert [call.outcome for call in peer.worked()] == ["completed", "cut", "completed"]


# In turn


@pytest.mark.parametrize("slots", [1, 3])
def test_a_burst_waits_for_a_server_with_few_slots_and_none_is_lost(slots):
    with OpenAI(rate=100) as peer:
        # In the environment, so that a hub without the flag starts all the same.
        env = {"MARTLET_START_TIMEOUT": "0.7"}
        with Made(peer, *text_flags(peer), "--stall-timeout", "2", env=env) as made:
            made.influencer()
            peer.plan(Slots(slots), times=math.inf)
            jobs = [made.post(f"burst {number}")[1] for number in range(14)]
            messages = set()

            def look():
                rows = [made.jobs.job(job) for job in jobs]
                messages.update(row["message"] for row in rows)
                return rows if all(row["finished_at"] for row in rows) else None

            rows = eventually(look, "the end of all posts", 60)
            assert {row["state"] for row in rows} == {"succeeded"}
            assert [row for row in rows if row["attempt"] != 1 or row["errors"]] == []
            assert any("--text-concurrency" in message for message in messages if message), messages
            assert "A provider answers fewer requests at once" in made.hub.log()
            assert peer.repeated() == []


def test_a_provider_that_is_silent_to_a_single_request_is_at_fault():
    with OpenAI(rate=2000) as peer:
        with Made(peer, *text_flags(peer), "--start-timeout", "0.3") as made:
            made.influencer()
            peer.plan(Slots(0), times=math.inf)
            _, job = made.post("silence")
            row = made.assert_retried_later(job)
            error = row["errors"][0]["error"]
            assert "did not begin to answer within 0.3 seconds" in error, error
            assert "--text-concurrency" in error and "--start-timeout" in error


# Through a proxy


@pytest.fixture
def closed():
    """The URL of a proxy that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_this_machine_is_asked_directly_whatever_proxy_is_set(closed, variable):
    with OpenAI(rate=2000) as peer, Made(peer, *text_flags(peer), env={variable: closed}) as made:
        assert made.influencer()["name"]


def elsewhere(provider="openai"):
    """Flags for a provider on another machine."""
    path = "/v1" if provider == "openai" else ""
    return ("--text-provider", provider, "--text-url", f"http://provider.test{path}")


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_a_proxy_that_is_not_there_is_named(closed, provider):
    secret = closed.replace("//", "//name:pass-word@")
    with Ollama() as peer:
        with Made(peer, *elsewhere(provider), env={"http_proxy": secret}) as made:
            row = made.attempted(made.persona())
            error = row["errors"][0]["error"]
            assert f"through the proxy {closed} of http_proxy" in error, error
            assert "no connection" in error and "Start it" not in error
            assert "pass-word" not in error


def test_a_proxy_that_refuses_is_named_too():
    with OpenAI() as proxy, Made(proxy, *elsewhere(), env={"http_proxy": proxy.url}) as made:
        for fault in (Refuse(403, "Not from here."), Refuse(407, "Who are you?")):
            proxy.plan(fault, on="http://provider.test/v1/chat/completions")
            row = made.assert_failed(made.persona())
            assert f"through the proxy {proxy.url} of http_proxy" in row["error"], row["error"]
        assert proxy.calls[0].target == "http://provider.test/v1/chat/completions"


def test_hosts_without_a_proxy_are_not_asked_through_one(closed):
    env = {"http_proxy": closed, "no_proxy": "example.org, .test"}
    with OpenAI() as peer, Made(peer, *elsewhere(), env=env) as made:
        row = made.attempted(made.persona())
        assert "proxy" not in row["errors"][0]["error"], row["errors"]
        assert "cannot be resolved" in row["errors"][0]["error"]


def test_a_proxy_may_be_asked_for_or_done_without(closed):
    with OpenAI(rate=2000) as peer:
        with Made(peer, *text_flags(peer), "--provider-proxy", closed) as made:
            row = made.attempted(made.persona())
            assert f"the proxy {closed} of --provider-proxy" in row["errors"][0]["error"]
        flags = (*elsewhere(), "--provider-proxy", "none")
        with Made(peer, *flags, env={"http_proxy": closed}) as made:
            row = made.attempted(made.persona())
            assert "cannot be resolved" in row["errors"][0]["error"], row["errors"]

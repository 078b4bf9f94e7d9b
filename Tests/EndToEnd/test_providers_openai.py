"""The double for OpenAI's interface and llama.cpp's real server are alike to the official client."""

import time

import openai
import pytest

from support.providers.llama import MODEL as LLAMA_MODEL
from support.providers.llama import Llama
from support.providers.openai import DIALECTS, MODEL, OpenAI
from support.providers.persona import SCHEMA, assert_persona
from support.wait import eventually

KEY = "sk-test-0123456789"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A kiln?"}]


class Server:
    """What a test sees of either."""

    def __init__(self, peer, model):
        self.peer, self.model = peer, model
        self.client = openai.OpenAI(base_url=peer.base_url, api_key=KEY, max_retries=0, timeout=20)

    def stream(self, **fields):
        """The chunks of a streamed answer."""
        options = {"stream_options": {"include_usage": True}, "max_tokens": 300} | fields
        return self.client.chat.completions.create(
            model=self.model, messages=ASK, stream=True, **options
        )

    def ask(self, **fields):
        """An answer in one piece."""
        return self.client.chat.completions.create(
            model=self.model, messages=ASK, **{"max_tokens": 300} | fields
        )


def text_of(chunks):
    """The text of the chunks, each of which is of choice 0."""
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert all(choice.index == 0 for choice in choices)
    return "".join(choice.delta.content or "" for choice in choices)


def ending_of(chunks):
    """The one reason for which the text ended."""
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    (reason,) = [reason for reason in reasons if reason]
    return reason


@pytest.fixture(scope="module")
def llama():
    with Llama() as llama:
        yield llama


@pytest.fixture(params=[*DIALECTS, "the real llama.cpp"])
def server(request):
    if request.param not in DIALECTS:
        yield Server(request.getfixturevalue("llama"), LLAMA_MODEL)
        return
    with OpenAI(key=KEY, dialect=request.param, rate=2000) as peer:
        yield Server(peer, MODEL)


def test_a_stream_gives_the_text_its_end_and_the_usage(server):
    chunks = list(server.stream(seed=1))
    assert len(chunks) > 5
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len(text_of(chunks)) > 20
    assert ending_of(chunks) in ("stop", "length")
    (usage,) = [chunk.usage for chunk in chunks if chunk.usage]
    assert chunks[-1].usage == usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 5
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_usage_comes_only_when_asked_for(server):
    assert not any(chunk.usage for chunk in server.stream(stream_options=openai.omit))


def test_an_answer_in_one_piece_has_the_same_parts(server):
    whole = server.ask(seed=1)
    assert whole.object == "chat.completion"
    assert whole.choices[0].message.role == "assistant"
    assert whole.choices[0].message.content == text_of(server.stream(seed=1))
    assert whole.choices[0].finish_reason in ("stop", "length")
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens


def test_a_schema_is_honoured(server):
    form = {"name": "persona", "strict": True, "schema": SCHEMA}
    form = {"type": "json_schema", "json_schema": form}
    for seed in range(5):
        chunks = list(server.stream(response_format=form, max_tokens=768, seed=seed))
        assert ending_of(chunks) == "stop"
        assert_persona(text_of(chunks))


def test_a_limit_of_tokens_is_the_reason_for_the_end(server):
    for name in ("max_tokens", "max_completion_tokens"):
        chunks = list(server.stream(**{"max_tokens": openai.omit, name: 4, "seed": 1}))
        assert ending_of(chunks) == "length"
        assert chunks[-1].usage.completion_tokens == 4


def test_models_are_listed(server):
    rows = server.client.models.list().data
    assert server.model in [row.id for row in rows]
    assert {row.object for row in rows} == {"model"}


def test_requests_that_are_wrong_are_refused(server):
    with pytest.raises(openai.BadRequestError) as caught:
        server.client.chat.completions.create(model=server.model, messages=openai.omit)
    assert caught.value.body["message"]
    # What is mended here: llama.cpp's server takes any name, for it has one model.
    if server.model != LLAMA_MODEL:
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            server.client.chat.completions.create(model="nobody", messages=ASK)
    with pytest.raises(openai.NotFoundError):
        server.client.get("/nothing", cast_to=object)


def test_the_dialects_differ_where_the_real_servers_do(llama):
    seen = {}
    for dialect in DIALECTS:
        with OpenAI(key=KEY, dialect=dialect, rate=5000) as peer:
            seen[dialect] = [chunk.to_dict() for chunk in Server(peer, MODEL).stream()]
    real = [chunk.to_dict() for chunk in Server(llama, LLAMA_MODEL).stream(seed=1)]
    double = seen["llama.cpp"]
    for place in (0, 1, -2, -1):
        assert set(double[place]) <= set(real[place]), place
        assert [set(choice) for choice in double[place]["choices"]] == [
            set(choice) for choice in real[place]["choices"]
        ]
    assert real[0]["choices"][0]["delta"] == double[0]["choices"][0]["delta"]
    assert set(double[-1]["timings"]) <= set(real[-1]["timings"])
    assert double[-1]["choices"] == [] and "usage" not in double[1]
    assert seen["openai"][-1]["choices"] == [] and seen["openai"][1]["usage"] is None
    assert seen["litellm"][-1]["choices"][0]["delta"] == {"content": None, "role": None}


def test_the_real_server_stops_when_the_client_goes():
    with Llama("slow", slots=1) as llama:
        stream = Server(llama, LLAMA_MODEL).stream(max_tokens=20_000)
        for _ in range(5):
            next(stream)
        assert llama.busy_slots() == 1
        stream.close()
        began = time.monotonic()
        eventually(lambda: llama.busy_slots() == 0, "a free slot")
        # 20,000 tokens would take more than a minute.
        assert time.monotonic() - began < 5


def test_the_real_server_ends_with_its_process():
    llama = Llama()
    assert llama.get("/health") == {"status": "ok"}
    llama.stop()
    with pytest.raises(OSError):
        llama.get("/health")

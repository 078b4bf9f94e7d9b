"""The hub with models that think aloud: what they think is counted, shown as thinking, and never part of a text."""

import pytest

from support.providers.answers import DONE, chunk, last_line, line, usage
from support.providers.faults import Instead
from support.providers.made import Made, text_flags, text_of
from support.providers.ollama import Ollama
from support.providers.openai import OpenAI

PEERS = {"ollama": Ollama, "openai": OpenAI}
THOUGHT = "They want a kiln, über alles. "
TEXT = "Grüße vom Ofen.\n\nDie Glut <hält>."


@pytest.fixture(scope="module", params=PEERS)
def made(request):
    with PEERS[request.param](rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.influencer()
        yield made


@pytest.fixture(scope="module")
def openai_hub():
    with OpenAI(rate=2000) as peer, Made(peer, *text_flags(peer)) as made:
        made.influencer()
        yield made


def is_ollama(made):
    return isinstance(made.peer, Ollama)


def answers(made, thoughts=(), texts=(), ending="stop", count=None):
    """An answer with this thinking, in a member of its own, and this content."""
    count = len(thoughts) + len(texts) if count is None else count
    if is_ollama(made):
        pieces = [line(thinking=thought) for thought in thoughts] + [line(text) for text in texts]
        return Instead((*pieces, last_line(ending, eval_count=count)), "application/x-ndjson")
    pieces = [chunk(reasoning_content=thought) for thought in thoughts]
    pieces += [chunk(text) for text in texts]
    return Instead((*pieces, chunk(finish=ending), usage(count), DONE))


def write(made, fault):
    """A post that met an answer, its job's row, and what was told of its text."""
    made.peer.forgive()
    made.peer.plan(fault)
    post, job = made.post("thoughts")
    told = [event for event in made.jobs.follow(job, "content") if event[0] == "content_delta"]
    return made.jobs.get(f"/posts/{post}"), made.jobs.job(job), told


# All thinking and no text


NOTHING = {
    "in a member of its own": ([THOUGHT] * 5, []),
    "in tags that have no end": ([], ["<think>", THOUGHT, THOUGHT]),
    "in tags of another name": ([], ["\n<thinking>", THOUGHT]),
    "with white space for a text": ([THOUGHT] * 3, ["\n", "\n"]),
}


@pytest.mark.parametrize("how", NOTHING)
def test_thinking_that_uses_up_the_tokens_fails_the_attempt_and_says_so(made, how):
    before = len(made.peer.worked())
    post, row, told = write(made, answers(made, *NOTHING[how], ending="length", count=400))
    assert row["state"] == "failed" and row["attempt"] == 1 and len(row["errors"]) == 1, row
    assert "used all 400 tokens for thinking" in row["error"], row["error"]
    assert "--text-max-tokens (now 1024)" in row["error"] and "switch thinking off" in row["error"]
    assert row["output_tokens"] == 400
    assert post["status"] == "failed" and post["content"] is None and post["ending"] is None
    assert post["error"] == row["error"] and post["image_urls"] == []
    assert THOUGHT.strip() not in repr(told)
    assert len(made.peer.worked()) == before + 1, "it was tried again"


EMPTY = {
    "thinking alone": ([THOUGHT], [], "stop", "after 1 tokens of thinking"),
    "nothing at all": ([], [], "stop", "wrote no text"),
    "nothing within the limit": ([], [], "length", "wrote no text in 400 tokens"),
    "white space": ([], [" ", "\n\n"], "stop", "wrote no text"),
}


@pytest.mark.parametrize("how", EMPTY)
def test_an_answer_without_a_text_is_no_post(made, how):
    thoughts, texts, ending, words = EMPTY[how]
    count = 400 if ending == "length" else None
    post, row, _ = write(made, answers(made, thoughts, texts, ending, count))
    assert row["state"] == "failed" and row["attempt"] == 1, row
    assert words in row["error"] and post["status"] == "failed", row["error"]


def test_a_persona_is_not_made_of_thinking_either(made):
    made.peer.forgive()
    made.peer.plan(answers(made, [THOUGHT] * 3, [], "length", 768))
    row = made.assert_failed(made.persona())
    assert "used all 768 tokens for thinking" in row["error"], row


# Thinking, and then a text


def split(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


ALOUD = {
    "think": f"<think>{THOUGHT}</think>\n\n",
    "THINK": f" \n<THINK>\n{THOUGHT}</Think>",
    "twice": f"<think></think><think>{THOUGHT}</think>",
    "reasoning": f"<reasoning>{THOUGHT}</reasoning>\r\n",
    "brackets": f"[THINK]{THOUGHT}[/THINK]",
    "nothing": "<think>\n\n</think>\n\n",
}


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("tags", ALOUD)
def test_thinking_in_tags_before_the_text_is_left_out(made, tags, size):
    made.peer.grain = 5
    try:
        content = split(ALOUD[tags] + TEXT, size)
        post, row, told = write(made, answers(made, [], content))
    finally:
        made.peer.grain = None
    assert row["state"] == "succeeded" and row["attempt"] == 1, row
    assert post["content"] == TEXT == text_of(told) and post["ending"] == "stop"
    assert row["result"]["content"] == TEXT and row["result"]["ending"] == "stop"
    assert row["partial_content_length"] == len(TEXT.encode())
    for event in told:
        assert "think" not in event[1]["data"]["text"].lower()
    assert row["output_tokens"] == len(content)
    assert row["current_tokens"] <= len(content)


@pytest.mark.parametrize(
    "text",
    [
        "<think>ing of you, I fired the kiln. </thin"[7:],
        "I wrote <think>hard</think> and meant it.",
        "<b>bold</b>",
        "<",
        "<thin",
        " [THIN",
    ],
)
def test_what_only_looks_like_thinking_stays(made, text):
    post, row, told = write(made, answers(made, [], split(text, 2)))
    assert row["state"] == "succeeded", row
    assert post["content"] == text == text_of(told)


def test_an_end_of_thinking_without_a_beginning_is_no_text(made):
    post, row, _ = write(made, answers(made, [], split(f"{THOUGHT}</think>\n\n{TEXT}", 4)))
    assert row["state"] == "failed" and row["attempt"] == 1, row
    assert "without saying where it begins" in row["error"] and post["content"] is None


MEMBERS = ["reasoning_content", "reasoning", "thinking"]


@pytest.mark.parametrize("member", MEMBERS)
def test_thinking_in_a_member_of_its_own_is_left_out(openai_hub, member):
    thoughts = [chunk(**{member: THOUGHT}) for _ in range(4)]
    pieces = (*thoughts, chunk(TEXT), chunk(finish="stop"), usage(9, thinking=6), DONE)
    post, row, told = write(openai_hub, Instead(pieces))
    assert row["state"] == "succeeded" and post["content"] == TEXT == text_of(told), row
    # The server's own counts: 9 in all, of which 6 were thought.
    assert row["output_tokens"] == 9 and row["current_tokens"] == 3, row


def test_thinking_among_the_parts_of_the_content_is_left_out(openai_hub):
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}
    parts = [[thought], [{"type": "text", "text": TEXT[:5]}], TEXT[5:]]
    pieces = (*(chunk(part) for part in parts), chunk(finish="stop"), DONE)
    post, row, told = write(openai_hub, Instead(pieces))
    assert row["state"] == "succeeded" and post["content"] == TEXT == text_of(told), row


def test_a_thinking_job_says_so(made):
    made.peer.forgive()
    rate, made.peer.rate, made.peer.thinking = made.peer.rate, 30, "Hm, hm. " * 12
    try:
        _, job = made.post("slow thoughts")
        messages = [
            data["data"]["message"]
            for name, data, _ in made.jobs.follow(job)
            if name == "job_update"
        ]
    finally:
        made.peer.rate, made.peer.thinking = rate, ""
    assert any(message.startswith("Thinking: ") for message in messages if message), messages
    assert messages[-1] == "Painting the picture"
    assert "Writing the story" in messages


def test_the_tokens_allowed_are_the_operator_s():
    for kind in PEERS.values():
        with kind(rate=2000) as peer:
            with Made(peer, *text_flags(peer), "--text-max-tokens", "5000") as made:
                _, job = made.post("long")
                assert made.jobs.until_final(job)["state"] == "succeeded"
                asked = [call.json for call in peer.worked()]
                limits = [
                    ask["options"]["num_predict"] if kind is Ollama else ask["max_tokens"]
                    for ask in asked
                ]
                assert limits == [5000, 5000]

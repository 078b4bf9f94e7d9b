"""format=raw through Chromium's own EventSource: whatever a producer sends comes as one event with that text."""

import json
import random

import pytest

pytestmark = pytest.mark.limit(120)

COUNT = 10_000
# What ends lines, begins fields, needs escapes or is half of something.
_HOSTILE = ["\r", "\n", "\r\n", "\n\n", "\0", "\ufeff", "\u2028", "\x85", ":", " ", "data: ", "id: 9", "event: x", '"', "\\", "😀", "\ud83d", "\ude00"]

_LISTEN = """(url) => {
    window.got = [];
    window.failures = 0;
    const source = new EventSource(url);
    const take = ({ type, data }) => got.push([type, data]);
    source.onmessage = take;
    source.addEventListener("named", take);
    source.addEventListener("x", () => failures++);
    source.onerror = () => failures++;
    source.onopen = () => (window.isOpen = true);
}"""


def texts(seed):
    """Random texts from all of Unicode, control characters and surrogates included."""
    chance = random.Random(seed)

    def character():
        if chance.random() < 0.5:
            return chance.choice(_HOSTILE)
        top = chance.choice([0x20, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF])
        return chr(chance.randint(0, top))

    return ["".join(character() for _ in range(chance.randint(0, 12))) for _ in range(COUNT)]


def as_received(text):
    """What an EventSource makes of the text: line ends are LF, and half a pair of surrogates is no character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_ten_thousand_random_texts_come_as_they_are(hub, context):
    page = context.new_page()
    page.goto(hub.url + "/health")
    page.evaluate(_LISTEN, f"{hub.url}/stream?resources=raw:1&format=raw")
    page.wait_for_function("window.isOpen")
    sent = texts(15)
    names = [random.Random(number).choice(["message", "named"]) for number in range(COUNT)]
    for start in range(0, COUNT, 500):
        lines = [
            json.dumps({"resource": "raw:1", "event": name, "data": text})
            for name, text in zip(names[start : start + 500], sent[start : start + 500])
        ]
        body = ("\n".join(lines) + "\n").encode()
        answer = hub.request("POST", "/broadcast", {"Content-Type": "application/x-ndjson"}, body)
        assert answer.status == 200, answer
    page.wait_for_function("count => got.length >= count", arg=COUNT, timeout=60_000)
    got = page.evaluate("got")
    expected = [[name, as_received(text)] for name, text in zip(names, sent)]
    assert [pair for pair in zip(got, expected) if pair[0] != pair[1]] == []
    assert len(got) == COUNT and page.evaluate("failures") == 0

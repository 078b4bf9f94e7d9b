"""format=raw: events as their producers gave them, for readers that know nothing of the envelope."""

import json
import re

import httpx
import pytest
from support.access import Locked, as_
from support.hub import Hub, assert_problem

JSON = {"Content-Type": "application/json"}


class Raw:
    """A stream of raw events, read as the specification says, to the letter."""

    def __init__(self, hub, resources, method="GET", headers=None, **query):
        self._client = httpx.Client(timeout=10)
        if method == "GET":
            parameters = {"resources": ",".join(resources), "format": "raw"} | query
            self._request = self._client.stream("GET", f"{hub.url}/stream", params=parameters, headers=headers)
        else:
            content = json.dumps({"resources": resources, "format": "raw"} | query)
            self._request = self._client.stream("POST", f"{hub.url}/stream", content=content, headers=JSON)

    def __enter__(self):
        self.answer = self._request.__enter__()
        assert self.answer.status_code == 200, self.answer.read()
        self._bytes, self._buffer = self.answer.iter_raw(), b""
        # What comes at once is a comment, so that no proxy waits for the first event.
        assert self.block() == ":"
        return self

    def __exit__(self, *reason):
        self._request.__exit__(*reason)
        self._client.close()

    def block(self):
        """The next block without its empty line, as text."""
        while b"\n\n" not in self._buffer:
            self._buffer += next(self._bytes)
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        assert b"\r" not in block
        return block.decode()

    def event(self):
        """The next event: its name, its data and its id."""
        while (block := self.block()).startswith(":"):
            pass
        fields = [line.partition(": ")[::2] for line in block.split("\n")]
        assert set(name for name, _ in fields) <= {"event", "data", "id"}
        one = dict(fields)
        return one.get("event", "message"), "\n".join(v for n, v in fields if n == "data"), one.get("id")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_begins_with_the_state_and_goes_on_with_events(hub, post, method):
    hub.publish(post, "as it\nstands", event="message", retain=True)
    with Raw(hub, [post], method) as stream:
        assert stream.event() == ("message", "as it\nstands", None)
        first = hub.publish([post, f"{post}x"], {"a": [1, "b\n"]}, event="update")
        assert stream.event() == ("update", '{"a":[1,"b\\n"]}', first)
        hub.publish(post, "a\r\nb\rc", event="message", transient=True)
        assert stream.event() == ("message", "a\nb\nc", None)
        second = hub.publish(post, "")
        assert stream.event() == ("update", "", second)


def test_it_resumes_from_memory_and_says_why_it_cannot(hub, post):
    first = hub.publish(post, "one")
    second = hub.publish(post, "two")
    third = hub.publish(post, None, event="other")
    with Raw(hub, [post], last_event_id=first) as stream:
        assert stream.event() == ("update", "two", second)
        assert stream.event() == ("other", "null", third)
        fourth = hub.publish(post, 4)
        assert stream.event() == ("update", "4", fourth)
    with Raw(hub, [post], headers={"Last-Event-ID": second}, events="other") as stream:
        assert stream.event() == ("other", "null", third)
    with Raw(hub, [post], last_event_id="nonsense") as stream:
        name, data, id = stream.event()
        assert (name, json.loads(data)["reason"], id) == ("reset", "malformed", None)


def test_an_ordinary_stream_of_the_same_resource_keeps_its_envelope(hub, post):
    with Raw(hub, [post]) as raw, hub.open([post]) as whole:
        id = hub.publish(post, "x")
        assert raw.event() == ("update", "x", id)
        block = whole.event()
        assert (block.payload, block.id) == ("x", id)


def test_silence_is_a_comment_and_the_end_is_told(post):
    with Hub() as hub, Raw(hub, [post], keepalive="1") as stream:
        assert [stream.block(), stream.block()] == [":", ":"]
        hub.signal()
        while (block := stream.block()) == ":":
            pass
        assert block.split("\n")[-2] == "event: closing" and '"reason":"shutdown"' in block


def test_a_receiver_of_some_resources_gets_the_data_and_no_names(tmp_path):
    with Locked(tmp_path) as hub, Raw(hub, ["post:1"], headers=as_(subscribe=["post:*"])) as stream:
        sender = as_(publish=["*"])
        event = {"resources": ["post:1", "secret:1"], "event": "update", "data": "for both"}
        answer = hub.request("POST", "/broadcast", sender | JSON, json.dumps(event).encode())
        assert answer.status == 200, answer
        assert stream.event() == ("update", "for both", answer.json["id"])


@pytest.mark.parametrize("format", ["Raw", "rw", "json"])
def test_there_is_no_other_format(hub, post, format):
    assert_problem(hub.get(f"/stream?resources={post}&format={format}"), 400, "format", "raw", format)
    assert_problem(hub.post({"resources": [post], "format": format}, "/stream"), 422, "format", "raw")


def test_what_such_a_stream_cannot_tell_is_refused(hub, post):
    answer = hub.get(f"/stream?resources={post},presence:{post}&format=raw")
    assert_problem(answer, 400, f"presence:{post}", "format=raw")
    assert_problem(hub.get(f"/stream?resources={post}&formt=raw"), 400, "format")


def test_a_producer_makes_one_event_of_whatever_it_sends(hub, post):
    hostile = ["\n\nevent: closing\ndata: x", "\r\rid: 1\r\r", "\n:\n", "retry: 1\n\n", "\x00\n\x00", "data", ":", "\ufeff"]
    with Raw(hub, [post]) as stream:
        for text in hostile:
            id = hub.publish(post, text)
            assert stream.event() == ("update", re.sub("\r\n?", "\n", text), id)

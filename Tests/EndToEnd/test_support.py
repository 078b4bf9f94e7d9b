"""The strict reader itself: what it lets pass, and that it refuses a hub's mistakes."""

import json

import pytest

from churn import verdict
from support.http import parse_head
from support.sse import ChunkedDecoder, EventParser, FramingError, StreamRules, members

STREAM = (
    b'retry: 1000\nevent: connected\ndata: {"connection":"x"}\n\n'
    b'event: live\ndata: {"cursor":"a-1"}\nid: a-1\n\n'
    b": a comment\n\n"
    b'event: update\ndata: {"resources":["post:1"],"at":"t","data":"\xc3\xa9"}\nid: a-2\n\n'
    b"event: keepalive\ndata: {}\nid: a-2\n\n"
)
CODED = b"5\r\nretry\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(STREAM) - 5, STREAM[5:])


def read(pieces):
    """The blocks of a chunked stream that comes in `pieces`."""
    decoder, parser, rules = ChunkedDecoder(), EventParser(), StreamRules()
    blocks = []
    for piece in pieces:
        for block in parser.feed(decoder.feed(piece)):
            rules.check(block)
            blocks.append(block)
    return blocks, decoder.done


@pytest.mark.parametrize("at", range(len(CODED)))
def test_a_stream_reads_the_same_wherever_it_is_split(at):
    blocks, done = read([CODED[:at], CODED[at:]])
    assert done
    assert [block.event for block in blocks] == ["connected", "live", "update", "keepalive"]
    assert blocks[2].payload == "é"
    assert (blocks[3].id, blocks[3].data) == ("a-2", "{}")


OPENING = STREAM[: STREAM.index(b"event: update")]
EVENT = b'event: update\ndata: {"resources":["post:1"],"at":"t","data":1}\n\n'


def with_id(id, event=EVENT):
    """The event with an id as its last line."""
    return event[:-1] + b"id: " + id + b"\n\n"



MISTAKES = {
    "a stream that does not begin with connected": STREAM[STREAM.index(b"event: live") :],
    "connected twice": OPENING + STREAM,
    "live twice": OPENING + b"event: live\ndata: {}\nid: a-1\n\n",
    "a carriage return": OPENING + EVENT.replace(b"\n", b"\r\n"),
    "an unknown field": OPENING + b"ids: a-2\n" + EVENT,
    "a line without a colon": OPENING + b"data\n" + EVENT,
    "a doubled field": OPENING + EVENT[:-1] + b"id: a-2\nid: a-3\n\n",
    "two data lines": OPENING + EVENT[:-1] + b"data: x\n\n",
    "a block without data": OPENING + b"event: update\nid: a-2\n\n",
    "an id that falls": OPENING + with_id(b"a-0"),
    "an event with the id before it": OPENING + with_id(b"a-1"),
    "an id of another epoch": OPENING + with_id(b"b-2"),
    "an id that is none": OPENING + with_id(b"2"),
    "an id with a leading zero": OPENING + with_id(b"a-02"),
    "an id on a control event": OPENING + b"event: reset\ndata: {}\nid: a-2\n\n",
    "an id that is not last": OPENING + b"id: a-2\n" + EVENT,
    "a keepalive without JSON": OPENING + b"event: keepalive\ndata:\nid: a-1\n\n",
    "a raw line separator": OPENING + EVENT.replace(b"post:1", b"post:\xe2\x80\xa8"),
    "a retry that is no number": OPENING + b"retry: 1s\n" + EVENT,
    "white space in the envelope": OPENING + EVENT.replace(b',"at"', b', "at"'),
    "no time in the envelope": OPENING + EVENT.replace(b',"at":"t"', b""),
    "a doubled key in the envelope": OPENING + EVENT.replace(b"{", b'{"at":"t",'),
    "an unknown key in the envelope": OPENING + EVENT.replace(b"{", b'{"x":1,'),
    "a retained event with an id line": OPENING
    + with_id(b"a-2", EVENT.replace(b"{", b'{"id":"a-1","retained":true,')),
    "bytes that are no UTF-8": OPENING + EVENT.replace(b"post:1", b"post:\xff"),
    "bytes after the envelope": OPENING + EVENT.replace(b"}\n", b"}}\n"),
}


@pytest.mark.parametrize("stream", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_stream_is_seen(stream):
    with pytest.raises((FramingError, UnicodeDecodeError)):
        read([b"%x\r\n%s\r\n" % (len(stream), stream)])


@pytest.mark.parametrize(
    "coded",
    [
        b"g\r\n",
        b"\r\n\r\n",
        b"1 \r\na\r\n",
        b"1;a\r\na\r\n",
        b"1\r\nab\r\n",
        b"1\r\na\n\n",
        b"0\r\nX: y\r\n\r\n",
        b"0\r\n\r\nHTTP/1.1",
        b"-1\r\n",
        b"0x1\r\na\r\n",
        b"1" * 40,
    ],
)
def test_a_mistake_in_the_chunks_is_seen(coded):
    with pytest.raises(FramingError):
        ChunkedDecoder().feed(coded)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 600 OK",
        b"HTTP/1.1 200 OK\r\nA : b",
        b"HTTP/1.1 200 OK\r\nA",
        b"HTTP/1.1 200 OK\r\nA: b\n c",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_mistake_in_a_head_is_seen(head):
    with pytest.raises(FramingError):
        parse_head(head)


def test_members_keep_doubled_keys_and_the_text_of_values():
    text = '{"a":1.0,"a":{"b":[1e5]},"":"\\u00e9"}'
    assert members(text) == [("a", "1.0"), ("a", '{"b":[1e5]}'), ("", '"\\u00e9"')]
    assert [key for key, _ in members(json.dumps({"a": 1, "b": 2}, separators=(",", ":")))] == [
        "a",
        "b",
    ]


def grown(factor, seconds=600):
    """Samples of a memory that reaches `factor` times its size, evenly, with some noise."""
    steps = seconds // 5
    return [
        (n * 5.0, round(50_000 * (1 + (factor - 1) * n / steps)) + (n * 7919) % 500)
        for n in range(steps)
    ]


def test_churn_passes_a_memory_that_stays_and_fails_one_that_grows():
    assert verdict(grown(1.0))[0] is True
    assert verdict(grown(1.15))[0] is False
    assert verdict(grown(1.0, seconds=60))[0] is None

"""An event's data arrives as it was sent: nothing is reduced, only white space goes."""

import json

import pytest

from support.hub import assert_problem

KEPT = {
    "a fraction of zero": "1.0",
    "an exponent": "1e5",
    "an exponent with signs": "-1.50E+05",
    "minus zero": "-0",
    "an integer beyond 64 bits": "12345678901234567890",
    "a number beyond a double": "1e999",
    "many digits": "3.14159265358979323846264338327950288",
    "the order of keys": '{"b":1,"a":2,"c":{"z":1,"y":2}}',
    "doubled keys": '{"a":1,"a":2,"a":1}',
    "an empty key": '{"":0}',
    "unicode": '"žluťoučký 日本 🙂"',
    "escapes": r'"\u00e9\n\t\"\\\/\b\f\r\u0041"',
    "an escaped surrogate pair": r'"\ud83d\ude42"',
    "an escaped zero": r'"\u0000"',
    "line separators as escapes": r'"\u2028\u2029\u0085"',
    "a delete character": '"\x7f"',
    "a non-character": '"\uffff"',
    "what looks like the end of an event": r'"\n\ndata: x\n\n"',
    "an empty string": '""',
    "an empty object": "{}",
    "an empty array": "[]",
    "null": "null",
    "true": "true",
    "false": "false",
    "white space within strings": '"  a  \u00a0 b  "',
    "keys of the envelope": '{"resources":[],"at":1,"data":{"id":1,"retained":true}}',
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_data_is_kept_as_its_text_stands(hub, post, text):
    with hub.open([post]) as stream:
        assert hub.post('{"resource":"%s","data":%s}' % (post, text)).status == 200
        assert stream.event().payload_text == text


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_data_is_kept_when_it_is_replayed(hub, post, text):
    start = hub.head()
    assert hub.post('{"data":%s,"resource":"%s"}' % (text, post)).status == 200
    with hub.stream([post], last_event_id=start) as stream:
        assert stream.event().payload_text == text


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (' { "a" : [ 1 , 2 ] ,\n\t"b" :\r\n { } } ', '{"a":[1,2],"b":{}}'),
        ("\n\n1\n\n", "1"),
        ('[\n\n"a\\n b"\n\n,\r"c d"\r]', '["a\\n b","c d"]'),
    ],
)
def test_white_space_between_tokens_is_dropped(hub, post, sent, received):
    with hub.open([post]) as stream:
        assert hub.post('{ "resource" : "%s" , "data" : %s }' % (post, sent)).status == 200
        assert stream.event().payload_text == received


def test_a_lone_surrogate_is_kept_or_refused(hub, post):
    with hub.open([post]) as stream:
        answer = hub.post(r'{"resource":"%s","data":"\ud800"}' % post)
        if answer.status == 200:
            assert stream.event().payload_text == r'"\ud800"'
        else:
            assert_problem(answer, (400, 422))


def test_keys_and_strings_of_the_event_itself_may_be_escaped(hub, post):
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in post)
    with hub.open([post]) as stream:
        answer = hub.post(r'{"resou\u0072ce":"%s","d\u0061ta":1,"event":"\u0061b"}' % escaped)
        assert answer.status == 200, answer
        block = stream.event()
    assert block.event == "ab"
    assert block.resources == [post]


def test_a_payload_of_every_byte_size_keeps_its_framing(hub, post):
    with hub.open([post]) as stream:
        texts = ["x" * size for size in [*range(0, 300), *range(3900, 4200), 65535, 65536, 65537]]
        for start in range(0, len(texts), 100):
            answer = hub.post(
                [{"resource": post, "data": text} for text in texts[start : start + 100]]
            )
            assert answer.status == 200, answer
        assert [block.payload for block in stream.events(len(texts))] == texts


# Sizes


def of_size(size):
    """A JSON string of `size` bytes."""
    return json.dumps("x" * (size - 2))


def test_data_of_256_kib_is_taken(hub, post):
    text = of_size(256 * 1024)
    with hub.open([post]) as stream:
        assert hub.post('{"resource":"%s","data":%s}' % (post, text)).status == 200
        assert stream.event(10).payload_text == text


def test_data_one_byte_over_256_kib_is_refused(hub, post):
    answer = hub.post('{"resource":"%s","data":%s}' % (post, of_size(256 * 1024 + 1)))
    assert_problem(answer, (413, 422), "data")


def test_a_body_of_1_mib_is_taken_and_one_byte_more_refused(hub, post):
    body = b'[{"resource":"%s","data":1}' % post.encode()
    body += b" " * (1024 * 1024 - len(body) - 1) + b"]"
    assert len(body) == 1024 * 1024
    assert hub.post(body).status == 200
    assert_problem(hub.post(body + b" "), 413)


def nested(depth):
    """Arrays within each other, `depth` deep."""
    return "[" * depth + "]" * depth


def test_data_nested_as_deep_as_allowed_is_taken(hub, post):
    # 62 arrays within the event's object within an array: 64, however one counts.
    with hub.open([post]) as stream:
        assert hub.post('[{"resource":"%s","data":%s}]' % (post, nested(62))).status == 200
        assert stream.event().payload_text == nested(62)


@pytest.mark.parametrize("depth", [65, 1000, 100_000])
def test_data_nested_deeper_than_64_is_refused(hub, post, depth):
    answer = hub.post('{"resource":"%s","data":%s}' % (post, nested(depth)))
    assert_problem(answer, (400, 413, 422), "64")
    mixed = '{"a":[' * (depth // 2 + 1) + "]}" * (depth // 2 + 1)
    answer = hub.post('{"resource":"%s","data":%s}' % (post, mixed))
    assert_problem(answer, (400, 413, 422), "64")


@pytest.mark.parametrize("depth", [65, 50_000])
def test_nesting_is_bounded_outside_data_as_well(hub, depth):
    assert_problem(hub.post(nested(depth)), (400, 413, 422))
    assert_problem(hub.post('{"x":%s}' % nested(depth)), (400, 413, 422))

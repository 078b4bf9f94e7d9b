"""POST /broadcast: what is taken, what is refused, and how the answer reads."""

import json
import threading

import pytest

from support.http import build, chunked
from support.hub import as_bytes, assert_problem
from support.sse import sequence

JSON = {"Content-Type": "application/json"}


def assert_nothing_was_published(hub, before):
    """Every error leaves the hub as it was."""
    assert hub.head() == before


# Answers


def test_an_event_is_answered_with_its_id(hub, post):
    with hub.open([post]) as stream:
        answer = hub.post({"resource": post, "data": 1})
        assert answer.status == 200
        assert answer.headers["content-type"].split(";")[0] == "application/json"
        assert list(answer.json) == ["id"]
        assert stream.event().id == answer.json["id"]


def test_an_array_is_answered_with_its_ids_in_order(hub, post):
    with hub.open([post]) as stream:
        answer = hub.post([{"resource": post, "data": n} for n in range(3)])
        assert answer.status == 200
        assert list(answer.json) == ["ids"]
        got = stream.events(3)
    assert [block.id for block in got] == answer.json["ids"]
    assert [block.payload for block in got] == [0, 1, 2]


def test_an_array_of_one_is_answered_as_an_array(hub, post):
    assert len(hub.post([{"resource": post, "data": 1}]).json["ids"]) == 1


def test_the_alias_events_broadcast_publishes_as_well(hub, post):
    with hub.open([post]) as stream:
        answer = hub.post({"resource": post, "data": 1}, "/events/broadcast")
        assert stream.event().id == answer.json["id"]


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="utf-8"'],
)
def test_a_content_type_with_parameters_or_capitals_is_understood(hub, post, content_type):
    answer = hub.post({"resource": post, "data": 1}, headers={"Content-Type": content_type})
    assert answer.status == 200


def test_a_body_in_chunks_is_taken(hub, post):
    body = as_bytes({"resource": post, "data": "in chunks"})
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    with hub.open([post]) as stream:
        answer = hub.request(
            "POST", "/broadcast", JSON | {"Transfer-Encoding": "chunked"}, chunked(*pieces)
        )
        assert answer.status == 200, answer
        assert stream.event().payload == "in chunks"


def test_chunk_extensions_and_trailers_are_ignored(hub, post):
    body = as_bytes({"resource": post, "data": 1})
    coded = b'%X;a=b;c="d e"\r\n%s\r\n0\r\nTrailer-Field: x\r\n\r\n' % (len(body), body)
    answer = hub.request("POST", "/broadcast", JSON | {"Transfer-Encoding": "chunked"}, coded)
    assert answer.status == 200, answer


def test_a_connection_publishes_many_times(hub, post):
    body = as_bytes({"resource": post, "data": 1})
    with hub.connect() as connection:
        ids = [connection.exchange("POST", "/broadcast", JSON, body).json["id"] for _ in range(200)]
    assert [sequence(id) for id in ids] == list(range(sequence(ids[0]), sequence(ids[0]) + 200))


def test_pipelined_publishes_are_answered_in_order(hub, post):
    requests = [
        build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": n}))
        for n in range(50)
    ]
    with hub.open([post]) as stream, hub.connect() as connection:
        connection.send(b"".join(requests))
        ids = [connection.read_response("POST").json["id"] for _ in requests]
        got = stream.events(50)
    assert [block.id for block in got] == ids
    assert [block.payload for block in got] == list(range(50))


def test_an_error_within_pipelined_publishes_is_answered_in_its_place(hub, post):
    good, bad = as_bytes({"resource": post, "data": 1}), as_bytes({"resource": post})
    with hub.connect() as connection:
        connection.send(
            b"".join(build("POST", "/broadcast", JSON, body) for body in (good, bad, good))
        )
        assert [connection.read_response("POST").status for _ in range(3)] == [200, 422, 200]


def test_a_client_that_expects_100_continue_gets_it(hub, post):
    body = as_bytes({"resource": post, "data": 1})
    headers = JSON | {"Expect": "100-continue", "Content-Length": str(len(body))}
    with hub.connect() as connection:
        connection.send(build("POST", "/broadcast", headers))
        assert connection.read_response().status == 100
        connection.send(body)
        assert connection.read_response("POST").status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "1048577"} | JSON, 413),
        ({"Content-Length": "10", "Content-Type": "text/plain"}, 415),
    ],
)
def test_a_body_that_would_be_refused_is_refused_before_it_is_sent(hub, headers, status):
    with hub.connect() as connection:
        connection.send(build("POST", "/broadcast", headers | {"Expect": "100-continue"}))
        assert_problem(connection.read_response("POST"), status)


def test_an_http_1_0_client_can_publish(hub, post):
    with hub.open([post]) as stream, hub.connect() as connection:
        body = as_bytes({"resource": post, "data": 1})
        answer = connection.exchange("POST", "/broadcast", JSON, body, version="HTTP/1.0")
        assert answer.status == 200
        assert connection.read_to_end() == b""
        assert stream.event().id == answer.json["id"]


# Rules for an event


def bad(**fields):
    """An event with `fields` changed; None leaves a field out."""
    event = {"resource": "post:x", "data": 1} | fields
    return {name: value for name, value in event.items() if value is not None}


REFUSED = {
    "an unknown field": (bad(colour=1), "colour"),
    "a field in capitals": (bad(Event="a"), "Event"),
    "both resource and resources": (bad(resources=["post:y"]), "resources"),
    "no resource": (bad(resource=None), "resource"),
    "no data": (bad(data=None), "data"),
    "no resources in the list": (bad(resource=None, resources=[]), "resources"),
    "101 resources": (bad(resource=None, resources=[f"a:{n}" for n in range(101)]), "100"),
    "a pattern": (bad(resource="post:*"), "post:*"),
    "a pattern in the list": (bad(resource=None, resources=["a:1", "post:*"]), "post:*"),
    "a lone star": (bad(resource="*"), "*"),
    "a resource without a kind": (bad(resource="456"), "456"),
    "a resource without an id": (bad(resource="post:"), "post:"),
    "a kind with an underscore": (bad(resource="po_st:1"), "po_st:1"),
    "a comma in an id": (bad(resource="post:1,2"), "resource"),
    "a space in an id": (bad(resource="post:1 2"), "resource"),
    "a line end in an id": (bad(resource="post:1\n2"), "resource"),
    "a zero in an id": (bad(resource="post:1\x002"), "resource"),
    "an id of 257 bytes": (bad(resource="post:" + "x" * 257), "resource"),
    "a resource that is a list": (bad(resource=["post:1"]), "resource"),
    "a resource that is a number": (bad(resource=1), "resource"),
    "resources that are a text": (bad(resource=None, resources="post:1"), "resources"),
    "a number among the resources": (bad(resource=None, resources=["a:1", 2]), "resources"),
    "an event that is a number": (bad(event=1), "event"),
    "an event without a name": (bad(event=""), "event"),
    "an event that begins with a digit": (bad(event="1a"), "event"),
    "an event with a space": (bad(event="a b"), "event"),
    "an event with a line end": (bad(event="a\ndata: x"), "event"),
    "an event in other letters": (bad(event="é"), "event"),
    "an event of 65 letters": (bad(event="a" * 65), "event"),
    "retain that is a text": (bad(retain="true"), "retain"),
    "transient that is a number": (bad(transient=1), "transient"),
    "retain with transient": (bad(retain=True, transient=True), "retain"),
    "coalesce that is a number": (bad(coalesce=1), "coalesce"),
    "a key that is a number": (bad(key=1), "key"),
    "a text instead of an event": ("post", ""),
    "a number instead of an event": (1, ""),
    "null instead of an event": (None, ""),
    "an array within the array": ([[bad()]], ""),
} | {
    f"the name of a control event, {event}": (bad(event=event), event)
    for event in ("connected", "reset", "live", "keepalive", "subscribed", "presence", "closing", "token_expiring", "batch", "activity")
}


@pytest.mark.parametrize(("event", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_an_event_that_breaks_a_rule_is_refused_by_name(hub, event, word):
    before = hub.head()
    assert_problem(hub.post(json.dumps(event)), 422, word)
    assert_nothing_was_published(hub, before)


def test_the_pointer_shows_the_event_of_an_array_that_is_wrong(hub, post):
    answer = hub.post([bad(), bad(), bad(event="1")])
    problem = assert_problem(answer, 422)
    assert problem.get("pointer", "/2/event").startswith("/2")


@pytest.mark.parametrize("event", ["a", "A.b_c-9", "a" * 64, "Connected", "live2", "message"])
def test_names_within_the_rules_are_taken(hub, post, event):
    with hub.open([post]) as stream:
        hub.publish(post, 1, event=event)
        assert stream.event().event == event


def test_null_is_data(hub, post):
    with hub.open([post]) as stream:
        assert hub.post({"resource": post, "data": None}).status == 200
        assert stream.event().payload_text == "null"


def test_a_hundred_resources_and_doubled_ones_are_taken(hub, name):
    resources = [f"post:{name}-{n}" for n in range(100)]
    with hub.open([resources[99]]) as stream:
        hub.publish(resources + resources[:3], 1)
        assert stream.event().resources == resources


def test_doubled_resources_of_an_event_collapse(hub, post):
    with hub.open([post]) as stream:
        hub.publish([post, "a:1", post, "a:1"], 1)
        assert stream.event().resources == [post, "a:1"]


# Bodies that do not parse


UNPARSABLE = {
    "nothing": b"",
    "white space": b" \n ",
    "half an object": b'{"resource":"post:1","data":1',
    "two values": b'{"resource":"post:1","data":1}{"resource":"post:1","data":1}',
    "a trailing comma": b'{"resource":"post:1","data":1,}',
    "a trailing comma in data": b'{"resource":"post:1","data":[1,]}',
    "single quotes": b"{'resource':'post:1','data':1}",
    "NaN": b'{"resource":"post:1","data":NaN}',
    "Infinity": b'{"resource":"post:1","data":-Infinity}',
    "a plus": b'{"resource":"post:1","data":+1}',
    "a leading zero": b'{"resource":"post:1","data":01}',
    "a bare point": b'{"resource":"post:1","data":1.}',
    "a hexadecimal number": b'{"resource":"post:1","data":0x1}',
    "a comment": b'{"resource":"post:1",/* no */"data":1}',
    "a raw line end in a string": b'{"resource":"post:1","data":"a\nb"}',
    "a raw zero in a string": b'{"resource":"post:1","data":"a\x00b"}',
    "an unknown escape": b'{"resource":"post:1","data":"\\x41"}',
    "a short escape": b'{"resource":"post:1","data":"\\u12"}',
    "bytes that are no UTF-8": b'{"resource":"post:1","data":"\xff"}',
    "an overlong form": b'{"resource":"post:1","data":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"resource":"post:1","data":"\xed\xa0\x80"}',
    "a truncated character": b'{"resource":"post:1","data":"\xe2\x82"}',
    "a word in capitals": b'{"resource":"post:1","data":True}',
    "a form feed between tokens": b'{"resource":"post:1",\x0c"data":1}',
    "UTF-16": '{"resource":"post:1","data":1}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", UNPARSABLE.values(), ids=UNPARSABLE.keys())
def test_a_body_that_does_not_parse_is_answered_400(hub, body):
    before = hub.head()
    assert_problem(hub.post(body), 400)
    assert_nothing_was_published(hub, before)


def test_a_body_cut_anywhere_is_answered_400(hub):
    body = r'{"resource":"post:x","data":{"a":[1.5e3,"é\u00e9",true,null]},"event":"b"}'.encode()
    with hub.connect() as connection:
        for end in range(1, len(body)):
            answer = connection.exchange("POST", "/broadcast", JSON, body[:end])
            assert answer.status == 400, (body[:end], answer)


# Arrays


def test_an_array_of_a_thousand_is_taken_and_of_a_thousand_and_one_refused(hub, post):
    event = {"resource": post, "data": 1}
    assert len(hub.post([event] * 1000).json["ids"]) == 1000
    before = hub.head()
    assert_problem(hub.post([event] * 1001), (413, 422), "1000")
    assert_nothing_was_published(hub, before)


@pytest.mark.parametrize("position", [0, 57, 99])
def test_an_array_with_a_bad_event_publishes_nothing(hub, post, position):
    events = [{"resource": post, "data": n} for n in range(100)]
    events[position] = {"resource": post, "data": 1, "colour": 1}
    before = hub.head()
    with hub.open([post]) as stream:
        assert_problem(hub.post(events), 422, "colour")
        assert_nothing_was_published(hub, before)
        hub.publish(post, "end")
        assert stream.event().payload == "end"


def test_an_array_that_ends_early_publishes_nothing(hub, post):
    before = hub.head()
    assert_problem(hub.post('[{"resource":"%s","data":1},{"resource":"%s","da' % (post, post)), 400)
    assert_nothing_was_published(hub, before)


# Many at once


def test_concurrent_publishers_lose_nothing_and_all_streams_agree(hub, post):
    answers = []

    def publisher(number):
        with hub.connect() as connection:
            for n in range(100):
                body = as_bytes({"resource": post, "data": [number, n]})
                answers.append(connection.exchange("POST", "/broadcast", JSON, body).json["id"])

    with hub.open([post]) as one, hub.open([post]) as two:
        threads = [threading.Thread(target=publisher, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        got = one.events(800, 20)
        same = two.events(800, 20)
        for thread in threads:
            thread.join(10)
    assert [(block.id, block.data) for block in got] == [(block.id, block.data) for block in same]
    assert sorted(map(sequence, answers)) == [sequence(block.id) for block in got]
    for number in range(8):
        mine = [block.payload[1] for block in got if block.payload[0] == number]
        assert mine == list(range(100))

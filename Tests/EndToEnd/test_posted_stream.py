"""POST /stream: the same stream, for lists of resources that fit into no URL."""

import pytest

from support.http import build, chunked
from support.hub import as_bytes, assert_problem
from support.wait import eventually

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["/stream", "/events"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_a_body_opens_the_stream_that_a_query_opens(hub, post, path, version):
    first = hub.publish(post, "state", retain=True)
    with hub.post_stream({"resources": [post]}, path=path, version=version) as stream:
        headers = stream.response.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "access-control-allow-origin" not in headers and headers["vary"] == "Origin"
        blocks = stream.opening()
        assert blocks[0].json["resources"] == [post]
        assert [block.json["id"] for block in blocks[1:-1]] == [first]
        id = hub.publish(post, "news")
        assert stream.event().id == id
        assert hub.presence(post) == {post: 1}
    eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stream")


def test_a_hundred_long_names_fit(hub, name):
    names = [f"{name}:{index:03}-" + "文" * 84 for index in range(100)]
    with hub.post_stream({"resources": names}) as stream:
        assert stream.opening()[0].json["resources"] == names
        id = hub.publish(names[99], 1)
        assert stream.event().id == id
    too_many = hub.post({"resources": [*names, f"{name}:one-more"]}, "/stream")
    assert_problem(too_many, 422, "101", "100")
    assert too_many.json["pointer"] == "/resources"


def test_it_resumes_filters_and_leaves_the_snapshot_out(hub, post):
    first = hub.publish(post, 1, retain=True)
    second = hub.publish(post, 2, event="other")
    third = hub.publish(post, 3)
    asked = {"resources": [post], "events": ["update"]}
    with hub.post_stream(asked | {"last_event_id": first}) as stream:
        blocks = stream.opening()
    assert blocks[0].json["resumed"] is True
    assert [block.id for block in blocks[1:-1]] == [third]
    with hub.post_stream(asked | {"snapshot": False}) as stream:
        assert [block.event for block in stream.opening()] == ["connected", "live"]
    with hub.post_stream(asked | {"last_event_id": first}, {"Last-Event-ID": second}) as stream:
        assert [block.id for block in stream.opening()[1:-1]] == [third]
    with hub.post_stream(asked | {"last_event_id": ""}, {"Last-Event-ID": ""}) as stream:
        assert stream.opening()[0].json["resumed"] is False


def test_it_has_an_interval_of_its_own(hub, post):
    with hub.post_stream({"resources": [post], "keepalive": 1}) as stream:
        head = stream.opening()[-1].id
        assert stream.seen[0].json["keepalive"] == 1
        assert (stream.next(5).event, stream.seen[-1].id) == ("keepalive", head)


def test_it_is_changed_by_a_patch(hub, name):
    with hub.post_stream({"resources": [f"{name}:1"]}) as stream:
        connection = stream.opening()[0].json["connection"]
        assert hub.patch(connection, {"add": [f"{name}:2"]}).status == 200
        id = hub.publish(f"{name}:2", 1)
        assert stream.event().id == id


def test_a_body_in_chunks_and_one_that_is_waited_for_are_taken(hub, post):
    body = as_bytes({"resources": [post]})
    headers = JSON | {"Transfer-Encoding": "chunked", "Expect": "100-continue"}
    with hub.connect() as connection:
        connection.send(build("POST", "/stream", headers))
        assert connection.read_head()[0] == 100
        connection.send(chunked(body[:9], body[9:]) + b"GET /health HTTP/1.1\r\n\r\n")
        status, fields = connection.read_head()
    assert (status, dict(fields)["transfer-encoding"]) == (200, "chunked")


WRONG = {
    "no resources": ({}, "/resources"),
    "an empty list": ({"resources": []}, "/resources"),
    "a name that is none": ({"resources": ["post:1", "post"]}, "/resources/1"),
    "a name that is no text": ({"resources": [1]}, "/resources/0"),
    "presence of a pattern": ({"resources": ["presence:post:*"]}, "/resources/0"),
    "an unknown field": ({"resources": ["post:1"], "resource": "post:2"}, "/resource"),
    "another name for the cursor": ({"resources": ["post:1"], "lastEventId": "x"}, "/lastEventId"),
    "a cursor that is no text": ({"resources": ["post:1"], "last_event_id": 5}, "/last_event_id"),
    "an interval that is none": ({"resources": ["post:1"], "keepalive": 0.5}, "/keepalive"),
    "an event name that is none": ({"resources": ["post:1"], "events": ["a b"]}, "/events/0"),
    "a flag that is none": ({"resources": ["post:1"], "snapshot": 1}, "/snapshot"),
    "no object": (["post:1"], None),
}


@pytest.mark.parametrize("value, pointer", WRONG.values(), ids=WRONG.keys())
def test_what_breaks_a_rule_is_refused_where_it_stands(hub, value, pointer):
    answer = hub.post(value, "/stream")
    assert_problem(answer, 422)
    assert answer.json.get("pointer") in (pointer, "" if pointer is None else pointer)


def test_the_request_is_judged_as_every_other(hub, post):
    value = {"resources": [post]}
    assert_problem(hub.post("{", "/stream"), 400)
    assert_problem(hub.post(value, f"/stream?resources={post}"), 400, "resources", "body")
    assert_problem(hub.post(value, "/stream?lasteventid=x"), 400, "lasteventid", "body")
    assert_problem(hub.post(value, "/stream", {"Accept": "application/json"}), 406)
    assert_problem(hub.request("POST", "/stream", JSON), 411)
    assert_problem(hub.post(value, "/stream", {"Content-Type": "text/plain"}), 415)
    assert_problem(hub.post(" " * (256 * 1024 + 1), "/stream"), 413)
    with hub.post_stream(value, path="/stream?_=1") as stream:
        stream.opening()


def test_a_page_of_another_origin_may_post(hub):
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    answer = hub.request("OPTIONS", "/stream", headers)
    assert answer.status == 204
    assert "post" in answer.list("access-control-allow-methods")

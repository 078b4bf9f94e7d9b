"""HTTP beyond the streams: methods, sizes, CORS, errors, and the small endpoints."""

import gzip
import re

import pytest

from support.http import build, chunked
from support.hub import as_bytes, assert_problem
from support.wait import eventually

JSON = {"Content-Type": "application/json"}
EVENT = as_bytes({"resource": "post:1", "data": 1})


# Errors


@pytest.mark.parametrize(
    "target", ["/nowhere", "/stream/x/y", "/broadcast/", "/Stream?resources=a:1", "//", "/%2e"]
)
def test_an_unknown_path_is_answered_404(hub, target):
    assert_problem(hub.get(target), 404)


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/sse"), ("GET", "/sse/"), ("GET", "/sse?resources=a:1"), ("POST", "/sse")]
)
def test_what_others_call_the_stream_is_answered_404_with_its_paths(hub, method, target):
    answer = hub.request(method, target)
    assert_problem(answer, 404)
    assert {"/stream", "/events"} <= set(re.split("[ ,;:?]", answer.json["detail"])), answer


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("GET", "/broadcast", {"post"}),
        ("DELETE", "/broadcast", {"post"}),
        ("PUT", "/events/broadcast", {"post"}),
        ("PUT", "/stream", {"get", "head", "post"}),
        ("DELETE", "/events", {"get", "head", "post"}),
        ("GET", "/stream/abc", {"patch"}),
        ("POST", "/presence", {"get"}),
        ("DELETE", "/health", {"get"}),
        ("POST", "/events/status", {"get"}),
        ("BREW", "/stream", {"get", "head"}),
    ],
)
def test_a_method_that_is_not_allowed_is_answered_405_with_those_that_are(
    hub, method, target, allowed
):
    answer = hub.request(method, target, JSON, b"{}" if method in ("POST", "PUT") else None)
    assert_problem(answer, 405)
    assert allowed <= answer.list("allow"), answer


def test_a_body_without_a_length_is_answered_411(hub):
    assert_problem(hub.request("POST", "/broadcast", JSON), 411)


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 10 * 1024 * 1024])
def test_a_body_over_1_mib_is_answered_413_though_the_client_still_sends(hub, size):
    with hub.connect() as connection:
        connection.send(build("POST", "/broadcast", JSON | {"Content-Length": str(size)}))
        connection.send_all_it_takes(b" " * size)
        assert_problem(connection.read_response("POST"), 413)


def test_a_chunked_body_over_1_mib_is_answered_413(hub):
    with hub.connect() as connection:
        connection.send(build("POST", "/broadcast", JSON | {"Transfer-Encoding": "chunked"}))
        connection.send_all_it_takes(chunked(*[b" " * 65536] * 17))
        assert_problem(connection.read_response("POST"), 413)


def test_a_target_that_is_too_long_is_answered_414(hub):
    with hub.connect() as connection:
        connection.send_all_it_takes(build("GET", "/stream?resources=a:" + "x" * 262_144))
        assert_problem(connection.read_response(), 414)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "multipart/form-data; boundary=x",
        "nonsense",
        "",
    ],
)
def test_a_body_of_another_type_is_answered_415(hub, content_type):
    answer = hub.request("POST", "/broadcast", {"Content-Type": content_type}, EVENT)
    assert_problem(answer, 415)


def test_a_body_without_a_type_is_answered_415(hub):
    assert_problem(hub.request("POST", "/broadcast", {}, EVENT), 415, "application/json")


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "zstd", "gzip, identity", "x-gzip", "a b"])
@pytest.mark.parametrize("target", ["/broadcast", "/stream", "/api/v1/jobs", "/stream/abc"])
def test_a_coded_body_is_answered_415_that_says_what_is_taken(hub, post, target, coding):
    body = gzip.compress(as_bytes({"resource": post, "data": 1}))
    method = "PATCH" if target.endswith("abc") else "POST"
    answer = hub.request(method, target, JSON | {"Content-Encoding": coding}, body)
    assert_problem(answer, 415, "Content-Encoding", coding)
    assert answer.list("accept-encoding") == {"identity"}


def test_lines_that_are_coded_are_refused_before_they_are_read(hub):
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    with hub.connect() as connection:
        connection.send(build("POST", "/broadcast", headers | {"Transfer-Encoding": "chunked"}))
        assert_problem(connection.read_response("POST"), 415, "Content-Encoding")


@pytest.mark.parametrize("coding", ["identity", "Identity", "", "identity, identity"])
def test_a_body_that_says_it_is_not_coded_is_taken(hub, post, coding):
    answer = hub.post({"resource": post, "data": 1}, headers={"Content-Encoding": coding})
    assert answer.status == 200


HEADERS = {
    "one huge header": [("X-Padding", "x" * 262_144)],
    "many headers": [(f"X-{n}", "y" * 50) for n in range(4000)],
    "a huge name": [("X" * 262_144, "y")],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
def test_headers_that_are_too_large_are_answered_431(hub, headers):
    with hub.connect() as connection:
        connection.send_all_it_takes(build("GET", "/health", headers))
        assert_problem(connection.read_response(), 431)


def test_headers_of_a_usual_size_are_taken(hub):
    headers = {
        "Cookie": "c=" + "x" * 4000,
        "Authorization": "Bearer " + "y" * 2000,
        "X-A": "z" * 1000,
    }
    assert hub.get("/health", headers).status == 200


def test_a_problem_says_what_was_wrong_and_what_would_be_right(hub):
    problem = assert_problem(
        hub.post({"resource": "post:1", "event": "1", "data": 1}), 422, "event"
    )
    assert len(problem["detail"]) > 20
    assert problem.get("pointer", "/event") == "/event"


def test_an_error_keeps_the_connection_where_it_can(hub):
    with hub.connect() as connection:
        assert connection.exchange("GET", "/nowhere").status == 404
        assert connection.exchange("POST", "/broadcast", JSON, b"{}").status == 422
        assert connection.exchange("GET", "/stream").status == 400
        assert connection.exchange("GET", "/health").status == 200


def test_connection_close_is_honoured(hub):
    with hub.connect() as connection:
        answer = connection.exchange("GET", "/health", {"Connection": "close"})
        assert answer.headers["connection"].lower() == "close"
        assert connection.read_to_end() == b""


def test_a_head_request_has_no_body(hub):
    with hub.connect() as connection:
        for target in ("/health", "/events/status", "/nowhere"):
            connection.exchange("HEAD", target)
        assert connection.exchange("GET", "/health").status == 200


def test_an_absolute_target_is_understood(hub, post):
    with hub.connect() as connection:
        assert (
            connection.exchange("GET", f"http://localhost/presence?resources={post}").status == 200
        )


def test_an_event_that_was_refused_does_not_end_the_streams(hub, post):
    with hub.open([post]) as stream:
        hub.post({"resource": post})
        hub.post("{")
        id = hub.publish(post, 1)
        assert stream.event().id == id


# CORS


ORIGIN = {"Origin": "http://localhost:3000"}


def assert_cors(answer):
    """The page that asked may read the answer, without credentials."""
    assert answer.headers.get("access-control-allow-origin") == ORIGIN["Origin"], answer
    assert "origin" in answer.list("vary"), answer
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_of_this_machine_may_read_a_stream(hub, post):
    with hub.stream([post], headers=ORIGIN) as stream:
        assert_cors(stream.response)


@pytest.mark.parametrize(
    "target", ["/health", "/presence?resources=a:1", "/events/status", "/nowhere", "/stream"]
)
def test_a_page_of_this_machine_may_read_answers_and_errors(hub, target):
    answer = hub.get(target, ORIGIN)
    assert_cors(answer)
    assert {"retry-after", "etag", "location"} <= answer.list("access-control-expose-headers")


def test_a_page_of_this_machine_may_read_what_publishing_answers(hub, post):
    assert_cors(hub.post({"resource": post, "data": 1}, headers=ORIGIN))
    assert_cors(hub.post("{", headers=ORIGIN))


@pytest.mark.parametrize(
    ("target", "method", "header"),
    [
        ("/broadcast", "POST", "content-type"),
        ("/broadcast", "POST", "idempotency-key"),
        ("/broadcast", "POST", "authorization"),
        ("/events/broadcast", "POST", "content-type"),
        ("/stream/abc", "PATCH", "content-type"),
        ("/stream", "GET", "last-event-id"),
        ("/stream", "GET", "authorization"),
        ("/events", "GET", "cache-control"),
    ],
)
def test_a_preflight_allows_what_a_page_needs(hub, target, method, header):
    answer = hub.request(
        "OPTIONS",
        target,
        ORIGIN
        | {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header},
    )
    assert answer.status in (200, 204), answer
    assert_cors(answer)
    assert method.lower() in answer.list("access-control-allow-methods"), answer
    assert header in answer.list("access-control-allow-headers"), answer


@pytest.mark.parametrize(
    "asked",
    [
        "baggage,sentry-trace,traceparent,x-requested-with",
        "x-datadog-trace-id, x-datadog-parent-id",
        "X-Whatever-It-Is",
        "last-event-id,baggage",
    ],
)
@pytest.mark.parametrize("target", ["/stream", "/poll", "/broadcast", "/api/v1/jobs"])
def test_a_preflight_allows_what_scripts_on_the_page_add(hub, target, asked):
    headers = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": asked}
    answer = hub.request("OPTIONS", target, ORIGIN | headers)
    names = {name.strip().lower() for name in asked.split(",")}
    assert names == answer.list("access-control-allow-headers"), answer
    assert "access-control-request-headers" in answer.list("vary")


@pytest.mark.parametrize("asked", ["", "a b", "<script>", "x\xff", "a:b", ",", " , "])
def test_a_preflight_repeats_nothing_that_is_no_list_of_names(hub, asked):
    headers = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": asked}
    answer = hub.request("OPTIONS", "/stream", ORIGIN | headers)
    assert answer.status == 204
    allowed = answer.list("access-control-allow-headers")
    assert {"authorization", "last-event-id"} <= allowed and asked not in allowed


def test_options_without_a_preflight_tells_the_methods(hub):
    answer = hub.request("OPTIONS", "/broadcast")
    assert answer.status in (200, 204)
    assert "post" in answer.list("allow")


# Health and status


@pytest.mark.parametrize("target", ["/health", "/health/live", "/health/ready"])
def test_health_is_answered_200(hub, target):
    answer = hub.get(target)
    assert answer.status == 200
    assert answer.json


def test_status_is_json(hub):
    answer = hub.get("/events/status")
    assert answer.status == 200
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    assert isinstance(answer.json, dict)


def test_a_stream_that_ends_is_no_longer_counted(hub, post):
    streams = [hub.open([post]) for _ in range(50)]
    assert hub.presence(post) == {post: 50}
    for stream in streams:
        stream.close()
    eventually(lambda: hub.presence(post) == {post: 0}, "the end of 50 streams")

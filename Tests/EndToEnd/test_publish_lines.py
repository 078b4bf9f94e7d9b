"""POST /broadcast with NDJSON: lines as they come, however many."""

import json

import pytest

from support.http import build, chunked
from support.hub import Hub, as_bytes, assert_problem
from support.sse import sequence

NDJSON = {"Content-Type": "application/x-ndjson"}


def test_lines_are_published_in_order_and_counted(hub, post):
    with hub.open([post]) as stream:
        answer = hub.post_lines([{"resource": post, "data": n} for n in range(500)])
        assert (answer.status, answer.json) == (200, {"published": 500})
        assert [block.payload for block in stream.events(500)] == list(range(500))


def test_the_last_line_needs_no_line_end_and_lines_may_end_with_crlf(hub, post):
    line = as_bytes({"resource": post, "data": 1})
    answer = hub.request("POST", "/broadcast", NDJSON, line + b"\r\n" + line + b"\n" + line)
    assert (answer.status, answer.json) == (200, {"published": 3})


BAD_LINES = {
    "does not parse": ("{", 400),
    "breaks a rule": ('{"resource":"post:1","data":1,"colour":1}', 422),
    "is an array": ('[{"resource":"post:1","data":1}]', 422),
    "holds two values": ('{"resource":"post:1","data":1} {"resource":"post:1","data":1}', 400),
    "names a pattern": ('{"resource":"post:*","data":1}', 422),
}


@pytest.mark.parametrize(("line", "status"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_ends_the_publishing_and_the_lines_before_it_stand(hub, post, line, status):
    lines = [{"resource": post, "data": n} for n in range(10)]
    lines[6] = line
    with hub.open([post]) as stream:
        problem = assert_problem(hub.post_lines(lines), status)
        assert (problem["line"], problem["published"]) == (7, 6)
        hub.publish(post, "end")
        assert [block.payload for block in stream.events(7)] == [0, 1, 2, 3, 4, 5, "end"]


def test_the_place_of_a_fault_is_counted_from_the_beginning_of_its_line(hub, post):
    lines = [{"resource": post, "data": 1}, "nonsense"]
    for end in ("", "\n"):
        body = "\n".join([json.dumps(lines[0]), lines[1]]) + end
        problem = assert_problem(hub.request("POST", "/broadcast", NDJSON, body.encode()), 400)
        assert (problem["line"], problem["published"]) == (2, 1)
        assert "At byte 1:" in problem["detail"]


@pytest.mark.parametrize("how", ["breaks", "stalls"])
def test_a_body_that_cannot_be_read_on_says_how_many_lines_stand(how, post):
    lines = b"".join(as_bytes({"resource": post, "data": n}) + b"\n" for n in range(3))
    part = lines + as_bytes({"resource": post, "data": 4})
    with Hub("--body-timeout", "0.2") as hub, hub.open([post]) as stream:
        with hub.connect() as connection:
            connection.send(build("POST", "/broadcast", NDJSON | {"Transfer-Encoding": "chunked"}))
            connection.send(b"%x\r\n%s\r\n" % (len(part), part))
            if how == "breaks":
                connection.send(b"no size\r\n")
            answer = connection.read_response("POST")
        problem = assert_problem(answer, 400 if how == "breaks" else 408)
        assert problem["published"] == 3 and "line" not in problem
        hub.publish(post, "end")
        assert [block.payload for block in stream.events(4)] == [0, 1, 2, "end"]


def test_a_bad_first_line_publishes_nothing(hub):
    problem = assert_problem(hub.post_lines(["nonsense"]), 400)
    assert (problem["line"], problem["published"]) == (1, 0)


def test_a_bad_line_after_thousands_is_counted_right(hub, post):
    lines = [{"resource": post, "data": n} for n in range(5000)]
    problem = assert_problem(hub.post_lines([*lines, "{}"]), 422)
    assert (problem["line"], problem["published"]) == (5001, 5000)


def test_a_line_with_data_over_256_kib_is_refused(hub, post):
    lines = [{"resource": post, "data": 1}, {"resource": post, "data": "x" * (256 * 1024 - 1)}]
    problem = assert_problem(hub.post_lines(lines), (413, 422))
    assert (problem["line"], problem["published"]) == (2, 1)


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(hub):
    with hub.connect() as connection:
        connection.send(build("POST", "/broadcast", NDJSON | {"Content-Length": str(1 << 30)}))
        connection.send_all_it_takes(b"x" * (64 << 20))
        assert_problem(connection.read_response("POST"), (400, 413, 422))


def test_fifty_thousand_lines_are_published(hub, name):
    lines = b"".join(
        b'{"resource":"bulk:%d","data":{"n":%d}}\n' % (n % 100, n) for n in range(50_000)
    )
    assert len(lines) > 1 << 20
    before = sequence(hub.head())
    answer = hub.request("POST", "/broadcast", NDJSON, lines)
    assert (answer.status, answer.json) == (200, {"published": 50_000})
    assert sequence(hub.head()) == before + 50_000


def test_lines_are_published_while_the_body_still_comes(hub, post):
    line = as_bytes({"resource": post, "data": "early"}) + b"\n"
    with hub.open([post]) as stream, hub.connect() as connection:
        connection.send(build("POST", "/broadcast", NDJSON | {"Transfer-Encoding": "chunked"}))
        connection.send(b"%x\r\n%s\r\n" % (len(line), line))
        assert stream.event().payload == "early"
        connection.send(chunked(line))
        answer = connection.read_response("POST")
        assert (answer.status, answer.json) == (200, {"published": 2})

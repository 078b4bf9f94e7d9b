"""How long the hub waits: 10 s for a head, 30 s without progress for a body, 75 s idle.

The clients are those of support/patience.py. They started with the first test of the session, and
are awaited here at its end.
"""

import pytest

from support.http import Response, parse_head
from support.hub import assert_problem

pytestmark = pytest.mark.limit(130)


def response(raw):
    """The one response in `raw`."""
    head, separator, body = raw.partition(b"\r\n\r\n")
    assert separator, f"no response but {raw[:300]!r}"
    status, headers = parse_head(head)
    answer = Response(status, headers, body)
    assert len(body) == int(answer.headers["content-length"]), f"not one response: {raw!r}"
    return answer


@pytest.mark.parametrize("case", ["a head of which nothing comes", "a head that drips"])
def test_a_head_that_is_too_slow_is_answered_408_after_10_s(patience, case):
    said, seconds = patience.result(case)
    assert_problem(response(said), 408)
    assert 9 < seconds < 14


def test_a_second_head_that_is_too_slow_is_answered_408_as_well(patience):
    said, seconds = patience.result("a second head of which nothing comes")
    first, _, rest = said.partition(b"\r\n\r\n")
    status, headers = parse_head(first)
    assert status == 200
    assert_problem(response(rest[int(dict(headers)["content-length"]) :]), 408)
    assert 9 < seconds < 14


@pytest.mark.parametrize("case", ["a body that stops", "a chunk that stops", "lines that stop"])
def test_a_body_without_progress_is_answered_408_after_30_s(patience, case):
    said, seconds = patience.result(case)
    assert_problem(response(said), 408)
    assert 28 < seconds < 36


def test_a_body_that_drips_is_taken(patience):
    assert patience.result("a body that drips") == 200


def test_an_idle_connection_is_closed_after_75_s_without_a_word(patience):
    said, seconds = patience.result("an idle connection")
    assert response(said).status == 200
    assert 70 < seconds < 85


def test_a_connection_without_a_byte_is_closed(patience):
    said, seconds = patience.result("a connection without a byte")
    assert said == b"" or response(said).status == 408
    assert 9 < seconds < 85


def test_an_idle_stream_is_kept_alive_and_open(patience):
    names, ended = patience.result("an idle stream")
    assert names == ["keepalive", "keepalive"]
    assert not ended

"""How long a connection lasts without a request is said in each answer, so that clients stop first."""

import re

import pytest

from support.http import build
from support.hub import Hub, as_bytes

JSON = {"Content-Type": "application/json"}


def announced(answer):
    """The seconds that an answer promises; `None` without."""
    text = answer.headers.get("keep-alive")
    return text and int(re.fullmatch("timeout=([0-9]+)", text)[1])


@pytest.mark.parametrize(
    ("idle", "seconds"), [(None, 70), ("30", 28), ("5", 4), ("2", 1), ("1.5", 1), ("1", None)]
)
def test_answers_promise_a_little_less_than_the_truth(idle, seconds):
    with Hub(*(["--idle-timeout", idle] if idle else [])) as hub, hub.connect() as connection:
        body = as_bytes({"resource": "post:1", "data": 1})
        for request in [
            ("GET", "/health"),
            ("POST", "/broadcast", JSON, body),
            ("POST", "/broadcast", JSON, b"nothing"),
            ("GET", "/state?resources=post:1"),
            ("HEAD", "/stream?resources=post:1"),
            ("OPTIONS", "/broadcast"),
            ("GET", "/nowhere"),
        ]:
            answer = connection.exchange(*request)
            assert announced(answer) == seconds, (request, answer)
            if seconds:
                # A field about the connection is named in Connection (RFC 9110, 7.6.1).
                assert answer.headers["connection"].lower() == "keep-alive"


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_the_last_answer_promises_nothing(hub, version):
    with hub.connect() as connection:
        answer = connection.exchange("GET", "/health", {"Connection": "close"}, version=version)
        assert answer.headers["connection"] == "close" and "keep-alive" not in answer.headers
    with hub.connect() as connection:
        answer = connection.exchange("BAD REQUEST", "/")
        assert answer.headers["connection"] == "close" and "keep-alive" not in answer.headers


def test_an_old_client_that_asks_for_it_is_promised_it_too(hub):
    with hub.connect() as connection:
        for _ in range(3):
            answer = connection.exchange(
                "GET", "/health", {"Connection": "keep-alive"}, version="HTTP/1.0"
            )
            assert answer.headers["connection"].lower() == "keep-alive"
            assert announced(answer) == 70


def test_a_stream_promises_nothing(hub, post):
    with hub.open([post]) as stream:
        assert "keep-alive" not in stream.response.headers


def test_a_connection_lasts_as_long_as_was_promised():
    with Hub("--idle-timeout", "2") as hub, hub.connect() as connection:
        answer = connection.exchange("GET", "/health")
        connection.socket.settimeout(announced(answer))
        with pytest.raises(TimeoutError):
            connection.socket.recv(1)
        assert connection.exchange("GET", "/health").status == 200
        connection.send(build("GET", "/health"))
        assert connection.read_response().status == 200
        assert connection.read_to_end(10) == b"", "then it ends without a word"

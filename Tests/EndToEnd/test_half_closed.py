"""Clients that end their sending side and read on, and clients that have gone: the kernel shows the same end."""

import socket

import pytest

from support.http import build
from support.hub import Hub, as_bytes
from support.wait import Deadline, eventually

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def hub():
    """A hub whose keep-alive never comes by itself: what is seen at once was not waited for."""
    with Hub("--keepalive", "600") as hub:
        yield hub
        hub.assert_healthy()


def end_sending(stream):
    stream.connection.socket.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_a_stream_goes_on_when_its_client_ends_its_sending_side(hub, post, version):
    with hub.open([post], version=version) as stream:
        end_sending(stream)
        assert stream.until("keepalive")[-1].id == stream.seen[-2].id, "it was asked whether it lives"
        ids = [hub.publish(post, n) for n in range(100)]
        assert [block.id for block in stream.events(100)] == ids
        assert hub.presence(post) == {post: 1}


def test_it_is_asked_once_only(hub, post):
    with hub.open([post]) as stream:
        end_sending(stream)
        stream.until("keepalive")
        for n in range(20):
            hub.publish(post, n)
            assert stream.next().payload == n


@pytest.mark.parametrize("together", [False, True], ids=["in two packets", "in one packet"])
def test_an_end_right_behind_the_request_is_the_same(hub, post, together):
    with hub.connect() as connection:
        if together:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        connection.send(build("GET", f"/stream?resources={post}"))
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.read_head()[0] == 200
        eventually(lambda: hub.presence(post) == {post: 1}, "the stream")
        id = hub.publish(post, "after the end")
        while f"id: {id}\n".encode() not in connection.buffer:
            assert connection.receive(Deadline(5, "the event")), bytes(connection.buffer)
        assert hub.presence(post) == {post: 1}


def test_a_half_closed_reader_is_told_when_the_hub_stops(post):
    hub = Hub("--keepalive", "600")
    try:
        with hub.open([post]) as stream:
            end_sending(stream)
            stream.until("keepalive")
            hub.signal()
            assert [block.event for block in stream.rest()] == ["closing"]
            assert stream.ended_cleanly
            assert hub.wait() == 0
    finally:
        hub.kill()


def test_presence_falls_at_once_when_a_client_has_gone(hub, post):
    for count in (1, 3):
        streams = [hub.open([post]) for _ in range(count)]
        assert hub.presence(post) == {post: count}
        for stream in streams:
            stream.close()
        eventually(lambda: hub.presence(post) == {post: 0}, "presence", 3)


def test_presence_falls_at_once_for_a_half_closed_reader_that_goes(hub, post):
    with hub.open([post]) as stream:
        end_sending(stream)
        stream.until("keepalive")
    # Nothing is sent to find out; its system answers the next event with a reset.
    hub.publish(post, 1)
    eventually(lambda: hub.presence(post) == {post: 0}, "presence", 3)


def test_watchers_hear_at_once_that_a_client_has_gone(hub, post):
    with hub.open([f"presence:{post}"]) as watcher:
        stream = hub.open([post])
        watcher.until(lambda block: block.event == "presence" and block.json["count"] == 1)
        stream.close()
        watcher.until(lambda block: block.event == "presence" and block.json["count"] == 0, 4)


def test_what_is_pipelined_behind_a_stream_s_request_is_ignored(hub, post):
    with hub.connect() as connection:
        publish = build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": "no"}))
        connection.send(build("GET", f"/stream?resources={post}") + publish)
        assert connection.read_head()[0] == 200
        connection.send(publish + b"\x00 no request at all \r\n\r\n" * 1000)
        connection.socket.shutdown(socket.SHUT_WR)
        eventually(lambda: hub.presence(post) == {post: 1}, "the stream")
        id = hub.publish(post, "yes")
        while f"id: {id}\n".encode() not in connection.buffer:
            assert connection.receive(Deadline(5, "the event")), bytes(connection.buffer)
        assert b'"no"' not in connection.buffer


@pytest.mark.parametrize("together", [False, True], ids=["in two packets", "in one packet"])
def test_a_poll_of_a_half_closed_client_is_answered(hub, post, together):
    with hub.connect() as connection:
        cursor = hub.head()
        if together:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        connection.send(build("GET", f"/poll?resources={post}&after={cursor}&timeout=50"))
        connection.socket.shutdown(socket.SHUT_WR)
        answer = connection.read_response(limit=8)
        assert answer.status == 200 and answer.json["events"] == []
        connection.read_to_end(5)


def test_a_poll_whose_client_has_gone_is_let_go(hub, post):
    before = hub.status()["sockets"]
    connections = [hub.connect() for _ in range(5)]
    for connection in connections:
        connection.send(build("GET", f"/poll?resources={post}&after={hub.head()}&timeout=50"))
    for connection in connections:
        connection.close()
    eventually(lambda: hub.status()["sockets"] <= before, "the sockets", 8)

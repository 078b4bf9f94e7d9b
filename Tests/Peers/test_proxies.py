"""The proxies of deploy/, real ones: what they pass on, and what they answer while the hub is away."""

import contextlib
import os
import re
import subprocess
import threading

import pytest

from peers.listener import Listener, head
from peers.proxies import ALL, Caddy, HAProxy, SecureHAProxy, SecureNginx
from support.http import Connection, build
from support.hub import Hub, as_bytes
from support.stream import Stream
from support.wait import Deadline, eventually

# Caddy waits 10 s for a hub that is away.
pytestmark = pytest.mark.limit(120)
_AWAY = re.compile(rb"retry: ([0-9]+)\n\n")


@pytest.fixture(scope="module", params=ALL, ids=lambda proxy: proxy.__name__.lower())
def proxy(request, hub, tmp_path_factory):
    """Each proxy before the module's hub."""
    with request.param(tmp_path_factory.mktemp("proxy"), hub.address) as proxy:
        yield proxy


def request(address, method, target, headers=(), body=None):
    """One request, with the time that a proxy may take to give up on the hub."""
    with Connection(address, limit=30) as connection:
        return connection.exchange(method, target, headers, body)


# While the hub is there


def test_passes_each_event_on_at_once(hub, proxy, post):
    # Each is published when the last one has arrived: one that is held back until there is more never comes, and
    # the 200 ms that HAProxy's kernel may wait each time make more than the limit.
    deadline = Deadline(5, "thirty events, one after the other")
    with Stream(proxy.address, f"/stream?resources={post}") as stream:
        stream.opening()
        for number in range(30):
            hub.publish(post, number)
            assert stream.event(deadline.left()).payload == number


def test_passes_a_cursor_on(hub, proxy, post):
    first, second = (hub.publish(post, number) for number in range(2))
    with Stream(proxy.address, f"/stream?resources={post}", {"Last-Event-ID": first}) as stream:
        assert [block.id for block in stream.opening() if not block.is_control] == [second]


def test_passes_an_answer_on_as_it_is(proxy, post):
    body = as_bytes({"resource": post, "event": "no name", "data": 1})
    answer = request(proxy.address, "POST", "/broadcast", {"Content-Type": "application/json"}, body)
    assert answer.status == 422, answer
    assert answer.headers["content-type"].startswith("application/problem+json"), answer


def test_a_stream_that_is_refused_is_told_why(proxy):
    for target in ("/stream", "/events?resources=*", "/stream?resources=post"):
        answer = request(proxy.address, "GET", target)
        assert answer.status == 400, answer
        assert answer.headers["content-type"].startswith("application/problem+json"), answer


def test_passes_lines_on_as_they_are_published(hub, proxy, post):
    with hub.open([post]) as stream, proxy_connection(proxy) as publisher:
        publisher.send(
            b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            # Each line is delivered before the next one is sent.
            publisher.send(piece(as_bytes({"resource": post, "data": number}) + b"\n"))
            assert stream.event().payload == number
        publisher.send(b"0\r\n\r\n")
        assert publisher.read_response("POST").json == {"published": 3}


def proxy_connection(proxy):
    """A bare connection to the proxy."""
    return Connection(proxy.address, limit=20)


def piece(data):
    """One chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_tells_the_hub_that_a_quiet_client_is_gone(hub, proxy, post):
    with Stream(proxy.address, f"/stream?resources={post}") as stream:
        stream.opening()
        assert hub.presence(post) == {post: 1}
    # Far less than a keep-alive, at which any proxy would notice.
    eventually(lambda: hub.presence(post) == {post: 0}, "the client's leaving at the hub", 10)


def test_changes_a_stream_through_the_proxy(hub, proxy, post):
    with Stream(proxy.address, f"/stream?resources={post}") as stream:
        connection = stream.opening()[0].json["connection"]
        headers = {"Content-Type": "application/json"}
        body = as_bytes({"add": [post + "x"]})
        answer = request(proxy.address, "PATCH", f"/stream/{connection}", headers, body)
        assert answer.json == {"resources": [post, post + "x"]}


def test_tells_the_hub_which_host_was_asked_for(proxy, tmp_path_factory):
    seen = []
    with Listener(lambda client: seen.append(head(client))) as upstream:
        with type(proxy)(tmp_path_factory.mktemp("host"), upstream.address) as other:
            with proxy_connection(other) as client:
                client.send(b"GET /stream?resources=a:1 HTTP/1.1\r\nHost: hub.example:8443\r\n\r\n")
                eventually(lambda: seen, "a request at the hub")
    fields = [line.lower() for line in seen[0].split(b"\r\n")]
    assert b"host: hub.example:8443" in fields, seen
    assert any(line.startswith(b"x-forwarded-for: 127.0.0.1") for line in fields), seen
    assert b"x-forwarded-proto: http" in fields, seen
    assert b"x-forwarded-host: hub.example:8443" in fields, seen


def test_a_client_cannot_say_what_only_the_proxy_may(proxy, tmp_path_factory):
    seen = []
    forged = {
        "Host": "hub.example",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=6.6.6.6;host=evil.example;proto=gopher",
    }
    with Listener(lambda client: seen.append(head(client))) as upstream:
        with type(proxy)(tmp_path_factory.mktemp("forged"), upstream.address) as other:
            with proxy_connection(other) as client:
                client.send(build("GET", "/stream?resources=a:1", forged))
                eventually(lambda: seen, "a request at the hub")
    fields = [line.lower() for line in seen[0].split(b"\r\n")]
    assert b"evil" not in seen[0] and b"gopher" not in seen[0], seen
    assert not [line for line in fields if line.startswith(b"forwarded:")], seen
    # The address that the proxy saw comes last, in one line or the last of several.
    last = [line for line in fields if line.startswith(b"x-forwarded-for:")][-1]
    assert last.endswith(b"127.0.0.1"), seen


# While it is away

STREAMS = ("/stream", "/events")
OTHERS = {
    "publishing": ("POST", "/broadcast"),
    "posting": ("POST", "/stream"),
    "changing": ("PATCH", "/stream/0123"),
    "polling": ("GET", "/poll?resources=post:1"),
    "asking": ("GET", "/state?resources=post:1"),
    "neighbour": ("GET", "/streams"),
    "job": ("GET", "/api/v1/jobs/1/progress"),
}
CLIENTS = 12
ORIGIN = "https://app.example.com"


class Away:
    """A proxy whose hub has gone, and what it answered; all is asked at once, for some proxies wait."""

    def __init__(self, proxy, address):
        self.proxy, self.hub_address = proxy, address
        self.answers = {}
        calls = [(name, *OTHERS[name]) for name in OTHERS]
        for path in STREAMS:
            calls += [(path, "GET", f"{path}?resources=post:1")] * CLIENTS
        self.ask(calls)

    def ask(self, calls):
        """Makes all calls at the same time."""

        def ask(name, method, target):
            body = None if method == "GET" else b"{}"
            headers = {"Content-Type": "application/json"}
            if name in STREAMS:
                headers["Origin"] = ORIGIN
            answer = request(self.proxy.address, method, target, headers, body)
            self.answers.setdefault(name, []).append(answer)

        threads = [threading.Thread(target=ask, args=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(40)


@pytest.fixture(scope="module", params=ALL, ids=lambda proxy: proxy.__name__.lower())
def away(request, tmp_path_factory):
    """Each proxy, before a hub that has gone."""
    with Hub() as hub:
        address = hub.address
    with request.param(tmp_path_factory.mktemp("away"), address) as proxy:
        yield Away(proxy, address)


@pytest.mark.parametrize("path", STREAMS)
def test_a_stream_is_told_to_come_back_while_the_hub_is_away(away, path):
    answers = away.answers[path]
    assert len(answers) == CLIENTS
    delays = set()
    for answer in answers:
        assert answer.status == 200, answer
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8", answer
        assert "no-store" in answer.headers["cache-control"], answer
        # So that a page of any origin reads it, one with credentials too.
        assert answer.headers["access-control-allow-origin"] == ORIGIN, answer
        assert answer.headers["access-control-allow-credentials"] == "true", answer
        assert "origin" in answer.list("vary"), answer
        match = _AWAY.fullmatch(answer.body)
        assert match, answer.body
        delays.add(int(match[1]))
    assert all(1000 <= delay < 4000 for delay in delays), delays
    # Twelve clients that come back at one time would be a herd.
    assert len(delays) >= 6, delays


@pytest.mark.parametrize("name", OTHERS)
def test_all_other_calls_are_told_that_it_is_away(away, name):
    [answer] = away.answers[name]
    assert answer.status == away.proxy.unavailable, answer


def test_the_first_request_after_the_return_reaches_the_hub(away, post):
    with Hub(port=away.hub_address[1]):
        with Stream(away.proxy.address, f"/stream?resources={post}") as stream:
            assert stream.opening()[0].event == "connected"


@pytest.mark.parametrize("kind", ALL, ids=lambda proxy: proxy.__name__.lower())
def test_a_hub_that_dies_before_it_answers_is_away_as_well(kind, tmp_path):
    # It takes the request and hangs up.
    with Listener(head) as upstream, kind(tmp_path, upstream.address) as proxy:
        answer = request(proxy.address, "GET", "/stream?resources=post:1")
    assert (answer.status, bool(_AWAY.fullmatch(answer.body))) == (200, True), answer


@pytest.mark.parametrize("kind", [Caddy, HAProxy], ids=["caddy", "haproxy"])
def test_a_stream_does_not_see_a_short_restart(kind, tmp_path, post):
    with Hub() as first:
        address = first.address
    with kind(tmp_path, address) as proxy:
        with Connection(proxy.address, limit=30) as connection:
            connection.send(build("GET", f"/stream?resources={post}"))
            with Hub(port=address[1]):
                status, _ = connection.read_head()
                assert status == 200
                deadline = Deadline(10, "the stream of the hub that is back")
                while b"event: live" not in connection.buffer:
                    assert connection.receive(deadline), connection.buffer


# Over TLS and HTTP/2


@pytest.mark.parametrize("kind", [SecureNginx, SecureHAProxy], ids=["nginx", "haproxy"])
def test_the_line_for_production_speaks_http_2(kind, tmp_path, post):
    with contextlib.ExitStack() as stack:
        hub = Hub()
        stack.callback(hub.kill)
        proxy = stack.enter_context(kind(tmp_path, hub.address))
        target = f"https://127.0.0.1:{proxy.port}/stream?resources={post}"
        command = ["curl", "--silent", "--insecure", "--http2", "--max-time", "30"]
        events = stack.enter_context(open(tmp_path / "events", "w+b"))
        client = subprocess.Popen([*command, "--no-buffer", target], stdout=events)
        stack.callback(lambda: (client.kill(), client.wait(5)))

        def seen():
            return os.pread(events.fileno(), 65536, 0)

        eventually(lambda: b"event: live" in seen(), "a stream over HTTP/2", 10)
        id = hub.publish(post, 1)
        eventually(lambda: id.encode() in seen(), "an event over HTTP/2", 10)
        client.kill()
        eventually(lambda: hub.presence(post) == {post: 0}, "the client's leaving at the hub", 10)
        hub.stop()
        written = ["--write-out", "%{http_version} %{response_code}"]
        done = subprocess.run([*command, *written, target], capture_output=True, timeout=40)
    match = re.fullmatch(rb"retry: [1-3][0-9]{3}\n\n2 200", done.stdout)
    assert match, done.stdout

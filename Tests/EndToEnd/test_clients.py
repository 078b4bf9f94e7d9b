"""Clients as people use them: httpx, curl, Node, urllib, and a browser."""

import json
import shutil
import socket
import subprocess
import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import httpx_sse
import pytest

from support.hub import Hub, as_bytes
from support.sse import EventParser, sequence
from support.wait import Deadline, eventually

TOTAL = 1000


@contextmanager
def publishing(hub, post, total=TOTAL):
    """Publishes `total` events beside what the test does; gives the list of their ids."""
    ids = []

    def work():
        with hub.connect() as connection:
            for n in range(total):
                body = as_bytes(
                    {"resource": post, "event": "update", "data": {"n": n, "text": "žluť\n" * 10}}
                )
                headers = {"Content-Type": "application/json"}
                ids.append(connection.exchange("POST", "/broadcast", headers, body).json["id"])

    thread = threading.Thread(target=work)
    thread.start()
    yield ids
    thread.join(20)


def assert_complete(ids, got):
    """`got` ((id, data) of every event) is what was published, in order."""
    assert [id for id, _ in got] == ids
    assert [json.loads(data)["data"]["n"] for _, data in got] == list(range(len(ids)))


# A thousand events


def test_httpx_gets_a_thousand_events_complete_and_in_order(hub, post):
    got = []
    with httpx.Client(base_url=hub.url, timeout=10) as client:
        with httpx_sse.connect_sse(client, "GET", "/stream", params={"resources": post}) as source:
            events = source.iter_sse()
            while next(events).event != "live":
                pass
            with publishing(hub, post) as ids:
                for event in events:
                    got.append((event.id, event.data))
                    if len(got) == TOTAL:
                        break
    assert_complete(ids, got)


def test_httpx_reconnects_with_its_cursor_and_misses_nothing(hub, post):
    got, cursor = [], hub.head()
    with httpx.Client(base_url=hub.url, timeout=10) as client, publishing(hub, post) as ids:
        while len(got) < TOTAL:
            headers = {"Last-Event-ID": cursor}
            with httpx_sse.connect_sse(
                client, "GET", f"/stream?resources={post}", headers=headers
            ) as source:
                for taken, event in enumerate(source.iter_sse()):
                    if event.event == "update":
                        got.append((event.id, event.data))
                        cursor = event.id
                    if taken == 120 or len(got) == TOTAL:
                        break
    assert_complete(ids, got)


def test_curl_gets_a_thousand_events_complete_and_in_order(hub, post):
    process = subprocess.Popen(
        ["curl", "-sN", "--max-time", "30", f"{hub.url}/stream?resources={post}"],
        stdout=subprocess.PIPE,
    )
    try:
        eventually(lambda: hub.presence(post) == {post: 1}, "curl's subscription")
        deadline = Deadline(20, "a thousand events through curl")
        parser, got = EventParser(), []
        with publishing(hub, post) as ids:
            while len(got) < TOTAL:
                deadline.left()
                data = process.stdout.read1(65536)
                assert data, f"curl ended after {len(got)} events"
                blocks = parser.feed(data)
                got += [(block.id, block.data) for block in blocks if not block.is_control]
    finally:
        process.kill()
        process.wait(5)
        process.stdout.close()
    assert_complete(ids, got)


def test_curl_publishes_lines_from_its_standard_input(hub, post):
    lines = b"".join(as_bytes({"resource": post, "data": n}) + b"\n" for n in range(TOTAL))
    with hub.open([post]) as stream:
        result = subprocess.run(
            [
                "curl",
                "-sS",
                "--max-time",
                "20",
                "-T",
                "-",
                "-X",
                "POST",
                "-H",
                "Content-Type: application/x-ndjson",
                f"{hub.url}/broadcast",
            ],
            input=lines,
            capture_output=True,
            timeout=25,
        )
        assert json.loads(result.stdout) == {"published": TOTAL}, result
        assert [block.payload for block in stream.events(TOTAL)] == list(range(TOTAL))


# A browser


NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

LISTEN = """
url => {
    window.got = [];
    window.opened = 0;
    window.lives = [];
    window.source = new EventSource(url);
    source.onopen = () => window.opened++;
    for (const name of ['message', 'update', 'post_update', 'status_update'])
        source.addEventListener(name, event => got.push({
            id: event.lastEventId, event: event.type, ...JSON.parse(event.data)}));
    source.addEventListener('live', event => lives.push(event.lastEventId));
    source.addEventListener('connected', event => window.connected = JSON.parse(event.data));
}
"""


class Page(BaseHTTPRequestHandler):
    """An empty page of another origin."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "15")
        self.end_headers()
        self.wfile.write(b"<!doctype html>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip(f"there is none of {NAMES}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def origin():
    """The URL of an empty page whose origin is not the hub's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def page(browser, origin):
    """A page of another origin, so that CORS counts."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    page.goto(origin)
    yield page
    page.close()


class Relay:
    """Passes TCP connections on, until they are cut."""

    def __init__(self, target):
        self.target = target
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.sockets = []
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.cut()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            upstream = socket.create_connection(self.target)
            self.sockets += [client, upstream]
            for source, sink in ((client, upstream), (upstream, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass

    def cut(self):
        while self.sockets:
            one = self.sockets.pop()
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


def publish_with_curl(hub, event):
    """Publishes as a shell script does; gives back the id."""
    result = subprocess.run(
        ["curl", "-sS", "--json", json.dumps(event), f"{hub.url}/broadcast"],
        capture_output=True,
        timeout=10,
    )
    return json.loads(result.stdout)["id"]


def publish_with_python(hub, event):
    """Publishes as a Python program without libraries does; gives back the id."""
    request = urllib.request.Request(
        f"{hub.url}/broadcast", json.dumps(event).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["id"]


def publish_with_node(hub, event):
    """Publishes as a Node program does; gives back the id."""
    program = """
        const [url, body] = process.argv.slice(1);
        const headers = {'content-type': 'application/json'};
        const answer = await fetch(url, {method: 'POST', headers, body});
        console.log((await answer.json()).id);
    """
    result = subprocess.run(
        [
            "node",
            "--input-type=module",
            "-e",
            program,
            "--",
            f"{hub.url}/broadcast",
            json.dumps(event),
        ],
        capture_output=True,
        timeout=20,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


PUBLISHERS = {
    "curl": publish_with_curl,
    "python": publish_with_python,
    "node": pytest.param(
        publish_with_node,
        marks=pytest.mark.skipif(not shutil.which("node"), reason="there is no node"),
    ),
}


def listen(page, hub, resources="session:1,post:2,influencer:*"):
    """Opens an EventSource in the page and awaits that it is live."""
    page.evaluate(LISTEN, f"{hub.url}/stream?resources={resources}")
    page.wait_for_function("lives.length == 1")


@pytest.mark.parametrize("publish", PUBLISHERS.values(), ids=PUBLISHERS.keys())
def test_a_browser_gets_what_other_languages_publish(hub, page, publish):
    listen(page, hub)
    data = {"status": "ready", "text": 'žluťoučký 🙂 \n " \\'}
    expected = []
    for resource in ("session:1", "post:2", "influencer:77", "post:3"):
        id = publish(hub, {"resource": resource, "event": "post_update", "data": data})
        if resource != "post:3":
            expected.append((id, [resource]))
    page.wait_for_function("got.length >= 3")
    got = page.evaluate("got")
    assert [(event["id"], event["resources"]) for event in got] == expected
    assert all(event["data"] == data and event["event"] == "post_update" for event in got)


def test_an_event_to_two_resources_of_a_page_arrives_once(hub, page):
    listen(page, hub)
    hub.publish(["post:2", "influencer:9"], "once", event="post_update")
    hub.publish("session:1", "end", event="status_update")
    page.wait_for_function("got.some(event => event.data == 'end')")
    assert page.evaluate("got.map(event => event.data)") == ["once", "end"]


def test_a_page_publishes_and_changes_its_stream_across_origins(hub, page, name):
    listen(page, hub, f"post:{name}")
    told = page.evaluate(
        """async ([url, name]) => {
            const headers = {'Content-Type': 'application/json'};
            const change = await fetch(`${url}/stream/${connected.connection}`, {
                method: 'PATCH', headers, body: JSON.stringify({add: [`new:${name}`]})});
            const publish = await fetch(`${url}/broadcast`, {
                method: 'POST', headers: {...headers, 'Idempotency-Key': name},
                body: JSON.stringify({resource: `new:${name}`, data: 1})});
            return [await change.json(), await publish.json()];
        }""",
        [hub.url, name],
    )
    assert told[0] == {"resources": [f"post:{name}", f"new:{name}"]}
    page.wait_for_function("got.length == 1")
    assert page.evaluate("got[0].id") == told[1]["id"]


def test_a_page_gets_a_thousand_events_in_order(hub, page, post):
    listen(page, hub, post)
    lines = [{"resource": post, "data": n} for n in range(TOTAL)]
    assert hub.post_lines(lines).json == {"published": TOTAL}
    page.wait_for_function(f"got.length >= {TOTAL}")
    assert page.evaluate("got.map(event => event.data)") == list(range(TOTAL))
    ids = [sequence(id) for id in page.evaluate("got.map(event => event.id)")]
    assert ids == list(range(ids[0], ids[0] + TOTAL))


def test_a_page_reconnects_by_itself_after_the_hub_was_restarted(page, post):
    with Hub() as first:
        listen(page, first, post)
        first.publish(post, "before")
        page.wait_for_function("got.length == 1")
    with Hub(port=first.port) as second:
        page.wait_for_function("lives.length == 2", timeout=15_000)
        second.publish(post, "after")
        page.wait_for_function("got.length == 2")
        assert page.evaluate("[got.map(event => event.data), connected.resumed]") == [
            ["before", "after"],
            False,
        ]
        page.evaluate("source.close()")


def test_a_page_that_lost_its_connection_resumes_without_loss(hub, page, post):
    # A relay that is cut: the page must come back with Last-Event-ID and get what it missed.
    with Relay(hub.address) as relay:
        page.evaluate(LISTEN, f"http://127.0.0.1:{relay.port}/stream?resources={post}")
        page.wait_for_function("lives.length == 1")
        hub.publish(post, 0)
        page.wait_for_function("got.length == 1")
        relay.cut()
        for n in range(1, 6):
            hub.publish(post, n)
        page.wait_for_function("lives.length == 2", timeout=15_000)
        hub.publish(post, 6)
        page.wait_for_function("got.length >= 7")
        assert page.evaluate("got.map(event => event.data)") == [0, 1, 2, 3, 4, 5, 6]
        assert page.evaluate("connected.resumed") is True
        page.evaluate("source.close()")

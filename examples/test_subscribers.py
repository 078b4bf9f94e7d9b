"""How the subscribers of the examples bear a hub that misbehaves; all three must do the same.

What they do with a real hub that is killed and with proxies is tested in Tests/Peers.
"""

import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading
import time

import pytest

HERE = pathlib.Path(__file__).parent
LIMIT = 30
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
OPENING = b'retry: 10\nevent: connected\ndata: {"keepalive":20}\n\n'
LAST_CHUNK = b"0\r\n\r\n"


def block(name, data, id=None):
    """A block as the hub writes it, its id last."""
    return f"event: {name}\ndata: {data}\n".encode() + (f"id: {id}\n\n" if id else "\n").encode()


def live(id):
    return block("live", '{"cursor":"%s"}' % id, id)


def event(number, data=None, **fields):
    """An event and the line that it must become."""
    data = json.dumps(number) if data is None else data
    envelope = '{"resources":["a:1"],"at":"2026-11-30T00:00:00.000Z","data":%s}' % data
    id = f"e-{number}"
    return block("update", envelope, id), '{"id":"%s","event":"update",%s' % (id, envelope[1:])


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Hub:
    """Serves one script a connection: bytes to send, or "hold", to say nothing until the client goes."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.requests = queue.Queue()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.server.getsockname()[1]
        self.is_open = True
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_open = False
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    def accept(self):
        while self.is_open:
            with contextlib.suppress(OSError):
                client, _ = self.server.accept()
                script = self.scripts.pop(0) if self.scripts else [HEAD, "hold"]
                threading.Thread(target=self.serve, args=(client, script), daemon=True).start()

    def serve(self, client, script):
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536)
            self.requests.put((time.monotonic(), head.decode()))
            for step in script:
                if step == "hold":
                    # Until the client has gone.
                    while client.recv(65536):
                        pass
                else:
                    client.sendall(step)

    def request(self):
        """The next request, and when it came."""
        return self.requests.get(timeout=LIMIT)


def cursor_of(head):
    """The Last-Event-ID of a request's head."""
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "last-event-id":
            return value.strip()
    return None


@pytest.fixture(scope="session", params=["python", "node", "go"])
def program(request, tmp_path_factory):
    """Each subscriber's program."""
    if request.param == "python":
        return HERE / "subscriber-python/subscriber.py"
    if request.param == "node":
        return HERE / "subscriber-node/subscriber.mjs"
    built = tmp_path_factory.mktemp("go") / "subscriber"
    subprocess.run([HERE / "subscriber-go/build", built], check=True)
    return built


class Run:
    """A subscriber that runs; its lines are read as they come."""

    def __init__(self, program, url, folder, *flags, resources=("a:1",)):
        self.process = subprocess.Popen(
            [program, *flags, *resources],
            cwd=folder,
            env=os.environ | {"MARTLET_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=open(folder / "complaints", "ab"),
            text=True,
        )
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self):
        """The next line, or `None` at the end."""
        return self.lines.get(timeout=LIMIT)

    def wait(self):
        """The exit code."""
        return self.process.wait(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(LIMIT)
        self.thread.join(LIMIT)
        self.process.stdout.close()


def until(condition, what):
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"{what} never happened"
        time.sleep(0.01)


def kept(folder):
    """What the cursor file holds."""
    path = folder / "subscriber.cursor"
    return path.read_text().strip() if path.exists() else None


def test_asks_for_what_it_is_told_to_and_keeps_its_place(program, tmp_path):
    first, line = event(1, '{"big":12345678901234567890,"small":1.0,"text":"\\u017elu\u0165"}')
    with Hub([HEAD, chunk(OPENING + live("e-0")), chunk(first), "hold"]) as hub:
        with Run(program, hub.url, tmp_path, resources=["a:1", "b:*"]) as run:
            # Every digit of a number as it came.
            assert run.line() == line
            until(lambda: kept(tmp_path) == "e-1", "a kept cursor")
            target = hub.request()[1].split(" ")[1].replace("%3A", ":").replace("%2C", ",").replace("%2A", "*")
            path, _, query = target.partition("?")
            assert path == "/stream"
            assert sorted(query.split("&")) == ["keepalive=20", "resources=a:1,b:*"]
            run.process.send_signal(signal.SIGTERM)
            assert run.wait() == 0
        with Run(program, hub.url, tmp_path):
            assert cursor_of(hub.request()[1]) == "e-1"


@pytest.mark.parametrize("end", [LAST_CHUNK, b""], ids=["clean", "cut"])
def test_an_end_is_never_the_end(program, tmp_path, end):
    first, line = event(1)
    second, other = event(2)
    with Hub(
        [HEAD, chunk(OPENING + live("e-0") + first), end],
        [HEAD, chunk(OPENING + second + live("e-2")), "hold"],
    ) as hub, Run(program, hub.url, tmp_path) as run:
        assert [run.line(), run.line()] == [line, other]
        hub.request()
        assert cursor_of(hub.request()[1]) == "e-1"


@pytest.mark.parametrize("at", [1, 20, -3, -1])
def test_a_block_that_was_cut_does_not_count(program, tmp_path, at):
    first, _ = event(1)
    second, line = event(2)
    with Hub(
        [HEAD, chunk(OPENING + live("e-0") + first + second[:at])],
        [HEAD, chunk(OPENING + second + live("e-2")), "hold"],
    ) as hub, Run(program, hub.url, tmp_path) as run:
        run.line()
        assert run.line() == line
        hub.request()
        assert cursor_of(hub.request()[1]) == "e-1"


def test_reads_lines_of_any_length_in_any_pieces(program, tmp_path):
    text = "ž\U0001f642" * 40_000
    large, line = event(1, json.dumps(text, ensure_ascii=False))
    small, other = event(2)
    stream = b"\xef\xbb\xbf" + OPENING + live("e-0") + large + small.replace(b"\n", b"\r\n")
    # The character of four bytes, the byte order mark and the line ends are cut somewhere.
    pieces = [stream[at : at + 997] for at in range(0, len(stream), 997)]
    pieces[:1] = [pieces[0][at : at + 1] for at in range(len(pieces[0]))]
    with Hub([HEAD, *map(chunk, pieces), "hold"]) as hub, Run(program, hub.url, tmp_path) as run:
        assert [run.line(), run.line()] == [line, other]


def test_says_that_events_are_gone_and_goes_on_from_live(program, tmp_path):
    (tmp_path / "subscriber.cursor").write_text("old-9\n")
    state = '{"resources":["a:1"],"at":"2026-11-30T00:00:00.000Z","data":7,"id":"e-5","retained":true}'
    reset = block("reset", '{"reason":"epoch","oldest":"e-3"}')
    with Hub(
        [HEAD, chunk(OPENING + reset + block("update", state))],
        [HEAD, chunk(OPENING + block("update", state) + live("e-8")), "hold"],
    ) as hub, Run(program, hub.url, tmp_path) as run:
        assert json.loads(run.line()) == {
            "id": None,
            "event": "reset",
            "data": {"reason": "epoch", "oldest": "e-3"},
        }
        # State says itself which event it is.
        assert [run.line(), run.line()] == ['{"event":"update",' + state[1:]] * 2
        until(lambda: kept(tmp_path) == "e-8", "the new cursor")
        assert cursor_of(hub.request()[1]) == "old-9"
        # Cut before `live`, it begins afresh.
        assert cursor_of(hub.request()[1]) is None


def test_what_is_never_stored_has_no_id(program, tmp_path):
    envelope = '{"resources":["a:1"],"at":"2026-11-30T00:00:00.000Z","data":{"retained":true}}'
    stream = OPENING + live("e-4") + block("typing", envelope)
    with Hub([HEAD, chunk(stream), "hold"]) as hub, Run(program, hub.url, tmp_path) as run:
        assert run.line() == '{"id":null,"event":"typing",' + envelope[1:]
        until(lambda: kept(tmp_path) == "e-4", "the cursor of the last event that was stored")


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_waits_as_long_as_it_is_told(program, tmp_path, status):
    refusal = f"HTTP/1.1 {status}\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n".encode()
    with Hub([refusal]) as hub, Run(program, hub.url, tmp_path):
        first, second = hub.request()[0], hub.request()[0]
    assert second - first >= 1.9


def test_a_hub_in_trouble_says_when_to_come_back(program, tmp_path):
    closing = b'retry: 2100\nevent: closing\ndata: {"reason":"unavailable","retry":2100}\n\n'
    second, line = event(2)
    with Hub(
        [HEAD, chunk(closing), LAST_CHUNK],
        [HEAD, chunk(OPENING + second + live("e-2")), "hold"],
    ) as hub, Run(program, hub.url, tmp_path) as run:
        first, second = hub.request()[0], hub.request()[0]
        assert run.line() == line
    assert second - first >= 2.0


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 12\r\n\r\nretry: 100\n\n",
        b"what is this?\r\n\r\n",
        b"",
    ],
    ids=["502", "404", "204", "page", "away", "noise", "nothing"],
)
def test_goes_on_whatever_stands_at_the_hubs_address_for_a_while(program, tmp_path, answer):
    (tmp_path / "subscriber.cursor").write_text("e-1\n")
    second, line = event(2)
    with Hub([answer], [HEAD, chunk(OPENING + second + live("e-2")), "hold"]) as hub:
        with Run(program, hub.url, tmp_path) as run:
            assert run.line() == line


def test_comes_back_after_silence(program, tmp_path):
    second, line = event(2)
    with Hub(
        [HEAD, chunk(OPENING + live("e-1")), "hold"],
        ["hold"],
        [HEAD, chunk(OPENING + second + live("e-2")), "hold"],
    ) as hub, Run(program, hub.url, tmp_path, "--keepalive", "0.2") as run:
        assert run.line() == line


def test_a_mistake_ends_it_at_once(program, tmp_path):
    body = b'{"status":400,"detail":"a resource is kind:id"}'
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n"
    with Hub([head % len(body) + body]) as hub, Run(program, hub.url, tmp_path) as run:
        assert run.wait() == 1
    assert "a resource is kind:id" in (tmp_path / "complaints").read_text()


def test_does_not_begin_anew_with_a_file_that_lost_its_cursor(program, tmp_path):
    (tmp_path / "subscriber.cursor").write_text("")
    with Hub() as hub, Run(program, hub.url, tmp_path) as run:
        assert run.wait() == 1
        assert hub.requests.empty()
    assert "subscriber.cursor is empty" in (tmp_path / "complaints").read_text()


def test_keeps_no_place_for_lines_that_nobody_got(program, tmp_path):
    events = b"".join(event(number)[0] for number in range(1, 3000))
    with Hub([HEAD, chunk(OPENING + live("e-0")), chunk(events), "hold"]) as hub:
        reader, writer = os.pipe()
        process = subprocess.Popen(
            [program, "a:1"],
            cwd=tmp_path,
            env=os.environ | {"MARTLET_URL": hub.url},
            stdout=writer,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        until(lambda: kept(tmp_path), "the first cursor")
        # More than a pipe holds: it must wait for its reader, which goes away.
        os.close(reader)
        assert process.wait(LIMIT) != 0
    assert int(kept(tmp_path).removeprefix("e-")) < 2999


def test_does_not_spoil_a_line_after_one_that_was_cut(program, tmp_path):
    output = tmp_path / "events"
    output.write_text('{"id":"e-1","eve')
    first, line = event(1)
    (tmp_path / "subscriber.cursor").write_text("e-0\n")
    with Hub([HEAD, chunk(OPENING + first + live("e-1")), "hold"]) as hub, open(output, "ab") as file:
        process = subprocess.Popen(
            [program, "a:1"], cwd=tmp_path, env=os.environ | {"MARTLET_URL": hub.url}, stdout=file
        )
        try:
            until(lambda: kept(tmp_path) == "e-1", "the kept cursor")
        finally:
            process.kill()
            process.wait(LIMIT)
    assert output.read_text().split("\n") == ['{"id":"e-1","eve', line, ""]


def test_a_reader_that_gets_on_a_little_each_time_comes_back_soon(program, tmp_path):
    # Cut off before `live` again and again: if its waits grew, these would take a minute and more.
    count = 8
    pieces = [event(number) for number in range(1, count + 1)]
    scripts = [[HEAD, chunk(OPENING + piece)] for piece, _ in pieces]
    with Hub(*scripts) as hub, Run(program, hub.url, tmp_path) as run:
        assert [run.line() for _ in pieces] == [line for _, line in pieces]
        times = [hub.request()[0] for _ in range(count)]
    # Each wait is below one second; it may take a while until a request is sent, on a machine that is busy.
    assert times[-1] - times[0] < 3 * count, times

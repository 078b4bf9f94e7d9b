"""The listening socket is passed to the hub (LISTEN_FDS): it outlives the process, and with it whoever waits."""

import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from support.holder import command, held_hub, listening, passing, run_with
from support.http import Connection, build
from support.hub import Hub, as_bytes, environment
from support.sse import ChunkedDecoder, EventParser
from support.wait import Deadline, eventually

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def held():
    """A socket that listens whatever becomes of the hubs."""
    with listening() as held:
        yield held


def test_the_socket_that_was_passed_is_served_and_named(held, post):
    with held_hub(held, "--workers", "3") as hub:
        assert hub.address == held.getsockname()
        with hub.open([post]) as stream:
            id = hub.publish(post, 1)
            assert stream.event().id == id
        sockets = Path("/proc/net/tcp").read_text()
        assert sockets.count(f":{hub.port:04X} 00000000:0000 0A") == 1, "none of its own"


def test_every_worker_gets_its_share_of_the_streams(held, post):
    with held_hub(held, "--workers", "4") as hub:
        streams = [hub.open([post]) for _ in range(40)]
        # A stream's name ends with its worker's number, hidden by a random word (ConnectionID).
        workers = [name(stream) for stream in streams]
        assert sorted(workers.count(worker) for worker in set(workers)) == [10, 10, 10, 10]
        ids = [hub.publish(post, n) for n in range(50)]
        for stream in streams:
            assert [block.id for block in stream.events(50)] == ids
            stream.close()


def name(stream):
    """The worker that a stream is on."""
    text = stream.seen[0].json["connection"]
    return (int(text[32:], 16) ^ int(text[16:32], 16)) & 0xFFFF


def test_the_socket_is_not_handed_on_to_children(held):
    with held_hub(held) as hub:
        flags = Path(f"/proc/{hub.process.pid}/fdinfo/3").read_text()
        assert int(flags.split("flags:")[1].split()[0], 8) & os.O_CLOEXEC


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "SIGTERM"])
def test_who_connects_while_no_hub_runs_is_answered_by_the_next(held, folder, post, number):
    hub = held_hub(held, data=folder)
    try:
        first = hub.publish(post, "before")
        hub.signal(number)
        hub.wait()
        waiting = [Connection(held.getsockname(), limit=30) for _ in range(50)]
        for index, connection in enumerate(waiting):
            body = as_bytes({"resource": post, "data": index})
            connection.send(build("POST", "/broadcast", JSON, body))
        stream = Connection(held.getsockname(), limit=30)
        stream.send(build("GET", f"/stream?resources={post}&last_event_id={first}"))
    finally:
        hub.kill()
    with held_hub(held, data=folder) as hub:
        for connection in waiting:
            assert connection.read_response().status == 200
            connection.close()
        assert stream.read_head()[0] == 200
        decoder, parser, events = ChunkedDecoder(), EventParser(), []
        deadline = Deadline(10, "what was missed")
        while len(events) < 50:
            blocks = parser.feed(decoder.feed(stream.take(len(stream.buffer))))
            events += [block for block in blocks if not block.is_control]
            assert len(events) >= 50 or stream.receive(deadline)
        stream.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "SIGTERM"])
def test_no_connection_is_refused_over_many_restarts(held, folder, post, number):
    address, trouble, answered, ending = held.getsockname(), [], [0], threading.Event()

    def ask():
        while not ending.is_set():
            try:
                with Connection(address, limit=30) as connection:
                    connection.send(build("GET", "/health"))
                    status, _ = connection.read_head()
                    answered[0] += status == 200
            except ConnectionRefusedError as error:
                trouble.append(error)
            except AssertionError:
                pass  # it was being served by the hub that was killed

    asking = [threading.Thread(target=ask) for _ in range(4)]
    hub = held_hub(held, data=folder)
    try:
        for thread in asking:
            thread.start()
        for _ in range(6):
            before = answered[0]
            eventually(lambda: answered[0] > before + 20, "answers", 20)
            hub.signal(number)
            hub.wait()
            hub.kill()
            hub = held_hub(held, data=folder)
        before = answered[0]
        eventually(lambda: answered[0] > before + 20, "answers", 20)
    finally:
        ending.set()
        for thread in asking:
            thread.join()
        hub.kill()
    assert not trouble


def test_a_stop_leaves_those_who_wait_to_the_next_hub(held, folder, post):
    hub = held_hub(held, "--workers", "1", "--shutdown-timeout", "60", data=folder)
    try:
        half = hub.connect()
        half.send(
            b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9\r\n\r\n"
        )
        kept = hub.connect()
        assert kept.exchange("GET", "/health").status == 200
        kept.send(b"GET /health HTTP/1.1\r\n")
        probe = hub.connect()
        assert probe.exchange("GET", "/health").status == 200
        eventually(lambda: "Serving" in hub.log(), "the log")
        hub.signal()
        # The worker closes what is idle when it knows, which is a moment after the log says so.
        assert probe.read_to_end() == b""
        kept.send(b"Host: localhost\r\n\r\n")
        assert kept.read_response().status == 503, "it has stopped for those whom it has"
        late = [hub.connect(limit=30) for _ in range(20)]
        for connection in late:
            connection.send(build("GET", "/health"))
        half.close()
        assert hub.wait() == 0
    finally:
        hub.kill()
    with held_hub(held, data=folder):
        for connection in late:
            assert connection.read_response().status == 200
            connection.close()


def test_an_address_of_version_6_is_named_in_brackets():
    try:
        held = listening("::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with held:
        port = held.getsockname()[1]
        with subprocess.Popen(
            command("serve", "--data", ":memory:"),
            env=environment({"LISTEN_FDS": "1"}),
            preexec_fn=passing([held.fileno()]),
            close_fds=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout.readline().endswith(f"listening on http://[::1]:{port}\n")
            process.terminate()
            assert process.wait(10) == 0


def test_an_address_that_is_given_besides_has_no_say_and_that_is_logged(held):
    with held_hub(held, "--host", "127.0.0.9", "--port", "1") as hub:
        assert hub.address == held.getsockname()
        assert "--host and --port are not used" in hub.log()
    with held_hub(held, "--port", str(held.getsockname()[1])) as hub:
        assert "are not used" not in hub.log()


def test_a_socket_that_was_passed_to_somebody_else_is_left_alone(held):
    with Hub(env={"LISTEN_FDS": "1", "LISTEN_PID": "1"}) as hub:
        assert hub.port != held.getsockname()[1]
        hub.assert_healthy()


# What cannot be used


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), "a Unix socket"),
        (lambda path: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "no stream socket"),
        (lambda path: socket.socket(socket.AF_INET, socket.SOCK_STREAM), "does not listen"),
        (lambda path: open(path, "w"), "no socket"),
    ],
    ids=["unix", "datagram", "not listening", "file"],
)
def test_another_kind_of_descriptor_is_refused_by_name(tmp_path, make, words):
    with make(tmp_path / "file") as passed:
        ended = run_with([passed.fileno()])
    assert ended.returncode == 64, ended
    assert "LISTEN_FDS: descriptor 3 is" in ended.stderr and words in ended.stderr


def test_several_sockets_are_refused(held):
    with listening() as other:
        ended = run_with([held.fileno(), other.fileno()])
    assert ended.returncode == 64 and "2 sockets" in ended.stderr


@pytest.mark.parametrize("count", ["one", "-1", "1.5"])
def test_a_number_that_is_none_is_refused(held, count):
    ended = run_with([held.fileno()], count=count)
    assert ended.returncode == 64 and count in ended.stderr

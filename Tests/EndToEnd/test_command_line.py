"""The program as scripts and init systems see it."""

import re
import resource
import signal
import socket
import time

import pytest

from support.hub import Hub, run
from support.wait import eventually

FLAGS = [
    "--host",
    "--port",
    "--data",
    "--workers",
    "--queue-size",
    "--keepalive",
    "--broadcast-timeout",
    "--durability",
    "--retention-age",
    "--retention-events",
    "--retention-bytes",
]


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"]])
def test_help_goes_to_standard_output_and_is_a_success(arguments):
    result = run(*arguments)
    assert result.returncode == 0
    assert "serve" in result.stdout
    assert result.stderr == ""


def test_the_help_of_serve_names_every_flag():
    text = run("serve", "--help").stdout
    missing = [flag for flag in FLAGS if not re.search(rf"{flag}\b", text)]
    assert not missing
    assert "MARTLET_" in text


def test_the_version_is_told():
    result = run("--version")
    assert result.returncode == 0
    assert "0.1.0" in result.stdout
    assert result.stdout.count("\n") == 1


WRONG = {
    "an unknown flag": (["serve", "--colour", "red"], "--colour"),
    "an unknown command": (["fly"], "fly"),
    "a misspelt flag": (["serve", "--prot", "8080"], "--prot"),
    "a flag without its value": (["serve", "--port"], "--port"),
    "a port that is a word": (["serve", "--port", "http"], "--port"),
    "a port too large": (["serve", "--port", "65536"], "--port"),
    "a negative port": (["serve", "--port", "-1"], "--port"),
    "an empty port": (["serve", "--port", ""], "--port"),
    "a host that is no address": (["serve", "--host", "not an address"], "--host"),
    "half a worker": (["serve", "--workers", "1.5"], "--workers"),
    "a negative keepalive": (["serve", "--keepalive", "-3"], "--keepalive"),
    "a keepalive that is no number": (["serve", "--keepalive", "soon"], "--keepalive"),
    "a keepalive of NaN": (["serve", "--keepalive", "nan"], "--keepalive"),
    "an unknown durability": (["serve", "--durability", "maybe"], "--durability"),
    "a broadcast timeout that is no number": (
        ["serve", "--broadcast-timeout", "1s"],
        "--broadcast-timeout",
    ),
    "a retention that is no number": (
        ["serve", "--retention-events", "many"],
        "--retention-events",
    ),
    "a word too many": (["serve", "here"], "here"),
}


@pytest.mark.parametrize(("arguments", "word"), WRONG.values(), ids=WRONG.keys())
def test_a_usage_error_exits_with_64_and_names_what_is_wrong(arguments, word):
    result = run(*arguments)
    assert result.returncode == 64, result
    assert word in result.stderr, result
    assert result.stdout == ""


def test_a_wrong_value_in_the_environment_names_the_variable():
    result = run("serve", env={"MARTLET_PORT": "http"})
    assert result.returncode == 64, result
    assert "MARTLET_PORT" in result.stderr


def test_a_flag_may_be_joined_to_its_value():
    with Hub("--keepalive=0.5") as hub, hub.stream(["a:1"]) as stream:
        assert stream.next().json["keepalive"] == 0.5


def test_a_port_taken_by_another_program_exits_with_69():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        result = run("serve", "--port", port, "--data", ":memory:")
    assert result.returncode == 69, result
    assert port in result.stderr
    assert result.stdout == ""


def test_a_port_taken_by_another_hub_exits_with_69():
    with Hub() as hub:
        result = run("serve", "--port", str(hub.port), "--data", ":memory:")
        assert result.returncode == 69, result
        hub.assert_healthy()


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "no.such.host.invalid"])
def test_a_host_that_is_not_this_machines_is_a_usage_error(host):
    result = run("serve", "--host", host, "--port", "0", "--data", ":memory:")
    assert result.returncode == 64, result
    assert f"--host {host}" in result.stderr and result.stdout == ""


def test_a_port_is_free_again_right_after_a_stop(post):
    with Hub() as first:
        stream = first.open([post])
    with Hub(port=first.port) as second:
        assert second.port == first.port
        second.assert_healthy()
    stream.close()


def test_the_environment_configures_the_hub():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = {"MARTLET_PORT": str(port), "MARTLET_KEEPALIVE": "0.75", "MARTLET_DATA": ":memory:"}
    with Hub(port=None, data=None, env=settings) as hub:
        assert hub.port == port
        with hub.stream(["a:1"]) as stream:
            assert stream.next().json["keepalive"] == 0.75


def test_a_flag_wins_over_the_environment():
    with Hub("--keepalive", "7", env={"MARTLET_KEEPALIVE": "0.75", "MARTLET_PORT": "1"}) as hub:
        with hub.stream(["a:1"]) as stream:
            assert stream.next().json["keepalive"] == 7


def test_one_worker_serves_all():
    with Hub("--workers", "1") as hub, hub.open(["a:1"]) as one, hub.open(["a:1"]) as two:
        id = hub.publish("a:1", 1)
        assert one.event().id == two.event().id == id


def test_four_workers_agree_on_the_order(post):
    with Hub("--workers", "4") as hub:
        streams = [hub.open([post]) for _ in range(16)]
        ids = [hub.publish(post, n) for n in range(100)]
        for stream in streams:
            assert [block.id for block in stream.events(100)] == ids
            stream.close()


def test_another_address_can_be_served(post):
    with Hub("--host", "127.0.0.2") as hub:
        assert hub.url == f"http://127.0.0.2:{hub.port}"
        hub.publish(post, 1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", hub.port), 2)


def test_the_soft_limit_of_descriptors_is_raised_and_reported():
    with Hub(descriptors=(256, 4321)) as hub:
        eventually(lambda: "4321" in hub.log(), "the limit in the log", 3)
        limits = resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE)
        assert limits == (4321, 4321)


def test_the_log_goes_to_standard_error():
    with Hub() as hub:
        assert str(hub.port) in hub.log()


# Stopping


@pytest.fixture
def mortal():
    """A hub that a test stops itself."""
    hub = Hub()
    yield hub
    hub.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_tells_every_stream_and_ends_the_hub_with_0(mortal, post, number):
    streams = [mortal.open([post]) for _ in range(100)]
    began = time.monotonic()
    mortal.signal(number)
    for stream in streams:
        (closing,) = stream.rest(5)
        assert closing.event == "closing"
        assert closing.id is None
        assert set(closing.json) == {"reason", "retry"}
        assert closing.json["reason"] == "shutdown"
        assert isinstance(closing.json["retry"], int) and closing.json["retry"] > 0
        assert closing.retry == str(closing.json["retry"])
        assert stream.ended_cleanly
        stream.close()
    assert mortal.wait(5) == 0
    assert time.monotonic() - began < 5


def test_a_hub_that_is_to_outlive_its_terminal_does(post):
    with Hub(ignored=signal.SIGHUP) as hub, hub.open([post]) as stream:
        hub.signal(signal.SIGHUP)
        for number in range(10):
            hub.publish(post, number)
        assert [block.payload for block in stream.events(10)] == list(range(10))


def test_events_that_were_acknowledged_arrive_before_the_stop(mortal, post):
    with mortal.open([post]) as stream:
        ids = mortal.post([{"resource": post, "data": n} for n in range(1000)]).json["ids"]
        mortal.signal()
        blocks = stream.rest(5)
    assert [block.id for block in blocks if not block.is_control] == ids
    assert blocks[-1].event == "closing"
    assert mortal.wait(5) == 0


def test_clients_that_do_not_read_do_not_hold_up_the_stop(mortal, post):
    stalled = [mortal.open([post], options={"receive_buffer": 4096}) for _ in range(10)]
    idle = [mortal.connect() for _ in range(10)]
    half = mortal.connect()
    half.send(b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n")
    events = [{"resource": post, "data": "x" * 20_000}] * 40
    for _ in range(5):
        assert mortal.post(events).status == 200
    mortal.signal()
    assert mortal.wait(8) == 0
    for client in (*stalled, *idle, half):
        client.close()


def test_a_second_signal_ends_a_stop_or_changes_nothing(mortal):
    mortal.signal()
    mortal.signal()
    assert mortal.wait(5) == 0


def test_a_stop_right_after_the_start_is_clean():
    for _ in range(10):
        Hub().stop(5)


def test_a_broken_pipe_does_not_end_the_hub(mortal):
    mortal.signal(signal.SIGPIPE)
    mortal.process.stdout.close()
    mortal.assert_healthy()
    mortal.signal()
    assert mortal.wait(5) == 0

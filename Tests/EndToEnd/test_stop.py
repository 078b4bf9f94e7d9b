"""A stop does not wait for what peers do with a connection whose response they have whole."""

import signal
import subprocess

import pytest

from support.http import build
from support.hub import BINARY, Hub, environment
from support.wait import eventually


@pytest.fixture
def patient():
    """A hub that would wait for a minute."""
    hub = Hub("--shutdown-timeout", "60", "--external-kinds", "w")
    yield hub
    hub.kill()


def test_a_peer_that_reads_all_and_never_closes_does_not_hold_up_the_stop(patient, post):
    streams = [patient.open([post]) for _ in range(20)]
    patient.signal()
    for stream in streams:
        assert [block.event for block in stream.rest()] == ["closing"]
    # Nobody closes, as behind Apache and H2O.
    assert patient.wait(20) == 0
    assert "cut off" not in patient.log()
    for stream in streams:
        assert stream.ended_cleanly
        stream.close()


def test_a_peer_that_reads_nothing_and_whose_system_has_all_does_not_either(patient, post):
    streams = [patient.open([post]) for _ in range(3)]
    patient.signal()
    assert patient.wait(20) == 0
    for stream in streams:
        assert [block.event for block in stream.rest()] == ["closing"]
        stream.close()


def test_a_stream_that_has_ended_by_itself_does_not_either(patient):
    job = patient.post({"kind": "w", "input": 1}, "/api/v1/jobs").json["id"]
    assert patient.post({}, f"/api/v1/jobs/{job}/cancel").status == 200
    with patient.connect() as connection:
        connection.send(build("GET", f"/api/v1/jobs/{job}/progress"))
        assert connection.read_response().status == 200
        patient.signal()
        assert patient.wait(20) == 0


def test_an_answered_connection_that_stays_open_does_not_either(patient, post):
    with patient.connect() as kept, patient.connect() as last:
        assert kept.exchange("GET", "/health").status == 200
        answer = last.exchange("GET", "/health", {"Connection": "close"})
        assert answer.status == 200
        patient.signal()
        assert patient.wait(20) == 0


def test_an_ended_connection_is_closed_when_its_peer_has_everything(post):
    with Hub() as hub:
        before = hub.status()["sockets"]
        connections = [hub.connect() for _ in range(10)]
        for connection in connections:
            assert connection.exchange("GET", "/health", {"Connection": "close"}).status == 200
        eventually(lambda: hub.status()["sockets"] <= before, "the sockets", 1.5)
        for connection in connections:
            connection.close()


def test_an_answer_survives_a_body_that_is_still_being_sent(patient):
    with patient.connect() as connection:
        connection.send(
            b"POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99999999\r\n\r\n"
        )
        for _ in range(50):
            connection.send_all_it_takes(b"x" * 20_000)
        assert connection.read_response().status == 413


def test_a_stalled_reader_still_has_the_time_that_was_set(post):
    hub = Hub("--shutdown-timeout", "1", "--broadcast-timeout", "60")
    try:
        stalled = hub.open([post], options={"receive_buffer": 4096})
        for _ in range(5):
            hub.post([{"resource": post, "data": "x" * 20_000}] * 40)
        hub.signal()
        assert hub.wait(20) == 0
        assert "Connections were cut off at the end connections=1" in hub.log()
        stalled.close()
    finally:
        hub.kill()


# The start


@pytest.mark.parametrize("data", [":memory:", None], ids=["memory", "disk"])
def test_too_few_descriptors_are_a_sentence_whatever_they_were_needed_for(tmp_path, data):
    data = data or str(tmp_path / "data")
    refused = 0
    for limit in [8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 80]:
        try:
            hub = Hub("--workers", "2", data=data, descriptors=(limit, limit))
        except AssertionError as error:
            assert "ended with 70" in str(error), f"{limit}: {error}"
            assert "No descriptors left" in str(error) and "LimitNOFILE" in str(error)
            refused += 1
        else:
            assert hub.publish("post:1", 1)
            with hub.open(["post:1"]):
                pass
            assert "error" not in hub.log()
            hub.stop()
    assert 5 < refused < 14


def test_a_signal_right_at_the_start_is_a_clean_stop():
    for _ in range(20):
        with subprocess.Popen(
            [BINARY, "serve", "--port", "0", "--data", ":memory:"],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            process.send_signal(signal.SIGTERM)
            # Before it has blocked the signal, it ends as any process does.
            assert process.wait(10) in (0, -signal.SIGTERM)

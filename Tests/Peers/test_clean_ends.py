"""A stream that ends is not a job that has ended: what the examples make of it."""

import os
import subprocess
import threading

import pytest

from peers.restarts import KILL, STOP
from support.hub import REPOSITORY, Hub, environment
from support.wait import eventually
from web.proxy import Proxy, respond

EXAMPLES = REPOSITORY / "examples"
AWAY = respond(200, {"Content-Type": "text/event-stream"}, b"retry: 1000\n\n")


@pytest.mark.limit(150)
@pytest.mark.parametrize("program", ["curl/generate.sh", "worker-python/demo.sh"])
@pytest.mark.parametrize("times", [1, 3])
def test_an_example_follows_its_job_beyond_an_empty_stream(program, times, tmp_path):
    with Hub("--external-kinds", "text-stats", "--builtin-picture", "0.1", "--builtin-rate", "0") as hub:
        proxy = Proxy(tmp_path, hub.address)
        proxy.rule = lambda exchange: (
            AWAY
            if exchange.path.endswith("/progress")
            and exchange.method == "GET"
            and len(proxy.asked(exchange.path)) < times
            else None
        )
        try:
            done = subprocess.run(
                [EXAMPLES / program],
                env=environment({"MARTLET_URL": proxy.url}),
                capture_output=True,
                text=True,
                timeout=100,
            )
        finally:
            proxy.close()
    assert done.returncode == 0, done


@pytest.mark.limit(150)
@pytest.mark.parametrize("how", [KILL, STOP], ids=["kill", "stop"])
def test_a_script_follows_its_job_beyond_a_restart(how, tmp_path):
    folder, flags = str(tmp_path / "data"), ("--builtin-picture", "1")
    first = Hub(*flags, data=folder)
    output = open(tmp_path / "output", "w+b")
    script = subprocess.Popen(
        [EXAMPLES / "curl/generate.sh"],
        env=environment({"MARTLET_URL": first.url}),
        stdout=output,
        stderr=output,
    )

    def said():
        return os.pread(output.fileno(), 1 << 20, 0).decode()

    watchdog = threading.Timer(100, script.kill)
    watchdog.start()
    try:
        eventually(lambda: "event: job_update" in said(), "a job that is followed", 40)
        first.signal(how)
        first.wait(10)
        with Hub(*flags, port=first.port, data=folder):
            assert script.wait(100) == 0, said()
    finally:
        watchdog.cancel()
        script.kill()
        script.wait(10)
        first.kill()
    assert "The stream has ended and the job has not" in said()
    assert "Its picture" in said()

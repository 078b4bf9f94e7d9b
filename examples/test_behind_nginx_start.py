"""What starts examples/behind-nginx: by one command, as it would be in containers, and over a hub that is killed."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

import pytest
import yaml

from behind_nginx_support import (
    EXAMPLE,
    MARTLET,
    NGINX,
    ROOT,
    assert_good,
    check,
    eventually,
    free_port,
    hub_with,
    listens,
    replaced,
    running,
)

LINE = re.compile(r"The hub is behind nginx at (\S+) \(hub (\d+), nginx (\d+)\)\.")
EVENTS = 60


@contextlib.contextmanager
def started(folder):
    """`start` in a session of its own, as a terminal has it; its address, its process, and what it says."""
    command = [EXAMPLE / "start", "--port", str(free_port()), "--hub-port", str(free_port()), "--data", str(folder / "data")]
    said = folder / "said"
    with open(said, "w") as output:
        process = subprocess.Popen(
            command, env=os.environ | {"MARTLET": MARTLET}, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:

        def is_up():
            assert process.poll() is None, said.read_text()
            return LINE.search(said.read_text())

        eventually(is_up, "hub and nginx", 40)
        yield LINE.search(said.read_text())[1], process, said.read_text
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


def is_running(process):
    return os.path.exists(f"/proc/{process}")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_one_command_starts_both_and_ctrl_c_stops_both(tmp_path, name):
    with started(tmp_path) as (url, process, said):
        assert_good(check("--long", "1", url))
        _, *both = LINE.search(said()).groups()
        assert all(map(is_running, both)), said()
        if name == "SIGINT":
            # A terminal sends it to all of them at once.
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.terminate()
        process.wait(20)
        eventually(lambda: not any(map(is_running, both)), "the end of both")
        assert not listens(int(url.rsplit(":", 1)[1]))
        assert process.returncode == 0, said()


def test_it_says_why_the_hub_does_not_start(tmp_path):
    with hub_with() as taken:
        command = [EXAMPLE / "start", "--port", str(free_port()), "--hub-port", str(taken), "--data", ":memory:"]
        done = subprocess.run(command, env=os.environ | {"MARTLET": MARTLET}, capture_output=True, text=True, timeout=40)
    assert done.returncode == 69 and "is taken by another process" in done.stderr, done


@pytest.mark.parametrize("arguments", [["--port"], ["--ports", "1"], ["8000"]], ids=" ".join)
def test_a_wrong_call_is_refused(arguments):
    done = subprocess.run([EXAMPLE / "start", *arguments], capture_output=True, text=True, timeout=20)
    assert done.returncode == 64 and done.stderr, done


def test_nothing_is_lost_or_doubled_over_a_hub_that_is_killed(tmp_path):
    with started(tmp_path) as (url, _, said):
        command = [ROOT / "examples/subscriber-python/subscriber.py", "--cursor", str(tmp_path / "cursor"), "news:1"]
        environment = os.environ | {"MARTLET_URL": url}
        with running(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as subscriber:

            def readers():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    with urllib.request.urlopen(f"{url}/presence?resources=news:1", timeout=5) as answer:
                        return json.load(answer)["resources"]["news:1"]

            eventually(lambda: readers() == 1, "the subscriber")
            for number in range(EVENTS):
                if number == EVENTS // 2:
                    os.kill(int(LINE.search(said())[2]), signal.SIGKILL)
                publish(url, number)
            # A limit for the reads below.
            limit = threading.Timer(60, subscriber.kill)
            limit.start()
            got = []
            while len(got) < EVENTS or got[-1] != EVENTS - 1:
                line = subscriber.stdout.readline()
                assert line, got
                got.append(json.loads(line)["data"])
            limit.cancel()
        assert got == list(range(EVENTS))
        assert "the hub was killed; here is the next one" in said()


def publish(url, number):
    """Publishes one event, and again as long as nginx has no hub behind it; the key keeps it one."""
    event = {"resource": "news:1", "event": "news", "data": number, "key": f"news-{number}"}
    request = urllib.request.Request(url + "/events/broadcast", json.dumps(event).encode(), {"Content-Type": "application/json"})
    end = time.monotonic() + 40
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == 200
                return
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < end, f"event {number} was never taken"
            time.sleep(0.1)


# What the containers are told to do, done without containers: no engine is needed for that


@pytest.fixture(scope="module")
def service():
    return yaml.safe_load((EXAMPLE / "compose.yaml").read_text())["services"]


@pytest.fixture(scope="module")
def pod():
    claim, pod = yaml.safe_load_all((EXAMPLE / "pod.yaml").read_text())
    assert (claim["kind"], pod["kind"]) == ("PersistentVolumeClaim", "Pod")
    [volume] = pod["spec"]["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    return {container["name"]: container for container in pod["spec"]["containers"]}


def instructions(word):
    """The Containerfile's instructions of a kind."""
    text = (EXAMPLE / "Containerfile").read_text().replace("\\\n", "")
    return re.findall(rf"^{word} (.*)$", text, re.M)


def test_both_files_say_the_same_of_nginx(service, pod):
    command = service["nginx"]["command"]
    assert pod["nginx"]["command"] + pod["nginx"]["args"] == command
    # It hears what the hub's network publishes, and for this machine alone.
    assert service["nginx"]["network_mode"] == service["hub"]["network_mode"] == "service:network"
    assert service["network"]["ports"] == ["127.0.0.1:8000:8000"]
    assert pod["nginx"]["ports"] == [{"containerPort": 8000, "hostIP": "127.0.0.1", "hostPort": 8000}]
    folder = service["hub"]["volumes"][0].split(":")[1]
    assert pod["hub"]["volumeMounts"][0]["mountPath"] == folder and instructions("VOLUME") == [folder]


def test_nginx_of_the_image_serves_and_the_probes_ask_it(tmp_path, service, pod):
    """The image's change to nginx.conf, its commands and both health checks, with other ports and folders."""
    port = free_port()
    shutil.copy(EXAMPLE / "nginx.conf", tmp_path)
    [change] = [run for run in instructions("RUN") if run.startswith("sed ")]
    conf = tmp_path / "nginx.conf"
    subprocess.run(change.replace("/etc/martlet/nginx.conf", str(conf)), shell=True, check=True, timeout=20)
    assert "listen 8000;" in conf.read_text()
    [command] = map(json.loads, instructions("CMD"))
    assert command[:2] == ["martlet", "serve"] and "--data" in command
    flags = command[2:]
    flags[flags.index("--data") + 1] = str(tmp_path / "data")
    with hub_with(*flags) as hub:
        conf.write_text(replaced(conf.read_text(), [("listen 8000;", f"listen {port};"), ("127.0.0.1:8080", f"127.0.0.1:{hub}")]))
        names = {"nginx": NGINX, "/run/nginx": str(tmp_path), "/etc/martlet/nginx.conf": str(conf)}
        with running([names.get(word, word) for word in service["nginx"]["command"]], stderr=subprocess.DEVNULL):
            eventually(lambda: listens(port), "nginx")
            assert_good(check("--long", "1", f"http://127.0.0.1:{port}"))
        for probe in (service["hub"]["healthcheck"]["test"][1:], pod["hub"]["livenessProbe"]["exec"]["command"]):
            assert probe[-1].startswith("http://127.0.0.1:8080/health")
            done = subprocess.run([*probe[:-1], probe[-1].replace("8080", str(hub))], capture_output=True, timeout=20)
            assert done.returncode == 0 and b'"ok"' in done.stdout, done
    gone = subprocess.run([*probe[:-1], probe[-1].replace("8080", str(hub))], capture_output=True, timeout=20)
    assert gone.returncode != 0

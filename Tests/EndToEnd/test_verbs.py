"""The verbs of the command line that speak to a hub: publish, tail, jobs and status."""

import json
import os
import signal
import subprocess

import pytest

from support.hub import BINARY, Hub, environment, run
from support.wait import eventually


@pytest.fixture
def hub():
    """A hub of the test's own."""
    with Hub() as hub:
        yield hub


class Tail:
    """A running `martlet tail`, whose output goes to a file."""

    def __init__(self, folder, url, *arguments):
        self.output, self.errors = folder / "output", folder / "errors"
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [BINARY, "tail", "--url", url, *arguments],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    def lines(self):
        """What it has shown so far."""
        return self.output.read_text().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)


def verb(name, hub, *arguments, text=None):
    """Runs a verb against a hub, with a text on its standard input."""
    return subprocess.run(
        [BINARY, name, *arguments],
        env=environment({"MARTLET_URL": hub.url}),
        input=text or "",
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.mark.parametrize("name", ["publish", "tail", "jobs", "status", "doctor"])
def test_each_verb_has_its_help(name):
    for arguments in ([name, "--help"], ["help", name]):
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"martlet {name}" in done.stdout and "--url" in done.stdout
        assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["publish"], "resource"),
        (["tail"], "selector"),
        (["tail", "a:1", "--rewnd", "1"], "--rewind"),
        (["jobs", "shw"], "'shw'"),
        (["jobs", "show"], "id"),
        (["status", "--url", "hub"], "--url"),
        (["publish", "a:1", "--data", "hello"], "JSON"),
        (["publish", "--lines", "a:1"], "--lines"),
        (["doctor", "--quiet-seconds", "-1"], "--quiet-seconds"),
        (["tial"], "'tail'"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments, words):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert words in done.stderr


@pytest.mark.parametrize("arguments", [["publish", "a:1"], ["tail", "a:1"], ["status"], ["doctor"], ["jobs", "list"]])
def test_where_nothing_listens_the_code_is_69(arguments):
    done = run(*arguments, env={"MARTLET_URL": "http://127.0.0.1:1"})
    assert (done.returncode, done.stdout) == (69, ""), done
    assert "refused" in done.stderr


def test_publishes_an_event_and_prints_its_id(hub):
    with hub.open(["post:1"]) as stream:
        done = verb("publish", hub, "post:1", "--event", "e", "--data", '{"a": 1}')
        event = stream.event()
    assert (done.returncode, done.stdout) == (0, event.id + "\n"), done
    assert (event.event, event.payload) == ("e", {"a": 1})
    assert json.loads(verb("publish", hub, "post:1", "--json").stdout)["id"]


def test_a_refusal_is_the_hubs_sentence(hub):
    done = verb("publish", hub, "post")
    assert done.returncode == 1 and "no resource" in done.stderr, done
    first = verb("publish", hub, "post:1").stdout.strip()
    verb("publish", hub, "post:1")
    late = verb("publish", hub, "post:1", "--expect", first)
    assert late.returncode == 1 and "newest" in late.stderr, late


def test_publishes_lines_and_names_the_bad_one(hub):
    good = "".join(json.dumps({"resource": "post:1", "data": n}) + "\n" for n in range(3))
    done = verb("publish", hub, "--lines", text=good)
    assert (done.returncode, done.stdout) == (0, "3 events published\n"), done
    bad = verb("publish", hub, "--lines", text=good + '{"resource":"bad","data":1}\n')
    assert bad.returncode == 1 and "3 events published before line 4" in bad.stderr, bad


def test_without_the_right_the_code_is_77(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef")
    mint = ["token", "mint", "--jwt-secret-file", str(secret), "--grant-publish", "post:*"]
    token = tmp_path / "token"
    token.write_text(run(*mint).stdout)
    with Hub("--jwt-secret-file", str(secret)) as hub:
        assert verb("publish", hub, "post:1").returncode == 77
        assert verb("publish", hub, "post:1", "--token-file", str(token)).returncode == 0
        assert verb("publish", hub, "chat:1", "--token-file", str(token)).returncode == 77


def test_tail_comes_back_after_a_restart_with_nothing_lost_or_doubled(tmp_path):
    hub = Hub(data=str(tmp_path / "store"))
    with Tail(tmp_path, hub.url, "post:1", "--json") as tail:
        eventually(lambda: hub.presence("post:1") == {"post:1": 1}, "the stream")
        for number in range(3):
            hub.publish("post:1", number)
        eventually(lambda: len(tail.lines()) == 3, "three events")
        hub.stop()
        with Hub(data=str(tmp_path / "store"), port=hub.port) as again:
            for number in range(3, 6):
                again.publish("post:1", number)
            eventually(lambda: len(tail.lines()) >= 6, "what was missed", 20)
            again.publish("post:1", 6)
            eventually(lambda: len(tail.lines()) >= 7, "what comes afterwards")
        assert [json.loads(line)["data"] for line in tail.lines()] == list(range(7))
        errors = tail.errors.read_text()
        assert "cut off" in errors and "connected again" in errors and "lost" not in errors
        tail.process.send_signal(signal.SIGINT)
        assert tail.process.wait(10) == 0


def test_tail_says_that_events_were_lost(hub, tmp_path):
    with Tail(tmp_path, hub.url, "post:1", "--since", "other-1") as tail:
        eventually(lambda: "lost" in tail.errors.read_text(), "the loss")


def test_tail_shows_a_line_an_event(hub, tmp_path):
    with Tail(tmp_path, hub.url, "post:1") as tail:
        eventually(lambda: hub.presence("post:1") == {"post:1": 1}, "the stream")
        hub.publish("post:1", {"a": "\u009b31m"})
        eventually(lambda: tail.lines(), "an event")
    assert "post:1" in tail.lines()[0] and '{"a":' in tail.lines()[0]
    assert "\x1b" not in tail.lines()[0] and "\u009b" not in tail.lines()[0]


def test_tail_ends_when_nobody_reads(hub):
    reader, writer = os.pipe()
    tail = subprocess.Popen([BINARY, "tail", "--url", hub.url, "post:1"], env=environment(), stdout=writer)
    os.close(writer)
    eventually(lambda: hub.presence("post:1") == {"post:1": 1}, "the stream")
    os.close(reader)
    assert tail.wait(10) == 0


def test_status_is_for_people_and_for_programs(hub):
    assert hub.url in verb("status", hub).stdout
    assert json.loads(verb("status", hub, "--json").stdout)["status"] == "ok"


def test_jobs_are_watched_to_their_end(hub):
    body = json.dumps({"kind": "app", "input": {"prompt": "a clock"}}).encode()
    job = hub.request("POST", "/api/v1/jobs", {"Content-Type": "application/json"}, body).json["id"]
    assert job in verb("jobs", hub, "list").stdout
    cancelled = verb("jobs", hub, "cancel", job)
    assert cancelled.returncode == 0, cancelled
    watched = verb("jobs", hub, "watch", job)
    assert watched.returncode == 1 and "cancelled" in watched.stdout, watched
    assert verb("jobs", hub, "show", job).returncode == 0
    unknown = verb("jobs", hub, "show", "none")
    assert unknown.returncode == 1 and "no job" in unknown.stderr, unknown

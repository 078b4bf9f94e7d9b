"""`martlet log`: looking into a store, with a hub on it and without, and what it says when it cannot."""

import fcntl
import json
import os
import pty
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import termios

import pytest

from support.command import complaint, lines, log, start
from support.hub import BINARY, Hub, environment, run
from support.sse import parse_id, sequence
from support.wait import Deadline, eventually

READING = ["info", "tail", "verify", "export"]


def filled(folder, count=30, flags=()):
    """A store of events of three posts, and its hub, which runs."""
    hub = Hub(*flags, data=folder)
    events = [
        {"resources": [f"post:{n % 3}", "chat:1"], "event": "e", "data": n} for n in range(count)
    ]
    parts = [hub.post(events[n : n + 1000]).json["ids"] for n in range(0, count, 1000)]
    return hub, sum(parts, [])


# The command line


def test_each_command_has_its_help():
    overview = run("log", "--help")
    for command in [*READING, "import"]:
        assert re.search(rf"^  {command} ", overview.stdout, re.M)
        for arguments in (["log", command, "--help"], ["help", "log", command]):
            done = run(*arguments)
            assert (done.returncode, done.stderr) == (0, "")
            assert f"martlet log {command}" in done.stdout and "--data" in done.stdout


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "Usage: martlet log"),
        (["tial"], "'log tail'"),
        (["tail", "--folow"], "--follow"),
        (["tail", "--limit", "some"], "--limit"),
        (["tail", "--resource", "post"], "post"),
        (["tail", "--data", ":memory:"], ":memory:"),
        (["info", "--follow"], "--follow"),
        (["info", "store.db"], "store.db"),
        (["verify", "--json=1"], "--json"),
        (["export", "-o"], "-o"),
        (["import", "a", "b"], "'b'"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments, words):
    done = run("log", *arguments)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert words in done.stderr


@pytest.mark.parametrize("command", [*READING, "import"])
def test_a_missing_store_is_named_and_not_made(folder, command):
    assert f"{folder}/martlet.db" in complaint(command, folder, code=74)
    assert not os.path.exists(folder)
    os.mkdir(folder)
    assert f"{folder}/martlet.db" in complaint(command, folder, code=74)
    assert os.listdir(folder) == []


def test_the_folder_is_that_of_serve(folder, tmp_path):
    Hub(data=folder).stop()
    assert run("log", "info", env={"MARTLET_DATA": folder}).returncode == 0
    wrong = {"MARTLET_DATA": ":memory:"}
    assert run("log", "info", "--data", folder, env=wrong).returncode == 0
    assert "MARTLET_DATA" in run("log", "info", env=wrong).stderr
    done = subprocess.run(
        [BINARY, "log", "info"], cwd=tmp_path, env=environment(), capture_output=True, timeout=10
    )
    assert done.returncode == 0, "./data is the default"


@pytest.mark.parametrize("command", READING)
def test_what_is_no_store_is_refused(folder, command):
    os.mkdir(folder)
    path = folder + "/martlet.db"
    open(path, "wb").close()
    assert "empty" in complaint(command, folder, code=74)
    with open(path, "wb") as file:
        file.write(b"Dear diary,\n" * 2000)
    assert path in complaint(command, folder, code=74)
    os.remove(path)
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (id)")
    assert "another program" in complaint(command, folder, code=74)
    os.remove(path)
    Hub(data=folder).stop()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 1000")
    assert "newer Martlet" in complaint(command, folder, code=74)


# Looking


def test_info_says_what_the_store_holds(folder):
    hub, ids = filled(folder)
    with hub:
        hub.publish("page:1", 1, retain=True, key="k")
        epoch, last = parse_id(hub.publish("page:a:*", 2, retain=True))
        running = json.loads(log("info", folder, "--json"))
        text = log("info", folder)
    expected = {
        "file": folder + "/martlet.db",
        "epoch": epoch,
        "cursor": f"{epoch}-{last}",
        "first": 1,
        "last": 32,
        "events": 32,
        "resources": 6,
        "kinds": 3,
        "retained": 2,
        "keys": 1,
    }
    for name, value in expected.items():
        assert running[name] == value, name
    assert running["hub_running"] is True and running["wal_bytes"] > 0
    assert re.search(r"^hub +running$", text, re.M) and re.search(r"^events +32$", text, re.M)
    stopped = json.loads(log("info", folder, "--json"))
    assert stopped["hub_running"] is False
    assert stopped["database_bytes"] == os.path.getsize(folder + "/martlet.db")
    times = [event["at"] for event in lines(log("tail", folder, "--limit", "99", "--json"))]
    assert (stopped["oldest_at"], stopped["newest_at"]) == (times[0], times[-1])


def test_an_empty_log_is_no_trouble(folder):
    with Hub(data=folder) as hub:
        epoch, _ = parse_id(hub.head())
    info = json.loads(log("info", folder, "--json"))
    assert (info["first"], info["last"], info["events"]) == (None, None, 0)
    assert info["cursor"] == f"{epoch}-0" and info["oldest_at"] is None
    assert log("tail", folder) == log("export", folder) == ""
    assert "is sound: 0 events" in log("verify", folder)


@pytest.mark.parametrize("how", ["running", "stopped", "killed"])
def test_tail_shows_what_a_poll_gives(folder, how):
    hub, ids = filled(folder)
    try:
        odd = '{"resources":["post:é","chat:\\"1"],"event":"a.b","data":{"b":1.0e0,"b":[1E400]}}'
        assert hub.post(odd).status == 200
        epoch, _ = parse_id(ids[0])
        polled = hub.get(f"/poll?resources=post:*&after={epoch}-0&limit=1000").json["events"]
        if how == "killed":
            hub.kill()
        elif how == "stopped":
            hub.stop()
        assert lines(log("tail", folder, "--limit", "1000", "--json")) == polled
        text = log("tail", folder, "-n1")
        assert all(word in text for word in (polled[-1]["id"], polled[-1]["at"], "a.b", "1.0e0"))
    finally:
        hub.kill()


def test_tail_chooses(folder):
    hub, ids = filled(folder, 1700)
    hub.publish("other:1", 1)
    hub.stop()

    def shown(*flags):
        return [event["id"] for event in lines(log("tail", folder, "--json", *flags))]

    everything = [*ids, f"{parse_id(ids[0])[0]}-1701"]
    assert shown() == everything[-10:]
    assert shown("--limit", "0") == []
    assert shown("--limit", "1100") == everything[-1100:]
    assert shown("--resource", "post:1", "--limit", "3") == ids[1::3][-3:]
    assert shown("--resource", "post:1,post:2", "--limit=1") == ids[-1:]
    assert shown("--resource", "chat:*", "--resource", "post:0") == ids[-10:]
    assert shown("--resource", "none:*") == []
    assert shown("--after", ids[9]) == everything[10:]
    assert shown("--after", ids[9], "--limit", "700") == everything[10:710]
    assert shown("--after", ids[9], "--resource", "post:0", "-n", "2") == [ids[12], ids[15]]
    assert shown("--after", everything[-1]) == []


def test_a_cursor_that_leads_nowhere_is_named(folder):
    hub, ids = filled(folder, 100, ["--retention-events", "20"])
    hub.stop()
    epoch, _ = parse_id(ids[0])
    for cursor, words, count in [
        (ids[10], "older", 20),
        (ids[79], None, 20),
        ("0other-5", "another log", 20),
        (f"{epoch}-101", "ahead", 0),
    ]:
        for command in ("tail", "export"):
            done = run("log", command, "--data", folder, "--after", cursor)
            assert done.returncode == 0 and done.stdout.count("\n") == count, (cursor, done)
            assert words is None or (words in done.stderr and cursor in done.stderr)
            assert words is not None or "martlet:" not in done.stderr
    for cursor in ("12", "x-", f"{epoch}-07", "-"):
        assert "--after" in complaint("tail", folder, "--after", cursor, code=64)


def test_lines_on_a_terminal_are_cut_and_obey_nothing(folder):
    with Hub(data=folder) as hub:
        hub.publish("post:1", "\u009b31m\u007f\u202e" + "long " * 100)
        hub.publish("post:1", "表" * 100)
    plain = log("tail", folder)
    assert "\\u009b31m\\u007f\\u202e" in plain and len(plain) > 500
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
    subprocess.run(
        [BINARY, "log", "tail", "--data", folder], stdout=side, env=environment(), timeout=10
    )
    os.close(side)
    shown = os.read(main, 65536).decode().splitlines()
    os.close(main)
    assert [len(line) + line.count("表") for line in shown] == [90, pytest.approx(89, abs=1)]
    assert all(line.endswith("…") for line in shown)


# Following


class Follower:
    """`martlet log tail --follow --json`."""

    def __init__(self, folder, *flags):
        self.process = start("tail", "--data", folder, "--follow", "--json", *flags)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ids(self, count):
        """The next ids."""
        return [json.loads(self.process.stdout.readline())["id"] for _ in range(count)]

    def end(self, number):
        """Ends it by a signal; its exit code and what it said."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, said.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_follow_shows_what_comes_over_restarts_until_a_signal(folder, number):
    hub, ids = filled(folder, 20)
    try:
        with Follower(folder, "--resource", "post:*") as follower:
            assert follower.ids(10) == ids[10:]
            for how in ("kill", "stop", None):
                hub.publish("other:1", 0)
                new = [hub.publish("post:1", n) for n in range(5)]
                assert follower.ids(5) == new
                if how:
                    hub.kill() if how == "kill" else hub.stop()
                    hub = Hub(data=folder)
            assert follower.end(number) == (0, "")
        hub.stop()
    finally:
        hub.kill()


def test_follow_ends_with_its_reader_though_nothing_comes(folder):
    hub, ids = filled(folder, 1)
    with hub, Follower(folder) as follower:
        assert follower.ids(1) == ids
        follower.process.stdout.close()
        assert follower.process.wait(10) == 0
        assert follower.process.stderr.read() == b""


def test_follow_ends_after_so_many_and_with_the_file(folder):
    hub, ids = filled(folder, 3)
    with hub:
        with Follower(folder, "--after", ids[1], "--limit", "2") as follower:
            new = hub.publish("post:1", 1)
            assert follower.ids(2) == [ids[2], new]
            assert follower.process.wait(10) == 0
        with Follower(folder, "--limit", "0") as follower:
            eventually(lambda: os.path.exists(f"/proc/{follower.process.pid}/fd/4"), "its start")
            os.rename(folder + "/martlet.db", folder + "/old.db")
            assert follower.process.wait(10) == 74
            assert b"replaced" in follower.process.stderr.read()
        os.rename(folder + "/old.db", folder + "/martlet.db")


def test_follow_says_what_retention_took_before_it_was_shown(folder):
    hub, ids = filled(folder, 1, ["--retention-events", "10"])
    with hub, Follower(folder) as follower:
        assert follower.ids(1) == ids
        follower.process.send_signal(signal.SIGSTOP)
        new = hub.post([{"resource": "post:1", "data": n} for n in range(500)]).json["ids"]
        new += hub.post([{"resource": "post:1", "data": n} for n in range(500)]).json["ids"]
        eventually(
            lambda: json.loads(log("info", folder, "--json"))["events"] == 10, "the end of the old"
        )
        follower.process.send_signal(signal.SIGCONT)
        assert follower.ids(10) == new[-10:]
        code, said = follower.end(signal.SIGINT)
        assert code == 0 and f"from {new[0]} to {new[-11]} are no longer kept" in said


# Pipes and size


@pytest.mark.parametrize("command", ["tail", "export"])
def test_a_reader_that_has_enough_ends_a_command_quietly(folder, command):
    filled(folder, 1000)[0].stop()
    with sqlite3.connect(folder + "/martlet.db") as file:
        file.execute("UPDATE events SET data = ?", (b'"' + b"x" * 5000 + b'"',))
    flags = ["--limit", "1000"] if command == "tail" else []
    process = start(command, "--data", folder, *flags)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(10) == 0 and process.stderr.read() == b""
    process.stderr.close()


def test_a_full_disk_is_an_error(folder):
    filled(folder)[0].stop()
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [BINARY, "log", "export", "--data", folder],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=10,
        )
    assert done.returncode == 74 and b"No space left" in done.stderr


def test_a_large_log_needs_little_memory(folder, tmp_path):
    source = tmp_path / "events"
    with open(source, "w", encoding="utf-8") as file:
        for n in range(150_000):
            line = {"resource": f"post:{n % 900}", "key": f"k{n}", "data": ["x" * 600, n]}
            file.write(json.dumps(line) + "\n")
    log("import", folder, "--create", str(source))
    for command in (["verify"], ["export"], ["tail", "-n", "150000"], ["info"]):
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, BINARY, "log", *command, "--data", folder],
            env=environment(), capture_output=True, text=True, check=True,
        )
        count, memory, code = map(int, measured.stdout.split())
        assert code == 0 and memory < 64 << 10, (command, memory)
        assert count == 150_000 or command[0] in ("verify", "info")


# Runs a command from a small process: a child begins with the memory of its parent as its own largest.
MEASURE = """
import resource, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
count = sum(chunk.count(b"\\n") for chunk in iter(lambda: process.stdout.read(1 << 20), b""))
code = process.wait()
print(count, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, code)
"""


def test_a_hub_publishes_as_before_beside_an_export_that_stands_still(folder):
    hub, ids = filled(folder, 1000)
    with hub:
        hub.post([{"resource": "post:1", "data": "x" * 900} for _ in range(1000)])
        process = start("export", "--data", folder)
        process.stdout.readline()
        # Far beyond where the write-ahead log is brought into the file: waiting each time would take minutes.
        deadline = Deadline(40, "the end of all commits")
        for _ in range(400):
            assert deadline.left()
            assert hub.post([{"resource": "post:1", "data": "x" * 10_000}] * 10).status == 200
        assert process.stdout.read().count(b"\n") == 1999, "one state of the log"
        assert process.wait(10) == 0
        process.stdout.close()
        process.stderr.close()
        assert sequence(hub.head()) == 6000

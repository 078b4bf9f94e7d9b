"""`martlet log export` and `import`: what one writes, the other makes a log of again."""

import json
import os
import signal
import sqlite3
import subprocess

import pytest

from support.command import complaint, lines, log, start
from support.hub import BINARY, Hub, environment, run
from support.sse import parse_id
from support.wait import eventually

NOW = "2020-01-02T03:04:05.678Z"


def imported(folder, text, *flags, code=0):
    """What an import says."""
    done = subprocess.run(
        [BINARY, "log", "import", "--data", folder, *flags],
        input=text if isinstance(text, bytes) else text.encode(),
        capture_output=True,
        env=environment(),
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (code, b""), done
    return done.stderr.decode()


def exported(folder, *flags):
    """The events of a store without their ids."""
    return [
        {name: value for name, value in event.items() if name != "id"}
        for event in lines(log("export", folder, *flags))
    ]


def make(folder, events, *flags):
    """A store with these events; its hub was stopped."""
    with Hub(*flags, data=folder) as hub:
        return [hub.publish(**event) for event in events]


EVENTS = [
    {"resources": ["post:1", "post:2"], "data": 1, "retain": True},
    {"resources": ["post:1"], "data": 2, "retain": True, "key": "k"},
    {"resources": ["a:é", 'b:"\\', "post:1"], "event": "x.y", "data": [1, {"é": "\u2028"}]},
    {"resources": ["post:3"], "data": None, "coalesce": "c\n", "key": "long" * 50},
    {"resources": ["post:3"], "data": "last", "event": "y", "retain": True, "coalesce": "c"},
]


@pytest.mark.parametrize("how", ["running", "stopped"])
def test_export_writes_what_is_kept(folder, how):
    with Hub(data=folder) as hub:
        ids = [hub.publish(**event) for event in EVENTS]
        data = '{"b":1.0e0,"b":[1E400,-0],"é":"\\u00e9"}'
        ids.append(hub.post(f'{{"resource":"post:9","data":{data}}}').json["id"])
        if how == "running":
            text = log("export", folder)
    if how == "stopped":
        text = log("export", folder)
    events = lines(text)
    assert [event["id"] for event in events] == ids
    for event, given in zip(events, EVENTS):
        assert {name: event.get(name) for name in given} == given
        assert set(event) == {"id", "at", "event", *given}
    assert f'"data":{data}}}\n' in text, "byte for byte"


def test_an_import_of_an_export_gives_the_same_again(folder, tmp_path):
    make(folder, EVENTS)
    before = exported(folder)
    other = str(tmp_path / "other")
    text = log("export", folder)
    said = imported(other, text, "--create")
    assert "Imported 5 events" in said
    assert exported(other) == before
    assert "is sound: 5 events" in log("verify", other)
    with Hub(data=folder) as one, Hub(data=other) as two:
        assert parse_id(one.head())[0] != parse_id(two.head())[0], "a log of its own"
        answers = [hub.get("/state?resources=post:*,a:*").json["resources"] for hub in (one, two)]
        for states in answers:
            for state in states.values():
                for event in state.values():
                    event["id"] = parse_id(event["id"])[1]
        assert answers[0] == answers[1]
        assert two.publish("post:1", "again", key="k").endswith("-2"), "its key is still known"


def test_state_that_is_older_than_the_log_comes_along(folder, tmp_path):
    with Hub("--retention-events", "5", data=folder) as hub:
        hub.publish(["post:1", "post:2"], "first", retain=True)
        hub.publish("post:1", "second", retain=True, key="k")
        for n in range(10):
            hub.publish("other:1", n, retain=n == 9)
        state = hub.get("/state?resources=post:*,other:*").json["resources"]
    events = lines(log("export", folder))
    assert [event["data"] for event in events] == ["first", "second", 5, 6, 7, 8, 9]
    assert [event.get("retain", False) for event in events] == [True] * 2 + [False] * 4 + [True]
    assert "2 of them state" in run("log", "export", "--data", folder).stderr
    other = str(tmp_path / "other")
    imported(other, log("export", folder), "--create")
    assert exported(other) == exported(folder)
    with Hub(data=other) as hub:
        again = hub.get("/state?resources=post:*,other:*").json["resources"]
    assert {name: value["update"]["data"] for name, value in again.items()} == {
        name: value["update"]["data"] for name, value in state.items()
    }


def test_export_chooses(folder):
    ids = make(folder, EVENTS)
    for flags, wanted in [
        (["--resource", "post:1"], [0, 1, 2]),
        (["--resource", "post:2", "--resource", "a:*"], [0, 2]),
        (["--after", ids[2]], [3, 4]),
        (["--after", ids[0], "--resource", "post:1"], [1, 2]),
        (["--resource", "c:*"], []),
    ]:
        assert [event["id"] for event in lines(log("export", folder, *flags))] == [
            ids[n] for n in wanted
        ]


def test_export_puts_a_file_into_its_place_when_it_is_whole(folder, tmp_path):
    make(folder, EVENTS)
    target = tmp_path / "events"
    target.write_text("old")
    link = tmp_path / "link"
    link.symlink_to(target)
    assert log("export", folder, "-o", str(link)) == ""
    assert link.is_symlink() and target.read_text() == log("export", folder)
    assert sorted(os.listdir(tmp_path)) == ["data", "events", "link"]
    for wrong, code in [
        (folder + "/martlet.db", 64),
        ("/dev/null", 74),
        (str(tmp_path), 74),
        (str(tmp_path / "no" / "file"), 74),
    ]:
        assert wrong in complaint("export", folder, "-o", wrong, code=code)
    assert "is sound" in log("verify", folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_export_that_is_interrupted_leaves_nothing(folder, tmp_path, number):
    lines_of = "".join(f'{{"resource":"post:1","data":{n}}}\n' for n in range(200_000))
    imported(folder, lines_of, "--create")
    target = tmp_path / "events"
    process = start("export", "--data", folder, "-o", str(target))
    eventually(lambda: any(name.endswith(".partial") for name in os.listdir(tmp_path)), "a start")
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == 128 + number
    assert os.listdir(tmp_path) == ["data"]


# Import


def test_an_import_appends_and_keeps_times_as_far_as_they_do_not_fall(folder):
    with Hub(data=folder) as hub:
        hub.publish("post:1", "hub")
        epoch, _ = parse_id(hub.head())
    (first,) = exported(folder)
    text = f'{{"resource":"post:1","data":1,"at":"{NOW}"}}\n\r\n \n{{"resource":"post:2","data":2}}'
    assert f"Imported 2 events, {epoch}-2 to {epoch}-3." in imported(folder, text)
    events = lines(log("export", folder))
    assert [event["id"] for event in events] == [f"{epoch}-{n}" for n in (1, 2, 3)]
    assert events[1]["at"] == first["at"] <= events[2]["at"]
    assert events[2]["event"] == "message"


def test_times_are_read_as_they_are_written(folder):
    times = ["0000-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", "2000-02-29T23:59:59.9Z", NOW]
    text = "".join(f'{{"resource":"a:1","data":0,"at":"{time}"}}\n' for time in times)
    text += '{"resource":"a:1","data":0,"at":"9999-12-31T23:59:59.999999999Z"}\n'
    imported(folder, text, "--create")
    found = [event["at"] for event in exported(folder)]
    assert found[0] == "1970-01-01T00:00:00.000Z" and found[1] == times[1]
    assert found[2:4] == ["2000-02-29T23:59:59.900Z", NOW]
    assert found[4] < "2100", "what lies in the future would hold up all later times"


def test_what_has_a_known_key_is_not_imported_again(folder):
    text = '{"resource":"a:1","data":1,"key":"k"}\n{"resource":"a:1","data":2}\n'
    imported(folder, text, "--create")
    assert "Imported 1 event, " in (said := imported(folder, text)) and "1 was known" in said, said
    assert [event["data"] for event in exported(folder)] == [1, 2, 2]


def test_an_import_is_refused_beside_a_hub(folder):
    with Hub(data=folder) as hub:
        said = imported(folder, '{"resource":"a:1","data":1}', code=74)
        assert folder in said and "stop it" in said and "/broadcast" in said
        assert hub.head().endswith("-0")


WRONG = [
    "{",
    "[]",
    '"x"',
    "\ufeff{}",
    '{"resource":"a:1"}',
    '{"data":1}',
    '{"resource":"a:1","data":1}x',
    '{"resource":"a:1","data":1,"colour":1}',
    '{"resource":"a:1","data":1,"data":2}',
    '{"resource":"a:1","resources":["a:1"],"data":1}',
    '{"resources":[],"data":1}',
    '{"resource":"a","data":1}',
    '{"resource":"a:*","data":1}',
    '{"resource":"a:b,c","data":1}',
    '{"resource":"presence:a:1","data":1}',
    '{"resource":1,"data":1}',
    '{"resource":"a:1","data":01}',
    '{"resource":"a:1","data":' + "[" * 65 + "]" * 65 + "}",
    '{"resource":"a:1","data":"' + "x" * (960 << 10) + '"}',
    '{"resource":"a:1","event":"keepalive","data":1}',
    '{"resource":"a:1","event":"é","data":1}',
    '{"resource":"a:1","data":1,"retain":"yes"}',
    '{"resource":"a:1","data":1,"retain":true,"transient":true}',
    '{"resource":"a:1","data":1,"key":""}',
    '{"resource":"a:1","data":1,"key":"\\ud800"}',
    '{"resource":"a:1","data":1,"coalesce":"' + "x" * 257 + '"}',
    json.dumps({"resources": [f"a:{n}" for n in range(101)], "data": 1}),
]
RIGHT = [
    '{"resource":"a:1","data":' + "[" * 64 + "]" * 64 + "}",
    '{"resource":"a:1","data":"' + "x" * ((256 << 10) - 2) + '"}',
    json.dumps({"resources": [f"a:{n % 100}" for n in range(200)], "data": 1}),
    '{"transient":false,"resource":"a:\\u00e9","event":"a","data":"\\ud800","key":"' + "k" * 256 + '"}',
    '{"resource":"a:a:*","data":1.0e5}',
]
WRONG_HERE = [
    '{"resource":"a:1","data":1,"transient":true}',
    '{"resource":"a:1","data":1,"id":"x"}',
    '{"resource":"a:1","data":1,"at":"yesterday"}',
    '{"resource":"a:1","data":1,"at":"2021-02-29T00:00:00Z"}',
    '{"resource":"a:1","data":1,"at":5}',
    '{"resource":"a:1","data":"' + "x" * (3 << 20) + '"}',
]


def test_lines_are_judged_as_the_hub_judges_them(folder):
    with Hub() as hub:
        for text in WRONG:
            assert hub.post_lines([text]).status >= 400, text[:100]
        for text in RIGHT:
            assert hub.post_lines([text]).status == 200, text[:100]
    imported(folder, "", "--create")
    for text in [*WRONG, *WRONG_HERE]:
        said = imported(folder, text + "\n", code=65)
        assert "standard input, line 1: " in said and "Imported 0 events" in said, (text[:100], said)
    imported(folder, "\n".join(RIGHT))
    assert len(exported(folder)) == len(RIGHT)
    assert "is sound" in log("verify", folder)


def largest_name(number):
    """A resource whose name is as long in an export as it can be."""
    return f"a:{number:02}" + '"' * 254


LARGEST = {
    "data": {"resource": "a:1", "data": "x" * ((960 << 10) - 2)},
    "data with escapes": {"resource": "a:1", "data": "\u2028" * ((960 << 10) // 6 - 1)},
    "deep data": '{"resource":"a:1","data":' + "[" * 64 + "]" * 64 + "}",
    "names": {"resources": [largest_name(n) for n in range(100)], "data": 1},
    "a kind": {"resource": "a" * (900 << 10) + ":1", "data": 1},
    "keys": {"resource": "a:1", "data": 1, "key": "\0" * 256, "coalesce": "\1" * 256},
    "all": {
        "resources": [largest_name(n) for n in range(100)],
        "data": "\\" * (470 << 10),
        "event": "a" * 64,
        "retain": True,
        "key": "\0" * 256,
        "coalesce": "\1" * 256,
    },
}


@pytest.mark.parametrize("what", LARGEST)
def test_the_largest_that_a_hub_takes_is_exported_and_imported(folder, tmp_path, what):
    body = LARGEST[what]
    if not isinstance(body, str):
        body = json.dumps(body, ensure_ascii=False)
    with Hub("--event-bytes", str(960 << 10), data=folder) as hub:
        answer = hub.post(body)
        assert answer.status == 200, answer.text[:300]
    other = str(tmp_path / "other")
    assert "Imported 1 event, " in imported(other, log("export", folder), "--create")
    assert exported(other) == exported(folder)
    assert "is sound: 1 event" in log("verify", other)


def test_a_line_is_refused_in_the_words_in_which_the_hub_refuses_it(folder):
    imported(folder, "", "--create")
    with Hub() as hub:
        for text in [
            '{"resource":"a:1","data":1,"key":""}',
            '{"resource":"presence:a:1","data":1}',
            '{"resource":"a:1","data":1,"retain":"yes"}',
            '{"resources":["a:1","a:*"],"data":1}',
            '{"resource":"a:1","data":01}',
        ]:
            problem = hub.post_lines([text]).json
            said = imported(folder, text, code=65)
            assert problem["detail"].removeprefix("The body is not valid JSON. ") in said, said


def test_a_bad_line_is_named_and_those_before_it_stand(folder, tmp_path):
    source = tmp_path / "events"
    good = [f'{{"resource":"post:1","data":{n}}}' for n in range(2500)]
    source.write_text("\n".join([*good, "", '{"resource":"post"}', *good]))
    done = run("log", "import", "--data", folder, "--create", str(source))
    assert done.returncode == 65 and done.stdout == ""
    assert f"{source}, line 2502: " in done.stderr and "Imported 2500 events" in done.stderr
    assert [event["data"] for event in exported(folder)] == list(range(2500))


def test_a_file_that_is_not_there_makes_no_store(folder):
    assert "nowhere" in complaint("import", folder, "--create", "nowhere", code=74)
    assert not os.path.exists(folder)
    make(folder, EVENTS)
    assert "folder" in complaint("import", folder + "/martlet.db", code=64)


def test_a_damaged_log_takes_no_import_that_fails_halfway(folder):
    make(folder, EVENTS)
    with sqlite3.connect(folder + "/martlet.db") as file:
        file.execute(
            "CREATE TRIGGER eighth BEFORE INSERT ON events WHEN new.seq = 8"
            " BEGIN SELECT raise(ABORT, 'no eighth'); END"
        )
    text = "".join(f'{{"resource":"post:{n}","data":{n}}}\n' for n in range(5, 15))
    said = imported(folder, text, code=74)
    assert "Imported 0 events" in said
    assert len(exported(folder)) == 5, "a transaction is all or nothing"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_interrupted_says_what_stands(folder, number):
    process = subprocess.Popen(
        [BINARY, "log", "import", "--data", folder, "--create"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    process.stdin.write(b'{"resource":"post:1","data":1}\n' * 5500)
    process.stdin.flush()

    def events():
        done = run("log", "info", "--data", folder, "--json")
        return done.returncode == 0 and json.loads(done.stdout)["events"] == 5000

    eventually(events, "five transactions", 20)
    process.send_signal(number)
    assert process.wait(10) == 128 + number
    said = process.stderr.read().decode()
    process.stdin.close()
    process.stderr.close()
    assert "Imported 5000 events" in said and "stand" in said
    assert "is sound: 5000 events" in log("verify", folder)
    Hub(data=folder).stop()

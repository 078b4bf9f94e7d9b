"""`martlet key` and `martlet sign`: what they print, what they keep, and what they refuse."""

import hashlib
import hmac
import json
import os
import stat
import subprocess
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from support.hub import BINARY, environment, run


@pytest.fixture
def file(tmp_path):
    """The file of the keys."""
    return str(tmp_path / "keys")


def key(command, file, *flags, code=0):
    """What a command of `martlet key` prints; it must end with `code`."""
    done = run("key", command, "--api-keys-file", file, *flags)
    assert done.returncode == code, done
    if code:
        assert done.stdout == "" and done.stderr.startswith("martlet: "), done
        return done.stderr
    return done.stdout


def rows(file):
    with open(file) as lines:
        return [json.loads(line) for line in lines]


def test_a_key_is_shown_once_and_kept_as_its_hash(file):
    text = key(
        *["create", file, "--name", "shop", "--grant-publish", "post:*,chat:1"],
        *["--grant-publish", "a:1", "--grant-subscribe", "*", "--jobs", "read,work", "--admin"],
        *["--expires", "90d"],
    ).strip()
    assert text.startswith("mk_") and len(text) == 46
    (row,) = rows(file)
    assert row.pop("sha256") == hashlib.sha256(text.encode()).hexdigest()
    assert row.pop("created") < row.pop("expires")
    assert row == {
        "name": "shop",
        "publish": ["a:1", "chat:1", "post:*"],
        "subscribe": ["*"],
        "jobs": ["read", "work"],
        "admin": True,
    }
    with open(file) as content:
        assert text not in content.read()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert text not in key("list", file) and "sha256" not in key("list", file, "--json")


def test_keys_are_listed_and_revoked(file):
    for name in ("a", "b"):
        key("create", file, "--name", name, "--grant-publish", "*")
    assert "there is a key a already" in key(
        "create", file, "--name", "a", "--admin", code=1
    )
    key("revoke", file, "a")
    assert "no key of that name" in key("revoke", file, "a", code=1)
    key("create", file, "--name", "a", "--jobs", "read")
    listed = json.loads(key("list", file, "--json"))["keys"]
    assert [(row["name"], "revoked" in row) for row in listed] == [
        ("a", True),
        ("b", False),
        ("a", False),
    ]
    lines = key("list", file).splitlines()
    assert len(lines) == 3 and "revoked" in lines[0] and "jobs read" in lines[2]


def test_the_mode_of_a_file_stays(file):
    key("create", file, "--name", "a", "--admin")
    os.chmod(file, 0o640)
    key("revoke", file, "a")
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o640
    assert os.listdir(os.path.dirname(file)) == [os.path.basename(file)]


def test_commands_at_the_same_time_lose_no_key(file):
    names = [f"key-{n}" for n in range(12)]
    started = [
        subprocess.Popen(
            [BINARY, "key", "create", "--api-keys-file", file, "--name", name, "--admin"],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    assert [process.wait(timeout=60) for process in started] == [0] * len(names)
    assert sorted(row["name"] for row in rows(file)) == sorted(names)


@pytest.mark.parametrize(
    "flags, words",
    [
        ([], "--name is missing"),
        (["--name", "a"], "would allow nothing"),
        (["--name", "a b", "--admin"], "--name has"),
        (["--name", "a", "--grant-publish", "post"], "--grant-publish: "),
        (["--name", "a", "--grant-subscribe", "user:{sub}"], "--grant-subscribe: "),
        (["--name", "a", "--grant-subscribe", "presence:a:1"], "--grant-subscribe: "),
        (["--name", "a", "--jobs", "delete"], "--jobs has"),
        (["--name", "a", "--admin", "--expires", "soon"], "--expires must be"),
        (["--name", "a", "--admin", "--expires", "2020-01-01T00:00:00Z"], "in the past"),
        (["--name", "a", "--admn"], "Did you mean --admin?"),
    ],
)
def test_a_wrong_key_is_not_made(file, flags, words):
    assert words in key("create", file, *flags, code=64)
    assert not os.path.exists(file) or rows(file) == []


def test_a_file_of_something_else_is_left_alone(file):
    with open(file, "w") as content:
        content.write("what is this\n")
    for command in (["create", file, "--name", "a", "--admin"], ["revoke", file, "a"]):
        assert "line 1" in key(*command, code=65)
    with open(file) as content:
        assert content.read() == "what is this\n"
    assert "cannot be read" in key("list", file + "-missing", code=74)
    assert "cannot be opened" in key("revoke", file + "-missing", "a", code=74)
    assert not os.path.exists(file + "-missing")


def test_the_file_is_named_by_a_variable(file):
    done = run("key", "create", "--name", "a", "--admin", env={"MARTLET_API_KEYS_FILE": file})
    assert done.returncode == 0 and rows(file)[0]["name"] == "a"
    assert run("key", "list").returncode == 64


# Signed URLs


@pytest.mark.parametrize("resources", ["post:1", "post:*,user:7", "a:é+ü", "a:1&b=%2C"])
def test_a_signed_url_has_what_a_backend_would_compute(tmp_path, resources):
    secret = tmp_path / "secret"
    secret.write_text("a secret of some length that is long enough\n")
    done = run(
        *["sign", "--url-secret-file", str(secret), "--resources", resources],
        *["--expires-in", "12h"],
    )
    assert done.returncode == 0, done
    url = urlsplit(done.stdout.strip())
    query = dict(parse_qsl(url.query, strict_parsing=True))
    assert url.path == "/stream" and query["resources"] == resources
    text = f"subscribe\n{resources}\n{query['expires']}".encode()
    expected = hmac.new(b"a secret of some length that is long enough", text, hashlib.sha256)
    assert query["signature"] == expected.hexdigest()
    assert abs(int(query["expires"]) - time.time() - 43200) < 60


@pytest.mark.parametrize(
    "flags, words",
    [
        (["--resources", "post"], "--resources: "),
        (["--resources", "post:1,"], "--resources: "),
        (["--expires-in", "-1"], "--expires-in must be"),
        (["--url-secret-file", "/nowhere"], "cannot be read"),
        (["--url-secret-file", "/dev/null"], "--url-secret-file"),
    ],
)
def test_a_wrong_url_is_not_signed(tmp_path, flags, words):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    good = ["--url-secret-file", str(secret), "--resources", "post:1", "--expires-in", "60"]
    done = run("sign", *good, *flags)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert words in done.stderr
    assert "secret\n" not in done.stderr


def test_each_command_has_its_help():
    for words in (["token"], ["token", "mint"], ["token", "explain"], ["key"], ["sign"],
                  ["key", "create"], ["key", "list"], ["key", "revoke"]):
        for arguments in ([*words, "--help"], ["help", *words]):
            done = run(*arguments)
            assert (done.returncode, done.stderr) == (0, ""), done
            assert f"Usage: martlet {' '.join(words)}" in done.stdout
            assert all(len(line) <= 80 for line in done.stdout.splitlines())

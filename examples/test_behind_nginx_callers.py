"""What the check of examples/behind-nginx says of names, pages and keys that the hub does not take, and of wrong calls."""

import hashlib
import json
import re

import pytest

from behind_nginx_support import HOST_LINE, assert_good, assert_told, check, hub_with, nginx_before

KEY = "mk_" + "n" * 43


@pytest.fixture(scope="module")
def hub():
    with hub_with() as port:
        yield port


def called(folder, port, name):
    """Settings by which curl finds a name on this machine."""
    (folder / ".curlrc").write_text(f'resolve = "{name}:{port}:127.0.0.1"\n')
    return {"HOME": str(folder), "CURL_HOME": str(folder)}


def test_a_name_that_the_hub_does_not_know_is_told_of(hub, tmp_path):
    with nginx_before(tmp_path, hub) as url:
        port = url.rsplit(":", 1)[1]
        done = check(f"http://hub.example.test:{port}", **called(tmp_path, port, "hub.example.test"))
    assert_told(done, r"does not know that it is called hub\.example\.test:", "--allowed-hosts hub.example.test ")


def test_a_name_that_the_hub_knows_is_called_good(tmp_path):
    with hub_with("--allowed-hosts", "hub.example.test") as hub, nginx_before(tmp_path, hub) as url:
        port = url.rsplit(":", 1)[1]
        settings = called(tmp_path, port, "hub.example.test")
        assert_good(check("--long", "1", f"http://hub.example.test:{port}", **settings))


def test_a_hub_that_takes_its_own_pages_for_a_strangers_is_told_of(tmp_path):
    """Behind nginx that passes on the name alone: the page's scheme and port are another's."""
    changes = [
        ("$scheme;", "https;"),
        (HOST_LINE, "proxy_set_header Host $host;"),
        ("X-Forwarded-Host $http_host;", "X-Forwarded-Host $host;"),
    ]
    with hub_with("--allowed-hosts", "hub.example.test") as hub, nginx_before(tmp_path, hub, *changes) as url:
        port = url.rsplit(":", 1)[1]
        done = check(f"http://hub.example.test:{port}", **called(tmp_path, port, "hub.example.test"))
    assert_told(done, r"own pages, of http://hub\.example\.test:\d+, for a stranger's", r"`proxy_set_header Host \$http_host;`")


APP = "https://app.example.test"


def test_the_origin_of_a_page_is_refused_or_taken(hub, tmp_path):
    with nginx_before(tmp_path, hub) as url:
        done = check("--origin", APP, url)
        assert_told(done, f"refuses pages of {APP}", f"--allowed-origins {APP}")
    with hub_with("--allowed-origins", APP) as other, nginx_before(tmp_path, other) as url:
        done = check("--origin", APP, "--long", "1", url)
    assert_good(done)
    assert f"Pages of {APP} may read it." in done.stdout


def test_an_origin_that_nginx_takes_away_is_told_of(tmp_path):
    changes = [("proxy_cache off;", "proxy_cache off; proxy_hide_header Access-Control-Allow-Origin;")]
    with hub_with("--allowed-origins", APP) as hub, nginx_before(tmp_path, hub, *changes) as url:
        assert_told(check("--origin", APP, url), f"keeps the stream from pages of {APP}", "`proxy_hide_header`")


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """The port of a hub that asks for credentials."""
    row = {"sha256": hashlib.sha256(KEY.encode()).hexdigest(), "created": "2026-11-30T12:00:00.000Z"}
    reader = row | {"name": "reader", "sha256": hashlib.sha256(f"{KEY}r".encode()).hexdigest(), "subscribe": ["check:*"]}
    folder = tmp_path_factory.mktemp("locked")
    (folder / "keys").write_text("")
    (folder / "keys").chmod(0o600)
    rows = [row | {"name": "check", "subscribe": ["check:*"], "publish": ["check:*"]}, reader]
    (folder / "keys").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with hub_with("--api-keys-file", str(folder / "keys")) as port:
        yield port


@pytest.mark.parametrize(
    ("key", "arguments", "sentences"),
    [
        (None, [], ["wants credentials", "check --key-file FILE http://127"]),
        ("mk_" + "x" * 43, [], ["does not take the key of ", "martlet token explain"]),
        (KEY + "r", [], ["forbids /events/broadcast", "needs a grant for check:"]),
        (KEY, ["--resource", "post:1"], ["forbids /events: ", "needs a grant for post:1"]),
    ],
    ids=["none", "unknown", "only subscribes", "another resource"],
)
def test_credentials_that_do_not_do_are_told_of(locked, tmp_path, key, arguments, sentences):
    if key:
        (tmp_path / "key").write_text(key + "\n")
        arguments = [*arguments, "--key-file", str(tmp_path / "key")]
    with nginx_before(tmp_path, locked) as url:
        done = check(*arguments, url)
    told = " ".join(done.stdout.split())
    assert done.returncode == 1 and all(re.search(sentence, told) for sentence in sentences), done.stdout


def test_a_key_that_may_is_called_good(locked, tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    with nginx_before(tmp_path, locked) as url:
        assert_good(check("--key-file", str(tmp_path / "key"), "--long", "1", url))


@pytest.mark.parametrize(
    "arguments",
    [["127.0.0.1:8000"], ["ftp://127.0.0.1"], ["--long"], ["--long", "0"], ["--longer", "9"], ["http://a", "http://b"], ["--key-file", "/none"]],
    ids=" ".join,
)
def test_a_wrong_call_is_refused(arguments):
    done = check(*arguments)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert done.stderr.startswith("check: ") and "usage: check" in done.stderr, done


def test_it_says_how_it_is_called():
    done = check("--help")
    assert done.returncode == 0 and all(flag in done.stdout for flag in ("--long", "--key-file", "64")), done

"""The web app that a hub serves at /app/."""

import os
import socket

import pytest

from support.hub import Hub, run


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "index.html").write_text("<!doctype html><title>app</title>")
    (folder / "assets").mkdir()
    (folder / "assets" / "main-3F2K9A1C.js").write_text("export {}")
    (folder / "assets" / "plain.css").write_text("a{}")
    (folder / ".secret").write_text("hidden")
    (folder / "größe 1.txt").write_text("m")
    with Hub("--web", str(folder)) as hub:
        yield hub


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/app/", "text/html; charset=utf-8", "no-cache"),
        ("/app/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/app/posts/7", "text/html; charset=utf-8", "no-cache"),
        ("/app/assets/plain.css", "text/css; charset=utf-8", "no-cache"),
        (
            "/app/assets/main-3F2K9A1C.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("/app/gr%C3%B6%C3%9Fe%201.txt", "text/plain; charset=utf-8", "no-cache"),
    ],
)
def test_a_file_comes_with_its_type_and_is_cached_as_it_may(hub, path, kind, cache):
    answer = hub.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == cache
    assert answer.headers["x-content-type-options"] == "nosniff"
    tag = answer.headers["etag"]
    for known, status in [(tag, 304), (f'"x", W/{tag}', 304), (f"x{tag}", 200), ('"x", *', 200)]:
        assert hub.request("GET", path, {"If-None-Match": known}).status == status, known


@pytest.mark.parametrize(
    "path",
    ["/app/none.js", "/app/.secret", "/app/../index.html.bak", "/app/%2e%2e/passwd.txt"],
)
def test_what_is_not_in_the_folder_is_not_served(hub, path):
    assert hub.get(path).status == 404


def test_the_folder_s_own_address_leads_into_it(hub):
    answer = hub.get("/app")
    assert answer.status == 308 and answer.headers["location"] == "/app/"


def test_other_methods_are_refused(hub):
    assert hub.request("POST", "/app/").status in (405, 411)
    assert hub.request("HEAD", "/app/").status == 200


def test_without_a_folder_there_is_no_app():
    with Hub() as hub:
        answer = hub.get("/app/")
        assert answer.status == 404 and "--web" in answer.json["detail"]


@pytest.mark.parametrize("path", ["/app/", "/app/assets/main-3F2K9A1C.js", "/app/posts/7"])
def test_the_app_takes_code_from_its_own_folder_and_frames_from_its_own_origin(hub, path):
    answer = hub.get(path)
    for checked in (answer, hub.get(path, {"If-None-Match": answer.headers["etag"]})):
        policy = dict(
            part.strip().split(" ", 1) for part in checked.headers["content-security-policy"].split(";")
        )
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["default-src"] == "'self'"
        assert policy["object-src"] == "'none'"
        assert "http" not in policy["script-src"] and "*" not in policy["script-src"]


@pytest.fixture
def odd_folder(tmp_path):
    """A folder with one file, and with what is no file of its own."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder = tmp_path / "app"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>app</title>")
    (folder / "inside.html").symlink_to("index.html")
    (folder / "secret.txt").symlink_to(outside / "secret.txt")
    (folder / "assets" / "outside").symlink_to("../../outside")
    (folder / "assets" / "loop").symlink_to("..")
    (folder / "dangling.txt").symlink_to("nowhere")
    (folder / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.txt"))
        yield folder


def test_what_is_no_file_of_the_folder_is_left_out_and_told(odd_folder):
    with Hub("--web", str(odd_folder)) as hub:
        assert hub.get("/app/").status == hub.get("/app/inside.html").status == 200
        names = ["secret.txt", "dangling.txt", "zero.txt", "pipe.txt", "socket.txt"]
        for name in [*names, "assets/outside/secret.txt", "assets/loop/index.html"]:
            assert hub.get(f"/app/{name}").status == 404, name
        for name in [*names, "assets/outside", "assets/loop"]:
            assert f"Left out of the web app path={name} reason=" in hub.log()


def test_a_folder_that_is_a_link_itself_is_served(odd_folder, tmp_path):
    (tmp_path / "link").symlink_to(odd_folder)
    with Hub("--web", str(tmp_path / "link")) as hub:
        assert hub.get("/app/").status == 200


@pytest.mark.parametrize("flag", ["--text-key-file", "--image-key-file"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "socket"])
def test_a_key_that_is_no_regular_file_is_refused_by_name(tmp_path, flag, kind):
    path = tmp_path / "key"
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "socket":
            listener.bind(str(path))
        else:
            path = "/dev/zero"
        ended = run("serve", "--port", "0", "--data", ":memory:", flag, str(path))
    assert ended.returncode == 64, ended
    assert f"{flag} cannot be read" in ended.stderr and "no regular file" in ended.stderr


def test_a_key_behind_a_link_is_read(tmp_path):
    (tmp_path / "key").write_text("k\n")
    (tmp_path / "link").symlink_to("key")
    with Hub("--text-key-file", str(tmp_path / "link")):
        pass


def test_a_folder_that_cannot_be_read_is_a_usage_error(tmp_path):
    ended = run("serve", "--port", "0", "--data", ":memory:", "--web", str(tmp_path / "none"))
    assert ended.returncode == 64 and "--web cannot be read" in ended.stderr


def test_a_kind_of_the_hub_s_own_cannot_be_external():
    ended = run("serve", "--port", "0", "--data", ":memory:", "--external-kinds", "x,post")
    assert ended.returncode == 64 and "post" in ended.stderr

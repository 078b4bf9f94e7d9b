"""The web app that a hub serves at /app/."""

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
    again = hub.request("GET", path, {"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


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


def test_a_folder_that_cannot_be_read_is_a_usage_error(tmp_path):
    ended = run("serve", "--port", "0", "--data", ":memory:", "--web", str(tmp_path / "none"))
    assert ended.returncode == 64 and "--web cannot be read" in ended.stderr


def test_a_kind_of_the_hub_s_own_cannot_be_external():
    ended = run("serve", "--port", "0", "--data", ":memory:", "--external-kinds", "x,post")
    assert ended.returncode == 64 and "post" in ended.stderr

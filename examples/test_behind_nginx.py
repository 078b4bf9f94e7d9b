"""What the check of examples/behind-nginx says of Debian's nginx: right, and wrong in one way each."""

import re

import pytest

from behind_nginx_support import FIRST, HOST_LINE, HUB_LINE, PASS_LINE, assert_good, assert_told, check, hub_with, nginx_before


@pytest.fixture(scope="module")
def hub():
    with hub_with() as port:
        yield port


# nginx as it should be, and ways in which it may differ

HARMLESS = {
    "as it stands": [],
    "HTTP/1.0 to the hub": [("proxy_http_version 1.1;", "")],
    # The hub says X-Accel-Buffering: no.
    "buffering for others": [("proxy_buffering off;", "proxy_buffering on;")],
    "gzip for others": [("gzip off;", "gzip on;")],
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_works_is_called_good(hub, tmp_path, name):
    with nginx_before(tmp_path, hub, *HARMLESS[name]) as url:
        done = check(url)
    assert_good(done)
    assert len(re.findall("^✓", done.stdout, re.M)) >= 11, done.stdout


def test_a_hub_without_a_proxy_is_called_good(hub):
    assert_good(check("--long", "1", MARTLET_URL=f"http://127.0.0.1:{hub}"))


def test_a_folder_of_a_site_is_called_good(hub, tmp_path):
    """Under /hub/, with the slash that the check tells of."""
    changes = [
        ("location / {\n            proxy_pass http://martlet;", "location /hub/ {\n            proxy_pass http://martlet/;"),
        ("location = /events {\n            proxy_pass http://martlet;", "location = /hub/events {\n            proxy_pass http://martlet/events;"),
    ]
    with nginx_before(tmp_path, hub, *changes) as url:
        assert_good(check("--long", "1", url + "/hub/"))


# nginx, wrong in one way each: the lines that differ, what the check must say, and its arguments

def answering(path, what):
    """A location more."""
    return [(FIRST, f"location {path} {{ {what} }}\n{FIRST}")]


WRONG = {
    # On HTTP/1.1 nginx passes on what the hub's chunks end, buffering or not.
    "buffers": (
        [
            ("proxy_http_version 1.1;", ""),
            ("proxy_buffering off;", "proxy_ignore_headers X-Accel-Buffering;"),
        ],
        ["not even its head, although the hub has the stream", "the proxy buffers", "`proxy_buffering off;`"],
    ),
    "buffers streams alone": (
        [("location = /events {", "location = /events { proxy_http_version 1.0; proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;")],
        ["the proxy buffers", "`proxy_buffering off;` and `proxy_http_version 1.1;`"],
    ),
    "compresses": (
        [("gzip off;", "gzip on; gzip_types text/event-stream; gzip_min_length 0;")],
        [r"comes compressed \(gzip\)", "`gzip off;`"],
    ),
    "gives up after 3 s": (
        [("proxy_read_timeout 90s;", "proxy_read_timeout 3s;")],
        [r"quiet stream was cut after [0-9]\.\d s", "`proxy_read_timeout 90s;`"],
    ),
    "gives up after 2 s": (
        [("proxy_read_timeout 90s;", "proxy_read_timeout 2s;")],
        ["stream was cut after", "`proxy_read_timeout 90s;`"],
    ),
    "another port": (
        [(HUB_LINE, "server 127.0.0.1:9;")],
        ["The proxy is there, but no hub behind it: /health is answered 502", "server 127.0.0.1:8080;", "httpd_can_network_connect"],
    ),
    "the upstream's name for the host": (
        [(HOST_LINE, "")],
        ["told that it was called 'martlet', though you called 127.0.0.1:", r"`proxy_set_header Host \$http_host;`"],
    ),
    "another name for the host": (
        [(HOST_LINE, "proxy_set_header Host hub.example.test;")],
        ["told that it was called 'hub.example.test'", r"`proxy_set_header Host \$http_host;`"],
    ),
    "a folder in the path": (
        [(PASS_LINE, PASS_LINE.replace("martlet;", "martlet/api/;"))],
        ["asked for /api/health where /health was meant", "`location / { proxy_pass http://martlet; }`, with none"],
    ),
    "the folder of the site": (
        [(PASS_LINE, PASS_LINE.replace("location /", "location /hub/"))],
        ["asked for /hub/health where /health was meant", "`location /hub/ { proxy_pass http://martlet/; }`, with the slash"],
        "/hub",
    ),
    "no path to health": (
        answering("/health", "return 404;"),
        ["nginx answers /health itself, with 404", "`location / { proxy_pass http://martlet; }`"],
    ),
    "no path to the stream": (
        answering("/events/", "return 404;") + [("location = /events {\n            proxy_pass http://martlet;", "location = /events {\n            return 404;")],
        ["nginx answers /events/status itself, with 404"],
    ),
    "health of its own": (
        answering("/health", "default_type text/plain; return 200 fine;"),
        ["Something else answers /health: 200, text/plain", "no `root` or `try_files`"],
    ),
    "elsewhere": (
        answering("/health", "return 301 https://hub.example.test/health;"),
        ["leads elsewhere: https://hub.example.test/health"],
    ),
    "a password": (
        [(FIRST, f"auth_basic staff; auth_basic_user_file nginx.pid;\n{FIRST}")],
        ["nginx answers /health itself, with 401", "`auth_basic`"],
    ),
    "a rule that denies": (
        [(FIRST, f"deny all;\n{FIRST}")],
        ["nginx answers /health itself, with 403", "`deny`"],
    ),
    "no cache control": (
        [("proxy_cache off;", "proxy_cache off; proxy_hide_header Cache-Control;")],
        ["no Cache-Control that says no-cache", "`proxy_hide_header Cache-Control;`"],
    ),
    "a year in caches": (
        [("proxy_cache off;", "proxy_cache off; proxy_hide_header Cache-Control; add_header Cache-Control max-age=31536000;")],
        ["no Cache-Control that says no-cache, but 'max-age=31536000'"],
    ),
    "another type": (
        [("proxy_cache off;", "proxy_cache off; proxy_hide_header Content-Type; add_header Content-Type text/plain;")],
        ["Content-Type is 'text/plain'", "text/event-stream alone"],
    ),
    "few connections": (
        [("worker_processes auto;", "worker_processes 1;"), ("worker_connections 9000;", "worker_connections 16;"), ("keepalive 64;", "")],
        ["Only [1-7] of 8 streams", "`worker_connections`"],
    ),
    "long bodies": (
        [("client_max_body_size 0;", "client_max_body_size 10;")],
        ["nginx answers /events/broadcast itself, with 413", "`client_max_body_size 0;`"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_nginx_is_said(hub, tmp_path, name):
    changes, sentences, *folder = WRONG[name]
    with nginx_before(tmp_path, hub, *changes) as url:
        done = check(url + "".join(folder))
    if name == "no path to the stream":
        # Both paths are gone, and each is told of.
        assert done.stdout.count("✗") == 2 and "nginx answers /events itself, with 404" in done.stdout, done.stdout
        assert sentences[0] in done.stdout
        return
    assert_told(done, *sentences)


def test_two_hubs_that_do_not_know_of_each_other_are_told_of(hub, tmp_path):
    with hub_with() as other:
        changes = answering("/events/broadcast", f"proxy_pass http://127.0.0.1:{other};")
        with nginx_before(tmp_path, hub, *changes) as url:
            assert_told(check(url), "does not arrive on the stream", "two hubs are behind it")


def test_a_hub_that_goes_away_is_told_of(hub, tmp_path):
    """Health is answered by another, so that the stream is the first to miss it: nginx answers in its place."""
    changes = answering("/health", f"proxy_pass http://127.0.0.1:{hub};") + answering(
        "/events/status", f"proxy_pass http://127.0.0.1:{hub};"
    )
    with nginx_before(tmp_path, 9, *changes) as url:
        assert_told(check(url), "nginx answers the stream for a hub that is away")

"""`martlet doctor` before real proxies: it finds nothing in those of deploy/, and names what is broken in others."""

import json

import pytest

from peers.proxies import ALL, Proxy, nginx, program
from support.hub import Hub, run

pytestmark = pytest.mark.limit(120)


def doctor(url, *flags, env=None):
    """What it finds, as data: (exit code, proxy, {check: remedy} of the faults)."""
    done = run("doctor", url, "--json", *flags, env=env, limit=60)
    assert done.stdout, done
    seen = json.loads(done.stdout)
    faults = {check["check"]: check for check in seen["checks"] if check["outcome"] == "fault"}
    assert seen["faults"] == len(faults)
    assert done.returncode == (1 if faults else 0), done
    return seen["proxy"], faults


class Custom(Proxy):
    """A proxy with a configuration of the test's own, in which PORT and HUB are replaced."""

    def __init__(self, folder, upstream, text):
        self.text = text
        super().__init__(folder, upstream)

    def filled(self, upstream):
        """The configuration with its addresses."""
        return self.text.replace("PORT", str(self.port)).replace("HUB", upstream)


class CustomNginx(Custom):
    """nginx; the text stands in its server { }, behind the right settings where it does not set them itself."""

    def prepare(self, upstream):
        good = [
            "proxy_http_version 1.1;",
            'proxy_set_header Connection "";',
            "proxy_set_header Host $http_host;",
            "proxy_buffering off;",
            "proxy_read_timeout 90s;",
        ]
        own = self.filled(upstream)
        kept = [line for line in good if " ".join(line.split()[:-1]) not in own]
        location = "" if "location /" in own else f"location / {{ proxy_pass http://{upstream}; }}"
        zones = "proxy_cache_path cache keys_zone=c:1m; limit_conn_zone $server_port zone=few:1m;"
        server = f"server {{ listen 127.0.0.1:{self.port}; {' '.join(kept)} {own} {location} }}"
        return nginx(self.folder, zones + server)


class CustomHAProxy(Custom):
    """HAProxy; the text stands in its frontend."""

    def prepare(self, upstream):
        own = self.filled(upstream)
        kept = "" if "no-delay" in own else "    option http-no-delay\n"
        cut = "5s" if "QUIET" in own else "90s"
        text = (
            f"defaults\n    mode http\n    timeout connect 5s\n    timeout client {cut}\n    timeout server {cut}\n"
            f"{kept}frontend f\n    bind 127.0.0.1:{self.port}\n    {own}\n    default_backend b\n"
            f"backend b\n    server s {upstream}\n"
        )
        (self.folder / "haproxy.cfg").write_text(text)
        return [program("haproxy"), "-f", "haproxy.cfg"]


class CustomCaddy(Custom):
    """Caddy; the text is its site's."""

    def prepare(self, upstream):
        site = f"http://127.0.0.1:{self.port} {{\n{self.filled(upstream)}\n}}\n"
        (self.folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + site)
        return [program("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


BROKEN = {
    "nginx buffers": (
        CustomNginx,
        "proxy_http_version 1.0; proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;",
        "stream",
        "proxy_buffering off;",
    ),
    "nginx compresses": (
        CustomNginx,
        "gzip on; gzip_types text/event-stream; gzip_proxied any;",
        "compression",
        "gzip off;",
    ),
    "nginx cuts quiet streams": (CustomNginx, "proxy_read_timeout 4s;", "quiet", "proxy_read_timeout 90s;"),
    "nginx keeps the cursor": (
        CustomNginx,
        'proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_set_header Last-Event-ID "";',
        "cursor",
        "Last-Event-ID $http_last_event_id;",
    ),
    "nginx refuses PATCH": (
        CustomNginx,
        "location / { limit_except GET POST OPTIONS { deny all; } proxy_pass http://HUB; }",
        "change",
        "limit_except GET POST PATCH",
    ),
    "nginx refuses HEAD": (
        CustomNginx,
        "if ($request_method = HEAD) { return 405; }",
        "head",
        "limit_except",
    ),
    "nginx refuses long URLs": (
        CustomNginx,
        "large_client_header_buffers 4 1k; client_header_buffer_size 1k;",
        "url",
        "large_client_header_buffers 4 32k;",
    ),
    "nginx hides CORS": (
        CustomNginx,
        "proxy_hide_header Access-Control-Allow-Origin;",
        "origins",
        "proxy_hide_header",
    ),
    "nginx refuses bodies": (CustomNginx, "client_max_body_size 100k;", "body", "client_max_body_size 0;"),
    "nginx caches": (
        CustomNginx,
        "location /state { proxy_pass http://HUB; proxy_buffering on; proxy_cache c; proxy_cache_valid 200 1m; "
        "proxy_ignore_headers Cache-Control Vary; } location / { proxy_pass http://HUB; }",
        "cache",
        "proxy_cache off;",
    ),
    "nginx passes another Host": (CustomNginx, "proxy_set_header Host other.example;", "host", "Host $http_host;"),
    "nginx allows few connections": (CustomNginx, "limit_conn few 5;", "streams", "limit_conn"),
    "nginx has no hub": (CustomNginx, "location / { proxy_pass http://127.0.0.1:1; }", "reach", "proxy_pass"),
    "HAProxy delays": (CustomHAProxy, "no option http-no-delay", "events", "option http-no-delay"),
    "HAProxy cuts quiet streams": (CustomHAProxy, "# QUIET", "quiet", "timeout server 90s"),
    "HAProxy refuses HEAD": (CustomHAProxy, "http-request deny if { method HEAD }", "head", "HEAD"),
    "HAProxy keeps the cursor": (
        CustomHAProxy,
        "http-request del-header Last-Event-ID",
        "cursor",
        "Last-Event-ID",
    ),
    "Caddy refuses PATCH": (
        CustomCaddy,
        "@no method PATCH\nrespond @no 405\nreverse_proxy HUB",
        "change",
        "method PATCH",
    ),
    "Caddy keeps the cursor": (
        CustomCaddy,
        "reverse_proxy HUB {\nheader_up -Last-Event-ID\n}",
        "cursor",
        "header_up -Last-Event-ID",
    ),
    "Caddy hides CORS": (
        CustomCaddy,
        "reverse_proxy HUB {\nheader_down -Access-Control-Allow-Origin\n}",
        "origins",
        "header_down",
    ),
    "Caddy passes another Host": (
        CustomCaddy,
        "reverse_proxy HUB {\nheader_up Host other.example\n}",
        "host",
        "header_up Host",
    ),
}


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__.lower())
def test_finds_nothing_in_the_right_configurations(hub, tmp_path, make):
    with make(tmp_path, hub.address) as proxy:
        name, faults = doctor(proxy.url, "--quiet-seconds", "3")
    assert faults == {}
    assert name in {"nginx", "Caddy", "HAProxy"}


def test_finds_nothing_without_a_proxy(hub):
    assert doctor(hub.url, "--quiet-seconds", "1") == (None, {})


@pytest.mark.parametrize("case", BROKEN)
def test_names_what_is_broken_and_what_mends_it(hub, tmp_path, case):
    make, text, check, remedy = BROKEN[case]
    with make(tmp_path, hub.address, text) as proxy:
        name, faults = doctor(proxy.url, "--quiet-seconds", "8" if check == "quiet" else "0")
    assert list(faults) == [check], faults
    assert remedy in faults[check]["remedy"]
    assert name == case.split()[0]


def test_a_token_that_is_taken_out_on_the_way_is_missed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef")
    grants = ["--grant-subscribe", "doctor:*", "--grant-publish", "doctor:*"]
    token = run("token", "mint", "--jwt-secret-file", str(secret), *grants).stdout.strip()
    with Hub("--jwt-secret-file", str(secret)) as hub:
        assert doctor(hub.url, "--quiet-seconds", "0", env={"MARTLET_TOKEN": token}) == (None, {})
        text = 'proxy_set_header Host $http_host; proxy_set_header Authorization "";'
        with CustomNginx(tmp_path, hub.address, text) as proxy:
            _, faults = doctor(proxy.url, "--quiet-seconds", "0", env={"MARTLET_TOKEN": token})
        assert list(faults) == ["credentials"]
        assert "Authorization $http_authorization;" in faults["credentials"]["remedy"]
        done = run("doctor", hub.url, "--quiet-seconds", "0")
        assert done.returncode == 77 and "doctor:*" in done.stderr, done
        reader = run("token", "mint", "--jwt-secret-file", str(secret), *grants[:2]).stdout.strip()
        done = run("doctor", hub.url, "--quiet-seconds", "0", env={"MARTLET_TOKEN": reader})
        assert done.returncode == 77 and "publish to doctor:*" in done.stderr, done

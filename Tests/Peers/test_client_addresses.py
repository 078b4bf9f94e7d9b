"""Whose requests proxies pass on: HAProxy announces it by the PROXY protocol, nginx by a field."""

import itertools
import re

import pytest

from peers.proxies import HAProxy, Nginx, program
from support.certificates import Certificates
from support.http import Connection
from support.hub import Hub
from support.wait import eventually

pytestmark = pytest.mark.limit(120)
_numbers = itertools.count(1)

_ANNOUNCING = """
defaults
    mode {mode}
    timeout connect 5s
    timeout client 90s
    timeout server 90s

frontend web
    bind 127.0.0.1:{port}
    default_backend martlet

backend martlet
    server hub {upstream} {word} check inter 200ms
"""


def announcing(word, mode):
    """HAProxy that begins each connection to the hub with a header, its own checks included."""

    class Announcing(HAProxy):
        def prepare(self, upstream):
            text = _ANNOUNCING.format(mode=mode, port=self.port, upstream=upstream, word=word)
            (self.folder / "haproxy.cfg").write_text(text)
            return [program("haproxy"), "-f", "haproxy.cfg"]

    return Announcing


KINDS = {
    "HAProxy, version 1": announcing("send-proxy", "http"),
    "HAProxy, version 2": announcing("send-proxy-v2", "http"),
    "HAProxy, version 1, bytes alone": announcing("send-proxy", "tcp"),
    "HAProxy, version 2, bytes alone": announcing("send-proxy-v2", "tcp"),
    "HAProxy with deploy/haproxy.cfg": HAProxy,
    "nginx with deploy/nginx.conf": Nginx,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_hub_learns_the_client(kind, tmp_path):
    with Hub("--log-level", "debug", "--trusted-proxies", "127.0.0.1") as hub:
        with KINDS[kind](tmp_path, hub.address) as proxy:
            for client in ("127.0.0.5", "127.0.0.6"):
                name = f"h{next(_numbers)}.example"
                forged = {"Host": name, "X-Forwarded-For": "6.6.6.6"}
                with Connection(proxy.address, source=client, limit=30) as connection:
                    assert connection.exchange("GET", "/health", forged).status == 421
                line = rf"client={client} status=421 host={re.escape(name)}"
                eventually(lambda line=line: re.search(line, hub.log()), line)
        hub.assert_healthy()


@pytest.mark.parametrize("word", ["send-proxy", "send-proxy-v2"])
def test_the_hub_learns_the_client_where_haproxy_passes_tls_on(word, tmp_path):
    certificates = Certificates(tmp_path / "certificates")
    flags = ("--log-level", "debug", "--trusted-proxies", "127.0.0.1")
    with Hub(*flags, tls=certificates) as hub:
        with announcing(word, "tcp")(tmp_path, hub.address) as proxy:
            for client in ("127.0.0.5", "127.0.0.6"):
                name = f"h{next(_numbers)}.example"
                forged = {"Host": name, "X-Forwarded-For": "6.6.6.6"}
                tls = certificates.client()
                with Connection(proxy.address, source=client, limit=30, tls=tls) as connection:
                    assert connection.exchange("GET", "/health", forged).status == 421
                line = rf"client={client} status=421 host={re.escape(name)}"
                eventually(lambda line=line: re.search(line, hub.log()), line)
        hub.assert_healthy()

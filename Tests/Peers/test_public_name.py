"""A hub with a public name behind the proxies of deploy/ with TLS: which names and which pages get through."""

import re
import subprocess

import pytest

from peers.proxies import NAME, SecureCaddy, SecureHAProxy, SecureNginx
from support.hub import Hub

pytestmark = pytest.mark.limit(120)
PAGE = "https://app.example.test"


@pytest.fixture(scope="module")
def public():
    """A hub that is told its name, the pages that use it, and which proxy to believe, as deploy/ says."""
    names = ["--allowed-hosts", NAME, "--trusted-proxies", "127.0.0.1", "--allowed-origins", PAGE]
    with Hub(*names) as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture(
    scope="module",
    params=[SecureNginx, SecureCaddy, SecureHAProxy],
    ids=["nginx", "caddy", "haproxy"],
)
def secure(request, public, tmp_path_factory):
    """Each proxy with TLS before the hub."""
    with request.param(tmp_path_factory.mktemp("secure"), public.address) as proxy:
        yield proxy


def get(proxy, name=NAME, origin=None, method="GET"):
    """The status and the fields of an answer to a client that resolves `name` to the proxy."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--request", method]
    command += ["--resolve", f"{name}:{proxy.port}:127.0.0.1"]
    # The certificate is checked where it can be right.
    command += ["--cacert", str(proxy.folder / "site.pem")] if name == NAME else ["--insecure"]
    if origin:
        command += ["--header", f"Origin: {origin}", "--header", "Access-Control-Request-Method: POST"]
    url = f"https://{name}:{proxy.port}/broadcast" if method == "OPTIONS" else f"https://{name}:{proxy.port}/health"
    done = subprocess.run([*command, url], capture_output=True, text=True, timeout=30, check=True)
    head = done.stdout.replace("\r", "").split("\n\n")[0].split("\n")
    fields = dict(re.split(": *", line.lower(), maxsplit=1) for line in head[1:])
    return int(head[0].split()[1]), fields


def test_the_public_name_is_taken(secure):
    assert get(secure)[0] == 200


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_listed_page_reads_the_answer(secure, method):
    status, fields = get(secure, origin=PAGE, method=method)
    assert status == (204 if method == "OPTIONS" else 200)
    assert fields["access-control-allow-origin"] == PAGE


def test_the_hubs_own_pages_are_known_by_scheme_and_port(secure):
    assert get(secure, origin=f"https://{NAME}:{secure.port}")[0] == 200
    for origin in (f"http://{NAME}:{secure.port}", f"https://{NAME}", f"https://{NAME}:1"):
        assert get(secure, origin=origin)[0] == 403, origin


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_other_pages_are_refused(secure, method):
    for origin in ("https://evil.example", f"https://{NAME}.evil.example", "http://localhost:3000x", "null"):
        status, fields = get(secure, origin=origin, method=method)
        assert status == 403, origin
        assert not [name for name in fields if name.startswith("access-control-")], fields


def test_a_rebound_name_is_refused(secure):
    if isinstance(secure, SecureCaddy):
        # Caddy itself serves no name but its own.
        with pytest.raises(subprocess.CalledProcessError):
            get(secure, name="evil.example")
        return
    assert get(secure, name="evil.example")[0] == 421

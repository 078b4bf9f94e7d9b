"""What proxies tell of a request that they pass on, and whom the hub believes."""

import pytest

from support.hub import Hub


@pytest.fixture(scope="module")
def outward():
    """A hub that other machines can connect to."""
    with Hub("--host", "0.0.0.0", "--insecure-open") as hub:
        yield hub


@pytest.fixture(scope="module")
def proxied():
    """A hub that believes what proxies on this machine tell it."""
    with Hub("--allowed-hosts", "*.example", "--trusted-proxies", "10.0.0.0/8,127.0.0.1") as hub:
        yield hub


FORWARDED = [
    ({"X-Forwarded-Host": "hub.example"}, "https://hub.example", 200),
    ({"X-Forwarded-Host": "hub.example"}, "http://hub.example", 200),
    ({"X-Forwarded-Host": "hub.example"}, "https://in.example", 403),
    ({"X-Forwarded-Host": "hub.example:8443"}, "https://hub.example:8443", 200),
    ({"X-Forwarded-Host": "hub.example:8443"}, "https://hub.example", 403),
    ({"X-Forwarded-Host": "evil.example, hub.example"}, "https://hub.example", 200),
    ({"X-Forwarded-Host": "evil.example, hub.example"}, "https://evil.example", 403),
    ({"X-Forwarded-Host": "me@hub.example"}, "https://hub.example", 403),
    ({"X-Forwarded-Host": ""}, "https://in.example", 403),
    ({"X-Forwarded-Proto": "https"}, "https://in.example", 200),
    ({"X-Forwarded-Proto": "HTTPS"}, "https://in.example", 200),
    ({"X-Forwarded-Proto": "https"}, "http://in.example", 403),
    ({"X-Forwarded-Proto": "https, http"}, "https://in.example", 403),
    (
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "hub.example"},
        "https://hub.example",
        200,
    ),
    (
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "hub.example"},
        "http://hub.example",
        403,
    ),
    ({"Forwarded": "proto=https;host=hub.example"}, "https://hub.example", 200),
    ({"Forwarded": "proto=https;host=hub.example"}, "http://hub.example", 403),
    ({"Forwarded": 'Host="hub.example:8443"; For=1.2.3.4'}, "https://hub.example:8443", 200),
    ({"Forwarded": 'host="hub\\.example"'}, "https://hub.example", 200),
    ({"Forwarded": "host=evil.example, host=hub.example"}, "https://hub.example", 200),
    ({"Forwarded": "host=evil.example, host=hub.example"}, "https://evil.example", 403),
    ({"Forwarded": "for=1.2.3.4, proto=https"}, "https://in.example", 200),
    ({"Forwarded": 'for="a, host=evil.example"'}, "https://evil.example", 403),
    ({"Forwarded": "host=evil.example:1"}, "https://evil.example:1", 403),
    ({"Forwarded": "host=hub.example;host=evil.example"}, "https://evil.example", 403),
    ({"Forwarded": 'host="evil.example'}, "https://evil.example", 403),
    (
        {"X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"},
        "https://evil.example",
        403,
    ),
]


@pytest.mark.parametrize(("fields", "origin", "status"), FORWARDED)
def test_a_trusted_proxy_says_what_was_asked_for(proxied, fields, origin, status):
    answer = proxied.get("/health", {"Host": "in.example", "Origin": origin} | fields)
    assert answer.status == status, answer


@pytest.mark.parametrize(
    "fields",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "proto=https;host=evil.example"},
    ],
)
def test_nobody_else_is_believed(outward, fields):
    with Hub("--allowed-hosts", "in.example", "--trusted-proxies", "127.0.0.2,::1") as others:
        for hub in (outward, others):
            for host, origin, status in [
                ("in.example", "https://evil.example", 403),
                ("in.example", "http://in.example", 200),
            ]:
                answer = hub.get("/health", {"Host": host, "Origin": origin} | fields)
                assert answer.status == status, answer


def test_a_forwarded_host_does_not_make_up_for_the_host(proxied):
    fields = {"Host": "evil.test", "X-Forwarded-Host": "hub.example"}
    assert proxied.get("/health", fields).status == 421

"""Where requests come from: what trusted proxies tell by the PROXY protocol, X-Forwarded-For and Forwarded.

The hub tells it in its log at the level debug, when it refuses a request for its host.
"""

import itertools
import re
import socket
import struct

import pytest

from support.http import build
from support.hub import Hub
from support.wait import eventually

_numbers = itertools.count(1)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(command, family, addresses, more=b""):
    """A header of version 2."""
    rest = addresses + more
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(rest)) + rest


FOUR = socket.inet_aton("192.0.2.7") + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 56324, 443)
SIX = (
    socket.inet_pton(socket.AF_INET6, "2001:db9::7")
    + socket.inet_pton(socket.AF_INET6, "2001:db9::1")
    + struct.pack("!HH", 56324, 443)
)
UNIX = b"/run/client".ljust(108, b"\0") + b"/run/hub".ljust(108, b"\0")
SERVER_NAME = b"\x02\x00\x0bhub.example"

HEADERS = {
    "no header": (b"", "127.0.0.1"),
    "version 1, IPv4": (b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7"),
    "version 1, IPv6": (b"PROXY TCP6 2001:db9::7 2001:db9::1 56324 443\r\n", "2001:db9::7"),
    "version 1, mapped": (b"PROXY TCP6 ::ffff:192.0.2.7 ::1 56324 443\r\n", "192.0.2.7"),
    "version 1, unknown": (b"PROXY UNKNOWN ffff:f:f:f:f:f:f:ffff 65535\r\n", "127.0.0.1"),
    "version 2, IPv4": (binary(1, 0x11, FOUR), "192.0.2.7"),
    "version 2, IPv6": (binary(1, 0x21, SIX), "2001:db9::7"),
    "version 2, more values": (binary(1, 0x11, FOUR, SERVER_NAME + b"\x04\x00\x00"), "192.0.2.7"),
    "version 2, a long value": (
        binary(1, 0x11, FOUR, b"\xee\x0b\xb8" + b"x" * 3000),
        "192.0.2.7",
    ),
    "version 2, a Unix socket": (binary(1, 0x31, UNIX), "127.0.0.1"),
    "version 2, no family": (binary(1, 0x00, b""), "127.0.0.1"),
    "version 2, local": (binary(0, 0x00, b""), "127.0.0.1"),
    "version 2, local with addresses": (binary(0, 0x11, FOUR), "127.0.0.1"),
}

MALFORMED = {
    "version 1, no end": b"PROXY TCP4 " + b"1" * 120,
    "version 1, LF alone": b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n",
    "version 1, a wrong family": b"PROXY TCP6 192.0.2.7 198.51.100.1 56324 443\r\n",
    "version 1, a wrong address": b"PROXY TCP4 192.0.2.700 198.51.100.1 56324 443\r\n",
    "version 1, a request": b"PROXY /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "version 2, another version": binary(1, 0x11, FOUR).replace(b"\n!", b"\n1"),
    "version 2, another command": binary(2, 0x11, FOUR),
    "version 2, datagrams": binary(1, 0x12, FOUR),
    "version 2, too short": binary(1, 0x11, FOUR[:-1]),
    "version 2, half a value": binary(1, 0x11, FOUR, b"\x02\x00"),
    "version 2, a value beyond the end": binary(1, 0x11, FOUR, b"\x02\xff\xff"),
    "version 2, too long": binary(1, 0x11, FOUR, b"\x02\x0f\xf0" + b"x" * 0xFF0),
}


@pytest.fixture(scope="module")
def hub():
    """A hub that trusts this machine's usual address and a network, and tells whom it refuses."""
    with Hub("--log-level", "debug", "--trusted-proxies", "127.0.0.1,10.0.0.0/8") as hub:
        yield hub
        hub.assert_healthy()


def refused(hub, connection, fields=(), begin=b"", pieces=None):
    """The client's address in the log, once a request was refused for a host that no other test uses."""
    name = f"h{next(_numbers)}.example"
    raw = begin + build("GET", "/health", [("Host", name), *fields])
    for piece in pieces(raw) if pieces else [raw]:
        connection.send(piece)
    assert connection.read_response().status == 421
    found = []

    def logged():
        found[:] = re.findall(rf"client=(\S+) status=421 host={re.escape(name)}", hub.log())
        return found

    eventually(logged, "the refusal in the log")
    return found[0]


@pytest.mark.parametrize("name", HEADERS)
def test_a_trusted_proxy_announces_the_client(hub, name):
    header, address = HEADERS[name]
    with hub.connect() as connection:
        assert refused(hub, connection, begin=header) == address
        # It holds for the connection, not for its first request alone.
        assert refused(hub, connection) == address
        assert connection.exchange("GET", "/health").status == 200


@pytest.mark.parametrize("name", HEADERS)
def test_however_the_header_is_cut(hub, name):
    header, address = HEADERS[name]

    def bytewise(raw):
        for index in range(min(len(header) + 3, 60)):
            yield raw[index : index + 1]
        yield raw[min(len(header) + 3, 60) :]

    with hub.connect() as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert refused(hub, connection, begin=header, pieces=bytewise) == address


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_header_ends_the_connection(hub, name):
    before = hub.head()
    with hub.connect() as connection:
        connection.send(MALFORMED[name] + build("GET", "/health"))
        assert connection.read_to_end(10) == b""
    assert hub.head() == before


def test_a_header_that_does_not_come_whole_is_given_up():
    with Hub("--trusted-proxies", "127.0.0.1", "--head-timeout", "0.5") as hub:
        for begin in (b"P", b"PROXY TCP4 ", SIGNATURE[:5], binary(1, 0x11, FOUR)[:20]):
            with hub.connect() as connection:
                connection.send(begin)
                connection.read_to_end(10)
            with hub.connect() as connection:
                connection.send(begin)
                connection.socket.shutdown(socket.SHUT_WR)
                assert connection.read_to_end(10) == b""


def test_a_header_comes_once(hub):
    header = HEADERS["version 1, IPv4"][0]
    with hub.connect() as connection:
        connection.send(header + header + build("GET", "/health"))
        assert connection.read_response().status == 400


def test_nobody_else_announces_anything():
    with Hub("--trusted-proxies", "127.0.0.2") as hub:
        for name in ("version 1, IPv4", "version 2, IPv4"):
            with hub.connect() as connection:
                connection.send(HEADERS[name][0] + build("GET", "/health"))
                assert connection.read_response().status == 400


def test_a_stream_may_begin_with_a_header(hub, post):
    with hub.connect() as connection:
        connection.send(HEADERS["version 2, IPv6"][0] + build("GET", f"/stream?resources={post}"))
        status, _ = connection.read_head()
        assert status == 200
        id = hub.publish(post, 1)
        eventually(
            lambda: connection.receive(_Soon()) and id.encode() in connection.buffer, "the event"
        )


class _Soon:
    """A limit for one receive."""

    def left(self):
        return 5


FORWARDED = [
    ({"X-Forwarded-For": "192.0.2.9"}, "192.0.2.9"),
    ({"X-Forwarded-For": "6.6.6.6, 192.0.2.9, 10.1.2.3"}, "192.0.2.9"),
    ({"X-Forwarded-For": "6.6.6.6, nonsense, 10.1.2.3"}, "10.1.2.3"),
    ({"Forwarded": 'for=6.6.6.6, for="[2001:db9::9]:80"'}, "2001:db9::9"),
]


@pytest.mark.parametrize(("fields", "address"), FORWARDED)
def test_fields_of_a_trusted_proxy_tell_the_client(hub, fields, address):
    with hub.connect() as connection:
        assert refused(hub, connection, fields.items()) == address
        assert refused(hub, connection) == "127.0.0.1", "fields count for their request alone"


@pytest.mark.parametrize(("fields", "address"), FORWARDED)
def test_fields_of_a_client_that_was_announced_do_not(hub, fields, address):
    with hub.connect() as connection:
        header = HEADERS["version 1, IPv4"][0]
        assert refused(hub, connection, fields.items(), header) == "192.0.2.7"
    with hub.connect() as connection:
        # Unless it is a trusted proxy itself, whose bytes another one passed on.
        header = header.replace(b"192.0.2.7", b"10.9.9.9")
        assert refused(hub, connection, fields.items(), header) == address


def test_a_client_that_was_announced_does_not_say_which_origin_is_the_own_one(hub):
    forged = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
    with hub.connect() as connection:
        connection.send(HEADERS["version 1, IPv4"][0])
        assert connection.exchange("GET", "/health", forged).status == 403
    assert hub.get("/health", forged).status == 200

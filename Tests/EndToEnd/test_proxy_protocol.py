"""Where requests come from: what trusted proxies tell by the PROXY protocol, X-Forwarded-For and Forwarded.

The hub tells it in its log at the level debug, when it refuses a request for its host.
"""

import itertools
import re
import socket
import ssl
import struct

import pytest

from support.certificates import Certificates
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


# Before TLS of the hub's own


class Secured:
    """A TLS client that sends something before its handshake, cut as a test likes."""

    def __init__(self, hub, begin=b"", pieces=None, context=None):
        self.socket = socket.create_connection(hub.address, 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begin, self.pieces = begin, pieces or (lambda raw: [raw])
        self.received, self.sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = context or hub.tls.client()
        self.tls = context.wrap_bio(self.received, self.sent, server_hostname="localhost")

    def __enter__(self):
        self._do(self.tls.do_handshake)
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _do(self, step, *arguments):
        """Takes a step of TLS, and sends and receives what it needs."""
        while True:
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                self._flush()
                data = self.socket.recv(65536)
                assert data, "the hub has ended the connection"
                self.received.write(data)
            finally:
                self._flush()

    def _flush(self):
        raw, self.begin = self.begin + self.sent.read(), b""
        if not raw:
            return
        pieces, self.pieces = self.pieces(raw), lambda raw: [raw]
        for piece in pieces:
            self.socket.sendall(piece)

    def exchange(self, raw):
        """The head of the answer to a request."""
        self._do(self.tls.write, raw)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._do(self.tls.read, 65536)
        return answer

    def address(self, hub, fields=()):
        """The client's address in the log, once a request was refused for its host."""
        name = f"h{next(_numbers)}.example"
        answer = self.exchange(build("GET", "/health", [("Host", name), *fields]))
        assert answer.startswith(b"HTTP/1.1 421 "), answer
        line = rf"client=(\S+) status=421 host={re.escape(name)}"
        eventually(lambda: re.search(line, hub.log()), "the refusal in the log")
        return re.search(line, hub.log())[1]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority and a server's certificate."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(certificates):
    """A hub with TLS of its own that trusts this machine's usual address."""
    flags = ("--log-level", "debug", "--trusted-proxies", "127.0.0.1,10.0.0.0/8", "--workers", "2")
    with Hub(*flags, tls=certificates) as hub:
        yield hub
        hub.assert_healthy()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("name", HEADERS)
def test_a_header_may_come_before_tls(secured, certificates, name, version):
    header, address = HEADERS[name]
    with Secured(secured, header, context=certificates.client(version=version)) as client:
        assert client.address(secured) == address
        assert client.address(secured) == address, "it holds for the connection"
        forged = {"X-Forwarded-For": "6.6.6.6"}
        # Fields of a client that was announced do not count.
        expected = "6.6.6.6" if address == "127.0.0.1" else address
        assert client.address(secured, forged.items()) == expected


def _bytewise(length):
    def pieces(raw):
        first = min(length + 8, 80)
        return [raw[index : index + 1] for index in range(first)] + [raw[first:]]

    return pieces


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_before_tls_however_it_is_cut(secured, name):
    header, address = HEADERS[name]
    cuts = [_bytewise(len(header))]
    for place in {1, 6, 12, 15, 16, len(header) - 1, len(header), len(header) + 1, len(header) + 5}:
        if 0 < place:
            cuts.append(lambda raw, place=place: [raw[:place], raw[place:]])
    for pieces in cuts:
        with Secured(secured, header, pieces) as client:
            assert client.address(secured) == address


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_header_before_tls_ends_the_connection(secured, name):
    before = secured.log().count("A header of the PROXY protocol is malformed")
    with secured.connect(tls=None) as connection:
        connection.send(MALFORMED[name])
        assert connection.read_to_end(10) == b""
    assert secured.log().count("A header of the PROXY protocol is malformed") == before + 1


def test_a_header_before_tls_that_does_not_come_whole_is_given_up(certificates):
    with Hub("--trusted-proxies", "127.0.0.1", "--head-timeout", "0.5", tls=certificates) as hub:
        for begin in (b"", b"P", b"PROXY TCP4 ", SIGNATURE[:5], binary(1, 0x11, FOUR)[:20]):
            for ends in (False, True):
                with hub.connect(tls=None) as connection:
                    connection.send(begin)
                    if ends:
                        connection.socket.shutdown(socket.SHUT_WR)
                    assert connection.read_to_end(10) == b""
        # A proxy's check of health sends a header and nothing else.
        for name in ("version 1, unknown", "version 2, local"):
            with hub.connect(tls=None) as connection:
                connection.send(HEADERS[name][0])
                connection.socket.shutdown(socket.SHUT_WR)
                assert connection.read_to_end(10) == b""
        hub.assert_healthy()


def test_nobody_else_announces_anything_before_tls(certificates):
    flags = ("--trusted-proxies", "127.0.0.2", "--log-level", "debug")
    with Hub(*flags, tls=certificates) as hub:
        with hub.connect(tls=None) as connection:
            connection.send(HEADERS["version 1, IPv4"][0])
            assert connection.read_response().status == 400
        with hub.connect(tls=None) as connection:
            connection.send(HEADERS["version 2, IPv4"][0])
            assert b"HTTP" not in connection.read_to_end(10)
        assert "192.0.2.7" not in hub.log()
        with Secured(hub) as client:
            assert client.address(hub) == "127.0.0.1"
        hub.assert_healthy()


@pytest.mark.parametrize("name", ["version 1, IPv4", "version 2, IPv4"])
def test_a_header_before_tls_comes_once_and_not_within(secured, name):
    header = HEADERS[name][0]
    with secured.connect(tls=None) as connection:
        connection.send(header + header)
        rest = connection.read_to_end(10)
        assert not rest.startswith(b"HTTP/1.1 200"), rest
    with Secured(secured, header) as client:
        assert client.exchange(header + build("GET", "/health")).startswith(b"HTTP/1.1 400 ")
    with Secured(secured) as client:
        assert client.exchange(header + build("GET", "/health")).startswith(b"HTTP/1.1 400 ")


def test_a_trusted_proxy_that_speaks_no_tls_is_told_so(secured):
    for begin in (b"", HEADERS["version 1, IPv4"][0], HEADERS["version 2, IPv6"][0]):
        for method in ("GET", "POST", "PUT", "PROPFIND"):
            with secured.connect(tls=None) as connection:
                connection.send(begin + build(method, "/health"))
                assert b"https://" in connection.read_response().body


def test_a_stream_counts_for_the_address_that_was_announced_before_tls(certificates, post):
    flags = ("--trusted-proxies", "127.0.0.1", "--max-streams-per-address", "1")
    with Hub(*flags, tls=certificates) as hub:
        opening = build("GET", f"/stream?resources={post}")
        with Secured(hub, HEADERS["version 1, IPv4"][0]) as one:
            assert one.exchange(opening).startswith(b"HTTP/1.1 200 ")
            with Secured(hub, HEADERS["version 2, IPv4"][0]) as same:
                assert same.exchange(opening).startswith(b"HTTP/1.1 429 ")
            with Secured(hub, HEADERS["version 2, IPv6"][0]) as other:
                assert other.exchange(opening).startswith(b"HTTP/1.1 200 ")
        hub.assert_healthy()

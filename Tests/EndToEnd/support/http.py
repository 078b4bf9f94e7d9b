"""HTTP/1.1 by hand: what a test sends is sent byte for byte, what comes back is read strictly."""

import json
import re
import socket
import ssl
import struct

from .sse import ChunkedDecoder, FramingError
from .wait import Deadline

_STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) [ -~]*\Z")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*\Z")


class Response:
    """A complete response; `headers` has lower-case names."""

    def __init__(self, status, headers, body=b""):
        self.status = status
        self.header_list = headers
        self.headers = {}
        for name, value in headers:
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        self.body = body

    @property
    def json(self):
        """The body as a Python value."""
        return json.loads(self.body)

    def list(self, name):
        """A comma-separated header as a set of lower-case words."""
        words = self.headers.get(name, "").split(",")
        return {word.strip().lower() for word in words if word.strip()}

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


def parse_head(head):
    """A response's status and headers; `head` is without the empty line."""
    lines = head.split(b"\r\n")
    match = _STATUS.match(lines[0])
    if match is None or b"\n" in lines[0]:
        raise FramingError(f"bad status line: {lines[0][:200]!r}")
    headers = []
    for line in lines[1:]:
        field = _HEADER.match(line)
        if field is None or b"\n" in line or b"\r" in line:
            raise FramingError(f"bad header line: {line[:200]!r}")
        headers.append((field[1].decode().lower(), field[2].decode("latin-1")))
    names = [name for name, _ in headers]
    for once in ("content-length", "transfer-encoding", "content-type", "date", "connection"):
        if names.count(once) > 1:
            raise FramingError(f"{once} {names.count(once)} times: {headers}")
    if "content-length" in names and "transfer-encoding" in names:
        raise FramingError(f"both a length and a transfer coding: {headers}")
    return int(match[1]), headers


class Connection:
    """One TCP connection to the hub, with TLS where a context for it is given."""

    def __init__(self, address, source=None, receive_buffer=None, limit=10.0, tls=None):
        self.limit = limit
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.settimeout(limit)
        self.socket.connect(address)
        if tls is not None:
            # An end without close_notify is an error: the hub says when it has said all.
            self.socket = tls.wrap_socket(
                self.socket, server_hostname="localhost", suppress_ragged_eofs=False
            )
        self.buffer = bytearray()
        self.eof = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes as a well-behaved client does."""
        self.socket.close()

    def reset(self):
        """Goes away without a word: the hub sees ECONNRESET."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        """Sends all of `data`."""
        self.socket.settimeout(self.limit)
        self.socket.sendall(data)

    def send_all_it_takes(self, data):
        """Sends `data` until the hub stops reading; a peer that closes early is no error."""
        self.socket.settimeout(self.limit)
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            pass

    def receive(self, deadline):
        """Reads once into the buffer; false at the end of the connection."""
        if self.eof:
            return False
        self.socket.settimeout(deadline.left())
        try:
            data = self.socket.recv(262144)
        except TimeoutError:
            deadline.left()
            return True
        except ConnectionResetError:
            data = b""
        if not data:
            self.eof = True
            return False
        self.buffer += data
        return True

    def take(self, count):
        """Removes `count` bytes from the buffer and gives them back."""
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def read_head(self, limit=None):
        """The next response's status and headers."""
        deadline = Deadline(limit or self.limit, "a response's head")
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end >= 0:
                head = self.take(end + 4)[:-4]
                return parse_head(head)
            if not self.receive(deadline):
                raise FramingError(f"closed before a whole head: {bytes(self.buffer[:200])!r}")

    def read_response(self, method="GET", limit=None):
        """The next response, whole."""
        status, headers = self.read_head(limit)
        return self.read_body(status, headers, method, limit)

    def read_body(self, status, headers, method="GET", limit=None):
        """The response of which the head was read, whole."""
        deadline = Deadline(limit or self.limit, "a response")
        fields = dict(headers)
        if status < 200 or status in (204, 304) or method == "HEAD":
            if status in (204,) and {"content-length", "transfer-encoding"} & set(fields):
                raise FramingError(f"a {status} with a length: {headers}")
            return Response(status, headers)
        if "transfer-encoding" in fields:
            if fields["transfer-encoding"] != "chunked":
                raise FramingError(f"transfer coding: {fields['transfer-encoding']!r}")
            decoder, body = ChunkedDecoder(), b""
            while True:
                # Byte-exact: a pipelined response may stand behind the last chunk.
                body += decoder.feed(self.take(1) if self.buffer else b"")
                if decoder.done:
                    return Response(status, headers, body)
                if not self.buffer and not self.receive(deadline):
                    raise FramingError("closed within a chunked body")
        if "content-length" in fields:
            if not re.fullmatch("[0-9]+", fields["content-length"]):
                raise FramingError(f"bad length: {fields['content-length']!r}")
            length = int(fields["content-length"])
            while len(self.buffer) < length:
                if not self.receive(deadline):
                    raise FramingError(f"closed after {len(self.buffer)} of {length} bytes")
            return Response(status, headers, self.take(length))
        while self.receive(deadline):
            pass
        return Response(status, headers, self.take(len(self.buffer)))

    def read_to_end(self, limit=None):
        """All bytes until the hub closes."""
        deadline = Deadline(limit or self.limit, "the end of the connection")
        while self.receive(deadline):
            pass
        return self.take(len(self.buffer))

    def exchange(self, method, target, headers=(), body=None, version="HTTP/1.1"):
        """Sends a request and reads its response on this connection."""
        self.send(build(method, target, headers, body, version))
        return self.read_response(method)


def build(method, target, headers=(), body=None, version="HTTP/1.1"):
    """A request's bytes; a Host and, with a body, a Content-Length are added where missing."""
    headers = list(headers.items() if isinstance(headers, dict) else headers)
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} {version}"]
    if "host" not in names and version != "HTTP/1.0":
        lines.append("Host: localhost")
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chunked(*pieces):
    """The chunked coding of `pieces`, with the last chunk."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
    return coded + b"0\r\n\r\n"

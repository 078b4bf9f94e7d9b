"""What the attackers of `attack` send: heads without an end, requests that are refused, and bodies at every limit."""

import json

CROWD = 1 << 16


def request(line, *fields, body=b"", host="localhost"):
    """A request's bytes; without a host where it is None."""
    lines = [line, *([f"Host: {host}"] if host is not None else []), *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def post(body, kind="json", *fields):
    """A broadcast of so many bytes."""
    length = f"Content-Length: {len(body)}"
    return request("POST /broadcast HTTP/1.1", f"Content-Type: application/{kind}", length, *fields, body=body)


def chunked(chunks, kind="x-ndjson", trailers=b""):
    """A broadcast of chunks, which are coded already."""
    fields = (f"Content-Type: application/{kind}", "Transfer-Encoding: chunked")
    return request("POST /broadcast HTTP/1.1", *fields, body=b"".join(chunks) + b"0\r\n" + trailers + b"\r\n")


def crowd(one):
    """So many of a request that a connection sends them without a pause."""
    return one * (CROWD // len(one) + 1)


# A head that never ends, for one byte at a time.
SLOW_HEAD = request("GET /health HTTP/1.1", "X-Slow: " + "a" * 30_000)[:-4]

# The first half of a ClientHello with 512 bytes.
HALF_HELLO = bytes.fromhex("16030102000100 01fc 0303".replace(" ", "")) + bytes(range(247))

_POST = ("POST /broadcast HTTP/1.1", "Content-Type: application/json")

# Each ends its connection.
MALFORMED = [
    b"\x00" * 100,
    b"GET /health\r\n\r\n",
    request("GET  /health HTTP/1.1"),
    request("GE(T /health HTTP/1.1"),
    request("GET /health HTTP/1.1", host=None),
    request("GET /health HTTP/1.1", "Host: other"),
    request("GET /health HTTP/1.1", "X-A : b"),
    request("GET /health HTTP/1.1", "X-A: 1", " 2"),
    request("GET /health HTTP/1.1", *["X-A: b"] * 101),
    request("GET /" + "a" * 9000 + " HTTP/1.1"),
    request(*_POST, "Content-Length: +5", body=b"12345"),
    request(*_POST, "Content-Length: 18446744073709551646"),
    request(*_POST, "Content-Length: 1, 30", body=b"1"),
    request(*_POST, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    request(*_POST, "Transfer-Encoding: chunked", body=b"xyz\r\n"),
    request(*_POST, "Content-Length: 2000000"),
]

_BAD_TOKENS = [
    "x",
    "a.b.c",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ." + "A" * 43,
    "eyJhbGciOiJIUzI1NiJ9." + "e" * 16_000 + "." + "A" * 43,
    "mk_" + "A" * 43,
]

# After each the connection goes on, so many come at once; a hub that asks for tokens refuses them all.
REFUSED = [
    request("GET /health HTTP/1.1", host="evil.example"),
    request("GET /health HTTP/1.1", "Origin: https://evil.example"),
    request("POST /broadcast HTTP/1.1", "Content-Type: text/plain", "Content-Length: 2", body=b"{}"),
    request("GET /stream?resources=a:1 HTTP/1.1"),
    request("GET /stream?resources=a:1&ticket=" + "A" * 43 + " HTTP/1.1"),
    request("GET /stream?resources=a:1&expires=9999999999&signature=" + "0" * 64 + " HTTP/1.1"),
    request("GET /poll?resources=a:1 HTTP/1.1", "Cookie: auth_access_token=a.b.c"),
    request("GET /nowhere HTTP/1.1"),
    *[request("GET /state?resources=a:1 HTTP/1.1", f"Authorization: Bearer {token}") for token in _BAD_TOKENS],
]

# What a hub without keys answers to everybody, sent without a pause.
ANSWERED = [
    request("GET /health HTTP/1.1"),
    request("GET / HTTP/1.1"),
    request("GET /openapi.json HTTP/1.1"),
    request("GET /state?resources=attack:1 HTTP/1.1"),
    request("GET /presence?resources=attack:1 HTTP/1.1"),
    request("GET /metrics HTTP/1.1"),
    request("HEAD /stream?resources=attack:1 HTTP/1.1"),
]

# Opened by connections of their own, for a resource that nothing is published to.
STREAM = request("GET /stream?resources=attack:1,attack:2,attack:* HTTP/1.1")


def event(data, resources=("attack:1",)):
    """An event for resources that nobody receives."""
    return json.dumps({"resources": resources, "event": "attack", "data": data}, separators=(",", ":")).encode()


def dearest():
    """What takes the most time of all that one request may ask for: a MiB of events for 100 resources each."""
    many = [f"attack:{number}" for number in range(100)]
    return post(b"[" + b",".join([event(1, many)] * 700) + b"]")


def bodies():
    """Requests whose parts are as large as the hub allows, and a few that are larger."""
    largest = event("x" * (262_144 - 2))
    nested = "[" + ",".join(["[" * 60 + "]" * 60] * 2_000) + "]"
    many = [f"attack:{number}" for number in range(100)]
    small = event(1) + b"\n"
    return [
        post(largest),
        post(event("x" * 262_144)),
        post(b"[" + b",".join([largest] * 3) + b"]"),
        post(b"[" + b",".join([event("x" * 950)] * 1_000) + b"]"),
        post(event("\x01" * 43_000)),
        post(event(json.loads(nested))),
        post(b'{"resource":"attack:1","data":' + b"[" * 200_000),
        post(b" " * (1 << 20)),
        request(*_POST, "Content-Length: 1048577"),
        post((largest + b"\n") * 10, "x-ndjson"),
        post((event(1) + b" " * 327_000 + b"\n") * 10, "x-ndjson"),
        post((b" " * 400_000 + b"\n"), "x-ndjson"),
        post(b"\n" * 3_000_000, "x-ndjson"),
        post(small * 50_000, "x-ndjson"),
        chunked([b"1\r\n\n\r\n"] * 500_000),
        chunked([b"1\r\n \r\n"] * 500_000, "json"),
        chunked([b"%x;%s\r\n%s\r\n" % (len(small) * 20, b"a" * 1_000, small * 20)] * 1_000),
        chunked([b"%x\r\n%s\r\n" % (len(small), small)], trailers=b"X-A: b\r\n" * 90),
        crowd(request("GET /health HTTP/1.1", *[f"X-A: {'a' * 300}"] * 95)),
        crowd(request("GET /state?resources=" + ",".join(many) + "&x=" + "a" * 7_000 + " HTTP/1.1")),
    ]

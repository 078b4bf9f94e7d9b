"""Requests that no one should send, and clients that vanish: the hub says no and stays well."""

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.http import build, parse_head
from support.hub import REPOSITORY, Hub, as_bytes
from support.stream import stream_target
from support.wait import Deadline, eventually

FILES = sorted((REPOSITORY / "Fuzz/HTTP/malformed").glob("*.http"))
JSON = {"Content-Type": "application/json"}
EVENT = as_bytes({"resource": "post:1", "data": 1})
SMUGGLED = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def request(*lines, body=b""):
    """Raw lines as a request."""
    return b"\r\n".join(line.encode("latin-1") for line in lines) + b"\r\n\r\n" + body


POST = ("POST /broadcast HTTP/1.1", "Host: localhost", "Content-Type: application/json")

FORBIDDEN = {
    "both a length and a transfer coding": request(
        *POST, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "two different lengths": request(*POST, "Content-Length: 1", "Content-Length: 30", body=EVENT),
    "two lengths in one header": request(*POST, "Content-Length: 1, 30", body=EVENT),
    "a length with a sign": request(*POST, "Content-Length: +30", body=EVENT),
    "a negative length": request(*POST, "Content-Length: -1", body=SMUGGLED),
    "a hexadecimal length": request(*POST, "Content-Length: 0x1e", body=EVENT),
    "a length beyond 64 bits": request(*POST, "Content-Length: 18446744073709551646", body=EVENT),
    "an empty length": request(*POST, "Content-Length:", body=EVENT),
    "a length of blanks and digits": request(*POST, "Content-Length: 3 0", body=EVENT),
    "an unknown transfer coding": request(*POST, "Transfer-Encoding: xchunked", body=SMUGGLED),
    "chunked not last": request(
        *POST, "Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "chunked twice": request(
        *POST, "Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "chunked in two headers": request(
        *POST,
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked",
        body=b"0\r\n\r\n" + SMUGGLED,
    ),
    "a transfer coding on HTTP/1.0": request(
        "POST /broadcast HTTP/1.0", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "a blank before the colon": request(*POST, "Content-Length : 30", body=EVENT),
    "a folded header": request("GET /health HTTP/1.1", "Host: localhost", "X-A: 1", " 2"),
    "a folded first header": request("GET /health HTTP/1.1", " Host: localhost"),
    "a header without a colon": request("GET /health HTTP/1.1", "Host: localhost", "nonsense"),
    "a header without a name": request("GET /health HTTP/1.1", "Host: localhost", ": x"),
    "a zero in a header": request("GET /health HTTP/1.1", "Host: localhost", "X-A: a\x00b"),
    "a carriage return in a header": request("GET /health HTTP/1.1", "Host: localhost", "X-A: a\rb"),
    "a letter beyond ASCII in a name": request("GET /health HTTP/1.1", "Host: localhost", "X-\xe4: b"),
    "no host": request("GET /health HTTP/1.1"),
    "two hosts": request("GET /health HTTP/1.1", "Host: localhost", "Host: other"),
    "a host with a blank": request("GET /health HTTP/1.1", "Host: a b"),
    "a method with a bracket": request("GE(T /health HTTP/1.1", "Host: localhost"),
    "no method": request(" /health HTTP/1.1", "Host: localhost"),
    "no target": request("GET HTTP/1.1", "Host: localhost"),
    "two blanks": request("GET  /health HTTP/1.1", "Host: localhost"),
    "a blank in the target": request("GET /hea lth HTTP/1.1", "Host: localhost"),
    "a tab for a blank": request("GET\t/health\tHTTP/1.1", "Host: localhost"),
    "a zero in the target": request("GET /hea\x00lth HTTP/1.1", "Host: localhost"),
    "a target without a slash": request("GET health HTTP/1.1", "Host: localhost"),
    "HTTP/2.0 by words": request("GET /health HTTP/2.0", "Host: localhost"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 9,
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "http in small letters": request("GET /health http/1.1", "Host: localhost"),
    "a long version": request("GET /health HTTP/1.10", "Host: localhost"),
    "a TLS hello": bytes.fromhex("16030100c8010000c40303") + b"\x00" * 200 + b"\r\n\r\n",
    "an SSH greeting": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "only zeros": b"\x00" * 1000 + b"\r\n\r\n",
    "a chunk size that is no number": request(
        *POST, "Transfer-Encoding: chunked", body=b"xyz\r\n" + SMUGGLED
    ),
    "a chunk size with a sign": request(
        *POST, "Transfer-Encoding: chunked", body=b"+1\r\n{\r\n0\r\n\r\n"
    ),
    "a chunk size with 0x": request(
        *POST, "Transfer-Encoding: chunked", body=b"0x1\r\n{\r\n0\r\n\r\n"
    ),
    "an empty chunk size": request(*POST, "Transfer-Encoding: chunked", body=b"\r\n{\r\n0\r\n\r\n"),
    "a chunk size beyond 64 bits": request(
        *POST, "Transfer-Encoding: chunked", body=b"1" + b"0" * 16 + b"\r\n" + SMUGGLED
    ),
    "a chunk longer than its size": request(
        *POST, "Transfer-Encoding: chunked", body=b"1\r\n{}\r\n0\r\n\r\n"
    ),
    "a chunk that ends with a bare line feed": request(
        *POST, "Transfer-Encoding: chunked", body=b"2\r\n{}\n0\r\n\r\n" + SMUGGLED
    ),
    "an endless chunk extension": request(
        *POST, "Transfer-Encoding: chunked", body=b"1;" + b"a" * 262_144 + b"\r\n{\r\n0\r\n\r\n"
    ),
    "endless trailers": request(
        *POST,
        "Transfer-Encoding: chunked",
        body=b"2\r\n{}\r\n0\r\n" + b"X-A: b\r\n" * 40_000 + b"\r\n",
    ),
}


def outcome(address, raw):
    """All that the hub says to `raw` until it closes."""
    with socket.create_connection(address, 10) as connection:
        deadline = Deadline(16, "an answer and a close")
        try:
            connection.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer, end = b"", "closed"
        try:
            while True:
                connection.settimeout(deadline.left())
                data = connection.recv(65536)
                if not data:
                    break
                answer += data
        except TimeoutError:
            end = "left open"
        except ConnectionResetError:
            end = "reset"
        return answer, end


@pytest.fixture(scope="module")
def outcomes(hub):
    """What the hub does with each forbidden request; all at once, so that a hang costs once."""
    raws = FORBIDDEN | {path.name: path.read_bytes() for path in FILES}
    with ThreadPoolExecutor(64) as pool:
        futures = {name: pool.submit(outcome, hub.address, raw) for name, raw in raws.items()}
        return {name: future.result() for name, future in futures.items()}


def assert_one_refusal(answer, end):
    """Exactly one response, which is an error, and then the end of the connection."""
    assert end != "left open", f"the connection stays open after {answer[:300]!r}"
    assert answer, f"no answer, the connection was {end}"
    head, separator, body = answer.partition(b"\r\n\r\n")
    assert separator, f"no whole head: {answer[:300]!r}"
    status, headers = parse_head(head)
    assert 400 <= status < 500 or status in (501, 505), answer[:300]
    fields = dict(headers)
    length = fields.get("content-length")
    assert length is not None, f"an error without a length: {headers}"
    if len(body) != 0:  # the answer to a HEAD has none
        assert len(body) == int(length), f"more or less than one response: {answer[:2000]!r}"
    assert fields.get("connection", "").lower() == "close", headers
    return status


@pytest.mark.parametrize("case", FORBIDDEN)
def test_a_forbidden_request_gets_one_refusal_and_a_close(outcomes, case):
    assert_one_refusal(*outcomes[case])


@pytest.mark.parametrize("case", [path.name for path in FILES] or [None])
def test_a_malformed_request_of_the_corpus_gets_one_refusal_and_a_close(outcomes, case):
    if case is None:
        pytest.skip("there is no corpus in Fuzz/HTTP/malformed")
    status = assert_one_refusal(*outcomes[case])
    told = re.search(r"\.([1-5][0-9]{2})\.http\Z", case)
    assert told is None or status == int(told[1])


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("HTTP/2.0 by words", {505}),
        ("an unknown transfer coding", {400, 501}),
        ("no host", {400}),
        ("both a length and a transfer coding", {400}),
    ],
)
def test_the_status_says_what_kind_of_refusal_it_is(outcomes, case, status):
    assert assert_one_refusal(*outcomes[case]) in status


def test_nothing_hidden_in_a_refused_request_is_carried_out(hub, post):
    hidden = build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": "smuggled"}))
    carriers = [
        request(
            *POST, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + hidden
        ),
        request(*POST, "Content-Length: 0", f"Content-Length: {len(hidden)}", body=hidden),
        request(*POST, "Transfer-Encoding: xchunked", body=hidden),
        request(*POST, "Transfer-Encoding : chunked", body=b"0\r\n\r\n" + hidden),
        request("GET /health HTTP/1.1", "Host: localhost", f"Content-Length: {len(hidden)}", body=hidden),
    ]
    with hub.open([post]) as stream:
        for carrier in carriers[:-1]:
            assert_one_refusal(*outcome(hub.address, carrier))
        with hub.connect() as connection:
            connection.send(carriers[-1])
            connection.read_response()
        hub.publish(post, "end")
        assert stream.event().payload == "end"


# Requests that are odd but fine


def test_a_request_sent_byte_by_byte_works(hub, post):
    raw = build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": "é"}))
    with hub.open([post]) as stream, hub.connect() as connection:
        for at in range(len(raw)):
            connection.send(raw[at : at + 1])
        assert connection.read_response("POST").status == 200
        assert stream.event().payload == "é"


def test_a_stream_request_sent_byte_by_byte_works(hub, post):
    with hub.connect() as connection:
        raw = build("GET", stream_target([post]))
        for at in range(len(raw)):
            connection.send(raw[at : at + 1])
        assert connection.read_head()[0] == 200


def test_a_request_split_at_every_byte_works(hub, post):
    raw = build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": 1}))
    with hub.connect() as connection:
        for at in range(1, len(raw)):
            connection.send(raw[:at])
            connection.send(raw[at:])
            assert connection.read_response("POST").status == 200, raw[:at]


def test_empty_lines_before_a_request_are_skipped(hub):
    with hub.connect() as connection:
        connection.send(b"\r\n\r\n" + build("GET", "/health"))
        assert connection.read_response().status == 200


# Clients that vanish


def vanish(hub, post, cursor, phase):
    """A client that goes away in `phase` without a word."""
    stream = build("GET", stream_target([post]))
    replay = build("GET", stream_target([post], last_event_id=cursor))
    publish = build("POST", "/broadcast", JSON, EVENT)
    connection = hub.connect()
    if phase == "before a byte":
        pass
    elif phase == "within the request line":
        connection.send(stream[:9])
    elif phase == "within the headers":
        connection.send(stream[:-3])
    elif phase == "after the request":
        connection.send(stream)
    elif phase == "after the head of the response":
        connection.send(stream)
        connection.read_head()
    elif phase == "within the replay":
        connection.send(replay)
        connection.read_head()
    elif phase == "live":
        connection.send(stream)
        while b"event: live" not in connection.buffer:
            connection.receive(Deadline(5, "live"))
    elif phase == "within a body":
        connection.send(publish[:-5])
    elif phase == "within a chunk":
        connection.send(
            build("POST", "/broadcast", JSON | {"Transfer-Encoding": "chunked"}) + b"40\r\n{"
        )
    elif phase == "before its answer":
        connection.send(publish)
    elif phase == "within lines":
        line = as_bytes({"resource": post, "data": 1}) + b"\n"
        headers = {"Content-Type": "application/x-ndjson", "Content-Length": "100000"}
        connection.send(build("POST", "/broadcast", headers) + line * 20 + line[:9])
    elif phase == "with pipelined requests":
        connection.send(publish * 20)
    connection.reset()


PHASES = [
    "before a byte",
    "within the request line",
    "within the headers",
    "after the request",
    "after the head of the response",
    "within the replay",
    "live",
    "within a body",
    "within a chunk",
    "before its answer",
    "within lines",
    "with pipelined requests",
]


@pytest.mark.parametrize("phase", PHASES)
def test_clients_that_vanish_leave_the_hub_well(hub, post, phase):
    cursor = hub.head()
    hub.post([{"resource": post, "data": "x" * 500}] * 500)
    with hub.open([post]) as witness:
        for _ in range(40):
            vanish(hub, post, cursor, phase)
        id = hub.publish(post, "witness")
        assert witness.until(lambda block: block.id == id, 10)
        eventually(lambda: hub.presence(post) == {post: 1}, "the end of the vanished streams")
    hub.assert_healthy()


def send_and_end(connection, data, together):
    """Sends `data` and ends the sending side, in one packet or in two."""
    connection.socket.sendall(data, socket.MSG_MORE if together else 0)
    connection.socket.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("together", [False, True], ids=["in two packets", "in one packet"])
def test_a_client_that_closes_its_sending_side_gets_its_answer_and_the_end(hub, post, together):
    publish = build("POST", "/broadcast", JSON, as_bytes({"resource": post, "data": 1}))
    for request in (publish, publish + publish[:9], build("GET", "/health")):
        with hub.connect() as connection:
            send_and_end(connection, request, together)
            assert connection.read_response().status == 200
            connection.read_to_end(3)


@pytest.mark.parametrize("together", [False, True], ids=["in two packets", "in one packet"])
def test_half_a_request_and_an_end_is_closed_at_once(hub, together):
    for half in (b"GET /health HTTP/1.1\r\nHost:", build("POST", "/broadcast", JSON, EVENT)[:-9]):
        with hub.connect() as connection:
            send_and_end(connection, half, together)
            connection.read_to_end(3)


def test_publishing_while_subscribers_come_and_vanish_loses_nothing(hub, post):
    with hub.open([post]) as witness, ThreadPoolExecutor(4) as pool:
        cursor = hub.head()
        jobs = [pool.submit(vanish, hub, post, cursor, PHASES[n % 7]) for n in range(200)]
        ids = [hub.publish(post, n) for n in range(300)]
        got = witness.events(300, 20)
        for job in jobs:
            job.result(20)
    assert [block.id for block in got] == ids


# Limits of the machine


def cpu_seconds(process):
    """The processor time a process used so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_a_hub_without_free_descriptors_says_so_does_not_spin_and_recovers():
    with Hub(descriptors=(80, 80)) as hub:
        for _ in range(4):
            clients = [hub.connect() for _ in range(200)]
            eventually(lambda: "descriptor" in hub.log(), "a word in the log")
            before = cpu_seconds(hub.process)
            threading.Event().wait(0.5)  # nothing happens, and nothing should cost anything
            assert cpu_seconds(hub.process) - before < 0.25, "the hub spins"
            for client in clients:
                client.close()
            eventually(lambda: well(hub), "recovery")


def test_a_hub_without_free_descriptors_serves_those_it_has():
    with Hub(descriptors=(80, 80)) as hub, hub.open(
        ["post:1"]
    ) as stream, hub.connect() as publisher:
        assert publisher.exchange("GET", "/health").status == 200
        clients = [hub.connect() for _ in range(200)]
        for n in range(50):
            body = as_bytes({"resource": "post:1", "data": n})
            assert publisher.exchange("POST", "/broadcast", JSON, body).status == 200
            assert stream.event().payload == n
        for client in clients:
            client.close()


def well(hub):
    """Whether the hub answers."""
    try:
        return hub.get("/health").status == 200
    except (OSError, AssertionError):
        return False


def test_no_log_line_holds_raw_control_bytes_of_a_request(hub):
    hub.get("/nowhere?x=%1b%5b31m", {"User-Agent": "x\x1b[31m\ty"})
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", hub.log())

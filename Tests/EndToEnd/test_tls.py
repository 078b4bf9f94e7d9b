"""TLS: what clients of several makes see, what is refused, and that the loop goes on meanwhile."""

import json
import socket
import ssl
import subprocess

import httpx
import pytest

from support.certificates import Certificates, handshake
from support.http import build
from support.hub import Hub
from support.sse import parse_id
from support.wait import eventually


JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority and a server's certificate."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def hub(certificates):
    """A hub that speaks TLS."""
    with Hub("--log-level", "debug", tls=certificates) as hub:
        yield hub
        hub.assert_healthy()


# What clients see


def test_the_address_that_is_printed_says_https(hub):
    assert hub.url == f"https://127.0.0.1:{hub.port}"


def test_events_arrive_and_a_drop_resumes(hub, post):
    with hub.open([post]) as stream:
        ids = [hub.publish(post, n) for n in range(3)]
        blocks = stream.events(3)
        assert [block.id for block in blocks] == ids
        assert [block.payload for block in blocks] == [0, 1, 2]
    missed = [hub.publish(post, n) for n in range(3, 6)]
    assert hub.resumed([post], ids[-1]) == missed


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(hub, certificates, post, version):
    context = certificates.client(version=version)
    with hub.open([post], options={"tls": context}) as stream:
        assert stream.connection.socket.version() == version.name.replace("v1_", "v1.")
        id = hub.publish(post, 1)
        assert stream.event().id == id


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_1_1_is_refused(hub, certificates):
    context = certificates.client()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="alert protocol version"):
        handshake(hub, context)


@pytest.mark.parametrize(
    "offered, chosen",
    [(["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), ([], None)],
)
def test_the_protocol_is_http_1_1(hub, certificates, offered, chosen):
    context = certificates.client()
    if offered:
        context.set_alpn_protocols(offered)
    with handshake(hub, context) as connection:
        assert connection.selected_alpn_protocol() == chosen


def test_a_client_that_speaks_only_other_protocols_is_told_so(hub, certificates):
    context = certificates.client()
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        handshake(hub, context)


def test_curl_publishes_and_reads_a_stream(hub, certificates, post):
    curl = ["curl", "-sS", "--max-time", "20", "--cacert", certificates.path("authority.pem")]
    base = f"https://localhost:{hub.port}"
    event = json.dumps({"resource": post, "event": "update", "data": {"n": 1}})
    done = subprocess.run(
        [*curl, "-H", "Content-Type: application/json", "-d", event, f"{base}/broadcast"],
        capture_output=True,
        timeout=30,
        check=True,
    )
    id = json.loads(done.stdout)["id"]
    epoch, number = parse_id(id)
    before = f"{epoch}-{number - 1}"
    with subprocess.Popen(
        [*curl, "-N", "-H", f"Last-Event-ID: {before}", f"{base}/stream?resources={post}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as reader:
        try:
            assert any(line == f"id: {id}\n".encode() for line in reader.stdout)
        finally:
            reader.kill()


def test_httpx_publishes_on_a_kept_connection_and_reads_a_stream(hub, certificates, post):
    with httpx.Client(
        base_url=f"https://localhost:{hub.port}", verify=certificates.client(), timeout=20
    ) as client:
        with client.stream("GET", f"/stream?resources={post}") as stream:
            assert stream.status_code == 200
            lines = stream.iter_lines()
            assert any(line == "event: live" for line in lines)
            for n in range(3):
                answer = client.post("/broadcast", json={"resource": post, "event": "e", "data": n})
                assert answer.status_code == 200, answer.text
                assert any(line == f"id: {answer.json()['id']}" for line in lines)


_NODE = """
const [base, resource] = process.argv.slice(1);
const answer = await fetch(`${base}/broadcast`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ resource, event: "update", data: "from node" }) });
const { id } = await answer.json();
const at = Number(id.split("-").pop());
const stream = await fetch(`${base}/stream?resources=${resource}`, {
    headers: { "Last-Event-ID": id.replace(/[0-9]+$/, String(at - 1)) } });
let text = "";
for await (const bytes of stream.body) {
    text += Buffer.from(bytes).toString();
    if (text.includes(`id: ${id}\n`)) break;
}
console.log(text.includes("from node") ? "read" : text);
process.exit(0);
"""


def test_node_publishes_and_reads_a_stream(hub, certificates, post):
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _NODE, f"https://localhost:{hub.port}", post],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "NODE_EXTRA_CA_CERTS": certificates.path("authority.pem")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "read\n"), done


def test_two_hundred_streams_all_get_each_event(hub, certificates, post):
    context = certificates.client()
    streams = []
    try:
        for _ in range(200):
            streams.append(hub.open([post], options={"tls": context}))
        ids = [hub.publish(post, n) for n in range(5)]
        for stream in streams:
            assert [block.id for block in stream.events(5, 20)] == ids
    finally:
        for stream in streams:
            stream.close()


@pytest.mark.parametrize("size", [1, 7, 80])
def test_a_request_may_come_in_very_many_records(hub, post, size):
    # More than one turn reads: what is left must not be forgotten.
    event = {"resource": post, "event": "update", "data": "x" * 3000 * size}
    data = build("POST", "/broadcast", JSON, json.dumps(event).encode())
    with hub.connect() as connection:
        for start in range(0, len(data), size):
            connection.send(data[start : start + size])
        assert connection.read_response().status == 200


# Ends


def test_a_stop_ends_a_stream_with_closing_the_last_chunk_and_close_notify(certificates, post):
    with Hub(tls=certificates) as hub, hub.open([post]) as stream:
        hub.signal()
        # The connection raises for an end without close_notify.
        assert stream.rest()[-1].event == "closing"
        assert stream.ended_cleanly
        assert stream.connection.read_to_end() == b""


def test_an_answer_with_connection_close_ends_with_close_notify(hub):
    with hub.connect() as connection:
        assert connection.exchange("GET", "/health", {"Connection": "close"}).status == 200
        assert connection.read_to_end() == b""


def test_a_stream_goes_on_when_its_client_ends_its_sending_side(hub, post):
    with hub.open([post]) as stream:
        # Past TLS: Python's own would take its encryption down.
        socket.socket.shutdown(stream.connection.socket, socket.SHUT_WR)
        stream.until("keepalive")
        id = hub.publish(post, 1)
        assert stream.event().id == id


def test_a_client_that_goes_without_close_notify_has_gone(hub, post):
    stream = hub.open([post])
    eventually(lambda: hub.presence(post) == {post: 1}, "the stream to be counted")
    # Past TLS: the socket ends, and no alert is sent.
    socket.socket(fileno=stream.connection.socket.detach()).close()
    eventually(lambda: hub.presence(post) == {post: 0}, "the stream to be gone")


# What is refused


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_plain_http_is_told_to_use_https(hub, method):
    with hub.connect(tls=None) as connection:
        connection.send(f"{method} /health HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = connection.read_response(method)
        assert answer.status == 400
        assert "https://" in answer.json["detail"]
        assert answer.headers["connection"] == "close"
        assert connection.read_to_end() == b""


@pytest.mark.parametrize("garbage", [b"\x00" * 64, b"\x16\x03\x01\x00\x05hello", b"SSH", b"\x80\x2e\x01"])
def test_garbage_is_turned_away(hub, garbage):
    with hub.connect(tls=None) as connection:
        connection.send(garbage)
        connection.socket.shutdown(socket.SHUT_WR)
        # At most an alert, which begins with 21, or the sentence for peers that speak HTTP.
        assert connection.read_to_end()[:1] in (b"", b"\x15", b"H")


# Half-open handshakes


def test_half_open_handshakes_keep_nobody_out(certificates, post):
    with Hub("--workers", "1", "--log-level", "debug", tls=certificates) as hub:
        silent = []
        try:
            with hub.open([post]) as early:
                for number in range(600):
                    silent.append(socket.create_connection(hub.address, 10))
                    if number % 2:
                        silent[-1].send(b"\x16\x03\x01")
                # More than have a place: those that came first were closed, those that stream were not.
                eventually(lambda: closed(silent[0]), "the oldest to be closed")
                with hub.open([post]) as late:
                    ids = [hub.publish(post, n) for n in range(5)]
                    assert [block.id for block in early.events(5)] == ids
                    assert [block.id for block in late.events(5)] == ids
                assert not closed(silent[-1])
        finally:
            for half in silent:
                half.close()
        assert "given up for a newer one" in hub.log()


def closed(connection):
    """Whether the hub has closed a connection on which it has said nothing."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_handshake_that_stands_still_is_given_up(certificates):
    with Hub("--head-timeout", "0.3", tls=certificates) as hub:
        with hub.connect(tls=None) as silent, hub.connect(tls=None) as halting:
            halting.send(b"\x16\x03\x01\x02\x00")
            assert silent.read_to_end() == b""
            assert halting.read_to_end() == b""


# Readers that are slow


def test_a_slow_reader_s_queue_overflows_and_no_event_is_lost_or_doubled(certificates, post):
    flags = ("--queue-size", "5", "--broadcast-timeout", "60")
    with Hub(*flags, tls=certificates) as hub:
        with hub.open([post], options={"receive_buffer": 4096}) as stream:
            ids, got = [], []
            for burst in range(6):
                for size in (1, 3_000, 40_000):
                    events = [
                        {"resource": post, "event": "update", "data": f"{burst}-{n}" + "x" * size}
                        for n in range(20)
                    ]
                    ids += hub.post(events).json["ids"]
                    # A few are read within the burst, so that what is half sent changes.
                    got += [block.id for block in stream.events(burst, 20)]
                # The stream is live again before the next burst overflows its queue.
                got += [block.id for block in stream.events(len(ids) - len(got), 60)]
        assert got == ids
        assert hub.status()["fell_behind"] > 3


def test_a_reader_that_takes_nothing_is_cut_off_and_delays_nobody(certificates, post):
    with Hub("--broadcast-timeout", "0.3", "--workers", "1", tls=certificates) as hub:
        with hub.open([post], options={"receive_buffer": 4096}), hub.open([post]) as other:
            ids = []
            while hub.status()["cut_off"] == 0:
                ids.append(hub.publish(post, "x" * 100_000))
                assert other.event().id == ids[-1]
                assert len(ids) < 2_000

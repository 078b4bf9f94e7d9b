"""What the check of examples/behind-nginx says of servers that are not the hub, with nginx before them and without."""

import contextlib
import http.server
import re
import socket
import threading

import pytest

from behind_nginx_support import assert_told, check, free_port, nginx_before


class Served(http.server.BaseHTTPRequestHandler):
    """A service with the same paths. A stream takes its worker for as long as it is open."""

    protocol_version = "HTTP/1.0"
    stream_type = "text/event-stream"
    first = b"event: connected\ndata: {}\n\nevent: live\ndata: {}\n\n"
    length = None

    def do_GET(self):
        if self.path.startswith("/events?"):
            self.send_response(200)
            self.send_header("Content-Type", self.stream_type)
            self.send_header("Cache-Control", "no-cache")
            if self.length:
                self.send_header("Content-Length", self.length)
            self.end_headers()
            self.wfile.write(self.first)
            self.wfile.flush()
            # A client that has gone is noticed when something is written to it.
            with contextlib.suppress(OSError):
                while self.first and not self.server.ended.wait(0.2):
                    self.wfile.write(b":\n\n")
            self.server.ended.wait(0 if self.first else 60)
            return
        body = b'{"status":"healthy"}' if self.path in ("/health", "/events/status") else b""
        self.answer(200 if body else 404, body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b'{"sent":true}')

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(workers, **differences):
    """The address of such a service with some workers, each of which does one request at a time."""
    handler = type("Handler", (Served,), differences)
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    server.ended = threading.Event()
    one_more = threading.Lock()

    def work():
        while not server.ended.is_set():
            # One at a time waits at the door, as the workers of gunicorn share a socket.
            with one_more:
                server.socket.settimeout(0.1)
                try:
                    request, client = server.socket.accept()
                except TimeoutError:
                    continue
            request.settimeout(30)
            with contextlib.suppress(OSError):
                server.finish_request(request, client)
            server.shutdown_request(request)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.ended.set()
        for thread in threads:
            thread.join(40)
        server.server_close()


HANGING = ["gunicorn's sync workers", "Put the hub in its place"]


def test_a_server_of_one_worker_hangs_at_the_second_request(tmp_path):
    with serving(1) as url:
        assert_told(check(url), "/health hangs as long as one stream is open", *HANGING)
        port = int(url.rsplit(":", 1)[1])
        # And nginx, however right, does not mend it.
        with nginx_before(tmp_path, port) as proxied:
            assert_told(check(proxied), "/health hangs as long as one stream is open", *HANGING)


def test_a_server_of_few_workers_hangs_at_one_stream_more():
    # It broadcasts to nobody, so the check is shown the event by the stream's beginning.
    first = Served.first + b'event: check\ndata: {"data":"first"}\n\n'
    with serving(4, first=first) as url:
        assert_told(check(url), r"With 8 streams open, /health hangs \(3 of 8 came\)", *HANGING)


def test_a_server_whose_workers_are_all_taken_hangs_at_once():
    with serving(1) as url, socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as client:
        client.sendall(b"GET /events?resources=a:1 HTTP/1.0\r\n\r\n")
        assert client.recv(1)
        assert_told(check(url), "takes the connection and does not answer within 5 s", *HANGING)


def test_a_head_without_a_first_event_is_told_of():
    with serving(3, first=b"") as url:
        assert_told(check(url), "The head comes and no event within 2 s", "`proxy_buffering off;`", HANGING[0])


@pytest.mark.parametrize(
    ("differences", "sentences"),
    [
        ({"length": "9999"}, ["has a Content-Length", "`proxy_buffering off;`"]),
        ({"stream_type": "text/html"}, ["Content-Type is 'text/html'", "text/event-stream alone"]),
    ],
    ids=["length", "type"],
)
def test_a_head_that_is_wrong_is_told_of(differences, sentences):
    with serving(2, **differences) as url:
        done = check(url)
    told = " ".join(done.stdout.split())
    assert done.returncode == 1 and all(re.search(sentence, told) for sentence in sentences), done.stdout


def test_a_port_where_nobody_listens_is_told_of():
    assert_told(check(f"http://127.0.0.1:{free_port()}"), "connection is refused", "`listen 8000;`")


def test_a_name_that_nobody_knows_is_told_of():
    assert_told(check("http://hub.example.invalid:8000"), "name of hub.example.invalid:8000 is not known")


def test_a_port_that_closes_is_told_of():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up():
            client, _ = server.accept()
            client.recv(4096)
            client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        done = check("http://127.0.0.1:%d" % server.getsockname()[1])
        thread.join(20)
    assert_told(done, "closes the connection without an answer", "https://")

"""What stands between a browser and the hub: it serves the pages, passes on everything else, writes down what was
asked, and makes trouble when a test wants it to. One request a connection, one thread a connection."""

import mimetypes
import socket
import struct
import threading
import time
from pathlib import Path

_LARGEST = 1 << 16


class Exchange:
    """A request that has come through the proxy, and its answer."""

    def __init__(self, client, method, target, headers):
        self.client = client
        self.method = method
        self.target = target
        self.headers = headers
        self.path = target.partition("?")[0]
        self.is_open = True
        self.is_silent = False
        self.left = None
        self.when = time.monotonic()

    def __repr__(self):
        return f"<{self.method} {self.target}{' open' if self.is_open else ''}>"

    def send(self, data):
        """Passes on a part of the answer."""
        if self.is_silent:
            return
        if self.left is None or len(data) < self.left:
            if self.left is not None:
                self.left -= len(data)
            self.client.sendall(data)
        else:
            # The orderly end of TCP: what was sent before it arrives.
            self.client.sendall(data[: self.left])
            self.is_silent = True
            self.client.shutdown(socket.SHUT_RDWR)

    def silence(self):
        """From now on nothing gets through, and nobody is told."""
        self.is_silent = True

    def cut_after(self, count):
        """Ends the connection when so many more bytes have passed, wherever that is."""
        self.left = count

    def cut(self):
        """Ends the connection as a broken network does."""
        self.is_open = False
        try:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Proxy:
    """Serves the files of `folder` under /page/, and passes the rest to `upstream` (host, port).

    `rule` is asked for each request that would be passed on. It gives back nothing, to pass it on, or a function that
    is called with the exchange in place of that.
    """

    def __init__(self, folder, upstream):
        self.folder = Path(folder)
        self.upstream = upstream
        self.exchanges = []
        self.rule = lambda exchange: None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Ends all connections."""
        self._listener.close()
        for exchange in self.exchanges:
            exchange.cut()

    def page(self, name):
        """The address of a page."""
        return f"{self.url}/page/{name}.html"

    def asked(self, path, method="GET"):
        """The exchanges for a path so far."""
        return [each for each in list(self.exchanges) if (each.method, each.path) == (method, path)]

    @property
    def streams(self):
        """The streams that are open."""
        return [each for each in self.asked("/stream") if each.is_open]

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        exchange = None
        try:
            with client:
                head, rest = _read_head(client)
                if not head:
                    return
                lines = head.decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines[1:])
                }
                if target.startswith("/page/"):
                    client.sendall(self._file(target[len("/page/") :]))
                    return
                exchange = Exchange(client, method, target, headers)
                action = self.rule(exchange)
                self.exchanges.append(exchange)
                if action:
                    action(exchange)
                else:
                    self._pass_on(exchange, lines, rest)
        except OSError:
            pass
        finally:
            if exchange:
                exchange.is_open = False

    def _pass_on(self, exchange, lines, body):
        missing = int(exchange.headers.get("content-length", 0)) - len(body)
        while missing > 0:
            part = exchange.client.recv(_LARGEST)
            if not part:
                return
            body += part
            missing -= len(part)
        kept = [line for line in lines if not line.lower().startswith("connection:")]
        head = "\r\n".join([*kept, "Connection: close", "", ""]).encode("latin-1")
        with socket.create_connection(self.upstream) as server:
            # A browser that goes away is noticed at once: the hub counts the streams that are open.
            def watch():
                try:
                    while exchange.client.recv(_LARGEST):
                        pass
                except OSError:
                    pass
                try:
                    server.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

            server.sendall(head + body)
            threading.Thread(target=watch, daemon=True).start()
            while part := server.recv(_LARGEST):
                exchange.send(part)

    def _file(self, name):
        path = self.folder / name.partition("?")[0]
        if not path.is_file():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        data = path.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
        return head.encode() + b"Connection: close\r\n\r\n" + data


def respond(status, headers=(), body=b""):
    """An action for a rule: an answer in place of the hub's."""
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    return lambda exchange: exchange.send("\r\n".join([*lines, "", ""]).encode() + body)


def buffer(proxy):
    """An action for a rule: a proxy that passes on an answer when it is complete, which a stream never is."""

    def action(exchange):
        with socket.create_connection(proxy.upstream) as server:
            head = f"{exchange.method} {exchange.target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            server.sendall(head.encode())
            while exchange.client.recv(_LARGEST):
                pass

    return action


def _read_head(client):
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(_LARGEST)
        if not part:
            return b"", b""
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest

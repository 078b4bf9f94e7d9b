"""One request to a double: what came, what became of it and when, and the means to answer it byte for byte."""

import email.utils
import json
import os
import select
import socket
import struct
import time
from http import HTTPStatus


class Left(Exception):
    """The client has closed the connection; nobody is there to answer."""


class CutOff(Exception):
    """The double breaks its answer off: by a clean `end`, a `close` within it, or a `reset`."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


class Call:
    """A request and its answer. Times are those of `time.monotonic`."""

    def __init__(self, handler, number, body, changed):
        self.number = number
        self._changed = changed
        self.method = handler.command
        self.target = handler.path
        self.path = handler.path.partition("?")[0]
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body
        self.started = time.monotonic()
        #: When the client was seen to have closed before the answer was complete.
        self.left = None
        self.ended = None
        #: `running`, `completed` (all of a 2xx answer was sent), `refused`, `cut` or `left`.
        self.outcome = "running"
        self.status = None
        #: The text of the answer as it would be in whole, when it has one.
        self.text = None
        #: How many pieces of the answer were sent, and when the first was.
        self.sent = 0
        self.first_piece = None
        self.fault = None
        self._handler = handler
        self._socket = handler.connection
        self._is_chunked = False
        self._wake = os.eventfd(0)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLRDHUP)
        self._poll.register(self._wake, select.POLLIN)

    @property
    def json(self):
        """The body as a Python value; `None` when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_completed(self):
        """Whether the client could take the whole answer, and it was a good one."""
        return self.outcome == "completed"

    def __repr__(self):
        return f"<call {self.number} {self.method} {self.path} {self.status} {self.outcome}>"

    # Waiting, with an eye on the client

    def pause(self, seconds):
        """Waits; raises `Left` as soon as the client closes. True when it was woken before."""
        return self._wait(time.monotonic() + seconds)

    def hang(self):
        """Waits until the client closes, or until somebody wakes the call."""
        self._wait(None)

    def pause_whoever_is_there(self, seconds):
        """Waits even when nobody waits for the answer, as a server that does not look does."""
        end = time.monotonic() + seconds
        try:
            self._wait(end)
        except Left:
            time.sleep(max(0, end - time.monotonic()))

    def wake(self):
        """Ends a wait."""
        os.eventfd_write(self._wake, 1)

    def _wait(self, end):
        if self.left is not None:
            raise Left
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return False
            for descriptor, _ in self._poll.poll(None if left is None else left * 1000):
                if descriptor == self._wake:
                    os.eventfd_read(self._wake)
                    return True
                self._note_left()
                raise Left

    def _note_left(self):
        with self._changed:
            self.left = self.left or time.monotonic()
            self._changed.notify_all()

    # Answering

    def answer(self, status, body, media_type="application/json", headers=()):
        """A whole answer with its length."""
        self._head(status, media_type, [("Content-Length", len(body)), *headers])
        self._write(body)

    def answer_half(self, status, body, media_type, how):
        """Half of an answer, which then breaks off; with `end` it claims to be whole."""
        half = body[: len(body) // 2]
        length = len(half) if how == "end" else len(body)
        self._head(status, media_type, [("Content-Length", length)])
        self._write(half)
        raise CutOff(how)

    def begin(self, status, media_type, headers=()):
        """The head of an answer that comes in pieces."""
        self._is_chunked = True
        self._head(status, media_type, [("Transfer-Encoding", "chunked"), *headers])

    def send(self, frame, grain=None):
        """One piece; with `grain` in several chunks of that many bytes, cut wherever they fall."""
        if self.first_piece is None:
            self.first_piece = time.monotonic()
        for start in range(0, len(frame), grain or len(frame) or 1):
            part = frame[start : start + (grain or len(frame))]
            self._write(b"%x\r\n%s\r\n" % (len(part), part))
        self.sent += 1

    def end(self):
        """The end of an answer in pieces."""
        self._write(b"0\r\n\r\n")

    def cut(self, how):
        """Carries a `CutOff` out."""
        self._handler.close_connection = True
        if how == "end" and self._is_chunked:
            self.end()
        if how == "reset":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self._socket.detach())

    def close(self):
        """Frees what the call holds."""
        os.close(self._wake)

    def _head(self, status, media_type, headers):
        self.status = status
        handler = self._handler
        fields = [("Content-Type", media_type), ("Date", email.utils.formatdate(usegmt=True))]
        fields += [*handler.server.peer.common_headers(), *headers]
        if handler.close_connection:
            fields.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields]
        self._write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    def _write(self, data):
        try:
            self._socket.sendall(data)
        except OSError as error:
            self._note_left()
            raise Left from error

"""What a double does wrong when asked to; each is for one call."""

import email.utils
import threading
import time
from dataclasses import dataclass

from .call import CutOff


class Refused(Exception):
    """A call is answered with an error; the double words it in its own dialect."""

    def __init__(self, refusal):
        super().__init__(refusal.message)
        self.refusal = refusal


class Finished(Exception):
    """An answer in pieces ends here, well-formed."""


class Fault:
    """Nothing wrong; also what lets one call through unharmed in a plan."""

    def before_head(self, call, peer):
        """Before anything is sent."""

    def before_piece(self, call, peer, number):
        """Before piece `number`, from 0, of an answer in pieces."""

    def before_whole(self, call):
        """Before an answer in one piece."""

    def truncation(self):
        """How an answer in one piece breaks off; `None` when it does not."""

    def picture(self, text):
        """What stands where the picture's base64 would."""
        return text


@dataclass(frozen=True)
class Refuse(Fault):
    """An error before anything is sent; `raw` replaces the body, as a proxy's page of HTML does."""

    status: int
    message: str
    kind: str | None = None
    code: str | int | None = None
    parameter: str | None = None
    headers: tuple = ()
    raw: tuple[str, bytes] | None = None

    def before_head(self, call, peer):
        raise Refused(self)


@dataclass(frozen=True)
class Stall(Fault):
    """Sends nothing more before the `head`, or before piece `piece`, until the client goes or it is woken."""

    piece: int | None = None

    def before_head(self, call, peer):
        if self.piece is None:
            call.hang()

    def before_piece(self, call, peer, number):
        if number == self.piece:
            call.hang()

    def before_whole(self, call):
        if self.piece is not None:
            call.hang()


@dataclass(frozen=True)
class Slow(Fault):
    """Takes this long before a piece: a model that is being loaded, or one that thinks."""

    seconds: float
    piece: int = 0

    def before_piece(self, call, peer, number):
        if number == self.piece:
            call.pause(self.seconds)

    def before_whole(self, call):
        call.pause(self.seconds)


@dataclass(frozen=True)
class Cut(Fault):
    """Breaks off before a piece: by a clean `end`, a `close` without the last chunk, or a `reset`."""

    piece: int = 3
    how: str = "end"

    def before_piece(self, call, peer, number):
        if number == self.piece:
            raise CutOff(self.how)

    def truncation(self):
        return self.how


@dataclass(frozen=True)
class Break(Fault):
    """An error in the midst of an answer whose status was 200; the double words it."""

    message: str = "an error was encountered while running the model"
    piece: int = 3

    def before_piece(self, call, peer, number):
        if number == self.piece:
            call.send(peer.error_piece(self.message))
            raise Finished

    def before_whole(self, call):
        raise Refused(Refuse(500, self.message))


@dataclass(frozen=True)
class Garbage(Fault):
    """Bytes before a piece that belong to no protocol; the answer goes on behind them."""

    data: bytes = b"\x00\xff{ this is not what you asked for\n\n"
    piece: int = 3

    def before_piece(self, call, peer, number):
        if number == self.piece:
            call.send(self.data)


@dataclass(frozen=True)
class HangUp(Fault):
    """Takes the request and closes the connection without a byte, as a server does that ends just then."""

    def before_head(self, call, peer):
        raise CutOff("close")


@dataclass(frozen=True)
class Instead(Fault):
    """Another answer than the double's own, with a status of 200 and in these pieces, as they stand."""

    pieces: tuple
    media_type: str = "text/event-stream"

    def before_head(self, call, peer):
        call.begin(200, self.media_type)
        for piece in self.pieces:
            call.send(piece, peer.grain)
        raise Finished


class Slots(Fault):
    """Works at `count` requests at once and is silent to all others, not even a head, as llama.cpp's server is.

    To be planned for all calls.
    """

    def __init__(self, count):
        self.count = count
        self._lock = threading.Lock()
        self._inside = []

    def before_head(self, call, peer):
        while not self._enters(call):
            call.pause(0.01)

    def _enters(self, call):
        with self._lock:
            self._inside = [other for other in self._inside if other.outcome == "running"]
            if len(self._inside) < self.count:
                self._inside.append(call)
        return call in self._inside


@dataclass(frozen=True)
class NoPicture(Fault):
    """Something else where the picture's base64 would be."""

    text: str = "%%% not base64 %%%"

    def picture(self, text):
        return self.text


def retry_after(seconds=None, milliseconds=None, date=None):
    """The header that says when: whole or broken seconds, milliseconds, or a date that many seconds from now."""
    if seconds is not None:
        return (("Retry-After", f"{seconds:g}"),)
    if milliseconds is not None:
        return (("retry-after-ms", f"{milliseconds:g}"),)
    if date is not None:
        return (("Retry-After", email.utils.formatdate(time.time() + date, usegmt=True)),)
    return ()


def bad_gateway():
    """What a proxy says whose server is down: not JSON at all."""
    page = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
    return Refuse(502, "Bad Gateway", raw=("text/html", page))

"""Very many streams in one process: one epoll, no threads, the same strict parser as elsewhere."""

import errno
import select
import socket
import struct
import time

from .http import build, parse_head
from .sse import ChunkedDecoder, EventParser, FramingError
from .wait import Deadline

_BIND_ADDRESS_NO_PORT = 24  # ip(7); Python 3.11 has no name for it


class Member:
    """One stream of a crowd; `stalled` ones ask and then read nothing."""

    __slots__ = (
        "socket",
        "target",
        "stalled",
        "head",
        "decoder",
        "parser",
        "live",
        "ended",
        "take",
        "tag",
    )

    def __init__(self, target, take, stalled=False, tag=None):
        self.target = target
        self.take = take
        self.stalled = stalled
        self.tag = tag
        self.socket = None
        self.head = b""
        self.decoder = None
        self.parser = None
        self.live = self.ended = False


class Crowd:
    """Streams that are opened, read and closed together."""

    def __init__(self, address, may_be_reset=False):
        self.address = address
        self.may_be_reset = may_be_reset
        self.poll = select.epoll()
        self.members = {}
        self.live = 0
        self.errors = []

    def join(self, members, limit=30.0, in_flight=500):
        """Opens `members` and awaits that each reader among them is live."""
        deadline = Deadline(limit, "the crowd to be live")
        goal = self.live + sum(not member.stalled for member in members)
        waiting = list(reversed(members))
        while self.live < goal or waiting:
            if self.errors:
                raise FramingError(f"{len(self.errors)} streams failed: {self.errors[:3]}")
            while waiting and goal - self.live - len(waiting) < in_flight:
                self.open(waiting.pop())
            self.run_once(min(0.05, deadline.left()))

    def open(self, member):
        """Connects and asks; the source address changes, as it would with many clients."""
        number = len(self.members)
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if member.stalled:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
        stream.bind((f"127.0.1.{number % 250 + 1}", 0))
        stream.connect(self.address)
        stream.sendall(build("GET", member.target))
        stream.setblocking(False)
        member.socket = stream
        self.members[stream.fileno()] = member
        if not member.stalled:
            self.poll.register(stream.fileno(), select.EPOLLIN)

    def run_once(self, timeout):
        """Reads whatever has come."""
        for descriptor, _ in self.poll.poll(timeout, 1000):
            member = self.members[descriptor]
            try:
                data = member.socket.recv(262144)
            except BlockingIOError:
                continue
            except OSError as error:
                data = b""
                if not self.may_be_reset:
                    self.errors.append(f"{member.target[:80]}: {errno.errorcode.get(error.errno)}")
            try:
                self.read(member, data)
            except FramingError as error:
                self.errors.append(f"{member.target[:80]}: {error}")
                self.leave(member)

    def read(self, member, data):
        """Takes a member's bytes."""
        if not data:
            member.ended = True
            self.leave(member)
            return
        if member.decoder is None:
            member.head += data
            end = member.head.find(b"\r\n\r\n")
            if end < 0:
                return
            status, _ = parse_head(member.head[:end])
            if status != 200:
                raise FramingError(f"{status}: {member.head[end:][:300]!r}")
            data, member.head = member.head[end + 4 :], b""
            member.decoder, member.parser = ChunkedDecoder(), EventParser()
        for block in member.parser.feed(member.decoder.feed(data)):
            if block.event == "live":
                member.live = True
                self.live += 1
            else:
                member.take(member, block)

    def leave(self, member, abruptly=False):
        """Closes a member's connection."""
        if member.socket is None:
            return
        descriptor = member.socket.fileno()
        if not member.stalled:
            self.poll.unregister(descriptor)
        del self.members[descriptor]
        if abruptly:
            member.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        member.socket.close()
        member.socket = None
        self.live -= member.live
        member.live = False

    def run_until(self, done, what, limit):
        """Reads until `done()`; any error ends it."""
        deadline = Deadline(limit, what)
        while not done():
            if self.errors:
                raise FramingError(f"{len(self.errors)} streams failed: {self.errors[:3]}")
            self.run_once(min(0.05, deadline.left()))

    def run_for(self, seconds):
        """Reads for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.run_once(0.05)

    def close(self):
        """Closes all."""
        for member in list(self.members.values()):
            self.leave(member)
        self.poll.close()

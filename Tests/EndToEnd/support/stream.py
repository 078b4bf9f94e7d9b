"""One event stream, read strictly and with a limit on every wait."""

from urllib.parse import quote

from .http import Connection, Response, build
from .sse import ChunkedDecoder, EventParser, FramingError, StreamRules
from .wait import Deadline


def stream_target(resources, path="/stream", **query):
    """The URL of a stream; `resources` is a list of resources or a ready query value."""
    if not isinstance(resources, str):
        resources = ",".join(quote(resource, safe=":*+") for resource in resources)
    parts = [f"resources={resources}"]
    parts += [f"{name}={quote(str(value), safe=':,-_.')}" for name, value in query.items()]
    return f"{path}?{'&'.join(parts)}"


class NoStream(AssertionError):
    """The answer to the request for a stream was another one."""

    def __init__(self, target, answer):
        super().__init__(f"no stream for {target[:200]}: {answer}")
        self.answer = answer


class Stream:
    """An open stream; every block is checked against the rules that always hold."""

    def __init__(self, address, target, headers=(), version="HTTP/1.1", body=None, **options):
        self.connection = Connection(address, **options)
        method = "GET" if body is None else "POST"
        self.connection.send(build(method, target, headers, body, version=version))
        status, fields = self.connection.read_head()
        self.response = Response(status, fields)
        if status != 200:
            answer = self.connection.read_body(status, fields)
            self.connection.close()
            raise NoStream(target, answer)
        chunked = self.response.headers.get("transfer-encoding") == "chunked"
        if chunked != (version == "HTTP/1.1"):
            raise FramingError(f"chunked on {version} is {chunked}: {fields}")
        self.decoder = ChunkedDecoder() if chunked else None
        self.parser = EventParser()
        self.rules = StreamRules()
        self.waiting = []
        self.seen = []
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the stream from this side."""
        self.connection.close()

    def _receive(self, deadline):
        if self.ended:
            return False
        # What came together with the response's head is there already.
        alive = bool(self.connection.buffer) or self.connection.receive(deadline)
        data = self.connection.take(len(self.connection.buffer))
        if data and self.decoder is not None:
            data = self.decoder.feed(data)
        for block in self.parser.feed(data) if data else ():
            self.rules.check(block)
            self.waiting.append(block)
        self.ended = not alive or (self.decoder is not None and self.decoder.done)
        return True

    @property
    def ended_cleanly(self):
        """Whether the hub ended the stream at the end of a block and with the last chunk."""
        return self.ended and not self.parser.buffer and (self.decoder is None or self.decoder.done)

    def next(self, limit=5.0):
        """The next block of any kind."""
        deadline = Deadline(limit, f"a block after {self.seen[-3:]}")
        while not self.waiting:
            if not self._receive(deadline):
                raise EOFError(f"the stream ended after {self.seen[-3:]}")
        block = self.waiting.pop(0)
        self.seen.append(block)
        return block

    def until(self, wanted, limit=5.0):
        """The blocks up to and with the first that is `wanted` (an event's name or a predicate)."""
        if isinstance(wanted, str):
            name = wanted
            wanted = lambda block: block.event == name  # noqa: E731
        deadline = Deadline(limit, "the awaited block")
        blocks = []
        while not blocks or not wanted(blocks[-1]):
            blocks.append(self.next(deadline.left()))
        return blocks

    def opening(self, limit=5.0):
        """The blocks from `connected` to `live`."""
        return self.until("live", limit)

    def event(self, limit=5.0):
        """The next block that is no control event."""
        return self.until(lambda block: not block.is_control, limit)[-1]

    def events(self, count, limit=10.0):
        """The next `count` blocks that are no control events."""
        deadline = Deadline(limit, f"{count} events")
        return [self.event(deadline.left()) for _ in range(count)]

    def rest(self, limit=10.0):
        """All blocks until the hub ends the stream."""
        deadline = Deadline(limit, "the end of the stream")
        while not self.ended:
            self._receive(deadline)
        blocks, self.waiting = self.waiting, []
        self.seen += blocks
        return blocks

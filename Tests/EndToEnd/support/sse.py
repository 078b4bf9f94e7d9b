"""A strict reader of event streams, independent of the hub and of any library.

A lenient parser hides mistakes: a lost line end, a doubled field or a wrong chunk size would only
show as a missing event somewhere else. So everything that the contract does not allow raises a
`FramingError` at once, at the byte where it is.
"""

import json
import re

CONTROL = {
    "connected",
    "reset",
    "live",
    "keepalive",
    "subscribed",
    "presence",
    "closing",
    "token_expiring",
}
_WITH_ID = {"live", "keepalive"}
_IN_BATCH = ["id", "event", "resources", "at", "data"]
_FIELDS = {"id", "event", "data", "retry"}
_EVENT_ID = re.compile(r"([0-9a-z]+)-(0|[1-9][0-9]*)\Z")


class FramingError(AssertionError):
    """The bytes on the wire are not what the contract says."""


def parse_id(text):
    """An EventID as (epoch, sequence)."""
    match = _EVENT_ID.match(text)
    if match is None:
        raise FramingError(f"not an EventID: {text!r}")
    return match[1], int(match[2])


def sequence(text):
    """The sequence number of an EventID."""
    return parse_id(text)[1]


def members(text):
    """The members of a JSON object as (key, text of the value), in order, doubled ones too."""
    decoder = json.JSONDecoder()
    if text[:1] != "{":
        raise FramingError(f"not a compact JSON object: {text[:80]!r}")
    if text == "{}":
        return []
    found = []
    position = 1
    while True:
        key, position = json.decoder.scanstring(text, position + 1)
        if text[position : position + 1] != ":":
            raise FramingError(f"white space or no colon after {key!r} in {text[:80]!r}")
        _, end = decoder.raw_decode(text, position + 1)
        found.append((key, text[position + 1 : end]))
        mark, position = text[end : end + 1], end + 1
        if mark == "}":
            if position != len(text):
                raise FramingError(f"bytes after the object: {text[position:][:80]!r}")
            return found
        if mark != ",":
            raise FramingError(f"white space or no comma after {key!r} in {text[:80]!r}")


class ChunkedDecoder:
    """The chunked transfer coding of RFC 9112 §7.1, without extensions and trailers."""

    def __init__(self):
        self.buffer = bytearray()
        self.left = None  # of the current chunk, its CRLF not counted; None between chunks
        self.done = False

    def feed(self, data):
        """The content in `data`; sets `done` at the last chunk."""
        buffer = self.buffer
        buffer += data
        content = []
        position = 0
        while not self.done:
            if self.left is None:
                end = buffer.find(b"\r\n", position, position + 20)
                if end < 0:
                    if len(buffer) - position > 18:
                        raise FramingError(f"no chunk size: {bytes(buffer[position:][:40])!r}")
                    break
                size = bytes(buffer[position:end])
                if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
                    raise FramingError(f"bad chunk size: {size!r}")
                self.left = int(size, 16)
                position = end + 2
            if len(buffer) < position + self.left + 2:
                break
            end = position + self.left
            if buffer[end : end + 2] != b"\r\n":
                raise FramingError(f"no CRLF after a chunk: {bytes(buffer[end:][:40])!r}")
            content.append(bytes(buffer[position:end]))
            self.done = self.left == 0
            self.left = None
            position = end + 2
        del buffer[:position]
        if self.done and buffer:
            raise FramingError(f"bytes after the last chunk: {bytes(buffer[:80])!r}")
        return b"".join(content)


class Block:
    """One dispatched block of a stream: its fields, in order, as they were sent."""

    __slots__ = ("fields", "id", "event", "data", "retry")

    def __init__(self, text):
        self.fields = []
        self.id = self.data = self.retry = None
        self.event = "message"
        for line in text.split("\n"):
            name, colon, value = line.partition(":")
            if name == "" and colon:
                continue  # a comment
            if name not in _FIELDS or not colon:
                raise FramingError(f"not a field of a stream: {line[:120]!r}")
            value = value[1:] if value[:1] == " " else value
            if any(name == other for other, _ in self.fields):
                raise FramingError(f"a doubled {name!r} in the block {text[:200]!r}")
            self.fields.append((name, value))
            setattr(self, name, value)
        if self.retry is not None and not re.fullmatch("[0-9]+", self.retry):
            raise FramingError(f"bad retry: {self.retry!r}")
        if self.fields and self.data is None:
            raise FramingError(f"a block without data is never dispatched: {text[:200]!r}")
        if self.id is not None and self.fields[-1][0] != "id":
            raise FramingError(f"an id before the end of its block: {text[:200]!r}")
        for character in "\x85\u2028\u2029":
            if character in text:
                raise FramingError(f"a raw {character!r}, where readers cut lines: {text[:200]!r}")

    @property
    def json(self):
        """The data as a Python value."""
        return json.loads(self.data)

    @property
    def resources(self):
        """The resources in the envelope."""
        return self.json["resources"]

    @property
    def payload(self):
        """What the producer sent, as a Python value."""
        return self.json["data"]

    @property
    def payload_text(self):
        """What the producer sent, as it stands in the stream."""
        return dict(members(self.data))["data"]

    @property
    def unpacked(self):
        """The producers' events that came with it, as (id, name, resources, data)."""
        if self.event == "batch":
            return [tuple(one[key] for key in _IN_BATCH if key != "at") for one in self.json["events"]]
        return [(self.id, self.event, self.resources, self.payload)]

    @property
    def is_control(self):
        """Whether the hub itself speaks."""
        return self.event in CONTROL

    def __repr__(self):
        return "<" + " ".join(f"{name}={value[:120]!r}" for name, value in self.fields) + ">"


class EventParser:
    """Bytes in, blocks out."""

    def __init__(self):
        self.buffer = b""

    def feed(self, data):
        """The blocks that `data` completes."""
        if b"\r" in data:
            raise FramingError(f"a carriage return in the stream: {data[:120]!r}")
        parts = (self.buffer + data).split(b"\n\n")
        self.buffer = parts.pop()
        blocks = [Block(part.decode("utf-8")) for part in parts]
        return [block for block in blocks if block.fields]


class StreamRules:
    """What holds for every stream at every block, whatever the test is about."""

    def __init__(self):
        self.last = None  # (epoch, sequence) of the last id line
        self.live = False
        self.first = True

    def check(self, block):
        """Raises if `block` may not stand here."""
        name = block.event
        # A hub that cannot serve for the moment says only why.
        if self.first and name not in ("connected", "closing"):
            raise FramingError(f"the stream begins with {block}")
        if name == "connected" and not self.first:
            raise FramingError(f"a second connected: {block}")
        self.first = False
        if block.is_control:
            members(block.data)
            if block.id is not None and name not in _WITH_ID:
                raise FramingError(f"an id on a control event: {block}")
            if name == "live":
                if self.live or block.id is None:
                    raise FramingError(f"a second live, or one without id: {block}")
                self.live = True
        elif name == "batch":
            self._check_batch(block)
        else:
            self._check_envelope(block)
        if block.id is not None:
            position = parse_id(block.id)
            if self.last is not None:
                before, same = self.last, block.is_control
                if position[0] != before[0]:
                    raise FramingError(f"the epoch changed within a stream: {block}")
                if position[1] < before[1] or (position[1] == before[1] and not same):
                    raise FramingError(f"id does not grow: {before} then {block}")
            self.last = position

    def _check_batch(self, block):
        """2 to 100 events of one epoch, with ids that grow; the block has the last of these."""
        if [key for key, _ in members(block.data)] != ["events"]:
            raise FramingError(f"not the members of a batch: {block}")
        events = block.json["events"]
        if not 2 <= len(events) <= 100:
            raise FramingError(f"a batch of {len(events)} events")
        if any(list(event) != _IN_BATCH for event in events):
            raise FramingError(f"not the members of an event in a batch: {block}")
        ids = [event["id"] for event in events if event["id"] is not None]
        places = ([self.last] if self.last else []) + [parse_id(id) for id in ids]
        if any(later[0] != earlier[0] or later[1] <= earlier[1] for earlier, later in zip(places, places[1:])):
            raise FramingError(f"ids that do not grow in {block}, after {self.last}")
        if block.id != (ids[-1] if ids else None):
            raise FramingError(f"the id of a batch is not that of its last event: {block}")

    @staticmethod
    def _check_envelope(block):
        if [name for name, _ in block.fields].count("data") != 1:
            raise FramingError(f"not one data line: {block}")
        keys = [key for key, _ in members(block.data)]
        if len(set(keys)) != len(keys) or not {"resources", "at", "data"} <= set(keys):
            raise FramingError(f"the envelope's keys are {keys}")
        if set(keys) - {"resources", "at", "data", "id", "retained"}:
            raise FramingError(f"unknown keys in the envelope: {keys}")
        if ("retained" in keys) != ("id" in keys):
            raise FramingError(f"id and retained go together: {keys}")
        if "retained" in keys and block.id is not None:
            raise FramingError(f"a retained event with an id line: {block}")

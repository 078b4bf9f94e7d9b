#!/usr/bin/env python3
"""A subscriber with the standard library alone that misses no event, whatever restarts: the hub, a proxy, itself.

    MARTLET_URL=http://127.0.0.1:8080 ./subscriber.py post:1 'influencer:*'

Each event is a line of JSON on standard output. How far it has come is kept in a file (--cursor), so that it goes
on there when it is started again. README.md says what that guarantees. Needs Python 3.9 or later.
"""

import argparse
import codecs
import email.utils
import http.client
import json
import os
import random
import signal
import sys
import time
import urllib.parse

HIGHEST_DELAY = 30.0
# An event has up to 256 KiB of data and its resources; a line that is far longer is not the hub's.
LONGEST_LINE = 4 << 20
CONTROL = {"connected", "reset", "live", "keepalive", "subscribed", "presence", "closing"}


class Refused(Exception):
    """The hub refuses the request itself, for instance a resource without a colon."""


class Away(Exception):
    """No stream for now; `wait` is how many seconds the hub asked to wait at least."""

    def __init__(self, reason, wait=0.0):
        super().__init__(reason)
        self.wait = wait


class EventParser:
    """Turns the bytes of a stream into blocks, dictionaries of their fields (WHATWG HTML, "Interpreting an event stream").

    A block counts only when it is whole: one that was cut comes again, because its id was not taken either.
    """

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._text = ""
        self._block = {}

    def feed(self, data):
        """The blocks that are complete with these bytes."""
        text = self._text + self._decoder.decode(data)
        # A carriage return at the end may be the first half of a line's end.
        whole = text.removesuffix("\r")
        *lines, rest = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._text = rest + text[len(whole) :]
        if len(self._text) > LONGEST_LINE:
            raise Away("the stream has a line without an end")
        for line in lines:
            if not line:
                if self._block:
                    yield self._block
                self._block = {}
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data" and "data" in self._block:
                value = f"{self._block['data']}\n{value}"
            self._block[name] = value


class CursorFile:
    """The id up to which everything has been written out."""

    def __init__(self, path):
        self.path = path
        self._saved = None

    def load(self):
        """The kept cursor, or nothing where there is no file: then the subscriber has never been live."""
        try:
            with open(self.path, encoding="utf-8") as file:
                self._saved = file.read().strip()
        except FileNotFoundError:
            return None
        if not self._saved:
            # To begin anew would skip what was missed.
            sys.exit(f"subscriber: {self.path} is empty; remove it to begin with what happens from now on")
        return self._saved

    def save(self, cursor):
        """Replaces the file in one step that a power loss cannot halve."""
        if cursor == self._saved:
            return
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(cursor + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)
        self._saved = cursor


class Output:
    """Lines on standard output, which are out before the cursor behind them is kept."""

    def __init__(self):
        self._lines = []
        self._is_file = os.path.isfile("/proc/self/fd/1")
        if self._is_file and self._ends_in_a_line():
            self._lines.append("\n")

    @staticmethod
    def _ends_in_a_line():
        """Whether an earlier run was killed while it wrote: the rest of its line must not spoil ours."""
        with open("/proc/self/fd/1", "rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"

    def add(self, line):
        """Takes one line."""
        self._lines.append(line + "\n")

    def flush(self):
        """Writes what was added, and to a file's disk."""
        if not self._lines:
            return
        sys.stdout.buffer.write("".join(self._lines).encode())
        sys.stdout.buffer.flush()
        if self._is_file:
            os.fsync(1)
        self._lines.clear()


class Subscriber:
    def __init__(self, url, resources, cursor_file, output, keepalive=20.0):
        self.url = urllib.parse.urlsplit(url)
        self.resources = resources
        self.cursor_file = cursor_file
        self.output = output
        self.keepalive = keepalive
        self.cursor = None
        self.retry = 1.0
        self.failures = 0
        self.is_writing = False
        self.is_stopping = False

    def run(self):
        """Follows the stream for ever; returns only by an exception."""
        self.cursor = self.cursor_file.load()
        while True:
            wait = 0.0
            try:
                self.follow()
            except Away as error:
                reason, wait = error, error.wait
            except (OSError, http.client.HTTPException) as error:
                reason = f"{type(error).__name__}: {error}"
            else:
                # A proxy whose hub was killed may end a stream as politely as a hub that is stopped.
                reason = "the stream has ended"
            # Full jitter, because all who were cut off together would come back together.
            delay = random.uniform(0, min(HIGHEST_DELAY, 2.0**self.failures))
            delay = max(delay + wait, self.retry)
            self.failures = min(self.failures + 1, 10)
            say(f"{reason}; again in {delay:.1f} s")
            time.sleep(delay)

    def follow(self):
        """One connection, from its request to its end."""
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        # The hub breaks every silence: where nothing at all comes for two and a half of them, the connection is dead.
        connection = kind(self.url.netloc, timeout=2.5 * self.keepalive)
        try:
            connection.request("GET", self.target(), headers=self.headers())
            answer = connection.getresponse()
            self.check(answer)
            parser = EventParser()
            while data := answer.read1(65536):
                self.take(parser.feed(data))
        finally:
            connection.close()

    def target(self):
        """The path and query of the stream."""
        resources = ",".join(urllib.parse.quote(resource, safe=":*") for resource in self.resources)
        path = self.url.path.rstrip("/")
        return f"{path}/stream?resources={resources}&keepalive={self.keepalive:g}"

    def headers(self):
        """What the hub needs to know."""
        cursor = {"Last-Event-ID": self.cursor} if self.cursor else {}
        return {"Accept": "text/event-stream", "Cache-Control": "no-cache"} | cursor

    def check(self, answer):
        """Whether this is a stream; else raises what it means."""
        kind = answer.headers.get_content_type()
        if answer.status == 200 and kind == "text/event-stream":
            return
        reason = f"{answer.status} {kind}: {problem(answer)}"
        # At the very first it is a mistake; later it may be the work of a proxy that is being changed, and passes.
        if 400 <= answer.status < 500 and answer.status not in (408, 425, 429) and not self.cursor:
            raise Refused(reason)
        raise Away(reason, retry_after(answer.headers.get("Retry-After")))

    def take(self, blocks):
        """Writes out the events of some blocks, and then keeps how far that is."""
        kept = None
        for block in blocks:
            name, cursor = block.get("event", "message"), block.get("id")
            if block.get("retry", "").isdecimal():
                self.retry = int(block["retry"]) / 1000
            if name == "reset":
                # What was missed cannot be had any more. The state follows, and then `live` with a new cursor.
                self.cursor = kept = None
                say(f"reset: {block['data']}")
                self.output.add(json_line(name, None, '{"data":%s}' % block["data"]))
            elif name not in CONTROL and "data" in block:
                self.output.add(json_line(name, cursor, block["data"]))
            if cursor:
                # It gets on, so the next wait is a short one, also for a reader that is cut off for being slow.
                self.cursor, self.failures = cursor, 0
                kept = cursor
        self.is_writing = True
        try:
            self.output.flush()
            if kept:
                self.cursor_file.save(kept)
        except OSError as error:
            # Not the hub's doing, and trying again would not help.
            sys.exit(f"subscriber: cannot write: {error}")
        self.is_writing = False
        if self.is_stopping:
            sys.exit(0)

    def stop(self, *_):
        """Ends the program, but not between an event and its cursor."""
        self.is_stopping = True
        if not self.is_writing:
            sys.exit(0)


def json_line(name, cursor, envelope):
    """An event as one object. The hub's envelope goes in as it is, so that no number in it loses a digit."""
    envelope = envelope.replace("\n", " ")
    # State that a stream begins with has its id in the envelope; what is never stored has none at all.
    has_id = envelope.endswith('"retained":true}')
    head = {"event": name} if has_id else {"id": cursor, "event": name}
    return f"{json.dumps(head, separators=(',', ':'))[:-1]},{envelope[1:]}"


def retry_after(value):
    """Seconds to wait at least; RFC 9110 allows a number of seconds or a date."""
    if value is None:
        return 0.0
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0


def problem(answer):
    """What application/problem+json says was wrong."""
    try:
        return json.loads(answer.read(65536))["detail"]
    except (ValueError, LookupError, TypeError):
        return answer.reason


def say(text):
    """A line for whoever watches."""
    print(f"subscriber: {text}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Writes each event as a line of JSON.")
    parser.add_argument("resources", nargs="+", metavar="RESOURCE", help="post:1, or 'post:*' for all of a kind")
    parser.add_argument("--cursor", default="subscriber.cursor", metavar="FILE", help="default: subscriber.cursor")
    parser.add_argument("--keepalive", type=float, default=20.0, metavar="SECONDS", help="default: 20")
    options = parser.parse_args()
    url = os.environ.get("MARTLET_URL", "http://127.0.0.1:8080")
    subscriber = Subscriber(url, options.resources, CursorFile(options.cursor), Output(), options.keepalive)

    signal.signal(signal.SIGTERM, subscriber.stop)
    signal.signal(signal.SIGINT, subscriber.stop)
    try:
        subscriber.run()
    except Refused as refusal:
        sys.exit(f"subscriber: {refusal}")


if __name__ == "__main__":
    main()

"""A worker outside the hub: counts the words of texts and web pages, as jobs of the kind text-stats.

Usage: python3 worker.py [KIND…], with the hub's address in MARTLET_URL. Ends on SIGTERM and SIGINT, after the
job that it has. Needs Python 3.9 or later and nothing else.
"""

import codecs
import collections
import contextlib
import hashlib
import io
import json
import os
import re
import signal
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

CHUNK = 64 * 1024
LARGEST = 64 * 1024 * 1024
WAIT = 25  # seconds that a claim waits for work


class Lost(Exception):
    """The job is someone else's by now, or nobody's: it was cancelled, or its lease ran out."""


class Failed(Exception):
    """The work cannot be done; `retry` says whether another attempt may do better."""

    def __init__(self, message, retry):
        super().__init__(message)
        self.retry = retry


class Hub:
    """The part of the hub's API that a worker needs."""

    def __init__(self, url):
        self.api = url.rstrip("/") + "/api/v1"

    def post(self, path, body, timeout=10):
        """Posts once; gives back the answer's value, if it has one."""
        request = urllib.request.Request(
            self.api + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(answer.read() or b"null")

    def post_surely(self, path, body, tries=8):
        """Posts until the hub has taken it, for about a minute: a hub that is restarted comes back."""
        for number in range(1, tries + 1):
            try:
                return self.post(path, body)
            except urllib.error.HTTPError as error:
                if error.code in (404, 409):
                    raise Lost(explain(error)) from error
                if error.code not in (429, 500, 502, 503, 504) or number == tries:
                    raise
                pause = float(error.headers.get("Retry-After") or 0)
            except OSError:
                if number == tries:
                    raise
                pause = 0
            time.sleep(max(pause, min(10, 0.25 * 2**number)))

    def row(self, job):
        """A job's row."""
        with urllib.request.urlopen(f"{self.api}/jobs/{job}", timeout=10) as answer:
            return json.load(answer)


class Held:
    """A job that is ours as long as we say so; a thread says so."""

    def __init__(self, hub, claimed):
        self.hub = hub
        self.job = claimed["job"]
        self.lease = claimed["lease"]["token"]
        # Two signs of life may get lost before the third comes too late.
        self.pause = claimed["lease"]["seconds"] / 3
        self.lost = threading.Event()
        self.done = threading.Event()
        self.told = 0.0

    def __enter__(self):
        threading.Thread(target=self.beat, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.done.set()

    def beat(self):
        """Keeps the lease alive until the work is done or the lease is lost."""
        while not self.done.wait(self.pause):
            try:
                self.hub.post(f"/jobs/{self.job['id']}/heartbeat", {"lease": self.lease}, self.pause)
            except urllib.error.HTTPError as error:
                if error.code in (404, 409):
                    self.lost.set()
                    return
            except OSError:
                pass  # the next one may arrive

    def progress(self, percent, message):
        """Tells how far the work is, at most four times a second."""
        if self.lost.is_set():
            raise Lost("the hub has given the job up")
        if time.monotonic() - self.told < 0.25:
            return
        self.told = time.monotonic()
        report = {"lease": self.lease, "progress": percent, "message": message}
        try:
            self.hub.post(f"/jobs/{self.job['id']}/progress", report)
        except urllib.error.HTTPError as error:
            if error.code in (404, 409):
                raise Lost(explain(error)) from error
        except OSError:
            pass  # a figure that nobody sees does not stop the work

    def complete(self, result):
        """Hands the result over."""
        try:
            body = {"lease": self.lease, "result": result}
            self.hub.post_surely(f"/jobs/{self.job['id']}/complete", body)
        except Lost:
            # The answer to an earlier try may have been lost on its way: then the row has our result.
            row = self.hub.row(self.job["id"])
            if row["state"] != "succeeded" or row["result"] != result:
                raise

    def fail(self, failure):
        """Says that this attempt has failed."""
        body = {"lease": self.lease, "error": str(failure), "retry": failure.retry}
        self.hub.post_surely(f"/jobs/{self.job['id']}/fail", body)


# The work


def open_source(given):
    """What a job's input names, as a stream of bytes and its length, if that is known."""
    if isinstance(given, dict) and isinstance(given.get("text"), str):
        data = given["text"].encode()
        return io.BytesIO(data), len(data)
    url = given.get("url") if isinstance(given, dict) else None
    # Not file:, ftp: or data:, which urllib knows as well: who orders a job does not get at our files.
    if not isinstance(url, str) or urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Failed('The input is {"text": "…"} or {"url": "http…"}.', retry=False)
    try:
        answer = urllib.request.urlopen(url, timeout=10)
    except urllib.error.HTTPError as error:
        retry = error.code >= 500 or error.code in (408, 429)
        raise Failed(f"{url} was answered {error.code}.", retry) from error
    except (OSError, ValueError) as error:
        raise Failed(f"{url} cannot be fetched ({error}).", retry=True) from error
    return answer, int(answer.headers.get("Content-Length") or 0)


def count(source, length, told):
    """Word statistics and the SHA-256 of a stream of bytes, read in pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    digest, words = hashlib.sha256(), collections.Counter()
    size = lines = 0
    rest = ""
    while True:
        try:
            chunk = source.read1(CHUNK)
        except OSError as error:
            raise Failed(f"The source broke off after {size} bytes ({error}).", True) from error
        size += len(chunk)
        if size > LARGEST:
            raise Failed(f"The source has more than {LARGEST} bytes.", retry=False)
        digest.update(chunk)
        lines += chunk.count(b"\n")
        text = rest + decoder.decode(chunk, final=not chunk)
        # A word may go on in the next piece.
        end = len(text) if not chunk else re.search(r"\w*\Z", text).start()
        words.update(word.lower() for word in re.findall(r"\w+", text[:end]))
        rest = text[end:]
        if not chunk:
            break
        told(min(99, 100 * size / length) if length else 0, f"{size} bytes read")
    if size < length:
        raise Failed(f"The source broke off after {size} of {length} bytes.", retry=True)
    # Equal counts in the order of the alphabet, so that the same text gives the same result.
    top = sorted(words.items(), key=lambda item: (-item[1], item[0]))[:10]
    return {
        "bytes": size,
        "lines": lines,
        "words": sum(words.values()),
        "distinct": len(words),
        "top": [{"word": word, "count": number} for word, number in top],
        "sha256": digest.hexdigest(),
    }


def work(hub, claimed):
    """One job, from its claim to its end."""
    with Held(hub, claimed) as held:
        name = f"{held.job['id']}, attempt {held.job['attempt']}"
        say(f"{name}: begins")
        try:
            try:
                source, length = open_source(held.job["input"])
                with contextlib.closing(source):
                    result = count(source, length, held.progress)
            except Failed as failure:
                held.fail(failure)
                say(f"{name}: failed: {failure}")
            else:
                held.complete(result)
                say(f"{name}: done")
        except Lost as reason:
            say(f"{name}: stopped: {reason}")


# The loop


def explain(error):
    """The hub's own words about a refusal."""
    try:
        return json.load(error)["detail"]
    except (ValueError, KeyError, TypeError):
        return str(error)


def say(text):
    """A line for whoever watches."""
    print(f"worker: {text}", file=sys.stderr, flush=True)


def main():
    """Claims and works until it is told to stop."""
    kinds = sys.argv[1:] or ["text-stats"]
    hub = Hub(os.environ.get("MARTLET_URL", "http://127.0.0.1:8080"))
    state = {"works": False, "stops": False}

    def stop(*_):
        state["stops"] = True
        # A claim that waits is given up. A job that is on its way to us goes to another: the hub sees that
        # nobody takes it, or its lease runs out.
        if not state["works"]:
            sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    say(f"asks {hub.api} for {', '.join(kinds)}")
    pause = 0.5
    while not state["stops"]:
        try:
            claimed = hub.post("/jobs/claim", {"kinds": kinds, "wait": WAIT}, timeout=WAIT + 10)
            pause = 0.5
            if claimed:
                state["works"] = True
                work(hub, claimed)
        except urllib.error.HTTPError as error:
            if error.code == 422:
                sys.exit(f"worker: {explain(error)}")
            say(f"{error.code}: {explain(error)}")
            time.sleep(pause)
        except OSError as error:
            say(f"the hub cannot be reached ({error}); next try in {pause:g} s")
            time.sleep(pause)
            pause = min(10, pause * 2)
        finally:
            state["works"] = False


if __name__ == "__main__":
    main()

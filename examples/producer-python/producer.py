#!/usr/bin/env python3
"""A producer with the standard library alone, and a demonstration of it.

    producer = Producer("http://127.0.0.1:8080")
    producer.publish({"resource": "post:1", "event": "post_update", "data": {"status": "ready"}})

publish() returns once the event is stored. What may pass by itself is tried again: no connection,
a time-out, 429 and 5xx. Whatever else the hub answers would be the same the next time.
"""

import email.utils
import http.client
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid


class Refused(Exception):
    """The hub's last answer, or the last connection error; str() says what was wrong."""


class Producer:
    def __init__(self, url, attempts=8, first_delay=0.2, longest_delay=10.0, timeout=10.0):
        self.url = url.rstrip("/") + "/broadcast"
        self.attempts = attempts
        self.first_delay = first_delay
        self.longest_delay = longest_delay
        self.timeout = timeout

    def publish(self, event):
        """Stores one event and returns its id, which is None for a transient one."""
        # An answer may get lost after the event was stored: with a key, the hub answers a repeat with
        # the first id and publishes nothing. Nothing is stored of a transient event.
        if not event.get("transient"):
            event = {"key": str(uuid.uuid4()), **event}
        body = json.dumps(event).encode()
        for attempt in range(self.attempts):
            try:
                return self._post(body).get("id")
            except urllib.error.HTTPError as answer:
                with answer:
                    refusal = Refused(f"{answer.code}: {problem(answer)}")
                    if answer.code != 429 and answer.code < 500:
                        raise refusal from None
                    wait = retry_after(answer.headers.get("Retry-After"))
            except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
                refusal = Refused(f"no answer: {error}")
                wait = 0.0
            if attempt + 1 < self.attempts:
                time.sleep(wait + self._jitter(attempt))
        raise refusal

    def _post(self, body):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:
            return json.load(answer)

    def _jitter(self, attempt):
        """Full jitter: anything up to an exponential bound, so that producers do not come back at once."""
        return random.uniform(0, min(self.longest_delay, self.first_delay * 2**attempt))


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
        return json.load(answer)["detail"]
    except (ValueError, LookupError, TypeError, OSError, http.client.HTTPException):
        return answer.reason


def main():
    producer = Producer(os.environ.get("MARTLET_URL", "http://127.0.0.1:8080"))
    resource = sys.argv[1] if len(sys.argv) > 1 else "demo:python"
    for percent in (0, 50, 100):
        # Retained: who subscribes later gets the latest. Coalesced: a slow reader may skip to it.
        event = {
            "resource": resource,
            "event": "progress",
            "data": {"percent": percent},
            "retain": True,
            "coalesce": "progress",
        }
        print(f"{resource} is at {percent} %: {producer.publish(event)}")


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit(f"producer: {refusal}")

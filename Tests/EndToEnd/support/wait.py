"""Waiting with a limit: nothing here or in a test may wait for ever, and no test sleeps to wait."""

import time


class Deadline:
    """A point in time after which waiting for `what` has failed."""

    def __init__(self, seconds, what):
        self.seconds = seconds
        self.what = what
        self.end = time.monotonic() + seconds

    def left(self):
        """The seconds that are left; raises when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"{self.what} did not happen within {self.seconds:g} s")
        return left


def eventually(check, what, seconds=5.0):
    """Asks `check` again and again until it answers something true, and gives that back."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s (last: {answer!r})")
        time.sleep(0.01)

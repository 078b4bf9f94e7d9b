"""A hub that is restarted again and again while somebody publishes, and what those who listen have in the end."""

import signal
import socket
import threading
import time
import uuid

from support.http import FramingError
from support.hub import Hub, as_bytes
from support.wait import Deadline


class House:
    """Where hubs live one after the other: one store, one port, and, `activated`, one socket that stays open."""

    def __init__(self, folder, activated=False):
        self.folder = str(folder / "data")
        self.port = 0
        self.socket = None
        if activated:
            # What systemd holds for martlet.socket. Connections wait in it while there is no hub.
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
            self.port = self.socket.getsockname()[1]
        self.start()

    def start(self):
        """Starts a hub on what the last one left."""
        self.hub = Hub(port=self.port, data=self.folder, listener=self.socket)
        self.port = self.hub.port

    def restart(self, how, away):
        """Ends the hub by a signal, and starts another after so many seconds."""
        self.hub.signal(how)
        self.hub.wait(20)
        self.hub.kill()
        time.sleep(away)
        self.start()

    @property
    def address(self):
        """Where the hub is, and was, and will be."""
        return ("127.0.0.1", self.port)

    def close(self):
        """Ends the hub."""
        self.hub.kill()
        if self.socket:
            self.socket.close()


class Feed:
    """Publishes numbered events, each again and again until it is acknowledged, some hundred a second."""

    def __init__(self, house, resource):
        self._house, self._resource = house, resource
        self.ids = []
        self._goal = 0
        self._changed = threading.Condition()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def publish(self, count):
        """Has so many more published, beside what goes on."""
        with self._changed:
            self._goal += count
            self._changed.notify_all()

    def finish(self, seconds=60):
        """Waits until all is acknowledged."""
        deadline = Deadline(seconds, f"the acknowledgement of {self._goal} events")
        with self._changed:
            while len(self.ids) < self._goal:
                self._changed.wait(deadline.left())

    def _run(self):
        connection, key = None, str(uuid.uuid4())
        while True:
            with self._changed:
                while self._is_open and len(self.ids) >= self._goal:
                    self._changed.wait()
                if not self._is_open:
                    return
                number = len(self.ids)
            body = {"resource": self._resource, "event": "update", "data": number, "key": f"{key}-{number}"}
            try:
                connection = connection or self._house.hub.connect(limit=5)
                headers = {"Content-Type": "application/json"}
                answer = connection.exchange("POST", "/broadcast", headers, as_bytes(body))
                assert answer.status in (200, 503), answer
            except (OSError, FramingError):
                answer = None
            if answer is None or answer.status != 200:
                connection = None
                time.sleep(0.02)
                continue
            with self._changed:
                self.ids.append(answer.json["id"])
                self._changed.notify_all()
            time.sleep(0.001)

    def close(self):
        """Ends it."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        self._thread.join(20)


def assert_all_once(feed, listeners, seconds=60):
    """Each listener has, within the time, what was acknowledged: each event once and in order."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(len(each.got) < len(feed.ids) for each in listeners):
        time.sleep(0.05)
    expected = list(zip(feed.ids, range(len(feed.ids))))
    wrong = []
    for each in listeners:
        got = [(id or feed.ids[number], number) for id, number in each.got]
        if got != expected:
            missing = len(set(expected) - set(got))
            wrong.append(
                f"{each.name}: {len(got)} of {len(expected)}, {missing} missing, "
                f"{len(got) - len(set(got))} doubled, readyState {each.state}"
            )
    assert not wrong, "; ".join(wrong)


KILL, STOP = signal.SIGKILL, signal.SIGTERM

"""A narrow way to the hub: a relay for one connection, which takes as little at a time as the test says."""

import socket
import threading
import time


class Narrow:
    """Passes all on to the hub, and its answers as they are asked for."""

    _PIECE, _PAUSE = 800, 0.1

    def __init__(self, hub):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.hub = socket.socket()
        self.hub.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.hub.settimeout(30)
        self.hub.connect(hub)
        self._is_slow = threading.Event()
        # The bytes of the hub that were passed on at a slow pace.
        self.trickled = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in (self.listener, self.hub):
            end.close()

    def _accept(self):
        client, _ = self.listener.accept()
        threading.Thread(target=self._pass_requests, args=(client,), daemon=True).start()
        try:
            while True:
                data = self.hub.recv(self._PIECE if self._is_slow.is_set() else 1 << 16)
                if not data:
                    break
                client.sendall(data)
                if self._is_slow.is_set():
                    self.trickled += len(data)
                    time.sleep(self._PAUSE)
        except OSError:
            pass
        client.close()

    def _pass_requests(self, client):
        try:
            while data := client.recv(1 << 16):
                self.hub.sendall(data)
        except OSError:
            pass

    def pass_slowly(self):
        """Passes 8,000 bytes a second from now on."""
        self._is_slow.set()

    def pass_all(self):
        """Passes all that the hub sends as it comes."""
        self._is_slow.clear()

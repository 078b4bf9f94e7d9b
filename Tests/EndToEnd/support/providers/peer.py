"""What the doubles share: a server with a thread a connection, a plan of faults, and a record of every call."""

import json
import math
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..wait import Deadline
from .call import Call, CutOff, Left
from .faults import Fault, Finished, Refused


class Peer:
    """A double on a free port of 127.0.0.1; use it with `with`."""

    #: (method, path) → the name of the method that answers.
    routes = {}
    #: How many bytes of an answer in pieces go into a chunk at most; `None` for whole pieces.
    grain = None
    #: The paths that do the work: a planned fault is for them unless it names another.
    work = frozenset()

    def __init__(self):
        self.calls = []
        #: Errors in the double itself; there must be none.
        self.accidents = []
        self.changed = threading.Condition()
        self._plan = []
        self._connections = set()
        self._is_stopping = False
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind is None:
            assert not self.accidents, self.accidents

    def stop(self):
        """Ends all connections and gives the port back."""
        self._is_stopping = True
        self._server.shutdown()
        self._server.server_close()
        with self.changed:
            connections = list(self._connections)
            self.wake()
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    # What it is to do wrong

    def plan(self, *faults, on=None, times=1):
        """Queues faults: one a call, each for the next call of the work or of the path `on`."""
        with self.changed:
            self._plan += [[on, fault, times] for fault in faults]

    def planned(self):
        """How many faults no call has met yet."""
        with self.changed:
            return sum(times for _, _, times in self._plan if times != math.inf)

    def forgive(self):
        """Forgets the faults that are still planned."""
        with self.changed:
            self._plan.clear()

    def _next_fault(self, path):
        for entry in self._plan:
            on, fault, _ = entry
            if on == path or (on is None and path in self.work):
                entry[2] -= 1
                if entry[2] <= 0:
                    self._plan.remove(entry)
                return fault
        return Fault()

    # What it has seen

    def of(self, path):
        """The calls of a path so far."""
        with self.changed:
            return [call for call in self.calls if call.path == path]

    def worked(self):
        """The calls of the work so far."""
        with self.changed:
            return [call for call in self.calls if call.path in self.work]

    def running(self):
        """The calls that have no end yet."""
        with self.changed:
            return [call for call in self.calls if call.outcome == "running"]

    def settled(self, limit=10.0):
        """All calls, once each has ended: a client may have its answer before that is written down."""
        self.wait_for(lambda: not self.running(), "the end of all calls", limit)
        return self.calls

    def outcomes(self):
        """What became of each call of the work, once all have ended."""
        self.settled()
        return [call.outcome for call in self.worked()]

    def repeated(self, identity=lambda call: (call.path, call.body)):
        """Calls of the work that came again after the same one had been completed: work paid for twice."""
        done, again = set(), []
        for call in self.worked():
            if identity(call) in done:
                again.append(call)
            if call.is_completed:
                done.add(identity(call))
        return again

    def most_at_once(self):
        """How many calls of the work ran at the same time at most."""
        moments = []
        for call in self.worked():
            moments += [(call.started, 1), (call.ended or math.inf, -1)]
        count = most = 0
        for _, step in sorted(moments):
            count += step
            most = max(most, count)
        return most

    def wait_for(self, condition, what, limit=10.0):
        """Waits until `condition` answers something true, and gives that back."""
        deadline = Deadline(limit, what)
        with self.changed:
            while True:
                answer = condition()
                if answer:
                    return answer
                self.changed.wait(deadline.left())

    def wait_for_call(self, number=1, path=None, limit=10.0):
        """Waits for the `number`th call (of the work, or of a path); gives it back, perhaps still running."""
        calls = self.worked if path is None else lambda: self.of(path)
        self.wait_for(lambda: len(calls()) >= number, f"call {number} of {path or 'work'}", limit)
        return calls()[number - 1]

    def wait_for_pieces(self, call, count=1, limit=10.0):
        """Waits until this many pieces of an answer were sent."""
        self.wait_for(lambda: call.sent >= count, f"piece {count} of {call}", limit)

    def wait_for_end(self, call, limit=10.0):
        """Waits until a call has ended; gives back how."""
        self.wait_for(lambda: call.outcome != "running", f"the end of {call}", limit)
        return call.outcome

    def wake(self):
        """Lets all stalled calls go on."""
        with self.changed:
            for call in self.running():
                call.wake()

    # Serving

    def _serve(self, handler, body):
        with self.changed:
            call = Call(handler, len(self.calls) + 1, body, self.changed)
            call.fault = self._next_fault(call.path)
            self.calls.append(call)
            self.changed.notify_all()
        outcome = "cut"
        try:
            outcome = self._handle(call)
        except (Left, Finished, CutOff) as end:
            outcome = self._conclude(call, end)
        except Exception as error:
            self.accidents.append(error)
            raise
        finally:
            with self.changed:
                call.outcome, call.ended = outcome, time.monotonic()
                call.close()
                self.changed.notify_all()

    def _handle(self, call):
        try:
            call.fault.before_head(call, self)
            name = self.routes.get((call.method, call.path))
            if name is None:
                self.unknown(call)
            else:
                getattr(self, name)(call)
        except Refused as refused:
            refusal = refused.refusal
            media_type, body = refusal.raw or self.error_answer(refusal, call)
            call.answer(refusal.status, body, media_type, refusal.headers)
        return "completed" if 200 <= call.status < 300 else "refused"

    def _conclude(self, call, end):
        try:
            if isinstance(end, CutOff):
                call.cut(end.how)
            elif isinstance(end, Finished):
                call.end()
            else:
                call.cut("close")
        except Left:
            pass
        return "left" if isinstance(end, Left) else "cut"

    def common_headers(self):
        """What stands in the head of every answer."""
        return ()

    def unknown(self, call):
        """A call of no route."""
        raise NotImplementedError

    def error_answer(self, refusal, call):
        """An error as (media type, body) in this peer's dialect."""
        raise NotImplementedError

    def error_piece(self, message):
        """An error within an answer in pieces."""
        raise NotImplementedError

    # What the doubles answer with

    def say(self, call, value, status=200, headers=()):
        """Answers with JSON; a fault that cuts is carried out on it."""
        body = as_json(value)
        call.fault.before_whole(call)
        how = call.fault.truncation()
        if how:
            call.answer_half(status, body, self.json_type, how)
        call.answer(status, body, self.json_type, headers)

    json_type = "application/json"

    def send_paced(self, call, pieces, rate, grain=None):
        """Sends pieces at a rate, whatever each takes; a fault may step in before any of them."""
        due = time.monotonic()
        for number, piece in enumerate(pieces):
            before = time.monotonic()
            call.fault.before_piece(call, self, number)
            now = time.monotonic()
            due += now - before
            call.pause(max(0.0, due - now))
            call.send(piece() if callable(piece) else piece, grain)
            due += 1 / rate
            with self.changed:
                self.changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, peer):
        self.peer = peer
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request, client_address):
        with self.peer.changed:
            self.peer._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.peer.changed:
            self.peer._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that resets is no error of the double's; anything else is shown."""
        if not self.peer._is_stopping:
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_):
        """The record is in the calls."""

    def _any(self):
        if "transfer-encoding" in self.headers:
            body = self._chunked_body()
        else:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.peer._serve(self, body)

    def _chunked_body(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        return body

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any


def as_json(value):
    """JSON as Go and most servers write it: compact, and not only ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

"""Clients that keep a hub busy with credentials that come and go, and judge each answer.

Each credential has a state, which only grows: it is COMING as long as the hub may or may not know it, GOOD once
the hub must, LEAVING while it is withdrawn, and GONE once the hub must have noticed. The test sets LEAVING before it
withdraws anything and GOOD and GONE after the hub has shown that it knows. So a client that finds the same state
before its request and after the answer knows what the answer must be.
"""

import random
import re
import sys
import threading

from .access import CHALLENGE, JSON, assert_secret, bearer
from .hub import as_bytes, assert_problem
from .stream import NoStream
from .wait import eventually

REFUSAL = re.compile("request_id=([0-9a-z]+) status=401 reason=([a-z_]+) ")
COMING, GOOD, LEAVING, GONE = range(4)
RESOURCE, QUIET = "post:1", "post:2"
LAST = "the last event"


class Credential:
    """A credential of a caller who may do what the clients do."""

    def __init__(self, make, late, early="unknown_key", state=COMING):
        self.make = make
        self.texts = [make()]
        self.early = early
        self.late = late
        self.state = state
        self.session = None
        self.held = []

    def fresh(self):
        """A text that the hub has not seen, which others will use as well."""
        if self.state == GONE:
            return self.make()
        self.texts.append(self.make())
        return self.texts[-1]

    def judge(self, before, is_accepted, reason=None):
        """Fails for an answer that nobody with this credential may get."""
        after = self.state
        if is_accepted:
            assert before < GONE, "accepted, although it was withdrawn before"
            return
        reasons = [self.early] * (before == COMING) + [self.late] * (after >= LEAVING)
        assert reason in reasons, f"{reason} between the states {before} and {after}"


class Client(threading.Thread):
    """Sends one request after the other on one connection, which must last."""

    def __init__(self, load, seed):
        super().__init__(daemon=True)
        self.load = load
        self.hub = load.hub
        self.random = random.Random(seed)
        self.connection = None
        self.texts = {}
        self.turns = 0
        self.failure = None

    def run(self):
        try:
            with self.hub.connect() as self.connection:
                while not self.load.is_over:
                    self.turn()
        except BaseException as failure:
            self.failure = failure

    def turn(self):
        """One request, judged."""
        credential = self.choose()
        way = self.random.choice(self.load.ways)
        before = credential.state
        answer = getattr(self, way)(credential)
        if answer is not None:
            is_accepted = answer.status < 300
            try:
                reason = None if is_accepted else self.refusal(answer)
                credential.judge(before, is_accepted, reason)
            except AssertionError as fault:
                number = self.load.credentials.index(credential)
                raise AssertionError(f"{way} with number {number}: {fault}; {answer}") from fault
        self.turns += 1

    def choose(self):
        """The newest of the credentials that must be taken, or any of the last ones."""
        known = self.load.credentials[-4:]
        good = [credential for credential in known if credential.state == GOOD]
        return good[-1] if good and self.random.random() < 0.4 else self.random.choice(known)

    def text(self, credential):
        """The text that this client has used last, or one of the youngest."""
        if credential not in self.texts or self.random.random() < 0.5:
            self.texts[credential] = self.random.choice(credential.texts[-12:])
        return self.texts[credential]

    def refusal(self, answer):
        """The reason of a refusal of the right form."""
        problem = assert_problem(answer, 401)
        challenge = CHALLENGE.fullmatch(answer.headers["www-authenticate"])
        assert challenge and challenge[1] == "invalid_token", answer
        self.load.refused.append((problem["request_id"], problem["reason"]))
        return problem["reason"]

    # The ways to use a credential; each gives back the answer.

    def ask(self, method, target, fields, body=None):
        answer = self.connection.exchange(method, target, fields, body)
        assert answer.headers.get("connection") != "close", answer
        return answer

    def publish(self, credential, text=None):
        text = text or self.text(credential)
        order = {"resource": RESOURCE, "event": "update", "data": self.turns}
        fields = JSON | bearer(text)
        answer = self.ask("POST", "/broadcast", fields, as_bytes(order))
        if answer.status == 200:
            self.load.published.append(answer.json["id"])
        return answer

    def publish_with_a_fresh_token(self, credential):
        return self.publish(credential, credential.fresh())

    def read_the_state(self, credential):
        return self.ask("GET", f"/state?resources={RESOURCE}", bearer(self.text(credential)))

    def poll(self, credential):
        target = f"/poll?resources={RESOURCE}&timeout=0"
        return self.ask("GET", target, bearer(credential.fresh()))

    def read_with_a_cookie(self, credential):
        fields = {"Cookie": f"auth_access_token={self.text(credential)}"}
        return self.ask("GET", f"/state?resources={RESOURCE}", own_page(fields))

    def read_with_a_session(self, credential):
        if credential.session is None:
            answer = self.ask("POST", "/session", bearer(self.text(credential)))
            if answer.status == 204:
                credential.session = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
            return answer
        fields = own_page(credential.session)
        return self.ask("GET", f"/state?resources={RESOURCE}", fields)

    def open_a_stream(self, credential):
        """Opens a stream, which the credential holds from then on, or leaves it at once."""
        try:
            stream = self.hub.stream([QUIET], headers=bearer(self.text(credential)))
        except NoStream as refusal:
            return refusal.answer
        blocks = stream.until(lambda block: block.event in ("live", "closing"), 20)
        if blocks[-1].event == "closing":
            assert (blocks[-1].json["reason"], credential.late) == ("revoked", "revoked")
            assert credential.state >= LEAVING, "revoked before it was"
            return None
        if len(credential.held) < 4:
            credential.held.append(stream)
        else:
            stream.close()
        return stream.response


def own_page(fields):
    """The fields of a request of one of the hub's own pages."""
    return fields | {"Sec-Fetch-Site": "same-origin"}


class Watcher(threading.Thread):
    """Receives all that is published, to the last event."""

    def __init__(self, hub, fields):
        super().__init__(daemon=True)
        self.stream = hub.open([RESOURCE], headers=fields)
        self.received = []
        self.failure = None

    def run(self):
        try:
            with self.stream:
                while not self.received or self.last.payload != LAST:
                    self.last = self.stream.event(30)
                    self.received.append(self.last.id)
        except BaseException as failure:
            self.failure = failure


class Load:
    """Clients and a watcher at work until the end of the block; all that they saw must be right then."""

    def __init__(self, hub, steady, first, ways, clients=4):
        self.hub = hub
        self.steady = bearer(steady)
        self.ways = ways
        self.credentials = [first]
        self.published = []
        self.refused = []
        self.is_over = False
        self.watcher = Watcher(hub, self.steady)
        self.clients = [Client(self, seed) for seed in range(clients)]

    def __enter__(self):
        # So many threads would keep each other, and what they wait for, from running.
        self.interval = sys.getswitchinterval()
        sys.setswitchinterval(0.0005)
        for thread in (self.watcher, *self.clients):
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.is_over = True
        for client in self.clients:
            client.join(30)
        sys.setswitchinterval(self.interval)
        if kind is None:
            self.finish()

    def check(self):
        """Raises what went wrong in a thread."""
        for thread in (*self.clients, self.watcher):
            if thread.failure is not None:
                raise thread.failure

    def turns(self, count):
        """Waits until each client has begun and ended so many requests from now on."""
        goals = [client.turns + count + 1 for client in self.clients]

        def reached():
            self.check()
            return all(client.turns >= goal for client, goal in zip(self.clients, goals))

        eventually(reached, f"{count} turns of each client", 30)

    def finish(self):
        """What was accepted was published once and in order, and what was refused is in the log."""
        for resource in (QUIET, RESOURCE):
            order = {"resource": resource, "event": "update", "data": LAST}
            assert self.hub.post(order, headers=self.steady).status == 200
        self.watcher.join(30)
        self.check()
        assert not self.watcher.is_alive()
        published, received = sorted(self.published, key=sequence), self.watcher.received[:-1]
        assert published == received, set(published) ^ set(received)
        log = self.hub.log()
        assert_secret(log)
        told = dict(REFUSAL.findall(log))
        # Of very many refusals the log has some.
        wrong = [refusal for refusal in self.refused if told.get(*refusal) != refusal[1]]
        assert told and not wrong, wrong[:3]
        self.hub.assert_healthy()

    @property
    def requests(self):
        """How many requests were answered."""
        return sum(client.turns for client in self.clients)

    # Streams that credentials hold

    def assert_revoked(self, credential):
        """The hub has ended each stream of the credential, or does so now."""
        for stream in credential.held:
            assert stream.rest(20)[-1].json["reason"] == "revoked"
            assert stream.ended_cleanly
            stream.close()

    def assert_kept(self):
        """No stream ended with the key by which its token was signed: its token's end counts."""
        for credential in self.credentials:
            for stream in credential.held:
                assert stream.event(20).payload == LAST
                stream.close()


def sequence(identifier):
    """The position of an event."""
    return int(identifier.rpartition("-")[2])

"""Random grants, events and calls: each call is answered as a plain model says, and shows what the model shows."""

import os
import random

import pytest

from support.access import Locked, as_bytes, bearer, token
from support.policies import RESOURCES, RIGHTS_CALLS, WILD, Grants, Log
from support.stream import Stream

CASES = 10_000 if os.environ.get("MARTLET_LONG") else 450
ANONYMOUS = [[], ["a:*"], ["b:1", "c:2"]]
FIELDS = {"Content-Type": "application/json"}


class Player:
    """Plays cases against one hub, most of them on one connection."""

    def __init__(self, hub, seed, anonymous):
        self.hub = hub
        self.random = random.Random(seed)
        self.anonymous = anonymous
        self.log = Log()
        self.connection = None
        self.where = None

    def ask(self, method, target, fields=(), body=None):
        """One request; a connection that the hub closes is replaced."""
        if self.connection is None:
            self.connection = self.hub.connect()
        answer = self.connection.exchange(method, target, fields, body)
        if answer.headers.get("connection") == "close":
            self.connection.close()
            self.connection = None
        return answer

    def names(self, *pools):
        """A few names, each once."""
        chosen = [self.random.choice(self.random.choice(pools)) for _ in range(3)]
        return list(dict.fromkeys(chosen[: self.random.randrange(1, 4)]))

    def publish(self):
        """Somebody who may publishes an event, retained or not."""
        resources = self.random.sample(RESOURCES, self.random.randrange(1, 5))
        retain = self.random.random() < 0.4
        order = {"resources": resources, "event": "update", "data": 0, "retain": retain}
        answer = self.ask("POST", "/broadcast", {**FIELDS, **self.hub.admin}, as_bytes(order))
        assert answer.status == 200, answer
        self.log.add(answer.json["id"], resources, retain)

    def play(self, case):
        """One set of grants, and a call of each kind with it."""
        grants = Grants(self.random, self.anonymous)
        self.publish()
        cursor = self.log.events[-self.random.randrange(1, min(6, len(self.log.events)) + 1)][0]
        fields = self.credentials(grants)
        self.where = f"case {case}: {grants.subject!r} {grants.claim} {sorted(grants.subscribe)}"
        self.state(grants, fields)
        self.poll(grants, fields, cursor)
        self.presence(grants, fields)
        self.right(grants, fields)
        self.published(grants, fields)
        self.stream(grants, fields, cursor)

    def credentials(self, grants):
        """The fields with the grants, in one of three ways."""
        if not grants.has_credentials:
            return {}
        claims = {} if grants.subject is None else {"sub": grants.subject}
        fields = bearer(token(martlet=grants.claim, **claims))
        way = self.random.randrange(6)
        if way == 0:
            text = fields["Authorization"].split(" ")[1]
            return {"Cookie": f"auth_access_token={text}", "Sec-Fetch-Site": "same-origin"}
        if way == 1:
            return {**self.hub.session(fields), "Sec-Fetch-Site": "none"}
        return fields

    def check(self, answer, refusal, status=200):
        """Whether an answer is the one that the model gives; true when the call was allowed."""
        if refusal is None:
            assert answer.status == status, f"{self.where}: {answer}"
            return True
        problem = answer.json
        found = (answer.status, problem.get("reason"), problem.get("resource"))
        assert found == refusal, f"{self.where}: {answer}"
        return False

    def state(self, grants, fields):
        names = self.names(RESOURCES)
        answer = self.ask("GET", f"/state?resources={','.join(names)}", fields)
        if self.check(answer, grants.refusal(grants.subscribe, names)):
            found = {
                resource: states["update"]["id"]
                for resource, states in answer.json["resources"].items()
            }
            state = self.log.state
            expected = {name: state[name][0] for name in names if name in state}
            assert found == expected, self.where

    def poll(self, grants, fields, cursor):
        names = self.names(RESOURCES, WILD)
        target = f"/poll?resources={','.join(names)}&timeout=0"
        replays = self.random.random() < 0.6
        answer = self.ask("GET", f"{target}&after={cursor}" if replays else target, fields)
        if self.check(answer, grants.refusal(grants.subscribe, names)):
            found = [(event["id"], event["resources"]) for event in answer.json["events"]]
            if replays:
                expected = self.log.after(cursor, names, grants)
            else:
                expected = self.log.retained(names, grants)
            assert found == expected, f"{self.where} {names}"

    def presence(self, grants, fields):
        names = self.names(RESOURCES)
        answer = self.ask("GET", f"/presence?resources={','.join(names)}", fields)
        if self.check(answer, grants.refusal(grants.subscribe, names)):
            assert set(answer.json["resources"]) == set(names), self.where

    def right(self, grants, fields):
        right, method, target, status = self.random.choice(RIGHTS_CALLS)
        body = b"{}" if target.endswith("claim") else None
        answer = self.ask(method, target, {**fields, **FIELDS} if body else fields, body)
        refusal = None
        if not grants.may(right):
            refusal = (403, "scope", None) if grants.has_credentials else (401, "missing", None)
        self.check(answer, refusal, status)

    def published(self, grants, fields):
        resources = self.random.sample(RESOURCES, self.random.choice((1, 1, 2, 3)))
        retain = self.random.random() < 0.4
        order = {"resources": resources, "event": "update", "data": 1, "retain": retain}
        answer = self.ask("POST", "/broadcast", {**FIELDS, **fields}, as_bytes(order))
        if self.check(answer, grants.refusal(grants.publish, resources)):
            self.log.add(answer.json["id"], resources, retain)

    def stream(self, grants, fields, cursor):
        names = self.names(RESOURCES, WILD, ["presence:a:1", "presence:b:2"])
        way = self.random.choice(("resumes", "afresh", "ticket", "posted"))
        fields, target, body = dict(fields), f"/stream?resources={','.join(names)}", None
        refusal = grants.refusal(grants.subscribe, names)
        if way == "ticket" and grants.has_credentials:
            order = as_bytes({"subscribe": names})
            answer = self.ask("POST", "/tickets", {**FIELDS, **fields}, order)
            if not self.check(answer, refusal, 201):
                return
            fields, target = {}, f"{target}&ticket={answer.json['ticket']}"
            grants = grants.narrowed(names)
        elif way == "posted":
            fields |= FIELDS
            target, body = "/stream", as_bytes({"resources": names})
        if way == "resumes":
            fields["Last-Event-ID"] = cursor
        if refusal is not None:
            method = "GET" if body is None else "POST"
            self.check(self.ask(method, target, fields, body), refusal)
            return
        with Stream(self.hub.address, target, fields, body=body) as stream:
            opening = [block for block in stream.opening(20) if not block.is_control]
            if way == "resumes":
                found = [(block.id, block.resources) for block in opening]
                expected = self.log.after(cursor, names, grants)
            else:
                found = [(block.json["id"], block.resources) for block in opening]
                expected = self.log.retained(names, grants)
            assert found == expected, f"{self.where} {names} {way}"
            before = self.log.events[-1][0]
            self.publish()
            expected = self.log.after(before, names, grants)
            if expected:
                block = stream.event(20)
                assert [(block.id, block.resources)] == expected, f"{self.where} {names} live"


@pytest.mark.limit(600)
@pytest.mark.parametrize("anonymous", ANONYMOUS, ids=["none", "a kind", "two resources"])
def test_a_hub_answers_as_the_model_does(tmp_path, anonymous):
    flags = ["--anonymous-subscribe", ",".join(anonymous)] if anonymous else []
    seed = int(os.environ.get("MARTLET_SEED", "20261130"))
    with Locked(tmp_path, *flags) as hub:
        player = Player(hub, seed + ANONYMOUS.index(anonymous), anonymous)
        for case in range(CASES // len(ANONYMOUS)):
            player.play(case)
        hub.assert_healthy()

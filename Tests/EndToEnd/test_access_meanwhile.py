"""Credentials that end while a request is still being sent, or while its answer is waited for."""

import signal

import pytest

from support.access import JSON, Locked, assert_refused, bearer, token
from support.clock import Clock
from support.http import build
from support.hub import as_bytes
from support.wait import eventually

GRANTS = {"subscribe": ["post:*"], "publish": ["post:*"]}
STATE = "/state?resources=post:1"
LINES = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}


@pytest.fixture
def hub(tmp_path):
    """A hub with a key that goes, one that stays, and a clock that can be set.

    One worker takes requests in the order in which they come, so that an answer to a later one says that an earlier
    one is known.
    """
    clock = Clock(tmp_path)
    keys = {"shop": GRANTS, "other": GRANTS}
    with Locked(tmp_path, "--workers", "1", keys=keys, env=clock.env) as hub:
        hub.clock = clock
        yield hub
        hub.assert_healthy()


class Key:
    """An API key, which is revoked."""

    reason = "revoked"

    def __init__(self, hub):
        self.hub = hub
        self.fields = bearer(hub.key("shop"))

    def end(self):
        self.hub.revoke("shop")
        self.hub.signal(signal.SIGHUP)


class Token:
    """A token, which expires long before the administrator's."""

    reason = "expired"

    def __init__(self, hub):
        self.hub = hub
        self.fields = bearer(token(sub="ann", martlet=GRANTS, life=60))

    def end(self):
        self.hub.clock.jump(300)


class Session:
    """A session of an API key, which is revoked."""

    reason = "revoked"

    def __init__(self, hub):
        self.hub = hub
        self.fields = hub.session(bearer(hub.key("shop"))) | {"Sec-Fetch-Site": "same-origin"}

    def end(self):
        self.hub.revoke("shop")
        self.hub.signal(signal.SIGHUP)


class Logout(Session):
    """A session that is ended by its own cookie."""

    def end(self):
        assert self.hub.request("DELETE", "/session", self.fields).status == 204


class Reduced(Key):
    """An API key that loses a grant, but could still do all that is asked of it here."""

    def end(self):
        self.hub.grant("shop", publish=["post:*"], subscribe=["post:1", "post:2"])
        self.hub.signal(signal.SIGHUP)


ENDING = pytest.mark.parametrize("kind", [Key, Token, Session, Logout, Reduced])


def await_end(hub, credential):
    """Ends a credential, and waits until the hub knows that."""
    credential.end()
    target = "/state?resources=post:9"
    eventually(lambda: hub.get(target, credential.fields).status != 200, "a refusal", 10)


class Upload:
    """A body of lines that is sent piece by piece."""

    def __init__(self, hub, fields):
        self.connection = hub.connect()
        self.connection.send(build("POST", "/broadcast", LINES | fields))

    def send(self, text):
        self.connection.send(b"%x\r\n%s\r\n" % (len(text), text))

    def event(self, data, end=b"\n"):
        self.send(as_bytes({"resource": "post:1", "data": data}) + end)

    def answer(self):
        self.connection.send_all_it_takes(b"0\r\n\r\n")
        with self.connection:
            return self.connection.read_response("POST")


@ENDING
def test_lines_end_with_the_credentials(hub, kind):
    credential = kind(hub)
    with hub.open(["post:1"], headers=hub.admin) as stream:
        kept = Upload(hub, bearer(hub.key("other")))
        ended = Upload(hub, credential.fields)
        ended.event("before")
        assert stream.event().payload == "before"
        await_end(hub, credential)
        ended.event("after")
        problem = assert_refused(hub, ended.answer(), 401, credential.reason)
        assert problem["published"] == 1
        kept.event("of another key")
        assert stream.event().payload == "of another key"
        assert kept.answer().json == {"published": 1}


@ENDING
def test_a_last_line_that_only_the_end_completes_is_not_published(hub, kind):
    credential = kind(hub)
    with hub.open(["post:1"], headers=hub.admin) as stream:
        upload = Upload(hub, credential.fields)
        upload.event("before")
        assert stream.event().payload == "before"
        upload.event("after", end=b"")
        await_end(hub, credential)
        problem = assert_refused(hub, upload.answer(), 401, credential.reason)
        assert problem["published"] == 1
        hub.give(["post:1"], "the next")
        assert stream.event().payload == "the next"


BODIES = [
    ("POST", "/broadcast", {"resource": "post:1", "data": 1}),
    ("POST", "/stream", {"resources": ["post:1"]}),
    ("POST", "/tickets", {"ttl": 30}),
    ("PATCH", "/stream/{}", {"add": ["post:2"]}),
]


@ENDING
@pytest.mark.parametrize(("method", "target", "value"), BODIES)
def test_a_body_that_comes_after_the_credentials_have_ended_is_refused(
    hub, kind, method, target, value
):
    credential = kind(hub)
    with hub.open(["post:1"], headers=hub.admin) as stream, hub.connect() as connection:
        body = as_bytes(value)
        target = target.format(stream.seen[0].json["connection"])
        fields = JSON | credential.fields | {"Content-Length": str(len(body))}
        connection.send(build(method, target, fields) + body[:3])
        # The hub has the head when it has an answer to a later one.
        assert hub.get("/health").status == 200
        await_end(hub, credential)
        connection.send(body[3:])
        assert_refused(hub, connection.read_response(method), 401, credential.reason)
        hub.give(["post:1"], "the next")
        assert stream.event().payload == "the next"
        # The connection is as good as before.
        assert connection.exchange("GET", STATE, bearer(hub.key("other"))).status == 200


@ENDING
def test_a_poll_that_waits_gets_nothing_that_came_after_its_credentials(hub, kind):
    credential = kind(hub)
    cursor = hub.give(["post:1"], "before")
    target = f"/poll?resources=post:1&after={cursor}&timeout=50"
    with hub.connect() as ended, hub.connect() as kept:
        ended.send(build("GET", target, credential.fields))
        kept.send(build("GET", target, bearer(hub.key("other"))))
        assert hub.get("/health").status == 200
        await_end(hub, credential)
        hub.give(["post:1"], "after")
        assert_refused(hub, ended.read_response(), 401, credential.reason)
        (event,) = kept.read_response().json["events"]
        assert event["data"] == "after"

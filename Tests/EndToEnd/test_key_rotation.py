"""Keys that are rotated under load: whatever the moment, no answer is wrong."""

import itertools
import json
import os
import signal
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from support.access import JSON, bearer
from support.clock import Clock
from support.http import build
from support.hub import Hub, as_bytes, run
from support.keyserver import KeyServer, answer_with
from support.rotation import COMING, GONE, GOOD, LEAVING, RESOURCE, Credential, Load
from support.wait import eventually

ROUNDS = 200 if os.environ.get("MARTLET_LONG") else 20
TURNS = 12
STATE = f"/state?resources={RESOURCE}"
GRANTS = {"subscribe": ["post:*"], "publish": ["post:*"]}
READS = ["read_the_state", "poll", "open_a_stream", "read_with_a_session"]
WAYS = [*READS, "publish", "publish"]
WAYS_OF_TOKENS = [*WAYS, "publish_with_a_fresh_token", "read_with_a_cookie"]
_numbers = itertools.count(1)

pytestmark = pytest.mark.limit(900 if ROUNDS > 20 else 90)


class SigningKey:
    """A key of an issuer."""

    def __init__(self):
        number = next(_numbers)
        self.name = f"k{number}"
        if number % 2:
            self.algorithm, self.private = "ES256", ec.generate_private_key(ec.SECP256R1())
            public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            self.algorithm, self.private = "EdDSA", ed25519.Ed25519PrivateKey.generate()
            public = OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.public = public | {"kid": self.name, "use": "sig"}

    def token(self):
        """A token, another one each time."""
        return token(self.private, self.algorithm, kid=self.name)


def token(key, algorithm, **head):
    """A token that is good for longer than the clock jumps in all."""
    claims = {"sub": "ann", "exp": int(time.time()) + 10**7, "jti": next(_numbers)}
    return jwt.encode(claims | {"martlet": GRANTS}, key, algorithm, headers=head)


def key_set(*keys):
    return json.dumps({"keys": [key.public for key in keys]}).encode()


class Issuer(KeyServer):
    """Publishes JWK Sets, and knows which one was fetched."""

    def __init__(self, *keys):
        self.version = self.fetched = 0
        self.is_down = False
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.publish(*keys)
        super().__init__(self.answer)

    def publish(self, *keys):
        self.current = self.version + 1, key_set(*keys)
        self.version += 1

    def answer(self, handler):
        version, body = self.current
        assert self.may_answer.wait(20)
        if self.is_down:
            answer_with(b"", 500)(handler)
            return
        answer_with(body)(handler)
        self.fetched = version


def replace(file, content):
    """Replaces a file in one step."""
    fresh = file.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.rename(file)


def key(command, file, *flags):
    done = run("key", command, "--api-keys-file", str(file), *flags, limit=30)
    assert done.returncode == 0, done
    return done.stdout.strip()


def create_key(file, name):
    grants = ["--grant-subscribe", "post:*", "--grant-publish", "post:*"]
    return key("create", file, "--name", name, *grants)


@pytest.fixture
def keys_file(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def steady(keys_file):
    """A key that stays."""
    return create_key(keys_file, "steady")


def stranger(hub):
    """Asks with a key that is in no set, and waits with the hub for a fetch."""
    answer = hub.get(STATE, bearer(SigningKey().token()))
    assert (answer.status, answer.json["reason"]) == (401, "unknown_key")


def await_fetch(hub, issuer, clock):
    """Returns when the set that is published now is in force."""

    def look():
        clock.jump(31)
        stranger(hub)
        return issuer.fetched == issuer.version

    eventually(look, "a fetch of the set", 20)
    # If it was fetched for somebody else, this waits until it is taken.
    stranger(hub)


def test_the_keys_of_a_jwk_set_are_rotated(tmp_path, keys_file, steady):
    clock, signing = Clock(tmp_path), SigningKey()
    with Issuer(signing) as issuer:
        flags = ["--jwt-jwks-url", issuer.url, "--api-keys-file", str(keys_file)]
        old = Credential(signing.token, "unknown_key", state=GOOD)
        with Hub(*flags, env=clock.env) as hub:
            with Load(hub, steady, old, WAYS_OF_TOKENS) as load:
                for number in range(ROUNDS):
                    before, signing = signing, SigningKey()
                    issuer.publish(before, signing)
                    clock.jump(31)
                    # From its first token on, which has the set fetched for all.
                    new = Credential(signing.token, "unknown_key", state=GOOD)
                    load.credentials.append(new)
                    load.turns(TURNS)
                    if number % 5 == 4:
                        # An issuer that is away takes no key away.
                        issuer.is_down = True
                        clock.jump(31)
                        stranger(hub)
                        load.turns(TURNS)
                        issuer.is_down = False
                    old.state = LEAVING
                    issuer.publish(signing)
                    await_fetch(hub, issuer, clock)
                    old.state = GONE
                    load.turns(TURNS)
                    old = new
            assert load.requests > 50 * ROUNDS
            load.assert_kept()


def reload(hub, flag):
    """Has the hub read its files again, and returns when it has read that of `flag`."""
    line = f"Credentials were read again flag=--{flag}"
    before = hub.log().count(line)
    hub.signal(signal.SIGHUP)
    eventually(lambda: hub.log().count(line) > before, "a word about the file", 20)


def test_the_keys_of_a_file_are_rotated(tmp_path, keys_file, steady):
    file, signing = tmp_path / "jwks", SigningKey()
    replace(file, key_set(signing))
    flags = ["--jwt-keys-file", str(file), "--api-keys-file", str(keys_file)]
    old = Credential(signing.token, "unknown_key", state=GOOD)
    with Hub(*flags) as hub:
        with Load(hub, steady, old, WAYS_OF_TOKENS) as load:
            for _ in range(ROUNDS):
                before, signing = signing, SigningKey()
                new = Credential(signing.token, "unknown_key")
                load.credentials.append(new)
                load.turns(1)
                replace(file, key_set(before, signing))
                reload(hub, "jwt-keys-file")
                new.state = GOOD
                load.turns(TURNS)
                old.state = LEAVING
                replace(file, key_set(signing))
                reload(hub, "jwt-keys-file")
                old.state = GONE
                load.turns(TURNS)
                old = new
        assert load.requests > 50 * ROUNDS
        load.assert_kept()


def test_the_secret_of_a_file_is_replaced(tmp_path, keys_file, steady):
    file = tmp_path / "secret"

    def credential():
        secret = os.urandom(32).hex()
        made = Credential(lambda: token(secret, "HS256"), "bad_signature", "bad_signature")
        return made, secret.encode() + b"\n"

    old, content = credential()
    replace(file, content)
    old.state = GOOD
    flags = ["--jwt-secret-file", str(file), "--api-keys-file", str(keys_file)]
    with Hub(*flags) as hub:
        with Load(hub, steady, old, WAYS_OF_TOKENS) as load:
            for _ in range(ROUNDS):
                new, content = credential()
                load.credentials.append(new)
                load.turns(TURNS)
                old.state = LEAVING
                replace(file, content)
                reload(hub, "jwt-secret-file")
                new.state, old.state = GOOD, GONE
                load.turns(TURNS)
                old = new
        assert load.requests > 50 * ROUNDS
        load.assert_kept()


def test_api_keys_come_and_go(keys_file, steady):
    def credential(number):
        text = create_key(keys_file, f"key-{number}")
        return Credential(lambda: text, "revoked")

    def is_taken(credential):
        return hub.get(STATE, bearer(credential.texts[0])).status == 200

    old = credential("first")
    old.state = GOOD
    with Hub("--api-keys-file", str(keys_file)) as hub:
        with Load(hub, steady, old, WAYS) as load:
            name = "key-first"
            for number in range(ROUNDS):
                # The hub looks by itself, too.
                tell = (lambda: None) if number % 7 == 3 else lambda: hub.signal(signal.SIGHUP)
                new = credential(number)
                load.credentials.append(new)
                tell()
                eventually(lambda: is_taken(new), "a new key", 20)
                new.state = GOOD
                load.turns(TURNS)
                old.state = LEAVING
                key("revoke", keys_file, name)
                tell()
                eventually(lambda: not is_taken(old), "the end of a key", 20)
                old.state = GONE
                load.turns(TURNS)
                load.assert_revoked(old)
                old, name = new, f"key-{number}"
        assert load.requests > 50 * ROUNDS


CALLS = [
    ("GET", STATE),
    ("GET", f"/poll?resources={RESOURCE}&timeout=0"),
    ("POST", "/broadcast"),
    ("GET", f"/stream?resources={RESOURCE}"),
]


@pytest.mark.parametrize("when", ["at the start", "later", "in vain"])
def test_all_who_come_while_the_keys_are_fetched_wait_for_them(tmp_path, when):
    clock, first, signing = Clock(tmp_path), SigningKey(), SigningKey()
    with Issuer(first, *[signing] * (when == "at the start")) as issuer:
        if when == "at the start":
            issuer.may_answer.clear()
        with Hub("--jwt-jwks-url", issuer.url, env=clock.env) as hub:
            fetches = 1
            if when != "at the start":
                assert hub.get(STATE, bearer(first.token())).status == 200
                issuer.publish(first, signing)
                issuer.is_down = when == "in vain"
                issuer.may_answer.clear()
                clock.jump(31)
                fetches = 2
            body = as_bytes({"resource": RESOURCE, "data": 1})
            asked = [(hub.connect(), *call) for call in CALLS * 4]
            for connection, method, target in asked:
                fields = bearer(signing.token()) | (JSON if method == "POST" else {})
                connection.send(build(method, target, fields, body if method == "POST" else None))
            eventually(lambda: len(issuer.paths) == fetches, "a fetch", 20)
            # Whoever has a key that is known waits for nobody.
            if fetches == 2:
                assert hub.get(STATE, bearer(first.token())).status == 200
            issuer.may_answer.set()
            for connection, method, target in asked:
                status, headers = connection.read_head(20)
                if when == "in vain":
                    answer = connection.read_body(status, headers)
                    assert (status, answer.json["reason"]) == (401, "unknown_key")
                else:
                    assert status == 200, (method, target, status)
                connection.close()
            assert len(issuer.paths) == fetches
            hub.assert_healthy()


# Proof that a wrong answer is found.


@pytest.mark.parametrize(
    ("is_known", "late", "state", "words"),
    [
        (False, "unknown_key", GOOD, "unknown_key between the states 1 and 1"),
        (False, "expired", LEAVING, "unknown_key between the states 2 and 2"),
        (False, "expired", GONE, "unknown_key between the states 3 and 3"),
        (True, "unknown_key", GONE, "it was withdrawn before"),
    ],
)
def test_a_wrong_answer_is_found(tmp_path, keys_file, steady, is_known, late, state, words):
    first, other = SigningKey(), SigningKey()
    replace(tmp_path / "jwks", key_set(first, *[other] * is_known))
    flags = ["--jwt-keys-file", str(tmp_path / "jwks"), "--api-keys-file", str(keys_file)]
    with Hub(*flags) as hub:
        good = Credential(first.token, "unknown_key", state=GOOD)
        load = Load(hub, steady, good, WAYS_OF_TOKENS)
        with pytest.raises(AssertionError, match=words), load:
            load.turns(TURNS)
            load.credentials.append(Credential(other.token, late, state=state))
            load.turns(100)

"""Keys that change while a hub serves: those of its files, by its own commands, and those of a JWK Set."""

import json

import jwt
import pytest
from joserfc import jwk

from support.access import bearer
from support.hub import Hub, run
from support.keyserver import KeyServer, answer_with
from support.tokens import Keys, claims
from support.wait import eventually

STATE = "/state?resources=post:1"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


def key(command, file, *flags):
    done = run("key", command, "--api-keys-file", str(file), *flags)
    assert done.returncode == 0, done
    return done.stdout.strip()


def test_a_key_is_taken_and_revoked_while_the_hub_serves(tmp_path):
    file = tmp_path / "keys"
    first = key("create", file, "--name", "first", "--grant-subscribe", "post:*")
    with Hub("--api-keys-file", str(file)) as hub:
        assert hub.get(STATE, bearer(first)).status == 200
        second = key("create", file, "--name", "second", "--grant-subscribe", "*")
        eventually(lambda: hub.get(STATE, bearer(second)).status == 200, "a new key")
        with (
            hub.stream("post:1", headers=bearer(first)) as ended,
            hub.stream("post:1", headers=bearer(second)) as kept,
        ):
            ended.opening()
            kept.opening()
            key("revoke", file, "first")
            closing = ended.until("closing")[-1]
            assert closing.json["reason"] == "revoked"
            answer = hub.get(STATE, bearer(first))
            assert (answer.status, answer.json["reason"]) == (401, "revoked")
            assert hub.get(STATE, bearer(second)).status == 200
            # A line that is wrong takes nothing away.
            with open(file, "a") as content:
                content.write("{\n")
            eventually(lambda: "the old ones stay" in hub.log(), "a warning")
            assert hub.get(STATE, bearer(second)).status == 200
            assert not kept.ended
        hub.assert_healthy()


def test_a_key_of_a_jwk_set_is_fetched_when_a_token_names_it(keys):
    public = jwk.import_key(keys.verifying("ES256"), "EC").as_dict()
    served = json.dumps({"keys": [{**public, "kid": "a"}]}).encode()
    content = claims(martlet={"subscribe": ["*"]})
    good, other = (
        jwt.encode(content, keys.signing("ES256"), "ES256", headers={"kid": kid})
        for kid in ("a", "b")
    )
    with KeyServer(answer_with(served)) as server:
        with Hub("--jwt-jwks-url", server.url) as hub:
            assert hub.get(STATE, bearer(good)).status == 200
            for _ in range(20):
                answer = hub.get(STATE, bearer(other))
                assert (answer.status, answer.json["reason"]) == (401, "unknown_key")
            # One fetch at the start; unknown keys are worth another one after 30 seconds only.
            assert server.paths == ["/jwks"]
            hub.assert_healthy()

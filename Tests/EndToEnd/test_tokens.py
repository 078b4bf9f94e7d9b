"""Tokens of three other libraries and of the hub's own command, and what `token explain` says."""

import base64
import json
import time

import jwt
import pytest
from authlib.jose import JsonWebToken
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt

from support.hub import run
from support.keyserver import KeyServer, answer_with
from support.tokens import ALGORITHMS, HMACS, SECRET, Keys, claims, explain, public_pem


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


def by_pyjwt(keys, algorithm, content):
    return jwt.encode(content, keys.signing(algorithm), algorithm)


def by_authlib(keys, algorithm, content):
    library = JsonWebToken([algorithm])
    return library.encode({"alg": algorithm}, content, keys.signing(algorithm)).decode()


def joserfc_key(material, algorithm):
    kind = {"HS": "oct", "RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}[algorithm[:2]]
    return joserfc_jwk.import_key(material, kind)


def by_joserfc(keys, algorithm, content):
    key = joserfc_key(keys.signing(algorithm), algorithm)
    return joserfc_jwt.encode({"alg": algorithm}, content, key, algorithms=[algorithm])


LIBRARIES = {"pyjwt": by_pyjwt, "authlib": by_authlib, "joserfc": by_joserfc}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_token_of_another_library_is_accepted(keys, library, algorithm):
    grants = {"subscribe": ["post:*", "user:{sub}"], "admin": True}
    token = LIBRARIES[library](keys, algorithm, claims(martlet=grants))
    done = explain(token, *keys.hub_flags(algorithm))
    assert done.returncode == 0, done
    assert "ACCEPTED" in done.stdout
    assert "user-7" in done.stdout and "post:*, user:user-7" in done.stdout
    # With the key of another algorithm it is not.
    other = "EdDSA" if algorithm != "EdDSA" else "ES256"
    done = explain(token, *keys.hub_flags(other))
    assert done.returncode == 1 and "wrong_algorithm" in done.stdout, done


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_of_the_command_is_accepted_by_other_libraries(keys, algorithm):
    done = run(
        *["token", "mint", *keys.mint_flags(algorithm), "--subject", "user-7", "--kid", "k"],
        *["--jwt-audience", "hub", "--grant-publish", "chat:{sub},a:1", "--jobs", "read,work"],
        *["--expires-in", "5m"],
    )
    assert done.returncode == 0, done
    token = done.stdout.strip()
    content = jwt.decode(token, keys.verifying(algorithm), [algorithm], audience="hub")
    assert content["sub"] == "user-7"
    assert content["martlet"] == {"publish": ["chat:{sub}", "a:1"], "jobs": ["read", "work"]}
    assert abs(content["exp"] - time.time() - 300) < 60
    assert jwt.get_unverified_header(token)["kid"] == "k"
    key = joserfc_key(keys.verifying(algorithm), algorithm)
    assert joserfc_jwt.decode(token, key, algorithms=[algorithm]).claims == content
    assert JsonWebToken([algorithm]).decode(token, keys.verifying(algorithm)) == content
    done = explain(token, *keys.hub_flags(algorithm), "--jwt-audience", "hub")
    assert done.returncode == 0, done


def test_keys_of_libraries_are_read_as_a_jwk_set(keys, tmp_path):
    path = tmp_path / "set.json"
    pairs = [(name, algorithm) for name in keys.pairs for algorithm in ALGORITHMS
             if algorithm not in HMACS and keys.pair(algorithm) is keys.pairs[name]]
    material = {}
    for name, key in keys.pairs.items():
        kind = {"RSA": "RSA", "EdDSA": "OKP"}.get(name, "EC")
        found = joserfc_jwk.import_key(public_pem(key).decode(), kind)
        material[name] = {**found.as_dict(), "kid": name, "use": "sig"}
    path.write_text(json.dumps({"keys": list(material.values())}))
    for name, algorithm in pairs:
        token = jwt.encode(claims(), keys.signing(algorithm), algorithm, headers={"kid": name})
        done = explain(token, "--jwt-keys-file", str(path))
        assert done.returncode == 0 and f"kid {name}" in done.stdout, done


# What is refused


def changed(token, part, change):
    parts = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
    change(content)
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    parts[part] = text
    return ".".join(parts)


REFUSED = {
    "expired": lambda: jwt.encode(claims(exp=int(time.time()) - 100), SECRET, "HS256"),
    "not_yet": lambda: jwt.encode(claims(nbf=int(time.time()) + 1000), SECRET, "HS256"),
    "bad_signature": lambda: jwt.encode(claims(), SECRET + "x", "HS256"),
    "wrong_issuer": lambda: jwt.encode(claims(aud="hub", iss="b"), SECRET, "HS256"),
    "wrong_audience": lambda: jwt.encode(claims(aud=["x"], iss="a"), SECRET, "HS256"),
    "wrong_algorithm": lambda: jwt.encode(claims(), "", "none"),
    "malformed": lambda: jwt.encode(claims(martlet=["*"]), SECRET, "HS256"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refusal_is_explained(keys, reason):
    flags = keys.hub_flags("HS256")
    if reason in ("wrong_issuer", "wrong_audience"):
        flags += ["--jwt-issuer", "a", "--jwt-audience", "hub"]
    done = explain(REFUSED[reason](), *flags)
    assert done.returncode == 1, done
    assert f"REFUSED  {reason}: " in done.stdout, done


def test_a_changed_claim_is_noticed(keys):
    token = jwt.encode(claims(), SECRET, "HS256")
    forged = changed(token, 1, lambda content: content.update(sub="admin"))
    done = explain(forged, *keys.hub_flags("HS256"))
    assert done.returncode == 1 and "bad_signature" in done.stdout
    assert "admin  (not verified)" in done.stdout


def test_a_token_is_read_from_a_file_and_never_from_an_argument(keys, tmp_path):
    token = jwt.encode(claims(), SECRET, "HS256")
    path = tmp_path / "token"
    path.write_text(token + "\n")
    assert run("token", "explain", str(path), *keys.hub_flags("HS256")).returncode == 0
    done = run("token", "explain", token, *keys.hub_flags("HS256"))
    assert done.returncode == 64 and "standard input" in done.stderr
    assert token not in done.stderr


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["explain"], "there are no keys"),
        (["explain", "--jwt-secret-file", "/nowhere"], "--jwt-secret-file cannot be read"),
        (["explain", "--jwt-jwks-url", "ftp://a"], "--jwt-jwks-url must be"),
        (["explain", "--jwt-jwks-url", "http://user:pass@127.0.0.1/"], "--jwt-jwks-url must be"),
        (["mint"], "either --jwt-secret-file or --private-key-file"),
        (["mint", "--jwt-secret-file", "x", "--grant-publish", "a,,b"], "--grant-publish must be"),
        (["mint", "--jwt-secret-file", "x", "--grant-publish", "post"], "--grant-publish: "),
        (["mint", "--jwt-secret-file", "x", "--expires-in", "0"], "--expires-in must be"),
        (["mnit"], "Did you mean 'token mint'?"),
    ],
)
def test_a_wrong_command_line_is_named(arguments, words):
    done = run("token", *arguments)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert words in done.stderr, done


def test_a_public_key_is_no_secret(keys):
    token = jwt.encode(claims(), SECRET, "HS256")
    done = explain(token, "--jwt-secret-file", str(keys.folder / "RSA.public"))
    assert done.returncode == 64 and "no secret" in done.stderr, done
    done = explain(token, "--jwt-keys-file", str(keys.folder / "RSA.private"))
    assert done.returncode == 64 and "private key" in done.stderr, done
    assert "PRIVATE KEY-----" not in done.stderr


# JWK Sets from URLs


def key_set(keys, kid):
    key = joserfc_jwk.import_key(keys.verifying("ES256"), "EC")
    return json.dumps({"keys": [{**key.as_dict(), "kid": kid}]}).encode()


def test_keys_are_fetched_from_a_url(keys):
    token = jwt.encode(claims(), keys.signing("ES256"), "ES256", headers={"kid": "k"})
    with KeyServer(answer_with(key_set(keys, "k"))) as server:
        done = explain(token, "--jwt-jwks-url", server.url)
        assert done.returncode == 0 and server.paths == ["/jwks"], done
    with KeyServer(answer_with(key_set(keys, "other"))) as server:
        done = explain(token, "--jwt-jwks-url", server.url)
        assert done.returncode == 1 and "unknown_key" in done.stdout, done


def test_keys_come_from_no_url_of_a_token(keys):
    with KeyServer(answer_with(key_set(keys, "k"))) as server:
        for member in ("jku", "x5u"):
            headers = {"kid": "k", member: server.url}
            token = jwt.encode(claims(iss=server.url), keys.signing("ES256"), "ES256", headers)
            done = explain(token, *keys.hub_flags("ES256"))
            assert done.returncode == 1 and "malformed" in done.stdout, done
        assert server.paths == []


@pytest.mark.parametrize(
    "answer, words",
    [
        (answer_with(b"", 302, Location="/elsewhere"), "redirects are not followed"),
        (answer_with(b"", 500), "500"),
        (answer_with(b"<html>"), "not valid JSON"),
        (answer_with(b'{"keys":[]}'), "no keys"),
        (answer_with(b" " * (1 << 20) + b"{}"), "too large"),
    ],
    ids=["redirect", "error", "html", "empty", "large"],
)
def test_a_url_without_keys_is_named(keys, answer, words):
    token = jwt.encode(claims(), keys.signing("ES256"), "ES256")
    with KeyServer(answer) as server:
        done = explain(token, "--jwt-jwks-url", server.url)
        assert done.returncode == 69 and words in done.stderr, done
        assert server.paths == ["/jwks"]

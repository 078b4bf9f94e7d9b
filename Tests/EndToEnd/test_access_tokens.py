"""Bad credentials over the wire: each is refused with the word for what is wrong, and never taken for none."""

import hashlib

import pytest

from support.access import (
    SECRET,
    Locked,
    as_,
    assert_refused,
    base64url,
    bearer,
    now,
    signed,
    token,
)
from support.hub import Hub, run

HEAD = {"alg": "HS256", "typ": "JWT"}
READS = {"subscribe": ["post:*"]}
# The base point of P-256 is the public key whose private key is 1 (SEC 2, 2.4.2).
POINT = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def body(**claims):
    return {"sub": "ann", "exp": now() + 600, "martlet": READS, **claims}


def claim(value):
    """A token whose claim `martlet` has another shape."""
    return token(sub="ann", martlet=value)


def cut(text, part, change):
    """A good token with one of its parts changed."""
    parts = text.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def good():
    return token(sub="ann", martlet=READS)


TOKENS = {
    "expired": (lambda: token(life=-31), "expired"),
    "expired for years": (lambda: token(exp=1), "expired"),
    "expired before 1970": (lambda: token(exp=-1e300), "expired"),
    "not good yet": (lambda: token(nbf=now() + 90), "not_yet"),
    "another secret": (lambda: token(secret=b"x" * 64), "bad_signature"),
    "an empty secret": (lambda: token(secret=b""), "bad_signature"),
    "the secret and a line break": (lambda: token(secret=SECRET + b"\n"), "bad_signature"),
    "the secret of URLs": (lambda: token(secret=b"another secret, for URLs"), "bad_signature"),
    "a changed signature": (lambda: cut(good(), 2, lambda s: "A" * len(s)), "bad_signature"),
    "a short signature": (lambda: cut(good(), 2, lambda s: s[:20]), "bad_signature"),
    "no signature": (lambda: cut(good(), 2, lambda s: ""), "bad_signature"),
    "changed claims": (
        lambda: cut(good(), 1, lambda _: base64url(b'{"sub":"root","exp":9999999999}')),
        "bad_signature",
    ),
    "the longer hash's name": (
        lambda: signed({"alg": "HS512"}, body(), alg="HS256"),
        "bad_signature",
    ),
    "alg none": (lambda: signed({"alg": "none"}, body()), "wrong_algorithm"),
    "alg None": (lambda: cut(signed({"alg": "None"}, body()), 2, lambda _: ""), "wrong_algorithm"),
    "alg in lower case": (lambda: signed({"alg": "hs256"}, body()), "wrong_algorithm"),
    "alg for encryption": (lambda: signed({"alg": "dir"}, body()), "wrong_algorithm"),
    "alg missing": (lambda: signed({"typ": "JWT"}, body()), "malformed"),
    "alg twice": (lambda: signed('{"alg":"HS256","alg":"none"}', body()), "malformed"),
    "alg a number": (lambda: signed({"alg": 256}, body()), "malformed"),
    "crit": (lambda: token(head={"crit": ["exp"]}), "malformed"),
    "jwk within": (lambda: token(head={"jwk": {"kty": "oct", "k": "eA"}}), "malformed"),
    "jku": (lambda: token(head={"jku": "http://127.0.0.1:1/keys"}), "malformed"),
    "x5u": (lambda: token(head={"x5u": "http://127.0.0.1:1/keys"}), "malformed"),
    "b64 false": (lambda: token(head={"b64": False}), "malformed"),
    "no exp": (lambda: token(life=None), "malformed"),
    "exp a text": (lambda: token(exp="9999999999"), "malformed"),
    "exp null": (lambda: token(exp=None), "malformed"),
    "exp twice": (lambda: signed(HEAD, '{"exp":1,"exp":9999999999}'), "malformed"),
    "exp beyond numbers": (lambda: signed(HEAD, '{"exp":1e999}'), "malformed"),
    "sub a number": (lambda: token(sub=7), "malformed"),
    "claims that are no JSON": (lambda: signed(HEAD, "{"), "malformed"),
    "claims that are an array": (lambda: signed(HEAD, [1]), "malformed"),
    "claims that are no UTF-8": (lambda: signed(HEAD, b'{"exp":9999999999,"a":"\xff"}'), "malformed"),
    "claims as deep as a well": (lambda: signed(HEAD, '{"a":' + "[" * 5000), "malformed"),
    "grants as a list": (lambda: claim(["*"]), "malformed"),
    "grants as a text": (lambda: claim("*"), "malformed"),
    "grants of null": (lambda: claim(None), "malformed"),
    "a grant as a text": (lambda: claim({"subscribe": "*"}), "malformed"),
    "a grant of another kind": (lambda: claim({"read": ["*"]}), "malformed"),
    "a right that is none": (lambda: claim({"jobs": ["all"]}), "malformed"),
    "admin as a text": (lambda: claim({"admin": "true"}), "malformed"),
    "admin as a number": (lambda: claim({"admin": 1}), "malformed"),
    "a pattern with a star within": (lambda: claim({"subscribe": ["post*"]}), "malformed"),
    "a pattern of two": (lambda: claim({"subscribe": ["post:1,post:2"]}), "malformed"),
    "two parts": (lambda: "a.b", "malformed"),
    "four parts": (lambda: good() + ".e", "malformed"),
    "an encrypted token": (lambda: good() + ".e.e", "malformed"),
    "padding": (lambda: cut(good(), 1, lambda s: s + "="), "malformed"),
    "more than 16 KiB": (lambda: token(x="x" * 13000), "malformed"),
    "a word": (lambda: "root", "malformed"),
    "a key that nobody has": (lambda: "mk_" + "A" * 43, "unknown_key"),
    "no more than a key's beginning": (lambda: "mk_", "unknown_key"),
    "a key that was revoked": (lambda: Locked.key("gone"), "revoked"),
    "a key whose time is over": (lambda: Locked.key("late"), "expired"),
    "a key and a blank": (lambda: Locked.key("shop") + "x", "unknown_key"),
}

KEYS = {
    "shop": READS,
    "gone": {**READS, "revoked": "2026-11-30T12:00:00.000Z"},
    "late": {**READS, "expires": "2026-11-30T12:00:00.000Z"},
}
# Everybody may receive this, so a bad credential that fell to none would be answered 200.
TARGET = "/state?resources=open:1"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A hub that lets everybody receive one kind."""
    folder = tmp_path_factory.mktemp("keys")
    with Locked(folder, "--anonymous-subscribe", "open:*", keys=KEYS) as hub:
        yield hub
        hub.assert_healthy()


def test_good_credentials_are_accepted(locked):
    assert locked.get(TARGET).status == 200
    for fields in (
        bearer(good()),
        bearer(token(sub="ann", martlet=READS, alg="HS384")),
        bearer(token(sub="ann", martlet=READS, alg="HS512")),
        bearer(token(sub="ann", martlet=READS, life=-20)),
        bearer(token(sub="ann", martlet=READS, nbf=now() + 20)),
        bearer(Locked.key("shop")),
        {"authorization": "bEARER   " + good()},
        {"Cookie": "a=b; auth_access_token=" + good()},
    ):
        answer = locked.get("/state?resources=post:1,open:1", fields)
        assert answer.status == 200, (fields, answer)


@pytest.mark.parametrize(("text", "reason"), TOKENS.values(), ids=TOKENS.keys())
def test_bad_credentials_are_refused(locked, text, reason):
    assert_refused(locked, locked.get(TARGET, bearer(text())), 401, reason)


@pytest.mark.parametrize(("text", "reason"), TOKENS.values(), ids=TOKENS.keys())
def test_bad_credentials_in_a_cookie_are_refused(locked, text, reason):
    if text().startswith("mk_"):
        reason = "malformed"
    fields = {"Cookie": f"auth_access_token={text()}"}
    assert_refused(locked, locked.get(TARGET, fields), 401, reason)


FIELDS = {
    "another scheme": {"Authorization": "Basic cm9vdDpyb290"},
    "a scheme alone": {"Authorization": "Bearer"},
    "a scheme and a blank": {"Authorization": "Bearer "},
    "nothing": {"Authorization": ""},
    "a token without a scheme": lambda: {"Authorization": good()},
    "a scheme with a colon": lambda: {"Authorization": "Bearer: " + good()},
    "two tokens in a field": lambda: {"Authorization": f"Bearer {good()}, Bearer {good()}"},
    "two words": lambda: {"Authorization": f"Bearer {good()} {good()}"},
    "two fields, both good": lambda: [("Authorization", f"Bearer {good()}")] * 2,
    "two fields, one bad": lambda: [
        ("Authorization", f"Bearer {good()}"),
        ("Authorization", "Bearer root"),
    ],
    "quotes around the token": lambda: {"Authorization": f'Bearer "{good()}"'},
    "bytes above ASCII": {"Authorization": "Bearer \xe9\xff"},
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS.keys())
def test_a_field_with_anything_else_is_refused(locked, fields):
    answer = locked.get(TARGET, fields() if callable(fields) else fields)
    assert_refused(locked, answer, 401, "malformed")


@pytest.mark.parametrize(
    "values",
    [
        ["Bearer {}", "Bearer {}"],
        ["Bearer {}", "Bearer root"],
        ["Bearer {}", "Basic cm9vdDpyb290"],
        ["Basic cm9vdDpyb290", "bearer {}"],
        ["", "Bearer {}"],
        ["Bearer {}", ""],
        ["Bearer {}, Bearer {}"],
        ["Bearer {},Bearer {}", "Bearer {}"],
    ],
)
def test_a_field_that_comes_twice_is_told_so(locked, values):
    text = good()
    fields = [("Authorization", value.replace("{}", text)) for value in values]
    with locked.connect() as connection:
        # Also on a connection whose last request came with the same token, once.
        assert connection.exchange("GET", TARGET, bearer(text)).status == 200
        problem = assert_refused(locked, connection.exchange("GET", TARGET, fields), 401, "malformed")
    assert "sent twice" in problem["detail"] and "send it once" in problem["detail"], problem


def test_a_scheme_with_parameters_is_no_field_that_comes_twice(locked):
    answer = locked.get(TARGET, {"Authorization": 'Digest username="a", realm="b"'})
    assert "another scheme" in assert_refused(locked, answer, 401, "malformed")["detail"]


BAD_FIRST = {
    "a bad token, then a good ticket": lambda hub: ("?ticket=" + ticket(hub), bearer("root")),
    "a bad token, then a good cookie": lambda hub: (
        "",
        {**bearer("root"), "Cookie": f"auth_access_token={good()}"},
    ),
    "a bad token, then a good session": lambda hub: (
        "",
        {**bearer("root"), **hub.session(bearer(good()))},
    ),
    "a bad ticket, then a good cookie": lambda hub: (
        "?ticket=mt_x",
        {"Cookie": f"auth_access_token={good()}"},
    ),
    "an empty ticket, then a good cookie": lambda hub: (
        "?ticket=",
        {"Cookie": f"auth_access_token={good()}"},
    ),
    "half a signature, then a good cookie": lambda hub: (
        "?signature=00",
        {"Cookie": f"auth_access_token={good()}"},
    ),
    "an end without signature, then a good cookie": lambda hub: (
        "?expires=9999999999",
        {"Cookie": f"auth_access_token={good()}"},
    ),
    "a bad cookie, then a good one": lambda hub: (
        "",
        {"Cookie": f"auth_access_token=root; auth_access_token={good()}"},
    ),
}


def ticket(hub):
    return hub.ticket(bearer(good()), subscribe=["post:1"])


@pytest.mark.parametrize("make", BAD_FIRST.values(), ids=BAD_FIRST.keys())
def test_the_first_credentials_decide(locked, make):
    query, fields = make(locked)
    target = f"/state{query or '?'}&resources=post:1".replace("?&", "?")
    assert_refused(locked, locked.get(target, fields), 401, "malformed")


def test_good_credentials_stand_before_bad_ones(locked):
    fields = {**bearer(good()), "Cookie": "auth_access_token=root"}
    assert locked.get("/state?resources=post:1&ticket=mt_x", fields).status == 200
    unused = ticket(locked)
    assert locked.get(f"/state?resources=post:1&ticket={unused}", fields).status == 200
    assert locked.get(f"/state?resources=post:1&ticket={unused}").status == 200, "it was spent"


def test_bad_credentials_are_refused_where_none_are_needed_but_by_pages_and_health(locked):
    bad = bearer("root")
    for target in ("/media/x", "/presence?resources=open:1", "/poll?resources=open:1&timeout=0"):
        assert_refused(locked, locked.get(target, bad), 401, "malformed")
    for target in ("/", "/openapi.json", "/health", "/health/live", "/health/ready"):
        assert locked.get(target, bad).status == 200, target


# Rules and keys of other hubs


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A hub that asks for an issuer and an audience."""
    flags = ["--jwt-issuer", "https://id.example", "--jwt-audience", "hub", "--cookie-name", "jwt"]
    with Locked(tmp_path_factory.mktemp("keys"), *flags) as hub:
        yield hub
        hub.assert_healthy()


RULES = {
    "no issuer": ({"aud": "hub"}, "wrong_issuer"),
    "another issuer": ({"iss": "https://id.example/", "aud": "hub"}, "wrong_issuer"),
    "issuers": ({"iss": ["https://id.example"], "aud": "hub"}, "malformed"),
    "no audience": ({"iss": "https://id.example"}, "wrong_audience"),
    "another audience": ({"iss": "https://id.example", "aud": "hub2"}, "wrong_audience"),
    "no audience of several": ({"iss": "https://id.example", "aud": []}, "wrong_audience"),
}


@pytest.mark.parametrize(("claims", "reason"), RULES.values(), ids=RULES.keys())
def test_issuers_and_audiences_are_checked(strict, claims, reason):
    answer = strict.get("/state?resources=post:1", bearer(token(martlet=READS, **claims)))
    assert_refused(strict, answer, 401, reason)


def test_the_cookie_has_the_name_that_was_chosen(strict):
    right = token(martlet=READS, iss="https://id.example", aud=["x", "hub"])
    for name, status in (("jwt", 200), ("auth_access_token", 401), ("JWT", 401)):
        answer = strict.get("/state?resources=post:1", {"Cookie": f"{name}={right}"})
        assert answer.status == status, (name, answer)


def ecdsa(claims):
    """A token that is signed with ES256 by the private key 1 and the nonce 1."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    text = ".".join(signed({"alg": "ES256"}, claims).split(".")[:2])
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    r = POINT[0] % order
    return f"{text}.{base64url(b''.join(n.to_bytes(32, 'big') for n in (r, (digest + r) % order)))}"


def test_a_public_key_is_no_secret(tmp_path):
    x, y = (base64url(number.to_bytes(32, "big")) for number in POINT)
    file = tmp_path / "keys.json"
    file.write_text(f'{{"keys":[{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}]}}')
    with Hub("--jwt-keys-file", str(file)) as hub:
        assert hub.get("/state?resources=post:1", bearer(ecdsa(body()))).status == 200
        for secret in (file.read_bytes(), x.encode(), POINT[0].to_bytes(32, "big"), b""):
            fields = bearer(signed(HEAD, body(), secret))
            assert_refused(
                hub, hub.get("/state?resources=post:1", fields), 401, "wrong_algorithm"
            )


def test_a_hub_without_a_kind_of_credentials_knows_none(tmp_path):
    (tmp_path / "url").write_bytes(SECRET)
    with Hub("--url-secret-file", str(tmp_path / "url")) as hub:
        for text in (good(), "mk_" + "A" * 43):
            answer = hub.get("/state?resources=post:1", bearer(text))
            assert_refused(hub, answer, 401, "unknown_key")


def test_an_empty_secret_is_no_secret(tmp_path):
    for content in (b"", b"\n", b"\r\n"):
        (tmp_path / "empty").write_bytes(content)
        for flag in ("--jwt-secret-file", "--url-secret-file"):
            result = run("serve", "--port", "0", flag, str(tmp_path / "empty"))
            assert result.returncode == 64, (flag, content, result)
            assert flag in result.stderr, result.stderr


def test_a_subject_is_text(locked):
    wanted = {"subscribe": ["user:{sub}", "{sub}", "{sub}:1"]}
    for subject, name in (
        ("*", "user:*"),
        ("post", "post:*"),
        ("post:*", "post:*"),
        ("presence", "presence:user:2"),
        ("x,post:9", "post:9"),
        ("{sub}", "user:1"),
    ):
        fields = as_(subject, **wanted)
        answer = locked.get(f"/stream?resources={name}", fields)
        assert_refused(locked, answer, 403, "resource", name)
    assert locked.get("/state?resources=user:ann,ann:1", as_("ann", **wanted)).status == 200

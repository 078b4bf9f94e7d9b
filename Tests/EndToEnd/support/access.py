"""A hub with keys: tokens made by hand, a file of API keys, signed URLs, and what a refusal looks like."""

import base64
import hashlib
import hmac
import json
import re
import time

from .hub import Hub, as_bytes, assert_problem

SECRET = b"a secret of these tests, which is long enough for any HMAC"
URL_SECRET = b"another secret, for URLs that a backend signs"
JSON = {"Content-Type": "application/json"}
_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
CHALLENGE = re.compile(r'Bearer error="([a-z_]+)", error_description="([ !#-\[\]-~]+)"')


def base64url(data):
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def now():
    """Seconds since 1970."""
    return int(time.time())


def token(*, secret=SECRET, head=None, alg="HS256", life=600, **claims):
    """A JWT; `head` has further members of its header, `claims` those of its body."""
    if life is not None:
        claims.setdefault("exp", now() + life)
    return signed({"alg": alg, "typ": "JWT"} | (head or {}), claims, secret, alg)


def signed(head, body, secret=SECRET, alg="HS256"):
    """A JWT of a header and a body, which may also be bytes of any kind."""
    text = f"{base64url(as_bytes(head))}.{base64url(as_bytes(body))}"
    digest = hmac.new(secret, text.encode(), _HASHES.get(alg, hashlib.sha256)).digest()
    return f"{text}.{base64url(digest)}"


def bearer(text):
    """The field with a credential."""
    return {"Authorization": f"Bearer {text}"}


def as_(subject="ann", **grants):
    """The field with a good token that has these grants."""
    life = grants.pop("life", 600)
    return bearer(token(sub=subject, martlet=grants, life=life))


ADMIN = {"subscribe": ["*"], "publish": ["*"], "jobs": ["read", "write", "work"], "admin": True}


def signed_query(resources, expires=None, secret=URL_SECRET, sent=None):
    """The query of a signed URL; `sent` is how `resources` is written in it."""
    expires = now() + 600 if expires is None else expires
    text = f"subscribe\n{resources}\n{expires}".encode()
    signature = hmac.new(secret, text, hashlib.sha256).hexdigest()
    return f"resources={sent or resources}&expires={expires}&signature={signature}"


class Locked(Hub):
    """A hub with a secret for tokens, one for URLs, and a file of API keys."""

    def __init__(self, folder, *flags, keys=(), **options):
        self.folder = folder
        self.rows = [self._row(name, grants) for name, grants in dict(keys).items()]
        (folder / "jwt").write_bytes(SECRET)
        (folder / "url").write_bytes(URL_SECRET)
        self._write()
        files = ["--jwt-secret-file", "jwt", "--url-secret-file", "url", "--api-keys-file", "keys"]
        files[1::2] = [str(folder / name) for name in files[1::2]]
        super().__init__(*files, *flags, **options)
        self.admin = as_("root", **ADMIN)

    @staticmethod
    def key(name):
        """The text of an API key."""
        return "mk_" + base64url(hashlib.sha256(f"key {name}".encode()).digest())

    def _row(self, name, grants):
        digest = hashlib.sha256(self.key(name).encode()).hexdigest()
        return {"name": name, "sha256": digest, "created": "2026-11-30T12:00:00.000Z", **grants}

    def _write(self):
        fresh = self.folder / "keys.new"
        fresh.write_bytes(b"".join(as_bytes(row) + b"\n" for row in self.rows))
        fresh.rename(self.folder / "keys")

    def revoke(self, name):
        """Revokes a key in the file, which the hub finds out by itself."""
        for row in self.rows:
            if row["name"] == name:
                row["revoked"] = "2026-11-30T12:00:00.000Z"
        self._write()

    def grant(self, name, **grants):
        """Gives a key other grants in the file, which the hub finds out by itself."""
        for row in self.rows:
            if row["name"] == name:
                row.update(grants)
        self._write()

    def give(self, resources, data=None, event="update", **fields):
        """Publishes one event as the administrator, and gives back its id."""
        order = {"resources": resources, "event": event, "data": data, **fields}
        answer = self.post(order, headers=self.admin)
        assert answer.status == 200, answer
        return answer.json["id"]

    def ticket(self, headers, **order):
        """A ticket that the bearer of `headers` asked for."""
        answer = self.post(order, "/tickets", headers)
        assert answer.status == 201, answer
        return answer.json["ticket"]

    def session(self, headers):
        """The cookie of a session."""
        answer = self.request("POST", "/session", headers)
        assert answer.status == 204, answer
        return {"Cookie": answer.headers["set-cookie"].split(";")[0]}

    def change(self, connection, value, headers, query=""):
        """PATCH of a stream by somebody."""
        target = f"/stream/{connection}{query}"
        return self.request("PATCH", target, {**JSON, **headers}, as_bytes(value))

    def assert_healthy(self):
        """Fails unless the hub runs, answers, and has written no credential into its log."""
        super().assert_healthy()
        assert_secret(self.log())


def assert_secret(text):
    """No credential and no secret is in a text."""
    for pattern in (
        r"eyJ[A-Za-z0-9_-]{8}",
        r"mk_[A-Za-z0-9_-]{8}",
        r"mt_[A-Za-z0-9_-]{8}",
        r"signature=[0-9a-f]{8}",
        r"martlet_session=[A-Za-z0-9_-]{8}",
        re.escape(SECRET.decode()),
        re.escape(URL_SECRET.decode()),
    ):
        found = re.search(pattern, text)
        assert found is None, f"a credential: {text[max(0, found.start() - 200):found.end()]!r}"


def assert_refused(hub, answer, status, reason, resource=None):
    """Checks a refusal: its status and reason, and that the log has its id with the reason."""
    problem = assert_problem(answer, status)
    assert problem["reason"] == reason, problem
    assert problem.get("resource") == resource, problem
    assert_secret(answer.body.decode())
    assert_secret(json.dumps(answer.headers))
    challenge = answer.headers.get("www-authenticate")
    if status == 401:
        match = CHALLENGE.fullmatch(challenge or "")
        assert match, f"no challenge of RFC 6750: {challenge!r}"
        assert match[1] == ("invalid_request" if reason == "missing" else "invalid_token")
    else:
        assert challenge is None, answer
    identifier = problem["request_id"]
    lines = [line for line in hub.log().splitlines() if identifier in line]
    assert len(lines) == 1, f"{identifier} is in {len(lines)} lines of the log"
    assert f"reason={reason}" in lines[0] and f"status={status}" in lines[0], lines[0]
    return problem

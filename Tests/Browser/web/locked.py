"""A hub that asks for credentials, and the credentials."""

import base64
import hashlib
import hmac
import json
import time

from support.hub import Hub, as_bytes

_SECRET = b"a secret of the tests, long enough for HS256"
_KEYS = {
    "backend": {"publish": ["*"], "subscribe": ["*"], "admin": True},
    "reader": {"subscribe": ["post:*"]},
}


def _part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def token(subject, *patterns, seconds=3600):
    """A JWT with which `patterns` can be received."""
    claims = {"sub": subject, "exp": int(time.time()) + seconds, "martlet": {"subscribe": patterns}}
    signed = b".".join(_part(as_bytes(value)) for value in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + _part(hmac.digest(_SECRET, signed, "sha256"))).decode()


def key(name):
    """The text of an API key."""
    return "mk_" + hashlib.sha256(name.encode()).hexdigest()[:43]


class LockedHub(Hub):
    """A hub with a secret and two API keys; its own requests are those of `backend`."""

    def __init__(self, folder, *flags, **options):
        self.keys = folder / "keys"
        self.write_keys()
        (folder / "secret").write_bytes(_SECRET)
        super().__init__(
            *["--jwt-secret-file", str(folder / "secret"), "--api-keys-file", str(self.keys), *flags], **options
        )

    def write_keys(self, revoked=()):
        """Writes the file of the keys, which the hub reads again by itself."""
        lines = []
        for name, grants in _KEYS.items():
            row = {"name": name, "sha256": hashlib.sha256(key(name).encode()).hexdigest(), **grants}
            row["created"] = "2026-11-30T12:00:00.000Z"
            if name in revoked:
                row["revoked"] = "2026-11-30T12:00:01.000Z"
            lines.append(json.dumps(row) + "\n")
        new = self.keys.with_suffix(".new")
        new.write_text("".join(lines))
        new.replace(self.keys)

    def request(self, method, target, headers=(), body=None):
        own = {"Authorization": f"Bearer {key('backend')}"}
        return super().request(method, target, own | dict(headers), body)

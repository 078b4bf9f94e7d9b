"""Keys and tokens of other libraries, and what `martlet token explain` says of them."""

import subprocess
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from .hub import BINARY, environment

HMACS = ["HS256", "HS384", "HS512"]
RSAS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
ALGORITHMS = [*HMACS, *RSAS, "ES256", "ES384", "EdDSA"]

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"


class Keys:
    """A key for each algorithm, in files: `private` to sign with, `public` for the hub."""

    def __init__(self, folder):
        self.folder = folder
        self.pairs = {
            "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "ES384": ec.generate_private_key(ec.SECP384R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }
        self.secret = folder / "secret"
        self.secret.write_text(SECRET + "\n")
        for name, key in self.pairs.items():
            (folder / f"{name}.private").write_bytes(private_pem(key))
            (folder / f"{name}.public").write_bytes(public_pem(key))

    def pair(self, algorithm):
        return self.pairs["RSA" if algorithm in RSAS else algorithm]

    def signing(self, algorithm):
        """What libraries sign with: a secret, or a private key in PEM."""
        return SECRET if algorithm in HMACS else private_pem(self.pair(algorithm)).decode()

    def verifying(self, algorithm):
        """What libraries verify with."""
        return SECRET if algorithm in HMACS else public_pem(self.pair(algorithm)).decode()

    def hub_flags(self, algorithm):
        """What makes a hub accept tokens of this algorithm."""
        if algorithm in HMACS:
            return ["--jwt-secret-file", str(self.secret)]
        name = "RSA" if algorithm in RSAS else algorithm
        return ["--jwt-keys-file", str(self.folder / f"{name}.public")]

    def mint_flags(self, algorithm):
        """What makes `token mint` sign with this algorithm."""
        if algorithm in HMACS:
            return ["--jwt-secret-file", str(self.secret), "--algorithm", algorithm]
        name = "RSA" if algorithm in RSAS else algorithm
        path = self.folder / f"{name}.private"
        return ["--private-key-file", str(path), "--algorithm", algorithm]


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def claims(**more):
    """Claims that are good for a minute."""
    return {"sub": "user-7", "exp": int(time.time()) + 60, **more}


def explain(token, *flags, env=None):
    """What `token explain` says of a token on standard input: its exit code, and its lines."""
    done = subprocess.run(
        [BINARY, "token", "explain", *flags],
        env=environment(env),
        input=token,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert token.strip() not in done.stdout + done.stderr
    return done

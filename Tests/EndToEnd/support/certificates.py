"""Certificates for tests, made by OpenSSL's own program."""

import socket
import ssl
import subprocess


class Certificates:
    """An authority in a folder, the certificates that it has signed, and the hub's flags."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._key("authority")
        self._run("req", "-x509", "-key", self.path("authority.key"), "-subj", "/CN=Test authority",
                  "-days", "3", "-out", self.path("authority.pem"))  # fmt: skip
        self.issue("server")

    def path(self, name):
        """A file of the folder."""
        return str(self.folder / name)

    def _run(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)

    def _key(self, name, algorithm="EC"):
        option = "ec_paramgen_curve:P-256" if algorithm == "EC" else "rsa_keygen_bits:2048"
        self._run("genpkey", "-algorithm", algorithm, "-pkeyopt", option,
                  "-out", self.path(f"{name}.key"))  # fmt: skip

    def issue(self, name, common="localhost", names="DNS:localhost,IP:127.0.0.1", days=3, algorithm="EC"):
        """Signs NAME.pem for a new NAME.key; the files of an earlier one are replaced."""
        self._key(name, algorithm)
        request, extension = self.path(f"{name}.csr"), self.path(f"{name}.ext")
        self._run("req", "-new", "-key", self.path(f"{name}.key"), "-subj", f"/CN={common}",
                  "-out", request)  # fmt: skip
        with open(extension, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={names}\n")
        self._run("x509", "-req", "-in", request, "-CA", self.path("authority.pem"),
                  "-CAkey", self.path("authority.key"), "-CAcreateserial", "-days", str(days),
                  "-extfile", extension, "-out", self.path(f"{name}.pem"))  # fmt: skip

    @property
    def flags(self):
        """What makes a hub use server.pem."""
        return ("--tls-cert", self.path("server.pem"), "--tls-key", self.path("server.key"))

    def client(self, name=None, version=None):
        """The client's side: it trusts the authority, and shows NAME.pem where one is named."""
        context = ssl.create_default_context(cafile=self.path("authority.pem"))
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if name is not None:
            context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        return context


def handshake(hub, context, limit=10.0):
    """A bare TLS connection."""
    plain = socket.create_connection(hub.address, limit)
    return context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)

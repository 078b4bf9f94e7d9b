"""TLS: the files that a hub is given, what becomes of them while it runs, and certificates of clients."""

import ssl

import pytest

from support.certificates import Certificates, handshake
from support.hub import Hub, run
from support.stream import Stream, stream_target
from support.wait import eventually


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority and a server's certificate."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


# Other certificates


def serial(hub, certificates):
    """The number of the certificate that a new connection is shown."""
    with handshake(hub, certificates.client()) as connection:
        return connection.getpeercert()["serialNumber"]


def test_new_certificates_are_taken_and_streams_stay(tmp_path, post):
    certificates = Certificates(tmp_path / "certificates")
    with Hub(tls=certificates) as hub, hub.open([post]) as stream:
        first = serial(hub, certificates)
        certificates.issue("server")
        eventually(lambda: serial(hub, certificates) != first, "the new certificate", 10)
        second = serial(hub, certificates)
        id = hub.publish(post, 1)
        assert stream.event().id == id

        # A bad pair leaves the good one, and is logged once.
        with open(certificates.path("server.key"), "w", encoding="ascii") as file:
            file.write("no key\n")
        eventually(lambda: "cannot be used" in hub.log(), "the refusal", 15)
        assert "server.key holds no private key" in hub.log()
        assert serial(hub, certificates) == second
        certificates.issue("server")
        eventually(lambda: serial(hub, certificates) != second, "the third certificate", 10)
        assert hub.log().count("cannot be used") == 1
        id = hub.publish(post, 2)
        assert stream.event().id == id


def test_a_key_of_rsa_works_and_is_warned_of_and_so_is_an_end_that_is_near(tmp_path):
    certificates = Certificates(tmp_path / "certificates")
    certificates.issue("server", days=3, algorithm="RSA")
    with Hub(tls=certificates) as hub:
        assert hub.get("/health").status == 200
        assert "ECDSA" in hub.log()
        assert "expires soon" in hub.log()


# Flags


def refusal(*flags):
    """What the hub says instead of starting."""
    done = run("serve", "--port", "0", "--data", ":memory:", *flags)
    assert (done.returncode, done.stdout) == (64, ""), done
    return done.stderr


def test_a_certificate_needs_a_key_and_the_reverse(certificates):
    assert "--tls-key" in refusal("--tls-cert", certificates.path("server.pem"))
    assert "--tls-cert" in refusal("--tls-key", certificates.path("server.key"))
    assert "--tls-cert" in refusal("--tls-client-ca", certificates.path("authority.pem"))


def test_files_that_cannot_be_used_are_refused_with_the_reason(certificates):
    certificates.issue("other")
    certificates.issue("expired", days=-1)
    locked = certificates.path("locked.key")
    certificates._run("pkey", "-in", certificates.path("server.key"), "-aes128",
                      "-passout", "pass:x", "-out", locked)  # fmt: skip
    server, key = certificates.path("server.pem"), certificates.path("server.key")
    for cert, key, words in [
        (certificates.path("none.pem"), key, ["none.pem", "No such file"]),
        (server, certificates.path("none.key"), ["none.key", "No such file"]),
        (server, certificates.path("other.key"), ["other.key", "does not belong"]),
        (certificates.path("expired.pem"), certificates.path("expired.key"), ["expired at 20"]),
        (server, locked, ["encrypted", "openssl pkey"]),
        (key, key, ["no certificate"]),
        (server, server, ["no private key"]),
    ]:
        said = refusal("--tls-cert", cert, "--tls-key", key)
        assert all(word in said for word in words), said


# Certificates of clients


@pytest.fixture(scope="module")
def strict_hub(certificates):
    """A hub that wants to see certificates."""
    certificates.issue("alice", common="alice", names="DNS:alice.test")
    with Hub("--tls-client-ca", certificates.path("authority.pem"), tls=certificates) as hub:
        yield hub
        assert hub.process.poll() is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_with_a_certificate_of_the_authority_is_served(
    strict_hub, certificates, post, version
):
    context = certificates.client("alice", version)
    target = stream_target([post])
    with Stream(strict_hub.address, target, tls=context) as stream:
        assert stream.opening()[-1].event == "live"


def test_a_client_without_a_certificate_or_with_a_stranger_s_is_refused(
    strict_hub, certificates, tmp_path
):
    stranger = Certificates(tmp_path / "stranger")
    wrong = certificates.client()
    wrong.load_cert_chain(stranger.path("server.pem"), stranger.path("server.key"))
    for context in (certificates.client(), wrong):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            # In TLS 1.3 a client hears of it when it reads.
            with handshake(strict_hub, context) as connection:
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.recv(100)

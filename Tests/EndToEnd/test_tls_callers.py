"""Who calls over TLS: cookies that never leave it, and certificates of clients as subjects of limits."""

import pytest

from support.access import Locked, as_
from support.certificates import Certificates
from support.hub import Hub, assert_problem


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority and a server's certificate."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_the_cookie_of_a_session_goes_over_tls_alone(tmp_path, certificates):
    with Locked(tmp_path, tls=certificates) as hub:
        for method, words in (("POST", {"HttpOnly", "SameSite=Strict", "Secure"}), ("DELETE", {"Max-Age=0", "Secure"})):
            answer = hub.request(method, "/session", as_("ann", subscribe=["post:1"]))
            assert answer.status == 204
            assert words <= set(answer.headers["set-cookie"].split("; ")), answer


def test_the_cookie_of_a_session_without_tls_goes_where_it_came_from(tmp_path):
    with Locked(tmp_path) as hub:
        answer = hub.request("POST", "/session", as_("ann", subscribe=["post:1"]))
        assert "Secure" not in answer.headers["set-cookie"]


def test_a_certificate_names_the_subject_that_limits_count(certificates):
    for name in ("ann", "bob"):
        certificates.issue(name, common=name, names=f"DNS:{name}.example")
    flags = ("--max-streams-per-subject", "1", "--tls-client-ca", certificates.path("authority.pem"))
    ann, bob = ({"tls": certificates.client(name)} for name in ("ann", "bob"))
    with Hub(*flags, tls=certificates) as hub:
        with hub.open(["a:1"], options=ann):
            with hub.connect(**ann) as connection:
                refused = connection.exchange("GET", "/stream?resources=a:1")
            assert_problem(refused, 429, "subject")
            hub.open(["a:1"], options=bob).close()

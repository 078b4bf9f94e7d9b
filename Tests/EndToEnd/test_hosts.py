"""The names by which the hub may be called: a page cannot choose `Host`, which its browser takes from its own address.

So a name that was made to point to this machine (DNS rebinding) shows.
"""

import pytest

from support.http import build
from support.hub import Hub, assert_problem, run
from support.origins import ENDPOINTS, ask, assert_foreign, assert_hidden


@pytest.fixture(scope="module")
def listing():
    """A hub with public names."""
    names = "Hub.Example.com,*.example.org,203.0.113.7,[2001:db8::7]:443"
    with Hub("--allowed-hosts", names) as hub:
        yield hub


@pytest.fixture(scope="module")
def outward():
    """A hub that other machines can connect to."""
    with Hub("--host", "0.0.0.0", "--insecure-open") as hub:
        yield hub


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_endpoint_answers_for_a_rebound_name(hub, endpoint):
    before = hub.head()
    answer = ask(hub, endpoint, {"Host": "evil.example"})
    assert answer.status == 421, answer
    assert_hidden(answer)
    assert hub.head() == before, "something was published"
    assert hub.get("/state?resources=post:1").json["resources"] == {}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_endpoint_answers_for_a_rebound_name_to_its_own_pages(hub, endpoint):
    fields = {"Host": "evil.example:8080", "Origin": "http://evil.example:8080"}
    answer = ask(hub, endpoint, fields)
    assert answer.status == 421, answer
    assert_hidden(answer)


OWN_NAMES = [
    "localhost",
    "LocalHost:8080",
    "localhost.",
    "localhost.:1",
    "127.0.0.1",
    "127.0.0.1:65535",
    "127.255.0.9",
    "[::1]",
    "[::1]:8080",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "localhost:",
]

OTHER_NAMES = [
    "evil.example",
    "localhost.evil.example",
    "evil-localhost",
    "a.localhost",
    "localhost..",
    "localhost%2e",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "0",
    "128.0.0.1",
    "192.168.1.5:8080",
    "[::]",
    "[::2]",
    "[::ffff:192.168.1.5]",
    "[fe80::1]",
    "[::1.2.3.4.5]",
    "[1]",
    "[v1.a]",
    "localhost:65536",
    "*",
]

MALFORMED_NAMES = [
    "",
    ":8080",
    "me@localhost",
    "localhost@evil.example",
    "localhost/../evil",
    "localhost?x",
    "localhost#x",
    "localhost\\evil",
    "http://localhost",
    "localhost, evil.example",
    "localhost evil",
    "localhost:80:80",
    "localhost:8o",
    "localhost:-1",
    "[::1",
    "::1",
    "[::1%25lo]",
    "[::1%lo]",
    "[::1]evil.example",
    "[::1]:x",
    "<localhost>",
    "local\xe4host",
    "%zz",
]


@pytest.mark.parametrize("name", OWN_NAMES)
def test_this_machines_own_names_are_taken(hub, name):
    assert hub.get("/health", {"Host": name}).status == 200


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_other_names_are_not(hub, name):
    assert_problem(hub.get("/health", {"Host": name}), 421, name)


@pytest.mark.parametrize("name", MALFORMED_NAMES)
def test_what_is_no_name_is_malformed(hub, name):
    with hub.connect() as connection:
        connection.send(build("GET", "/health", [("Host", name)]))
        answer = connection.read_response()
        assert answer.status == 400, answer
        assert connection.read_to_end() == b"", "a connection goes on behind a malformed head"


def test_two_hosts_are_malformed_whichever_comes_first(hub):
    for names in (["localhost", "evil.example"], ["evil.example", "localhost"], ["localhost"] * 2):
        answer = hub.get("/health", [("Host", name) for name in names])
        assert_problem(answer, 400, "Host")


def test_the_host_of_an_absolute_target_replaces_the_field(hub):
    for target, host, status in [
        ("http://localhost/health", "localhost", 200),
        ("http://LOCALHOST:1/health", "evil.example", 200),
        ("HTTP://[::1]:1/health", "evil.example", 200),
        ("http://evil.example/health", "localhost", 421),
        ("https://evil.example:443/health", "127.0.0.1", 421),
        ("http://localhost@evil.example/health", "localhost", 400),
        ("http://evil.example", "localhost", 421),
    ]:
        answer = hub.get(target, {"Host": host})
        assert answer.status == status, (target, answer)


def test_the_page_of_an_absolute_target_is_the_own_one(outward):
    for target, origin, status in [
        ("http://hub.example/health", "http://hub.example", 200),
        ("http://hub.example/health", "http://other.example", 403),
    ]:
        answer = outward.get(target, {"Host": "other.example", "Origin": origin})
        assert answer.status == status, (target, answer)


def test_http_1_0_needs_no_host(hub):
    with hub.connect() as connection:
        assert connection.exchange("GET", "/health", version="HTTP/1.0").status == 200
    with hub.connect() as connection:
        answer = connection.exchange("GET", "/health", {"Host": "evil.example"}, None, "HTTP/1.0")
        assert answer.status == 421
    with hub.connect() as connection:
        fields = {"Origin": "https://evil.example"}
        assert_foreign(connection.exchange("GET", "/health", fields, None, "HTTP/1.0"))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("hub.example.com", 200),
        ("HUB.example.COM:8443", 200),
        ("hub.example.com.", 200),
        ("a.example.org", 200),
        ("a.b.Example.Org.:1", 200),
        ("203.0.113.7:80", 200),
        ("[2001:DB8:0::7]", 200),
        ("localhost", 200),
        ("127.0.0.1", 200),
        ("example.com", 421),
        ("a.hub.example.com", 421),
        ("hub.example.com.evil.example", 421),
        ("evilhub.example.com", 421),
        ("example.org", 421),
        (".example.org", 421),
        ("evilexample.org", 421),
        ("a.example.org.evil.example", 421),
        ("203.0.113.70", 421),
        ("[2001:db8::8]", 421),
    ],
)
def test_listed_names_are_taken_besides(listing, name, status):
    assert listing.get("/health", {"Host": name}).status == status


def test_a_hub_that_others_reach_takes_any_valid_name(outward):
    for name in ("hub.example", "192.168.1.5", "localhost", "[2001:db8::1]", "a%20b"):
        assert outward.get("/health", {"Host": name}).status == 200, name
    for name in ("[1]", "a:65536"):
        assert outward.get("/health", {"Host": name}).status == 421, name


def test_a_hub_that_others_reach_takes_no_others_than_those_listed():
    flags = ["--host", "0.0.0.0", "--insecure-open", "--allowed-hosts", "hub.example"]
    with Hub(*flags) as hub:
        for name, status in [("hub.example", 200), ("localhost", 421), ("127.0.0.1", 421)]:
            assert hub.get("/health", {"Host": name}).status == status, name


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]"])
def test_an_open_hub_does_not_start_where_others_can_connect(host, folder, tmp_path):
    result = run("serve", "--host", host, "--port", "0", "--data", folder)
    assert result.returncode == 64, result
    for word in ("--host", "--insecure-open", "--api-keys-file", "--jwt-secret-file"):
        assert word in result.stderr
    assert result.stdout == "" and list(tmp_path.iterdir()) == [], "a store was made"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.5", "::1", "[::1]"])
def test_it_starts_where_only_this_machine_can(host):
    # Stopped at once by what comes after the check of the address.
    result = run("serve", "--host", host, "--port", "0", "--data", "/dev/null/store")
    assert result.returncode == 74, result


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--allowed-hosts", "*"),
        ("--allowed-hosts", "hub.example,*"),
        ("--allowed-hosts", "*example.com"),
        ("--allowed-hosts", "a.*.example.com"),
        ("--allowed-hosts", "*.127.0.0.1"),
        ("--allowed-hosts", "https://hub.example"),
        ("--allowed-hosts", "hub.example/"),
        ("--allowed-hosts", "[::1"),
        ("--allowed-origins", "hub.example"),
        ("--allowed-origins", "https://hub.example/"),
        ("--allowed-origins", "null"),
        ("--allowed-origins", "https://*"),
        ("--allowed-origins", "https://*.*.example"),
        ("--allowed-origins", "https://a.*.example"),
        ("--allowed-origins", "*://hub.example"),
        ("--allowed-origins", "https://me@hub.example"),
        ("--trusted-proxies", "proxy.example"),
        ("--trusted-proxies", "10.0.0.0/33"),
        ("--trusted-proxies", "10.0.0/8"),
        ("--trusted-proxies", "::1/129"),
        ("--trusted-proxies", "*"),
    ],
)
def test_a_wrong_entry_of_a_list_ends_the_start(flag, value, folder, tmp_path):
    result = run("serve", flag, value, "--port", "0", "--data", folder)
    assert result.returncode == 64, result
    assert flag in result.stderr and "'" + value.split(",")[-1] + "'" in result.stderr
    assert result.stdout == "" and list(tmp_path.iterdir()) == []


def test_the_lists_can_come_from_variables():
    lists = {"MARTLET_ALLOWED_HOSTS": "a.example,b.example", "MARTLET_INSECURE_OPEN": "true"}
    with Hub("--host", "0.0.0.0", env=lists) as hub:
        assert hub.get("/health", {"Host": "b.example"}).status == 200
        assert hub.get("/health", {"Host": "c.example"}).status == 421

"""Pages that may call the hub, and all others: whatever a page of another site asks for is refused, and nothing is done."""

import pytest

from support.http import build
from support.hub import Hub
from support.origins import ENDPOINTS, JSON, ask, assert_foreign, assert_hidden, assert_read_by


@pytest.fixture(scope="module")
def listing():
    """A hub with a public name that pages of some origins may call."""
    with Hub(
        "--allowed-hosts",
        "hub.example.com",
        "--allowed-origins",
        "https://app.example.com,https://*.pages.example,http://dev.example:3000,tauri://localhost",
    ) as hub:
        yield hub


@pytest.fixture(scope="module")
def outward():
    """A hub that other machines can connect to."""
    with Hub("--host", "0.0.0.0", "--insecure-open") as hub:
        yield hub


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_endpoint_answers_a_page_of_another_site(hub, endpoint, origin):
    before = hub.head()
    answer = ask(hub, endpoint, {"Origin": origin})
    if endpoint.startswith("HEAD"):
        assert answer.status == 403
        assert_hidden(answer)
    else:
        assert_foreign(answer)
    assert hub.head() == before, "something was published"


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:3000",
        "https://LOCALHOST:3000",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:5173",
    ],
)
def test_pages_of_this_machine_may_call_an_open_hub(hub, origin):
    for target in ("/health", "/nowhere"):
        status = 200 if target == "/health" else 404
        answer = hub.get(target, {"Origin": origin})
        assert_read_by(answer, origin, status)
        assert "access-control-allow-credentials" not in answer.headers
        assert {"retry-after", "etag"} <= answer.list("access-control-expose-headers")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "localhost",
        "null",
        "*",
        "http://",
        "://localhost",
        "http:/localhost",
        "http:localhost",
        "http://localhost/",
        "http://localhost/x",
        "http://localhost:x",
        "http://localhost:65536",
        "http://localhost.evil.example",
        "http://evil.example#localhost",
        "http://evil.example?localhost",
        "http://localhost@evil.example",
        "http://me@localhost",
        "http://localhost https://evil.example",
        "http://localhost, https://evil.example",
        "http://a.localhost",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0:8080",
        "http://[::1",
        "http://[::1]evil",
        "1http://localhost",
    ],
)
def test_what_only_looks_like_this_machine_is_foreign(hub, origin):
    assert_foreign(hub.get("/health", {"Origin": origin}))


def test_two_origins_are_foreign(hub):
    own = f"http://localhost:{hub.port}"
    for origins in ([own, own], [own, "https://evil.example"], ["https://evil.example", own]):
        assert_foreign(hub.get("/health", [("Origin", origin) for origin in origins]))


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://app.example.com:443",
        "https://APP.example.com.",
        "https://a.pages.example",
        "https://a.b.pages.example",
        "http://dev.example:3000",
        "tauri://localhost",
    ],
)
def test_listed_pages_may_call_the_hub(listing, origin):
    assert_read_by(listing.get("/health", {"Origin": origin}), origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evilapp.example.com",
        "https://x.app.example.com",
        "https://example.com",
        "https://pages.example",
        "https://.pages.example",
        "http://a.pages.example",
        "https://a.pages.example:444",
        "https://evilpages.example",
        "https://a.pages.example.evil.example",
        "https://evil.example/.pages.example",
        "https://evil.example#.pages.example",
        "https://a.pages.example@evil.example",
        "http://dev.example",
        "https://dev.example:3000",
    ],
)
def test_pages_that_are_listed_only_nearly_may_not(listing, origin):
    assert_foreign(listing.get("/health", {"Origin": origin}))


def test_a_listed_host_is_no_listed_origin(listing):
    assert_foreign(listing.get("/health", {"Origin": "https://hub.example.com"}))


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("hub.example", "http://hub.example", 200),
        ("hub.example", "https://hub.example", 200),
        ("hub.example:80", "http://hub.example", 200),
        ("hub.example:443", "https://hub.example", 200),
        ("hub.example:8080", "http://hub.example:8080", 200),
        ("HUB.example.", "http://hub.example", 200),
        ("[2001:db8::1]:8080", "http://[2001:DB8:0::1]:8080", 200),
        ("192.168.1.5:8080", "http://192.168.1.5:8080", 200),
        ("hub.example:443", "http://hub.example", 403),
        ("hub.example:8080", "http://hub.example", 403),
        ("hub.example", "http://hub.example:8080", 403),
        ("hub.example", "http://evil.example", 403),
        ("hub.example", "http://hub.example.evil.example", 403),
        ("hub.example", "null", 403),
        ("hub.example", "http://localhost:8080", 403),
        ("localhost:8080", "http://127.0.0.1:8080", 403),
    ],
)
def test_a_hub_knows_its_own_pages_by_the_host(outward, host, origin, status):
    answer = outward.get("/health", {"Host": host, "Origin": origin})
    assert answer.status == status, answer
    # Its own pages need no leave to read an answer.
    assert_hidden(answer)
    assert "origin" in answer.list("vary")


def test_star_lists_every_origin():
    with Hub("--host", "0.0.0.0", "--insecure-open", "--allowed-origins", "*") as hub:
        for origin in ("https://evil.example", "null", "http://localhost:1"):
            answer = hub.get("/health", {"Origin": origin})
            assert_read_by(answer, origin)
            assert "access-control-allow-credentials" not in answer.headers


def test_a_preflight_says_for_how_long_it_holds(hub, listing):
    for served, origin in [(hub, "http://localhost:3000"), (listing, "https://app.example.com")]:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = served.request("OPTIONS", "/broadcast", headers)
        assert_read_by(answer, origin, 204)
        assert answer.headers["access-control-max-age"] == "7200"
        assert answer.list("access-control-allow-methods") == {"post", "options"}


def test_an_origin_counts_for_its_own_request_alone(hub, post):
    own = "http://localhost:3000"
    event = b'{"resource":"%s","data":1}' % post.encode()
    with hub.connect() as connection:
        for origin, status in [(own, 200), (None, 200), ("https://evil.example", 403), (None, 200)]:
            fields = JSON | ({"Origin": origin} if origin else {})
            answer = connection.exchange("POST", "/broadcast", fields, event)
            assert answer.status == status, answer
            if origin != own:
                assert_hidden(answer)
        connection.exchange("GET", "/health", {"Origin": own})
        connection.send(b"GET /health HTTP/1.1\r\nBroken\r\n\r\n")
        assert_hidden(connection.read_response())


def test_pipelined_requests_have_an_origin_each(hub):
    own, other = "http://localhost:1", "https://evil.example"
    with hub.connect() as connection:
        connection.send(
            b"".join(build("GET", "/health", {"Origin": origin}) for origin in (own, other, own))
        )
        answers = [connection.read_response() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 403, 200]
    assert_read_by(answers[2], own)


def test_a_stream_may_be_read_by_the_page_that_opened_it(hub, post):
    origin = "http://localhost:3000"
    for path in ("/stream", "/events"):
        with hub.stream([post], {"Origin": origin}, path=path) as stream:
            assert_read_by(stream.response, origin)
            stream.opening()
    with hub.post_stream({"resources": [post]}, {"Origin": origin}) as stream:
        assert_read_by(stream.response, origin)
        stream.opening()
    with hub.stream([post]) as stream:
        assert_hidden(stream.response)

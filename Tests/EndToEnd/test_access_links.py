"""Credentials that a browser sends by itself or in a URL: tickets, signed URLs, cookies and sessions, and their misuse."""

import pytest

from support.access import (
    ADMIN,
    JSON,
    SECRET,
    Locked,
    as_,
    assert_refused,
    assert_secret,
    bearer,
    now,
    signed_query,
    token,
)
from support.hub import as_bytes, assert_problem
from support.origins import assert_hidden
from support.wait import eventually

ALICE = {"subscribe": ["post:1", "post:2", "team:*"], "publish": ["post:1"]}
APP = "https://app.example.com"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A hub that pages of one other origin may call."""
    folder = tmp_path_factory.mktemp("keys")
    keys = {"shop": {"subscribe": ["post:*"], "publish": ["post:*"]}}
    flags = ["--allowed-origins", APP, "--anonymous-subscribe", "open:*", "--log-level", "debug"]
    with Locked(folder, *flags, keys=keys) as hub:
        yield hub
        assert_secret(hub.get("/metrics", hub.admin).body.decode())
        hub.assert_healthy()


# Tickets


def test_a_ticket_is_good_once_for_a_stream_a_poll_or_a_state(locked):
    for path in ("/stream", "/events", "/poll", "/state"):
        ticket = locked.ticket(as_(**ALICE), subscribe=["post:1"])
        target = f"{path}?resources=post:1&ticket={ticket}"
        target += "&timeout=0" if path == "/poll" else ""
        if path in ("/stream", "/events"):
            with locked.stream(["post:1"], path=path, ticket=ticket) as stream:
                stream.opening()
        else:
            assert locked.get(target).status == 200
        for _ in range(2):
            assert_refused(locked, locked.get(target), 401, "used")


def test_a_ticket_opens_a_posted_stream(locked):
    ticket = locked.ticket(as_(**ALICE), subscribe=["post:1"])
    body = {"resources": ["post:1"]}
    with locked.post_stream(body, path=f"/stream?ticket={ticket}") as stream:
        stream.opening()
    answer = locked.post(body, f"/stream?ticket={ticket}")
    assert_refused(locked, answer, 401, "used")


@pytest.mark.parametrize("name", ["post:2", "post:*", "user:1", "team:1", "presence:post:2"])
def test_a_ticket_is_for_what_it_names_and_a_refused_use_spends_it(locked, name):
    ticket = locked.ticket(as_(**ALICE), subscribe=["post:1"])
    answer = locked.get(f"/stream?resources=post:1,{name}&ticket={ticket}")
    assert_refused(locked, answer, 403, "resource", name)
    answer = locked.get(f"/stream?resources=post:1&ticket={ticket}")
    assert_refused(locked, answer, 401, "used")


@pytest.mark.parametrize("name", ["post:3", "post:*", "user:1", "presence:post:3"])
def test_nobody_can_give_a_ticket_for_more_than_they_have(locked, name):
    answer = locked.post({"subscribe": ["post:1", name]}, "/tickets", as_(**ALICE))
    assert_refused(locked, answer, 403, "resource", name)


def test_a_ticket_without_names_has_the_grants_of_who_made_it_and_no_others(locked):
    for name, status in (("team:x", 200), ("open:1", 200), ("user:1", 403)):
        ticket = locked.ticket(as_(**ALICE))
        assert locked.get(f"/state?resources={name}&ticket={ticket}").status == status
    ticket = locked.ticket(as_(**ALICE), subscribe=[])
    answer = locked.get(f"/state?resources=post:1&ticket={ticket}")
    assert_refused(locked, answer, 403, "resource", "post:1")


def test_a_ticket_is_for_receiving_alone(locked):
    made = locked.ticket(locked.admin)
    order = {"resource": "post:1", "data": 1}
    assert_problem(locked.post(order, f"/broadcast?ticket={made}"), 400)
    for target in ("/metrics", "/events/status", "/api/v1/jobs", "/presence"):
        separator = "&" if "?" in target else "?"
        answer = locked.get(f"{target}{separator}ticket={made}")
        assert answer.status in (400, 401), (target, answer)
        assert_secret(answer.body.decode())
    for fields in (bearer(made), {"Cookie": f"auth_access_token={made}"}):
        answer = locked.get("/state?resources=post:1", fields)
        assert_refused(locked, answer, 401, "malformed")
    assert locked.get(f"/state?resources=post:1&ticket={made}").status == 200, "it was spent"


@pytest.mark.parametrize(
    "text", ["", "x", "mt_", "mt_x", "mt_" + "A" * 42, "MT_" + "A" * 43, "mt_" + "%C3%A9" * 22]
)
def test_what_is_no_ticket_is_refused(locked, text):
    answer = locked.get(f"/state?resources=open:1&ticket={text}")
    assert_refused(locked, answer, 401, "malformed")


def test_a_ticket_that_was_never_made_is_refused(locked):
    answer = locked.get(f"/state?resources=open:1&ticket=mt_{'A' * 43}")
    assert_refused(locked, answer, 401, "used")


def test_a_ticket_ends_unused(locked):
    ticket = locked.ticket(as_(**ALICE), ttl=1)
    end = now() + 2
    eventually(lambda: now() > end, "the ticket's end")
    answer = locked.get(f"/state?resources=post:1&ticket={ticket}")
    assert_refused(locked, answer, 401, "expired")


@pytest.mark.parametrize("ttl", [0, -1, 301, 1e9, "30", True])
def test_a_ticket_has_a_short_life(locked, ttl):
    answer = locked.post({"ttl": ttl}, "/tickets", as_(**ALICE))
    assert answer.status == 422, answer


def test_a_ticket_of_a_token_that_ends_is_no_longer_good(locked):
    ticket = locked.ticket(as_(life=-28, **ALICE), subscribe=["post:1"])
    end = now() + 3
    eventually(lambda: now() > end, "the token's end")
    answer = locked.get(f"/state?resources=post:1&ticket={ticket}")
    assert_refused(locked, answer, 401, "expired")


# Signed URLs


URLS = {
    "other resources": (lambda: signed_query("post:1", sent="post:2"), "bad_signature"),
    "more resources": (lambda: signed_query("post:1", sent="post:1,post:2"), "bad_signature"),
    "fewer resources": (lambda: signed_query("post:1,post:2", sent="post:1"), "bad_signature"),
    "another order": (lambda: signed_query("post:1,post:2", sent="post:2,post:1"), "bad_signature"),
    "another case": (lambda: signed_query("post:a", sent="post:A"), "bad_signature"),
    "a blank": (lambda: signed_query("post:1", sent="post:1%20"), "bad_signature"),
    "its percent-encoding signed": (lambda: signed_query("post%3A1"), "bad_signature"),
    "a pattern": (lambda: signed_query("post:1", sent="post:*"), "bad_signature"),
    "a longer life": (
        lambda: signed_query("post:1").replace("expires=", "expires=9"),
        "bad_signature",
    ),
    "the secret of tokens": (lambda: signed_query("post:1", secret=SECRET), "bad_signature"),
    "no secret": (lambda: signed_query("post:1", secret=b""), "bad_signature"),
    "an upper-case signature": (
        lambda: signed_query("post:1").split("&signature=")[0] + "&signature=" + "AB" * 32,
        "bad_signature",
    ),
    "a short signature": (lambda: signed_query("post:1")[:-1], "bad_signature"),
    "an empty signature": (lambda: signed_query("post:1")[:-64], "bad_signature"),
    "no signature": (lambda: signed_query("post:1").split("&signature")[0], "malformed"),
    "no expires": (lambda: f"resources=post:1&signature={'a' * 64}", "malformed"),
    "expired": (lambda: signed_query("post:1", now() - 1), "expired"),
    "expired long ago": (lambda: signed_query("post:1", 0), "expired"),
    "a signed zero before": (lambda: signed_query("post:1", "09999999999"), "malformed"),
    "a signed sign": (lambda: signed_query("post:1", "-1"), "malformed"),
    "a signed fraction": (lambda: signed_query("post:1", "9999999999.5"), "malformed"),
    "a signed word": (lambda: signed_query("post:1", "never"), "malformed"),
    "a signed number beyond all": (lambda: signed_query("post:1", "9" * 30), "malformed"),
}


@pytest.mark.parametrize(("query", "reason"), URLS.values(), ids=URLS.keys())
def test_a_changed_url_is_refused(locked, query, reason):
    for path in ("/stream", "/events", "/state", "/poll"):
        assert_refused(locked, locked.get(f"{path}?{query()}"), 401, reason)


def test_a_signed_url_is_good_again_and_again(locked):
    for _ in range(3):
        with locked.stream(signed_query("post:1,team:x").removeprefix("resources=")) as stream:
            stream.opening()
    assert locked.get("/state?" + signed_query("post:é", sent="post%3A%C3%A9")).status == 200


@pytest.mark.parametrize("more", ["&resources=user:1", "&resources=post:1,user:1"])
def test_resources_beside_the_signed_ones_are_refused(locked, more):
    answer = locked.get("/stream?" + signed_query("post:1") + more)
    assert_refused(locked, answer, 403, "resource", "user:1")
    answer = locked.get("/stream?" + more[1:] + "&" + signed_query("post:1"))
    assert_refused(locked, answer, 401, "bad_signature")


def test_a_body_cannot_ask_for_more_than_is_signed(locked):
    target = "/stream?" + signed_query("post:1")
    answer = locked.post({"resources": ["user:1"]}, target)
    assert answer.status in (400, 403), answer


def test_patch_cannot_add_to_a_signed_url(locked):
    query = signed_query("post:1,post:2")
    with locked.stream(query.removeprefix("resources=")) as stream:
        name = stream.opening()[0].json["connection"]
        answer = locked.change(name, {"add": ["user:1"]}, {}, "?" + query)
        assert_refused(locked, answer, 403, "resource", "user:1")
        answer = locked.change(name, {"remove": ["post:2"]}, {}, "?" + query)
        assert (answer.status, answer.json) == (200, {"resources": ["post:1"]})
        other = signed_query("post:1", now() + 900)
        answer = locked.change(name, {"remove": ["post:1"]}, {}, "?" + other)
        assert_refused(locked, answer, 403, "scope")
        assert_refused(locked, locked.change(name, {}, {}), 401, "missing")


# Cookies


def cookie(**grants):
    return {"Cookie": "auth_access_token=" + token(sub="ann", martlet=grants or ALICE)}


PAGES = {
    "no word of a page": ({}, "missing"),
    "a page of the site": ({"Sec-Fetch-Site": "same-site"}, "missing"),
    "a page of another site": ({"Sec-Fetch-Site": "cross-site"}, "missing"),
    "a word that is none": ({"Sec-Fetch-Site": "same-origin, none"}, "missing"),
    "a foreign origin": ({"Origin": "https://evil.example"}, "origin"),
    "an opaque origin": ({"Origin": "null"}, "origin"),
    "a foreign origin that says it is the own": (
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        "origin",
    ),
    "a loopback page of another port": ({"Origin": "http://localhost:1"}, "origin"),
}
CHANGES = {
    "POST /broadcast": {"resource": "post:1", "data": 1},
    "POST /events/broadcast": {"resource": "post:1", "data": 1},
    "PATCH /stream/x": {"add": ["post:1"]},
    "POST /tickets": {},
    "POST /admin/disconnect": {"subject": "x"},
    "POST /api/v1/jobs": {"kind": "post", "input": {}},
    "POST /api/v1/jobs/claim": {},
    "POST /api/v1/jobs/x/cancel": None,
}


@pytest.mark.parametrize("call", CHANGES)
@pytest.mark.parametrize(("fields", "reason"), PAGES.values(), ids=PAGES.keys())
def test_a_cookie_alone_changes_nothing(locked, call, fields, reason):
    method, target = call.split(" ")
    body = None if CHANGES[call] is None else as_bytes(CHANGES[call])
    answer = locked.request(method, target, {**JSON, **cookie(**ADMIN), **fields}, body)
    if call.startswith("PATCH") and reason == "missing":
        assert_problem(answer, 404)
        return
    assert_refused(locked, answer, 401 if reason == "missing" else 403, reason)
    if reason == "origin":
        assert_hidden(answer)


def test_a_cookie_counts_for_a_page_of_the_hub_and_of_a_listed_origin(locked):
    order = {"resource": "post:1", "data": 1}
    for fields in (
        {"Origin": f"http://localhost:{locked.port}", "Host": f"localhost:{locked.port}"},
        {"Origin": APP},
        {"Origin": APP, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        answer = locked.post(order, headers={**cookie(), **fields})
        assert answer.status == 200, (fields, answer)
        if fields.get("Origin") == APP:
            assert answer.headers["access-control-allow-origin"] == APP
            assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_cookie_counts_for_what_only_reads(locked):
    assert locked.get("/state?resources=post:1", cookie()).status == 200
    with locked.stream(["post:1"], headers=cookie()) as stream:
        stream.opening()
    with locked.post_stream({"resources": ["post:1"]}, headers=cookie()) as stream:
        stream.opening()


def test_a_cookie_never_counts_for_pages_of_any_origin(tmp_path):
    with Locked(tmp_path, "--allowed-origins", "*") as hub:
        for target in ("/state?resources=post:1", "/stream?resources=post:1"):
            answer = hub.get(target, {**cookie(), "Origin": "https://any.example"})
            assert_refused(hub, answer, 401, "missing")
            assert "access-control-allow-credentials" not in answer.headers
        fields = {**as_(**ALICE), "Origin": "https://any.example"}
        assert hub.get("/state?resources=post:1", fields).status == 200
        hub.assert_healthy()


def test_a_key_in_a_cookie_is_refused(locked):
    answer = locked.get(
        "/state?resources=post:1", {"Cookie": f"auth_access_token={locked.key('shop')}"}
    )
    assert_refused(locked, answer, 401, "malformed")


# Sessions


def test_a_session_stands_for_its_credentials_until_it_is_deleted(locked):
    own = {"Sec-Fetch-Site": "same-origin"}
    for fields in (as_(**ALICE), bearer(locked.key("shop"))):
        answer = locked.request("POST", "/session", fields)
        assert answer.status == 204 and answer.body == b""
        value, *attributes = answer.headers["set-cookie"].split("; ")
        assert value.startswith("martlet_session=") and len(value) > 40
        assert "HttpOnly" in attributes and "SameSite=Strict" in attributes
        assert "Path=/" in attributes and not any(a.startswith("Domain") for a in attributes)
        session = {"Cookie": value}
        assert locked.get("/state?resources=post:1", session).status == 200
        answer = locked.get("/state?resources=user:1", session)
        assert_refused(locked, answer, 403, "resource", "user:1")
        # A page of another site can send this request, but not with the cookie.
        assert locked.request("DELETE", "/session", session).status == 204
        assert locked.get("/state?resources=post:1", session).status == 200
        answer = locked.request("DELETE", "/session", {**session, **own})
        assert answer.status == 204 and "Max-Age=0" in answer.headers["set-cookie"]
        answer = locked.get("/state?resources=post:1", session)
        assert_refused(locked, answer, 401, "expired")


def test_a_session_needs_good_credentials_in_the_header(locked):
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = locked.request("POST", "/session", {**cookie(), **own})
    assert_refused(locked, answer, 401, "missing")
    answer = locked.request("POST", "/session", {**locked.session(as_(**ALICE)), **own})
    assert_refused(locked, answer, 401, "missing")
    answer = locked.request("POST", "/session", bearer(token(life=-40)))
    assert_refused(locked, answer, 401, "expired")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "a" * 20000])
def test_what_is_no_session_is_refused(locked, value):
    answer = locked.get("/state?resources=open:1", {"Cookie": f"martlet_session={value}"})
    assert answer.status in (401, 431), answer
    if answer.status == 401:
        assert answer.json["reason"] in ("expired", "malformed")


def test_a_session_ends_with_its_token(locked):
    session = locked.session(as_(life=2, **ALICE))
    assert locked.get("/state?resources=post:1", session).status == 200
    end = now() + 3
    eventually(lambda: now() > end, "the token's end")
    assert_refused(locked, locked.get("/state?resources=post:1", session), 401, "expired")

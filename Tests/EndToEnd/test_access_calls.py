"""What each call needs: without credentials it is 401, with those for all else 403, and with those alone it works."""

import pytest

from support.access import ADMIN, JSON, Locked, as_, assert_refused, assert_secret, bearer, token
from support.http import Response, build
from support.hub import as_bytes, assert_problem

LINES = {"Content-Type": "application/x-ndjson"}
POST = {"resource": "post:1", "data": 1}
BOTH = {"resources": ["post:1", "post:2"], "data": 1}

# Each call: what it needs, the status with just that, its fields and its body.
CALLS = {
    "GET /stream?resources=post:1": ({"subscribe": ["post:1"]}, 200, {}, None),
    "GET /events?resources=post:1": ({"subscribe": ["post:1"]}, 200, {}, None),
    "GET /stream?resources=post:*": ({"subscribe": ["post:*"]}, 200, {}, None),
    "GET /stream?resources=presence:post:1": ({"subscribe": ["post:1"]}, 200, {}, None),
    "POST /stream": ({"subscribe": ["post:1"]}, 200, JSON, {"resources": ["post:1"]}),
    "POST /events": ({"subscribe": ["post:1"]}, 200, JSON, {"resources": ["post:1"]}),
    "GET /poll?resources=post:1&timeout=0": ({"subscribe": ["post:1"]}, 200, {}, None),
    "GET /poll?resources=post:*&timeout=0": ({"subscribe": ["post:*"]}, 200, {}, None),
    "GET /state?resources=post:1": ({"subscribe": ["post:1"]}, 200, {}, None),
    "GET /presence?resources=post:1": ({"subscribe": ["post:1"]}, 200, {}, None),
    "POST /broadcast": ({"publish": ["post:1"]}, 200, JSON, POST),
    "POST /broadcast (several)": ({"publish": ["post:*"]}, 200, JSON, BOTH),
    "POST /broadcast (array)": ({"publish": ["post:1"]}, 200, JSON, [POST, POST]),
    "POST /broadcast (transient)": ({"publish": ["post:1"]}, 200, JSON, {**POST, "transient": True}),
    "POST /broadcast (retained)": ({"publish": ["post:1"]}, 200, JSON, {**POST, "retain": True}),
    "POST /events/broadcast": ({"publish": ["post:1"]}, 200, JSON, POST),
    "POST /events/broadcast (lines)": ({"publish": ["post:1"]}, 200, LINES, POST),
    "DELETE /resources/post:1": ({"publish": ["post:1"]}, 204, {}, None),
    "GET /events/status": ({"admin": True}, 200, {}, None),
    "GET /metrics": ({"admin": True}, 200, {}, None),
    "POST /admin/disconnect": ({"admin": True}, 200, JSON, {"subject": "nobody"}),
    "GET /api/v1/jobs": ({"jobs": ["read"]}, 200, {}, None),
    "GET /api/v1/jobs/1": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/jobs/1/status": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/jobs/1/progress": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/jobs/1/content": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/sessions": ({"jobs": ["read"]}, 200, {}, None),
    "GET /api/v1/sessions/1": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/influencers": ({"jobs": ["read"]}, 200, {}, None),
    "GET /api/v1/influencers/1": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/influencers/1/posts": ({"jobs": ["read"]}, 404, {}, None),
    "GET /api/v1/posts/1": ({"jobs": ["read"]}, 404, {}, None),
    "POST /api/v1/jobs": ({"jobs": ["write"]}, 422, JSON, {}),
    "POST /api/v1/jobs/1/cancel": ({"jobs": ["write"]}, 404, {}, None),
    "POST /api/v1/jobs/1/restart": ({"jobs": ["write"]}, 404, {}, None),
    "POST /api/v1/sessions": ({"jobs": ["write"]}, 422, JSON, {}),
    "POST /api/v1/sessions/1/persona": ({"jobs": ["write"]}, 404, JSON, {"avatar": 1}),
    "POST /api/v1/influencers": ({"jobs": ["write"]}, 422, JSON, {}),
    "POST /api/v1/influencers/1/posts": ({"jobs": ["write"]}, 404, JSON, {"prompt": "clay"}),
    "POST /api/v1/jobs/claim": ({"jobs": ["work"]}, 422, JSON, {}),
    "POST /api/v1/jobs/1/heartbeat": ({"jobs": ["work"]}, (404, 422), JSON, {}),
    "POST /api/v1/jobs/1/progress": ({"jobs": ["work"]}, (404, 422), JSON, {}),
    "POST /api/v1/jobs/1/complete": ({"jobs": ["work"]}, (404, 422), JSON, {}),
    "POST /api/v1/jobs/1/fail": ({"jobs": ["work"]}, (404, 422), JSON, {}),
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A hub that gives nothing to callers without credentials."""
    keys = {"all": ADMIN, "shop": {"publish": ["post:*"]}}
    with Locked(tmp_path_factory.mktemp("keys"), keys=keys) as hub:
        yield hub
        assert_secret(hub.get("/metrics", hub.admin).body.decode())
        hub.assert_healthy()


def ask(hub, call, fields=()):
    """The answer to a call; of a stream only its head."""
    method, target = call.split(" ")[:2]
    _, _, more, body = CALLS[call]
    with hub.connect() as connection:
        headers = {**more, **dict(fields), "Connection": "close"}
        connection.send(build(method, target, headers, None if body is None else as_bytes(body)))
        status, found = connection.read_head()
        response = Response(status, found)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return response
        response.body = connection.read_to_end()
        return response


def all_but(needed):
    """Grants for everything that a call does not need."""
    grants = {"subscribe": ["other:*", "postal:*", "post:3"], "publish": ["other:*", "post:3"]}
    if "subscribe" in needed:
        grants["publish"] = ["*"]
    if "publish" in needed:
        grants["subscribe"] = ["*"]
    if "admin" in needed or "jobs" in needed:
        grants |= {"subscribe": ["*"], "publish": ["*"]}
    rights = {"read", "write", "work"} - set(needed.get("jobs", ()))
    return grants | {"jobs": sorted(rights), "admin": "admin" not in needed}


@pytest.mark.parametrize("call", CALLS)
def test_without_credentials_it_is_refused(locked, call):
    assert_refused(locked, ask(locked, call), 401, "missing")


@pytest.mark.parametrize("call", CALLS)
def test_with_grants_for_all_else_it_is_refused(locked, call):
    needed = CALLS[call][0]
    answer = ask(locked, call, as_("ann", **all_but(needed)))
    if "admin" in needed or "jobs" in needed:
        problem = assert_refused(locked, answer, 403, "scope")
        words = ["admin"] if "admin" in needed else ["jobs:" + needed["jobs"][0]]
        assert all(word in problem["detail"] for word in words), problem
    else:
        name = "post:*" if "post:*" in call else "post:1"
        if "presence:" in call:
            name = "presence:post:1"
        assert_refused(locked, answer, 403, "resource", name)


@pytest.mark.parametrize("call", CALLS)
def test_with_what_it_needs_it_works(locked, call):
    needed, status, _, _ = CALLS[call]
    statuses = status if isinstance(status, tuple) else (status,)
    assert ask(locked, call, as_("ann", **needed)).status in statuses
    assert ask(locked, call, bearer(locked.key("all"))).status in statuses


@pytest.mark.parametrize("call", [call for call in CALLS if call.startswith("GET")])
def test_head_needs_what_get_needs(locked, call):
    target = call.split(" ")[1]
    assert locked.request("HEAD", target).status == 401
    answer = locked.request("HEAD", target, as_("ann", **all_but(CALLS[call][0])))
    assert answer.status == 403
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("call", CALLS)
def test_what_a_path_takes_is_no_secret(locked, call):
    answer = locked.request("OPTIONS", call.split(" ")[1])
    assert answer.status == 204
    assert call.split(" ")[0] in answer.headers["allow"]


@pytest.mark.parametrize("target", ["/", "/openapi.json", "/health", "/health/live", "/health/ready"])
def test_pages_and_health_need_nothing(locked, target):
    assert locked.get(target).status == 200


def test_credentials_are_needed_for_a_ticket_and_a_session(locked):
    assert_refused(locked, locked.post({}, "/tickets"), 401, "missing")
    assert_refused(locked, locked.request("POST", "/session"), 401, "missing")
    assert locked.post({}, "/tickets", as_("ann")).status == 201


def test_credentials_in_the_wrong_place_are_none(locked):
    good = token(sub="ann", martlet=ADMIN)
    for fields in (
        {"X-API-Key": locked.key("all")},
        {"Proxy-Authorization": f"Bearer {good}"},
        {"Cookie": f"token={good}"},
        {"X-Auth-Token": good},
    ):
        answer = locked.get("/state?resources=post:1", fields)
        assert_refused(locked, answer, 401, "missing")
    for name in ("token", "access_token", "authorization", "key", "api_key"):
        answer = locked.get(f"/stream?resources=post:1&{name}={good}")
        assert_refused(locked, answer, 401, "missing")
        answer = locked.get(f"/state?resources=post:1&{name}={good}")
        assert answer.status == 400
        assert_secret(answer.body.decode())
    answer = locked.post({**POST, "token": good}, headers=as_("ann"))
    assert answer.status in (403, 422)
    assert_secret(answer.body.decode())


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("post:*", "post:*"),
        ("post%3A%2A", "post:*"),
        ("pos%74:*", "post:*"),
        ("POST:1", "POST:1"),
        ("post:1%2Cuser:2", "user:2"),
        ("post:1,user:2", "user:2"),
        ("user:2,post:1", "user:2"),
        ("post:1&resources=user:2", "user:2"),
        ("post:%C3%A9", "post:é"),
        ("post:e%CC%81x", "post:e\u0301x"),
        ("post:1%00", None),
        ("presence:user:2", "presence:user:2"),
        ("post:1/../2", "post:1/../2"),
        ("post:10", "post:10"),
        ("post:%31%30", "post:10"),
        ("postx:1", "postx:1"),
    ],
)
def test_names_are_read_before_they_are_compared(locked, written, name):
    fields = as_("ann", subscribe=["post:1", "post:e\u0301", "post:\u00e9x"], jobs=["read"])
    for path in ("/stream", "/events", "/state", "/poll"):
        answer = locked.get(f"{path}?resources={written}", fields)
        if name is None:
            assert_problem(answer, 400)
        else:
            assert_refused(locked, answer, 403, "resource", name)


def test_a_name_in_a_body_is_read_before_it_is_compared(locked):
    fields = {**JSON, **as_("ann", subscribe=["post:1"], publish=["post:1"])}
    for text, name in (
        (r'{"resources":["post:\u002a"]}', "post:*"),
        (r'{"resources":["post:1","\u0075ser:2"]}', "user:2"),
    ):
        answer = locked.request("POST", "/stream", fields, text.encode())
        assert_refused(locked, answer, 403, "resource", name)
    for text, name in (
        (r'{"resource":"\u0070ost:2","data":1}', "post:2"),
        (r'{"resources":["post:1","post:2"],"data":1}', "post:2"),
        (r'[{"resource":"post:1","data":1},{"resource":"post:2","data":1}]', "post:2"),
    ):
        answer = locked.request("POST", "/broadcast", fields, text.encode())
        assert_refused(locked, answer, 403, "resource", name)
    answer = locked.request("POST", "/broadcast", fields, rb'{"resource":"post:\u002a","data":1}')
    assert_problem(answer, 422)


# Publishing


def test_an_array_is_published_whole_or_not_at_all(locked, post):
    fields = as_("ann", publish=[post])
    before = locked.give([post], "before")
    array = [{"resource": post, "data": n} for n in range(20)]
    array[19] = {"resources": [post, "other:1"], "data": 19}
    assert_refused(locked, locked.post(array, headers=fields), 403, "resource", "other:1")
    with locked.stream([post], headers=locked.admin, last_event_id=before) as stream:
        assert [block.payload for block in stream.opening() if not block.is_control] == []


def test_lines_before_a_forbidden_one_stand(locked, post):
    fields = as_("ann", publish=[post])
    lines = [{"resource": post, "data": n} for n in range(5)]
    lines[2] = {"resource": "other:1", "data": 2}
    before = locked.give([post], "before")
    answer = locked.post_lines(lines, fields)
    problem = assert_refused(locked, answer, 403, "resource", "other:1")
    assert (problem["line"], problem["published"]) == (3, 2), problem
    with locked.stream([post], headers=locked.admin, last_event_id=before) as stream:
        assert [block.payload for block in stream.opening() if not block.is_control] == [0, 1]


def test_a_refused_event_takes_no_key(locked, post):
    order = {"resource": post, "data": 1, "key": f"once-{post}"}
    refused = locked.post(order, headers=as_("ann", publish=["other:*"]))
    assert_refused(locked, refused, 403, "resource", post)
    taken = locked.post(order, headers=as_("bob", publish=[post]))
    assert taken.status == 200
    again = locked.post(order, headers=as_("ann", publish=["other:*"]))
    assert_refused(locked, again, 403, "resource", post)


# The flags that lift or add a need


def test_flags_change_what_two_calls_need(tmp_path):
    with Locked(tmp_path, "--public-metrics", "--private-media") as hub:
        assert hub.get("/metrics").status == 200
        assert_refused(hub, hub.get("/metrics", bearer("root")), 401, "malformed")
        assert_refused(hub, hub.get("/events/status"), 401, "missing")
        for target in ("/media/x", "/api/v1/media/x"):
            assert_refused(hub, hub.get(target), 401, "missing")
            assert_refused(hub, hub.get(target, as_("ann", jobs=["write"])), 403, "scope")
            assert hub.get(target, as_("ann", jobs=["read"])).status == 404
        hub.assert_healthy()


def test_pictures_need_nothing_by_default(locked):
    assert locked.get("/media/x").status == 404

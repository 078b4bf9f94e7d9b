"""What becomes of a parameter that is not known: never lost without a word where that could lose data."""

import pytest

from support.hub import assert_problem
from support.stream import stream_target


@pytest.mark.parametrize("path", ["/stream", "/events"])
@pytest.mark.parametrize("name", ["_", "utm_source", "fbclid", "t", "token", "x[]"])
def test_a_stream_ignores_what_third_parties_add(hub, post, path, name):
    with hub.stream([post], path=path, **{name: "1"}) as stream:
        stream.opening()


@pytest.mark.parametrize("path", ["/stream", "/events"])
@pytest.mark.parametrize(
    "name, right",
    [
        ("event", "events"),
        ("Events", "events"),
        ("resource", "resources"),
        ("lasteventid", "last_event_id"),
        ("LastEventId", "last_event_id"),
        ("last-event-id", "last_event_id"),
        ("last_event_ids", "last_event_id"),
        ("keep_alive", "keepalive"),
        ("snapsot", "snapshot"),
    ],
)
def test_a_stream_names_what_can_only_be_a_slip(hub, post, path, name, right):
    answer = hub.get(stream_target([post], path, **{name: "1"}))
    assert_problem(answer, 400, f"{name} ", right)


@pytest.mark.parametrize(
    "target",
    [
        "/poll?resources=a:1&wait=0",
        "/poll?resources=a:1&timeout=0&_=1",
        "/poll?resources=a:1&timeout=0&cursor=x-1",
        "/state?resources=a:1&events=x",
        "/presence?resources=a:1&utm_source=x",
        "/events/status?verbose=1",
        "/metrics?name=x",
        "/health?x=1",
        "/openapi.json?v=3",
        "/api/v1/jobs?status=queued",
        "/api/v1/jobs?offset=1",
        "/api/v1/sessions?page=1",
        "/api/v1/jobs/1?wait=1",
        "/api/v1/jobs/1/progress?events=x",
        "/api/v1/jobs/1/content?snapshot=false",
        "/media/1?w=200",
    ],
)
def test_everywhere_else_it_is_refused_by_name(hub, target):
    name = target.rpartition("?")[2].rpartition("&")[2].partition("=")[0]
    assert_problem(hub.get(target), 400, f"{name} is no parameter here")


def test_it_is_refused_where_a_body_says_all(hub, post):
    answer = hub.post({"resource": post, "data": 1}, "/broadcast?retain=true")
    assert_problem(answer, 400, "retain")
    assert hub.get(f"/state?resources={post}").json["resources"] == {}


def test_a_page_may_have_a_query_of_its_own(hub):
    assert hub.get("/?utm_source=x").status == 200


def test_a_preflight_does_not_ask_for_it(hub):
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    assert hub.request("OPTIONS", "/poll?wait=1", headers).status == 204

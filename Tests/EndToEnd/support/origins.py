"""One request for each endpoint, and what is common to the answers to pages."""

from .hub import assert_problem

JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
EVENT = b'{"resource":"post:1","data":"changed","retain":true}'

ENDPOINTS = {
    "GET /": {},
    "HEAD /": {},
    "GET /stream?resources=post:1": {},
    "HEAD /stream?resources=post:1": {},
    "GET /events?resources=post:1": {},
    "POST /stream": {"headers": JSON, "body": b'{"resources":["post:1"]}'},
    "PATCH /stream/x": {"headers": JSON, "body": b'{"add":["post:1"]}'},
    "POST /broadcast": {"headers": JSON, "body": EVENT},
    "POST /events/broadcast": {"headers": JSON, "body": EVENT},
    "POST /broadcast (lines)": {"headers": LINES, "body": EVENT + b"\n"},
    "POST /broadcast (as a form could)": {"headers": {"Content-Type": "text/plain"}, "body": EVENT},
    "GET /state?resources=post:1": {},
    "GET /poll?resources=post:1&timeout=0": {},
    "GET /presence?resources=post:1": {},
    "GET /events/status": {},
    "GET /metrics": {},
    "GET /openapi.json": {},
    "GET /health": {},
    "GET /health/live": {},
    "GET /health/ready": {},
    "GET /api/v1/jobs": {},
    "POST /api/v1/jobs": {"headers": JSON, "body": b'{"kind":"post","input":{}}'},
    "DELETE /api/v1/jobs/1": {},
    "GET /api/v1/jobs/1/progress": {},
    "GET /media/1": {},
    "GET /app/": {},
    "OPTIONS /broadcast": {"headers": {"Access-Control-Request-Method": "POST"}},
    "OPTIONS *": {},
    "GET /nowhere": {},
    "PUT /broadcast": {},
    "GET /stream?resources=post:1&last_event_id=%zz": {},
}


def ask(hub, endpoint, fields):
    """The answer to a request for an endpoint with further fields."""
    method, target = endpoint.split(" ")[:2]
    call = ENDPOINTS[endpoint]
    headers = list(call.get("headers", {}).items()) + list(fields.items())
    return hub.request(method, target, headers, call.get("body"))


def assert_hidden(answer):
    """No page may read the answer."""
    shown = {name for name in answer.headers if name.startswith("access-control-")}
    assert not shown, answer


def assert_foreign(answer):
    """The request was refused for its origin."""
    assert assert_problem(answer, 403, "--allowed-origins")["reason"] == "origin"
    assert_hidden(answer)


def assert_read_by(answer, origin, status=200):
    """The page may read the answer."""
    assert answer.status == status, answer
    assert answer.headers["access-control-allow-origin"] == origin
    assert "origin" in answer.list("vary")

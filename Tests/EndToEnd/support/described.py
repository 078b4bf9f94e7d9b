"""An OpenAPI document as Schemathesis reads it, what its checks leave open, and something behind each path."""

import copy
import json
import re
from urllib.parse import unquote

import jsonschema_rs
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .sse import EventParser, StreamRules
from .wait import eventually

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
EVENTS = {"connected": "Connected", "reset": "Reset", "closing": "Closing", "batch": "Batch"}
# A stream need not send more than that it is connected, and one event.
BLOCKS = 2
RAW = re.compile("(data|event|id|retry)?:|$")


class Described:
    """A document, and whether answers are as it says."""

    def __init__(self, document):
        self.document = document
        self.validators = {
            name: jsonschema_rs.Draft202012Validator(
                {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            )
            for name in (*EVENTS.values(), "Envelope")
        }
        # It completes what it is given.
        self.schema = schemathesis.openapi.from_dict(copy.deepcopy(document))
        self.schema.config.seed = 1
        self.schema.config.max_stream_events = BLOCKS
        # Those that are not described get one and the same refusal: one of them stands for all.
        self.schema.config.phases.coverage.unexpected_methods = {"put"}

    @property
    def labels(self):
        """The names of the operations whose bodies can be made up from their descriptions."""
        return [
            f"{method.upper()} {path}"
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
            if "application/vnd.sqlite3" not in operation.get("requestBody", {}).get("content", {})
        ]

    def test(self, label, ask, settings):
        """A function that asks for all that Schemathesis makes of an operation.

        `@schema.parametrize()` makes the same, but takes a plugin that each run of pytest would have to load.
        """
        return build_operation_test(
            config=self.schema.config,
            operation=self.schema.find_operation_by_label(label),
            test_func=ask,
            given_kwargs={},
            feedback=NO_FEEDBACK,
            explicit_settings=settings,
        )

    def check(self, case, answer):
        """Fails unless the document describes this answer to this request."""
        if answer.headers.get("content-type", [""])[0].startswith("text/event-stream"):
            # The document describes a stream as text, and its events by schemas of their own.
            case.validate_response(answer, checks=[*CHECKS, self._events])
        else:
            case.validate_response(
                answer, checks=[*CHECKS, response_schema_conformance, self._methods]
            )

    def _events(self, context, answer, case):
        """Each event of a stream is in its place, and has the data that is described."""
        if is_raw(case):
            # What a raw stream carries is its producers' own.
            for line in answer.content.decode().split("\n"):
                assert RAW.match(line), line
            return
        rules = StreamRules()
        blocks = EventParser().feed(answer.content)
        assert 1 <= len(blocks) <= BLOCKS, f"{len(blocks)} events came"
        for block in blocks:
            rules.check(block)
            name = EVENTS.get(block.event, None if block.is_control else "Envelope")
            if name is not None:
                found = self.validators[name].evaluate(block.json).errors()
                assert not found, f"{block} is no {name}: {found[0]['error']}"

    def _methods(self, context, answer, case):
        """Only methods that are not described are refused, and `Allow` has those that are."""
        if answer.status_code != 405:
            return
        described = {method.upper() for method in self.document["paths"][case.path]}
        allowed = set(answer.headers["allow"][0].split(", "))
        expected = described | {"OPTIONS"} | ({"HEAD"} if "GET" in described else set())
        where = f"{case.method} {unquote(answer.request.url)}"
        assert case.method not in described, f"{where} is described"
        assert allowed == expected, f"{where}: {allowed}"


def is_raw(case):
    """Whether a raw stream is asked for."""
    return any(
        isinstance(part, dict) and part.get("format") == "raw" for part in (case.query, case.body)
    )


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """Any value as lines of JSON."""
    if isinstance(value, (bytes, str)):
        return value
    values = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(each).encode() + b"\n" for each in values)


class Records:
    """A record of each kind on a hub, so that its paths lead somewhere; for whoever may do all."""

    def __init__(self, hub, fields):
        self.hub = hub
        self.fields = fields
        self.leases = {}
        self.articles = {}
        self.stream = hub.open(["post:1"], headers=fields)
        self.connection = self.stream.seen[0].json["connection"]
        made = self.ask("/sessions", {"prompt": "a potter from Porto", "avatars": 1})
        self.ended(made)
        self.session = made["session"]["id"]
        self.ended(self.ask(f"/sessions/{self.session}/persona", {"avatar": 1}))
        self.influencer = self.ask("/influencers", {"session": self.session})["id"]
        made = self.ask(f"/influencers/{self.influencer}/posts", {"prompt": "the first kiln"})
        self.ended(made)
        self.post = made["post"]["id"]
        self.picture = self.ask(f"/posts/{self.post}")["image_urls"][0].rsplit("/", 1)[1]
        # The only kind that has all that a job can have: a text and a page.
        made = self.ask("/jobs", {"kind": "app", "input": {"prompt": "a timer"}})
        self.job = self.ended({"job": made})

    def close(self):
        """Ends what is open."""
        self.stream.close()

    def ask(self, path, value=None):
        """A call that must succeed."""
        if value is None:
            answer = self.hub.get(f"/api/v1{path}", self.fields)
        else:
            answer = self.hub.post(value, f"/api/v1{path}", self.fields)
        assert answer.status < 300, answer
        return answer.json

    def ended(self, made):
        """Waits until the job that was made has succeeded."""
        job = made["job"]["id"]
        eventually(lambda: self.ask(f"/jobs/{job}")["state"] == "succeeded", f"job {job}", 20)
        return job

    def names(self, case):
        """What the path's parameter can be so that there is something; none for other paths."""
        if not case.path_parameters:
            return None
        kind = case.path.removeprefix("/api/v1").split("/")[1]
        if kind == "jobs" and case.method != "GET":
            return {"id": self.lease(case.path)[0]}
        if kind == "api":
            return {"hash": self.article(case.path)}
        if kind == "stream":
            return {"connection": self.connection}
        if kind == "resources":
            return {"resource": "post:1"}
        known = {
            "sessions": self.session,
            "influencers": self.influencer,
            "posts": self.post,
            "media": self.picture,
            "jobs": self.job,
            "ai": self.job,
        }
        return {"id": known[kind]}

    def article(self, path):
        """The session hash of an article of this path's own, which waits for its time."""
        if path not in self.articles:
            order = {"kind": "article", "input": {"prompt": path}, "delay_seconds": 600}
            made = self.ask("/jobs", order)
            if path.endswith("/restart"):
                self.ask(f"/jobs/{made['id']}/cancel", {})
            self.articles[path] = made["session_hash"]
        return self.articles[path]

    def lease(self, path):
        """A job of this path's own that a worker has, and its lease."""
        if path not in self.leases:
            made = self.ask("/jobs", {"kind": "thumb", "input": path})
            claimed = None
            # What a restart has put back into the queue comes before.
            while claimed is None or claimed["job"]["id"] != made["id"]:
                claimed = self.ask("/jobs/claim", {"kinds": ["thumb"], "wait": 5})
            if path.endswith("/restart"):
                self.ask(f"/jobs/{made['id']}/cancel", {})
            self.leases[path] = made["id"], claimed["lease"]["token"]
        return self.leases[path]

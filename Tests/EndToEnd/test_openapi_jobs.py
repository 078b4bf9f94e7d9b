"""What /openapi.json and docs/JOBS.md say of jobs, records and pictures is what the hub does."""

import contextlib
import json
import re
import sqlite3
import subprocess

import pytest

from support.hub import REPOSITORY, Hub, environment
from support.jobs import Jobs

FLAGS = ("--builtin-rate", "2000", "--builtin-picture", "0.05", "--external-kinds", "thumb")
TAGS = {"Generate", "Jobs", "Work"}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


class Description:
    """The document, and what was seen to be as it says."""

    def __init__(self, document):
        self.document = document
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if TAGS & set(operation["tags"])
        }
        self.seen = set()

    def resolve(self, node):
        """What a `$ref` stands for."""
        while "$ref" in node:
            target = self.document
            for name in node["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            node = target
        return node

    def call(self, hub, name, status, body=None, headers=None, query="", **names):
        """Calls an operation; the answer must have this status and be as described."""
        method, path, operation = self.operations[name]
        target = re.sub(r"{(\w+)}", lambda match: names[match[1]], path) + query
        if body is None or isinstance(body, bytes):
            answer = hub.request(method.upper(), target, headers or {}, body)
        else:
            answer = hub.post(body, target, headers)
            media = operation["requestBody"]["content"]["application/json"]
            if status < 300:
                assert self.misfit(body, media["schema"]) is None
        assert answer.status == status, answer
        described = self.resolve(operation["responses"][str(status)])
        for header in described.get("headers", ()):
            assert header.lower() in answer.headers, answer
        self.check(answer, described.get("content", {}))
        self.seen.add((name, status))
        return answer

    def check(self, answer, content):
        """The body's type is one that is described, and its value fits the schema."""
        if not answer.body:
            assert not content, f"no body, but one is described: {answer}"
            return
        kind = answer.headers["content-type"].split(";")[0]
        assert kind in content, f"{kind} is not described"
        if kind.endswith("json"):
            assert self.misfit(answer.json, content[kind]["schema"]) is None
        if kind == "text/event-stream":
            for event, data in events(answer.body):
                named = {"job_update": "JobFigures", "content_delta": "ContentDelta"}.get(event)
                if named:
                    assert self.misfit(data["data"], self.schema(named)) is None

    def schema(self, name):
        """A schema by its name."""
        return self.document["components"]["schemas"][name]

    def misfit(self, value, schema, at="$"):
        """Where a value does not fit a schema and why; nothing when it fits."""
        schema = self.resolve(schema)
        for part in schema.get("allOf", ()):
            if (found := self.misfit(value, part, at)) is not None:
                return found
        if "oneOf" in schema:
            fitting = [part for part in schema["oneOf"] if self.misfit(value, part, at) is None]
            if len(fitting) != 1:
                return f"{at}: {len(fitting)} alternatives fit {value!r}"
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(is_of(value, kind) for kind in types):
            return f"{at}: {value!r} is none of {types}"
        if value not in schema.get("enum", [value]):
            return f"{at}: {value!r} is none of {schema['enum']}"
        if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
            return f"{at}: {value!r} does not match {schema['pattern']}"
        if is_of(value, "number"):
            low, high = schema.get("minimum", value), schema.get("maximum", value)
            if not low <= value <= high:
                return f"{at}: {value!r} is not in {low}...{high}"
        if isinstance(value, list):
            return self.first(
                self.misfit(element, schema.get("items", {}), f"{at}[{index}]")
                for index, element in enumerate(value)
            )
        if isinstance(value, dict):
            return self.misfit_of_members(value, schema, at)
        return None

    def misfit_of_members(self, value, schema, at):
        """The same for an object; members that are not described do not fit where any are."""
        properties = schema.get("properties", {})
        missing = set(schema.get("required", ())) - set(value)
        if missing:
            return f"{at}: {sorted(missing)} missing in {value!r}"
        if schema.get("additionalProperties") is False and set(value) - set(properties):
            return f"{at}: {sorted(set(value) - set(properties))} not described"
        return self.first(
            self.misfit(value[name], part, f"{at}.{name}")
            for name, part in properties.items()
            if name in value
        )

    @staticmethod
    def first(misfits):
        """The first of them that is one."""
        return next((misfit for misfit in misfits if misfit is not None), None)


def is_of(value, kind):
    """Whether a value is of one of JSON Schema's types."""
    if kind == "integer":
        return not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)
    if kind == "number" and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[kind])


def events(body):
    """The events of a stream's body as (name, data's value)."""
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if fields.get("data"):
            yield fields.get("event"), json.loads(fields["data"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with Hub(*FLAGS, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub


@pytest.fixture(scope="module")
def described(hub):
    """The description, after all that it describes was done once."""
    described = Description(hub.get("/openapi.json").json)

    def call(name, status, body=None, **options):
        return described.call(hub, name, status, body, **options)

    walk_the_records(call, Jobs(hub))
    walk_the_jobs(call, Jobs(hub))
    walk_the_work(call)
    return described


def walk_the_records(call, jobs):
    """From a prompt to a post with its picture."""
    made = call("createSession", 201, {"prompt": "a potter from Porto", "avatars": 1}).json
    jobs.until_final(made["job"]["id"])
    session = made["session"]["id"]
    call("getSession", 200, id=session)
    chosen = call("choosePersona", 202, {"avatar": 1}, id=session).json
    jobs.until_final(chosen["job"]["id"])
    influencer = call("createInfluencer", 201, {"session": session}).json["id"]
    call("getInfluencer", 200, id=influencer)
    call("listSessions", 200, query="?limit=1")
    call("listInfluencers", 200)
    made = call("createPost", 201, {"prompt": "the first kiln"}, id=influencer).json
    jobs.until_final(made["job"]["id"])
    ended = call("followJob", 200, id=made["job"]["id"])
    last = re.findall(r'"id":"([0-9a-z]+-[0-9]+)"', ended.body.decode())[-1]
    for name in ("followJob", "followContent"):
        call(name, 200, id=made["job"]["id"])
        call(name, 204, id=made["job"]["id"], headers={"Last-Event-ID": last})
    app = call("createJob", 201, {"kind": "app", "input": {"prompt": "a timer"}}).json["id"]
    jobs.until_final(app)
    call("getPage", 200, id=app)
    ended = call("followGeneration", 200, id=app)
    last = re.findall(r'"id":"([0-9a-z]+-[0-9]+)"', ended.body.decode())[-1]
    for name in ("followGeneration", "followGeneratedContent"):
        call(name, 200, id=app)
        call(name, 204, id=app, headers={"Last-Event-ID": last})
    database = b"SQLite format 3\0" + bytes(4080)
    call("upload", 201, database, headers={"Content-Type": "application/vnd.sqlite3"})
    article = call("createJob", 201, {"kind": "article", "input": {"prompt": "bread", "sections": 1}}).json
    call("statusArticle", 200, hash=article["session_hash"])
    call("cancelArticle", 200, hash=article["session_hash"])
    call("restartArticle", 200, hash=article["session_hash"])
    jobs.until_final(article["id"])
    call("getJob", 200, id=article["id"])
    call("getPage", 200, id=article["id"])
    call("listPosts", 200, id=influencer)
    post = call("getPost", 200, id=made["post"]["id"]).json
    picture = post["image_urls"][0].rsplit("/", 1)[1]
    tag = call("getMedia", 200, id=picture).headers["etag"]
    call("getMedia", 304, id=picture, headers={"If-None-Match": tag})


def walk_the_jobs(call, jobs):
    """Jobs in the queue, cancelled, and done again."""
    ask = {"kind": "thumb", "input": [1], "key": "k", "delay_seconds": 60, "priority": 4}
    made = call("createJob", 201, ask).json
    assert made["state"] == "scheduled"
    assert call("createJob", 200, ask).json == made
    header = {"Idempotency-Key": "k"}
    assert call("createJob", 200, {"kind": "thumb", "input": 1}, headers=header).json == made
    call("getJob", 200, id=made["id"])
    call("getJobStatus", 200, id=made["id"])
    call("cancelJob", 200, id=made["id"])
    call("restartJob", 200, id=made["id"])
    call("cancelJob", 200, id=made["id"])
    for query in ("", "?kind=thumb&state=cancelled&limit=200", f"?before={made['id']}"):
        call("listJobs", 200, query=query)
    assert jobs.get("/jobs?state=cancelled")["jobs"][0]["id"] == made["id"]


def walk_the_work(call):
    """What a worker outside says."""
    call("claimJob", 204, {"kinds": ["thumb"]})
    for end, more in (("completeJob", {"result": [2]}), ("failJob", {"error": "no", "retry": False})):
        made = call("createJob", 201, {"kind": "thumb", "input": {"of": "a.png"}}).json["id"]
        claimed = call("claimJob", 200, {"kinds": ["thumb"], "wait": 5}).json
        assert claimed["job"]["id"] == made
        lease = {"lease": claimed["lease"]["token"]}
        call("heartbeat", 204, lease, id=made)
        call("reportProgress", 204, {**lease, "progress": 4.5, "eta_seconds": 2}, id=made)
        call(end, 204, {**lease, **more}, id=made)
        call("getJob", 200, id=made)


def test_each_operation_was_called_and_each_good_answer_seen(described):
    promised = {
        (name, int(status))
        for name, (_, _, operation) in described.operations.items()
        for status in operation["responses"]
        if int(status) < 400
    }
    assert promised == described.seen


def test_the_rows_have_no_member_that_is_not_described(hub, described):
    jobs = Jobs(hub)
    row = jobs.get("/jobs?limit=1")["jobs"][0]
    of_row = described.schema("Job")["allOf"][1]["properties"]
    figures = described.schema("JobFigures")["properties"]
    of_articles = {"counts", "session_hash"}
    article = jobs.get("/jobs?kind=article&limit=1")["jobs"][0]
    assert set(article) == set(of_row) | set(figures)
    assert set(row) == set(article) - of_articles
    influencer = jobs.get("/influencers")["influencers"][0]
    session = jobs.get(f"/sessions/{influencer['session']}")
    post = jobs.get(f"/influencers/{influencer['id']}/posts")["posts"][0]
    for name, value in (("Session", session), ("Influencer", influencer), ("Post", post)):
        assert set(value) == set(described.schema(name)["properties"])
    told = jobs.follow(post["job"])[-2][1]["data"]
    assert set(told) == set(figures) - of_articles


REFUSED = [
    ("createSession", 422, {"prompt": " "}),
    ("createSession", 400, "{"),
    ("listSessions", 400, None),
    ("choosePersona", 404, {"avatar": 1}),
    ("createInfluencer", 422, {"session": "none"}),
    ("createPost", 404, {"prompt": "x"}),
    ("getPost", 404, None),
    ("getMedia", 404, None),
    ("createJob", 422, {"kind": "paint", "input": 1}),
    ("createJob", 413, {"kind": "thumb", "input": "x" * 262144}),
    ("listJobs", 400, None),
    ("getJob", 404, None),
    ("followJob", 404, None),
    ("followContent", 404, None),
    ("followGeneration", 404, None),
    ("followGeneratedContent", 404, None),
    ("getPage", 404, None),
    ("cancelJob", 404, None),
    ("restartJob", 404, None),
    ("claimJob", 422, {"kinds": ["post"]}),
    ("heartbeat", 404, {"lease": "x"}),
    ("completeJob", 422, {}),
    ("failJob", 422, {"lease": "x"}),
]


@pytest.mark.parametrize(("name", "status", "body"), REFUSED)
def test_an_error_is_described_and_is_a_problem(hub, described, name, status, body):
    query = "?limit=0" if status == 400 and body is None else ""
    answer = described.call(hub, name, status, body, query=query, id="none")
    assert answer.json["status"] == status


def test_what_makes_no_sense_now_is_described(hub, described):
    jobs = Jobs(hub)
    session = jobs.get("/influencers")["influencers"][0]["session"]
    described.call(hub, "choosePersona", 409, {"avatar": 1}, id=session)
    described.call(hub, "createInfluencer", 409, {"session": session})
    ended = jobs.get("/jobs?state=succeeded")["jobs"][0]["id"]
    for name in ("cancelJob", "restartJob"):
        described.call(hub, name, 409, id=ended)
    lost = {"lease": "lost"}
    for name in ("heartbeat", "reportProgress", "completeJob"):
        described.call(hub, name, 409, lost, id=ended)
    described.call(hub, "failJob", 409, {**lost, "error": "late"}, id=ended)


def test_the_methods_of_a_path_are_the_described_ones(hub, described):
    for path, methods in described.document["paths"].items():
        if not path.startswith(("/api/", "/media/")):
            continue
        answer = hub.request("DELETE", path.replace("{id}", "x").replace("{hash}", "x"))
        expected = set(methods) | ({"head"} if "get" in methods else set()) | {"options"}
        assert answer.status == 405 and answer.list("allow") == expected, path


@pytest.mark.parametrize("name", ["%C2%A9", "a.b", "x" * 65])
@pytest.mark.parametrize("part", ["progress", "content", "cancel"])
def test_what_can_be_no_job_has_no_methods(hub, name, part):
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        assert hub.request(method, f"/api/v1/jobs/{name}/{part}").status == 404, method


def test_the_examples_fit_their_schemas(described):
    count = 0

    def walk(node, at):
        nonlocal count
        if isinstance(node, list):
            for index, part in enumerate(node):
                walk(part, f"{at}/{index}")
            return
        if not isinstance(node, dict):
            return
        given = []
        if "schema" in node and "example" in node:
            given = [(node["example"], node["schema"])]
        elif isinstance(node.get("examples"), list):
            given = [(example, node) for example in node["examples"]]
        for example, schema in given:
            if not isinstance(example, str) or described.resolve(schema).get("type") == "string":
                assert described.misfit(example, schema) is None, at
                count += 1
        for name, part in node.items():
            if name not in ("example", "examples"):
                walk(part, f"{at}/{name}")

    walk(described.document, "#")
    assert count > 60


def test_the_guide_s_commands_do_what_it_says(tmp_path):
    guide = (REPOSITORY / "docs/JOBS.md").read_text()
    commands = "".join(re.findall(r"^```sh\n(.*?)^```", guide, re.MULTILINE | re.DOTALL))
    flags = ("--builtin-rate", "300", "--builtin-picture", "0.3", "--external-kinds", "thumbnail")
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, price REAL)")
    with Hub(*flags, data=str(tmp_path / "data")) as hub:
        assert commands.startswith("hub=http://127.0.0.1:8080\n")
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands.replace("http://127.0.0.1:8080", hub.url)],
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=40,
        )
        assert result.returncode == 0, result
        ended = Jobs(hub).get("/jobs?kind=thumbnail")["jobs"]
    assert re.findall(r" (20[01])$", result.stdout, re.MULTILINE) == ["201", "200"]
    assert '"status":"ready"' in result.stdout and "event: content_delta" in result.stdout
    assert [job["result"] for job in ended] == [{"width": 320}]
    assert (tmp_path / "post.svg").read_bytes().startswith(b"<svg")

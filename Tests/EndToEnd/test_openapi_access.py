"""What openapi.json says of credentials is what the hub does, operation by operation."""

import json

import pytest

from support.hub import REPOSITORY, Hub

DOCUMENT = json.loads((REPOSITORY / "Sources/Documents/openapi.json").read_text())
NAMES = {"connection": "x", "hash": "x", "id": "x", "resource": "post:1"}
OPERATIONS = [
    pytest.param(method.upper(), path, operation, id=f"{method.upper()} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
REASONS = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["reason"]["enum"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    secret = tmp_path_factory.mktemp("keys") / "secret"
    secret.write_text("a secret of the tests, longer than 32 bytes")
    with Hub("--jwt-secret-file", secret, "--private-media") as running:
        yield running


def ask(hub, method, path, operation, headers):
    """The answer to an operation's own example."""
    query = "&".join(
        f"{found['name']}=post:1"
        for found in map(resolve, operation.get("parameters", ()))
        if found["in"] == "query" and found["required"]
    )
    body = None
    if content := operation.get("requestBody", {}).get("content"):
        kind, described = next(iter(content.items()))
        body = an_example(described)
        headers = headers | {"Content-Type": kind}
    return hub.request(method, path.format(**NAMES) + (query and f"?{query}"), headers, body)


def an_example(described):
    """A body as it is described."""
    if described["schema"].get("format") == "binary":
        return b"SQLite format 3\0" + bytes(4080)
    example = described.get("example") or next(iter(described["examples"].values()))["value"]
    return example.encode() if isinstance(example, str) else json.dumps(example).encode()


def resolve(node):
    """What a `$ref` stands for."""
    while "$ref" in node:
        target = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def test_each_reference_leads_somewhere():
    found = []

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                found.append(resolve(node))
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                walk(child)

    walk(DOCUMENT)
    assert len(found) > 100


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_bad_credentials_are_refused_where_the_document_says_so(hub, method, path, operation):
    answer = ask(hub, method, path, operation, {"Authorization": "Bearer bad"})
    if "401" not in operation["responses"]:
        assert answer.status < 400, answer
        assert operation["security"] == []
        return
    assert answer.status == 401, answer
    problem = answer.json
    assert problem["reason"] == "malformed" and problem["reason"] in REASONS
    assert problem.keys() <= DOCUMENT["components"]["schemas"]["Problem"]["properties"].keys()
    assert problem["request_id"] in hub.log()
    described = resolve(operation["responses"]["401"])
    for header in described["headers"]:
        assert header.lower() in answer.headers, answer


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_missing_credentials_are_refused_or_were_not_needed(hub, method, path, operation):
    answer = ask(hub, method, path, operation, {})
    if "401" in operation["responses"] and path != "/stream/{connection}":
        assert answer.status == 401 and answer.json["reason"] == "missing", answer
    else:
        # There is no such stream, which is said before anybody is asked who they are.
        assert answer.status < 400 or (answer.status == 404 and "stream" in answer.json["detail"])


def test_the_calls_of_credentials_answer_as_described():
    with Hub() as hub:
        for method, path, status in (
            ("post", "/tickets", "201"),
            ("post", "/session", "204"),
            ("delete", "/session", "204"),
            ("post", "/admin/disconnect", "200"),
        ):
            operation = DOCUMENT["paths"][path][method]
            answer = ask(hub, method.upper(), path, operation, {})
            assert answer.status == int(status), answer
            content = operation["responses"][status].get("content")
            if content is None:
                assert not answer.body
                continue
            schema = resolve(content["application/json"]["schema"])
            assert answer.json.keys() == set(schema["required"]) == schema["properties"].keys()

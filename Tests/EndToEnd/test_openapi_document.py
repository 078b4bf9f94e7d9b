"""Schemathesis asks for all that openapi.json describes, rightly and wrongly, and gets described answers alone."""

import copy
import functools
import itertools
import json
import os

import hypothesis
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from support.access import Locked, as_
from support.described import Described, Records, is_raw
from support.hub import REPOSITORY, Hub

LONG = bool(os.environ.get("MARTLET_LONG"))
DESCRIBED = Described(json.loads((REPOSITORY / "Sources/Documents/openapi.json").read_text()))
FLAGS = ("--builtin-rate", "2000", "--builtin-picture", "0.05", "--external-kinds", "thumb,thumbnail")
CALLERS = ["an open hub", "an administrator", "a subscriber", "a stranger"]
# Schemathesis knows no way to these; test_openapi_jobs.py goes it.
UNREACHED = {
    "POST /api/v1/sessions/{id}/persona",
    "POST /api/v1/influencers",
}
hypothesis.configuration.set_hypothesis_home_dir(REPOSITORY / ".build/hypothesis")


def examples(count):
    """So many cases, the same in each run."""
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


class Caller:
    """Somebody who asks a hub."""

    def __init__(self, name, hub, fields=(), records=None):
        self.hub = hub
        self.fields = dict(fields)
        self.records = records
        # The first caller asks for all; of the same, the others ask for each fourth.
        self.every = 1 if LONG or name == CALLERS[0] else 4
        self.session = requests.Session()
        # No look for a proxy at each request.
        self.session.trust_env = False
        # The operations that were to be asked for, those that were, and with which statuses.
        self.tried = set()
        self.asked = set()
        self.raw = set()
        self.answered = set()
        self.turns = itertools.count()

    def ask(self, described, case):
        """Asks as the case says, and again of something that exists."""
        hurry(case)
        # A raw stream of which nothing comes is read until the time is over: one stands for all.
        if is_raw(case):
            if self.every > 1 or case.operation.label in self.raw:
                return
            self.raw.add(case.operation.label)
        self.send(described, case)
        if names := self.records and self.records.names(case):
            # The case is the next caller's as well.
            names_before, body_before = case.path_parameters, case.body
            case.path_parameters = names
            if isinstance(case.body, dict) and isinstance(case.body.get("lease"), str):
                case.body = case.body | {"lease": self.records.lease(case.path)[1]}
            self.send(described, case)
            case.path_parameters, case.body = names_before, body_before

    def send(self, described, case):
        answer = case.call(
            base_url=self.hub.url,
            session=self.session,
            headers=self.fields,
            timeout=3 if is_raw(case) else 10,
        )
        described.check(case, answer)
        label = case.operation.label
        self.asked.add(label)
        if case.method == case.operation.method.upper():
            self.answered.add((label, answer.status_code))


def hurry(case):
    """Leaves out of a request what would have the hub wait with its answer."""
    if case.path == "/poll" and is_time(case.query.get("timeout", 25)):
        case.query["timeout"] = 0
    if case.path == "/api/v1/jobs/claim" and isinstance(case.body, dict):
        if is_time(case.body.get("wait")):
            case.body["wait"] = 0


def is_time(value):
    try:
        return float(value) > 0
    except (TypeError, ValueError):
        return False


@pytest.fixture(scope="module", params=CALLERS)
def caller(request, tmp_path_factory):
    """Each caller has a hub of its own."""
    is_open = request.param == CALLERS[0]
    with Hub(*FLAGS) if is_open else Locked(tmp_path_factory.mktemp("keys"), *FLAGS) as hub:
        of_all = {} if is_open else hub.admin
        records = Records(hub, of_all)
        fields = {
            CALLERS[1]: of_all,
            CALLERS[2]: as_("ann", subscribe=["post:*", "A:0"], jobs=["read"]),
        }.get(request.param, {})
        yield Caller(request.param, hub, fields, records)
        records.close()
        hub.assert_healthy()


@functools.cache
def cases(label):
    """Asks as a caller for each case of an operation; the cases are the same for all callers."""

    def ask(case, caller):
        if case.meta.phase.name == "coverage" and next(caller.turns) % caller.every:
            return
        caller.ask(DESCRIBED, case)

    return DESCRIBED.test(label, ask, examples(30 if LONG else 3))


@pytest.mark.limit(600)
@pytest.mark.parametrize("label", DESCRIBED.labels)
def test_each_answer_is_described(label, caller):
    caller.tried.add(label)
    cases(label)(caller=caller)


def test_each_operation_was_asked_for_and_answered_well(caller):
    if not caller.tried:
        pytest.skip("this run asks for nothing")
    assert caller.asked == caller.tried
    if caller.fields != caller.records.fields:
        return
    well = {label for label, status in caller.answered if status < 300}
    assert caller.tried - well <= UNREACHED


def test_the_document_is_the_one_that_the_hub_serves(caller):
    assert caller.hub.get("/openapi.json").json == DESCRIBED.document


# Proof that what is not described is found.


def without_a_status(document):
    del document["paths"]["/broadcast"]["post"]["responses"]["422"]


def with_another_type(document):
    content = document["paths"]["/broadcast"]["post"]["responses"]["200"]["content"]
    content["text/plain"] = content.pop("application/json")


def with_another_member(document):
    document["components"]["schemas"]["Published"]["required"].append("at")


def with_another_header(document):
    answer = document["paths"]["/broadcast"]["post"]["responses"]["200"]
    answer["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer"}}}


def with_another_event(document):
    document["components"]["schemas"]["Connected"]["required"].append("at")


def with_another_method(document):
    document["paths"]["/broadcast"]["put"] = document["paths"]["/broadcast"]["post"]


@pytest.mark.parametrize(
    ("change", "path", "method", "words"),
    [
        (without_a_status, "/broadcast", "post", "Undocumented status code"),
        (with_another_type, "/broadcast", "post", "Undocumented Content-Type"),
        (with_another_member, "/broadcast", "post", "Response violates schema"),
        (with_another_header, "/broadcast", "post", "Missing required response headers"),
        (with_another_event, "/stream", "get", '"at" is a required property'),
        (with_another_method, "/broadcast", "put", "is described"),
    ],
)
def test_what_is_not_described_is_found(hub, change, path, method, words):
    document = copy.deepcopy(DESCRIBED.document)
    change(document)
    described = Described(document)
    operation = described.schema[path][method]
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE) | operation.as_strategy(
        generation_mode=GenerationMode.NEGATIVE
    )

    caller = Caller(CALLERS[0], hub)

    @examples(50)
    @given(case=cases)
    def ask(case):
        caller.ask(described, case)

    with pytest.raises(BaseExceptionGroup, match=words) :
        ask()

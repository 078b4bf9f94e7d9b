"""The query parameter `resources`: what is a resource, and what is not."""

from urllib.parse import quote

import pytest

from support.hub import assert_problem
from support.stream import stream_target


def test_doubled_resources_collapse(hub, post):
    with hub.stream([post, post, "a:*", post, "a:*"]) as stream:
        assert stream.next().json["resources"] == [post, "a:*"]


def test_the_resources_parameter_may_repeat(hub, name):
    with hub.stream(f"a:{name},b:{name}&resources=c:{name}&resources=a:{name}") as stream:
        assert stream.next().json["resources"] == [f"a:{name}", f"b:{name}", f"c:{name}"]


def test_a_hundred_resources_are_taken(hub, name):
    resources = [f"post:{name}-{n}" for n in range(100)]
    with hub.stream(resources) as stream:
        assert stream.next().json["resources"] == resources
        stream.until("live")
        hub.publish(resources[99], "last")
        assert stream.event().payload == "last"


def test_a_hundred_and_one_resources_are_refused(hub, name):
    answer = hub.get(stream_target([f"post:{name}-{n}" for n in range(101)]))
    assert_problem(answer, 400, "100")


def test_doubled_resources_count_once_towards_the_hundred(hub, name):
    resources = [f"post:{name}-{n}" for n in range(100)]
    with hub.stream(resources + resources[:50]) as stream:
        assert len(stream.next().json["resources"]) == 100


def test_a_percent_encoded_comma_separates_as_well(hub, name):
    with hub.stream(f"post%3A{name}%2Ca:{name}") as stream:
        assert stream.next().json["resources"] == [f"post:{name}", f"a:{name}"]


def test_a_plus_stays_a_plus(hub, name):
    with hub.stream(f"a+b:x+{name}") as stream:
        assert stream.next().json["resources"] == [f"a+b:x+{name}"]
        stream.until("live")
        hub.publish(f"a+b:x+{name}", 1)
        assert stream.event().resources == [f"a+b:x+{name}"]


def test_an_id_is_taken_as_it_is(hub, name):
    composed, decomposed = f"post:{name}-\u00e9", f"post:{name}-e\u0301"
    with hub.open([composed]) as stream:
        hub.publish(decomposed, "decomposed")
        hub.publish(composed, "composed")
        assert stream.event().payload == "composed"


@pytest.mark.parametrize(
    "id", ["a:b:c", "/?#[]@!$&'()", "%41", "🙂", "..", "\u00a0", '"\\', "*x", "\u2028"]
)
def test_unusual_ids_are_allowed(hub, name, id):
    resource = f"{name}:{id}"
    with hub.open(quote(resource, safe="")) as stream:
        assert stream.seen[0].json["resources"] == [resource]
        hub.publish(resource, 1)
        assert stream.event().resources == [resource]


def test_an_id_of_256_bytes_is_taken_and_one_of_257_refused(hub, name):
    longest = f"{name}:" + "é" * 128
    with hub.open([longest]) as stream:
        hub.publish(longest, 1)
        assert stream.event().resources == [longest]
    assert_problem(hub.get(stream_target([longest + "x"])), 400)


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "post",
        "post:",
        ":1",
        "1post:1",
        "po_st:1",
        "p%C3%B6st:1",
        "-a:1",
        "post:a%20b",
        "post:a%09b",
        "post:a%00b",
        "post:a%7Fb",
        "post:a%C2%80",
        "post:%C2%85b",
        "post:%C2%9F",
        "post:a%0Ab",
        "post:%FF",
        "post:%C3",
        "post:%ED%A0%80",
        "post:%zz",
        "post:%4",
        "*:1",
        "*:*",
        "post:1,*",
    ],
)
def test_what_is_no_resource_is_refused(hub, value):
    assert_problem(hub.get(f"/stream?resources={value}"), 400)


def test_a_lone_star_is_refused_with_a_word_on_patterns(hub):
    assert_problem(hub.get("/stream?resources=*"), 400, "*")


@pytest.mark.parametrize(
    "target", ["/stream", "/stream?", "/stream?events=a", "/stream?resources="]
)
def test_a_stream_without_resources_is_refused(hub, target):
    assert_problem(hub.get(target), 400, "resources")

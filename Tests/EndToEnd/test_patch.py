"""PATCH /stream/{connection}: a live stream changes what it receives."""

import pytest

from support.hub import Hub, assert_problem
from support.wait import eventually


@pytest.fixture
def stream(hub, post):
    """A stream on `post` that is live."""
    with hub.open([post]) as stream:
        stream.id = stream.seen[0].json["connection"]
        yield stream


def test_an_added_resource_is_in_effect_when_the_answer_comes(hub, name):
    # Several streams: some are served by the worker that takes the PATCH, some by another.
    for n in range(12):
        with hub.open([f"post:{name}"]) as stream:
            answer = hub.patch(stream.seen[0].json["connection"], {"add": [f"new:{name}"]})
            assert answer.status == 200, answer
            assert answer.json == {"resources": [f"post:{name}", f"new:{name}"]}
            id = hub.publish(f"new:{name}", n)
            assert stream.event().id == id


def test_a_removed_resource_is_silent_when_the_answer_comes(hub, name):
    for n in range(12):
        with hub.open([f"post:{name}", f"old:{name}"]) as stream:
            answer = hub.patch(stream.seen[0].json["connection"], {"remove": [f"old:{name}"]})
            assert (answer.status, answer.json) == (200, {"resources": [f"post:{name}"]})
            hub.publish(f"old:{name}", "not any more")
            hub.publish(f"post:{name}", n)
            assert stream.event().payload == n


def test_a_change_is_told_on_the_stream(hub, stream, post, name):
    hub.patch(stream.id, {"add": [f"a:{name}", f"b{name}:*"], "remove": [post]})
    block = stream.next()
    assert block.event == "subscribed"
    assert block.id is None
    assert block.json == {"resources": [f"a:{name}", f"b{name}:*"]}


def test_subscribed_comes_before_the_events_of_what_was_added(hub, stream, name):
    hub.patch(stream.id, {"add": [f"a:{name}"]})
    hub.publish(f"a:{name}", 1)
    assert [block.event for block in stream.until("update")] == ["subscribed", "update"]


def test_a_pattern_can_be_added_and_removed(hub, stream, post, name):
    hub.patch(stream.id, {"add": [f"b{name}:*"]})
    hub.publish(f"b{name}:7", "by pattern")
    assert stream.event().payload == "by pattern"
    hub.patch(stream.id, {"remove": [f"b{name}:*"]})
    hub.publish(f"b{name}:7", "no more")
    hub.publish(post, "end")
    assert stream.event().payload == "end"


def test_removing_one_of_two_matching_resources_keeps_the_other(hub, stream, post):
    hub.patch(stream.id, {"add": ["post:*"]})
    hub.patch(stream.id, {"remove": [post]})
    hub.publish(post, "still by pattern")
    assert stream.event().payload == "still by pattern"


def test_a_stream_may_be_left_without_resources(hub, stream, post):
    answer = hub.patch(stream.id, {"remove": [post]})
    assert (answer.status, answer.json) == (200, {"resources": []})
    hub.publish(post, "not for you")
    hub.patch(stream.id, {"add": [post]})
    hub.publish(post, "for you")
    assert stream.event().payload == "for you"


def test_adding_what_is_there_and_removing_what_is_not_changes_nothing(hub, stream, post):
    answer = hub.patch(stream.id, {"add": [post, post], "remove": ["post:never"]})
    assert (answer.status, answer.json) == (200, {"resources": [post]})
    hub.publish(post, 1)
    hub.publish(post, 2)
    assert [block.payload for block in stream.events(2)] == [1, 2]


@pytest.mark.parametrize("change", [{}, {"add": []}, {"remove": []}, {"add": [], "remove": []}])
def test_an_empty_change_answers_the_list(hub, stream, post, change):
    answer = hub.patch(stream.id, change)
    assert (answer.status, answer.json) == (200, {"resources": [post]})


def test_a_change_keeps_the_filter_on_events(hub, name):
    with hub.open([f"a:{name}"], events="wanted") as stream:
        hub.patch(stream.seen[0].json["connection"], {"add": [f"b:{name}"]})
        hub.publish(f"b:{name}", 1, event="other")
        hub.publish(f"b:{name}", 2, event="wanted")
        assert stream.event().payload == 2


def test_presence_follows_a_change(hub, stream, post, name):
    assert hub.presence(post, f"a:{name}") == {post: 1, f"a:{name}": 0}
    hub.patch(stream.id, {"add": [f"a:{name}"], "remove": [post]})
    assert hub.presence(post, f"a:{name}") == {post: 0, f"a:{name}": 1}


def test_up_to_a_hundred_resources_can_be_added(hub, stream, post, name):
    answer = hub.patch(stream.id, {"add": [f"a:{name}-{n}" for n in range(99)]})
    assert answer.status == 200 and len(answer.json["resources"]) == 100
    assert_problem(hub.patch(stream.id, {"add": [f"b:{name}"]}), 422, "100")
    hub.publish(f"b:{name}", "refused")
    hub.publish(post, "end")
    assert stream.event().payload == "end"
    answer = hub.patch(stream.id, {"add": [f"b:{name}"], "remove": [post]})
    assert answer.status == 200 and len(answer.json["resources"]) == 100


BAD = {
    "a lone star": ({"add": ["*"]}, "*"),
    "no resource": ({"add": ["post"]}, "post"),
    "an id with a comma": ({"add": ["post:1,2"]}, "post:1,2"),
    "a number": ({"add": [1]}, "add"),
    "a text instead of a list": ({"add": "post:1"}, "add"),
    "a bad resource to remove": ({"remove": ["po st:1"]}, "po st:1"),
    "an unknown field": ({"append": ["post:1"]}, "append"),
    "a list instead of an object": (["post:1"], ""),
    "null": ("null", ""),
}


@pytest.mark.parametrize(("change", "word"), BAD.values(), ids=BAD.keys())
def test_a_change_that_breaks_a_rule_is_refused_and_changes_nothing(
    hub, stream, post, change, word
):
    assert_problem(hub.patch(stream.id, change), 422, word)
    assert hub.patch(stream.id, {}).json == {"resources": [post]}


def test_a_change_with_one_bad_resource_changes_nothing(hub, stream, post, name):
    assert_problem(hub.patch(stream.id, {"add": [f"a:{name}", "bad"], "remove": [post]}), 422)
    assert hub.presence(post, f"a:{name}") == {post: 1, f"a:{name}": 0}


@pytest.mark.parametrize("body", ["", "{", '{"add":["post:1"]', b'{"add":["\xff:1"]}'])
def test_a_change_that_does_not_parse_is_answered_400(hub, stream, body):
    assert_problem(hub.patch(stream.id, body), 400)


def test_a_change_of_another_type_is_answered_415(hub, stream):
    answer = hub.request(
        "PATCH", f"/stream/{stream.id}", {"Content-Type": "text/plain"}, b'{"add":[]}'
    )
    assert_problem(answer, 415)


@pytest.mark.parametrize("id", ["nonsense", "0" * 22, "%00", "..", "a" * 2000])
def test_an_unknown_connection_is_answered_404(hub, id):
    assert_problem(hub.patch(id, {"add": ["post:1"]}), 404)


def test_an_ended_connection_is_answered_404(hub, post):
    stream = hub.open([post])
    id = stream.seen[0].json["connection"]
    stream.close()
    eventually(lambda: hub.presence(post) == {post: 0}, "the end of the stream")
    assert_problem(hub.patch(id, {"add": ["post:1"]}), 404)


def test_changes_and_events_in_turn_reach_the_stream_in_order(hub, stream, post, name):
    for n in range(50):
        hub.patch(stream.id, {"add": [f"a:{name}-{n}"]})
        hub.publish(f"a:{name}-{n}", n)
        hub.patch(stream.id, {"remove": [f"a:{name}-{n}"]})
        hub.publish(f"a:{name}-{n}", "gone")
    hub.publish(post, "end")
    assert [block.payload for block in stream.events(51)] == [*range(50), "end"]


def test_what_is_added_while_a_stream_reads_on_from_the_disk_is_not_skipped(tmp_path, name):
    main, added = f"main:{name}", [f"added:{name}.{n}" for n in range(30)]
    with Hub("--memory-events", "20", data=str(tmp_path / "data")) as hub:
        start = hub.publish(main, "first")
        for resource in added:
            events = [{"resource": main, "data": n} for n in range(100)]
            assert hub.post([*events, {"resource": resource, "data": "state", "retain": True}]).status == 200
        # A resource is lost if it is added while the page with its event is being read: so some tries.
        for _ in range(12):
            with hub.stream([main], last_event_id=start) as stream:
                connection = stream.next().json["connection"]
                for resource in added:
                    assert hub.patch(connection, {"add": [resource]}).status == 200
                last = hub.publish(main, "last")
                blocks = stream.until(lambda block: block.id == last)
            # As an event, or as state where it was added after the stream had passed it.
            told = [name for block in blocks if not block.is_control and block.payload == "state"
                    for name in block.resources]  # fmt: skip
            assert sorted(told) == sorted(added)

"""`end`: the last event of a resource, what is refused after it, and DELETE /resources, which forgets it."""

import random
import threading
from urllib.parse import quote

import pytest
from support.hub import Hub, assert_problem
from support.sse import sequence


@pytest.fixture(scope="module", params=["memory", "file"])
def hub(request, tmp_path_factory):
    """A hub that keeps its log in memory, or in a file."""
    data = ":memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("ends"))
    with Hub(data=data) as hub:
        yield hub
        hub.assert_healthy()


def end(hub, resources, data=None, **fields):
    """Publishes the last event of resources."""
    return hub.publish(resources, data, end=True, **fields)


def forget(hub, resource, headers=()):
    return hub.request("DELETE", f"/resources/{quote(resource, safe=':')}", headers)


def assert_ended(answer, resource, **members):
    problem = assert_problem(answer, 409, resource, "ended")
    assert (problem["reason"], problem["resource"]) == ("ended", resource)
    for name, value in members.items():
        assert problem.get(name) == value, problem


def ended(hub, *resources):
    """What /state and /poll say; they must agree."""
    names = ",".join(quote(name, safe=":*") for name in resources)
    state = hub.get(f"/state?resources={names}").json
    poll = hub.get(f"/poll?resources={names}&timeout=0").json
    assert list(state) == ["cursor", "resources", "ended"]
    assert list(poll) == ["cursor", "reset", "events", "ended"]
    assert state["ended"] == poll["ended"]
    return state["ended"]


# Publishing


def test_the_last_event_is_delivered_like_any_other_and_nothing_follows_it(hub, post):
    with hub.open([post]) as stream:
        id = end(hub, post, {"last": 1})
        block = stream.event()
        assert (block.id, block.payload, sorted(block.json)) == (id, {"last": 1}, ["at", "data", "resources"])
        assert_ended(hub.post({"resource": post, "data": 2}), post)
        hub.publish("other:1")
        assert forget(hub, post).status == 204
        again = hub.publish(post, 3)
        assert stream.event().id == again
    assert sequence(again) == sequence(id) + 2


@pytest.mark.parametrize(
    "fields",
    [{}, {"retain": True}, {"transient": True}, {"end": True}, {"key": "fresh"}, {"coalesce": "c"}, {"event": "e"}],
    ids=str,
)
def test_whatever_is_published_later_is_409(hub, post, fields):
    end(hub, post, "end", retain=True)
    before = hub.head()
    assert_ended(hub.post({"resource": post, "data": 1} | fields), post)
    assert hub.head() == before
    assert hub.get(f"/state?resources={post}").json["resources"][post]["update"]["data"] == "end"
    if "key" in fields:
        assert hub.post({"resource": f"{post}x", "data": 1} | fields).status == 200, "the key is still unused"


def test_an_end_is_that_of_each_of_its_resources(hub, post):
    both = [f"{post}a", f"{post}b"]
    end(hub, both)
    for one in both:
        assert_ended(hub.post({"resource": one, "data": 1}), one)
        assert_ended(hub.post({"resources": [f"{post}c", one], "data": 1}), one)
    assert ended(hub, *both, f"{post}c") == both
    assert forget(hub, both[0]).status == 204
    hub.publish(both[0], 1)
    assert_ended(hub.post({"resources": both, "data": 1}), both[1])
    assert ended(hub, *both) == [both[1]]


def test_an_array_is_published_as_a_whole_or_not_at_all(hub, post):
    other = f"{post}x"
    end(hub, post)
    before = hub.head()
    answer = hub.post([{"resource": other, "data": 1}, {"resource": post, "data": 2}, {"resource": other, "data": 3}])
    assert_ended(answer, post, pointer="/1")
    assert hub.head() == before
    # An end holds for what stands behind it in the same array.
    third = f"{post}y"
    answer = hub.post([{"resource": third, "data": 1, "end": True}, {"resources": [other, third], "data": 2}])
    assert_ended(answer, third, pointer="/1")
    assert hub.head() == before and ended(hub, third) == []
    answer = hub.post([{"resource": third, "data": 1}, {"resource": third, "data": 2, "end": True}])
    assert answer.status == 200 and len(answer.json["ids"]) == 2
    assert ended(hub, third) == [third]


def test_a_key_that_repeats_answers_the_first_id(hub, post):
    id = end(hub, post, key=f"{post} end")
    assert end(hub, post, key=f"{post} end") == id
    assert hub.post({"resource": post, "data": 1, "key": f"{post} end"}).json["id"] == id
    other = f"{post}x"
    first = hub.publish(other, key=f"{other} first")
    end(hub, other)
    assert hub.publish(other, key=f"{other} first") == first, "nothing is published, so nothing is refused"
    pair = [{"resource": f"{post}y", "data": 1, "end": True, "key": f"{post} y"}] * 2
    ids = hub.post(pair).json["ids"]
    assert ids[0] == ids[1] == hub.head()


def test_lines_before_the_refused_one_stand_and_it_is_named(hub, post):
    other = f"{post}x"
    lines = [{"resource": other, "data": 0}, "", {"resource": post, "data": 1, "end": True}]
    lines += [{"resource": other, "data": 2}, "  ", {"resource": post, "data": 3}, {"resource": other, "data": 4}]
    with hub.open([post, other]) as stream:
        assert_ended(hub.post_lines(lines), post, line=6, published=3)
        assert [block.payload for block in stream.events(3)] == [0, 1, 2]
        hub.publish(other, "marker")
        assert stream.event().payload == "marker"
    many = [{"resource": other, "data": n} for n in range(9000)]
    many.insert(7000, {"resource": post, "data": "refused"})
    before = sequence(hub.head())
    assert_ended(hub.post_lines(many), post, line=7001, published=7000)
    assert sequence(hub.head()) == before + 7000


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"end": True, "transient": True}, "/end"),
        ({"end": 1}, "/end"),
        ({"end": None}, "/end"),
        ({"end": ["post:1"]}, "/end"),
        ({"ended": ["post:1"]}, "/ended"),
    ],
    ids=str,
)
def test_what_breaks_the_rules_is_422(hub, post, fields, pointer):
    answer = hub.post({"resource": post, "data": 1} | fields)
    assert_problem(answer, 422)
    assert answer.json["pointer"] == pointer
    assert ended(hub, post) == []


def test_end_false_is_an_ordinary_event(hub, post):
    hub.publish(post, end=False)
    hub.publish(post, end=False, transient=True)
    assert ended(hub, post) == []


def test_concurrent_publishers_agree_on_who_was_last(hub, post):
    """However they race: nothing is in the log behind the end, and whoever was acknowledged is before it."""
    for round in range(5):
        one = f"{post}r{round}"
        answers = []

        def publish(number, one=one, answers=answers):
            for count in range(20):
                last = number == 3 and count == 10
                answers.append(hub.post({"resource": one, "data": [number, count], "end": last}))

        threads = [threading.Thread(target=publish, args=[n]) for n in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        good = sorted(sequence(answer.json["id"]) for answer in answers if answer.status == 200)
        assert {answer.status for answer in answers} == {200, 409}
        start = f"{hub.head().split('-')[0]}-0"
        log = hub.get(f"/poll?resources={one}&after={start}&limit=1000").json["events"]
        assert [sequence(event["id"]) for event in log] == good
        assert log[-1]["data"] == [3, 10]


def test_a_transient_event_is_refused_too_and_others_go_on(hub, post):
    end(hub, post)
    for n in range(20):
        assert_ended(hub.post({"resource": post, "data": n, "transient": True}), post)
    assert hub.post({"resource": f"{post}x", "data": 1, "transient": True}).json == {"id": None}


# DELETE


def test_delete_forgets_the_end_and_the_state(hub, post):
    hub.publish(post, 1, event="a", retain=True)
    hub.publish([post, f"{post}x"], 2, event="b", retain=True)
    end(hub, post, 3, event="c", retain=True)
    assert len(hub.get(f"/state?resources={post}").json["resources"][post]) == 3
    answer = forget(hub, post)
    assert (answer.status, answer.body) == (204, b"")
    assert hub.get(f"/state?resources={post}").json["resources"] == {}
    assert ended(hub, post) == []
    with hub.stream([post]) as stream:
        assert [block.event for block in stream.opening()] == ["connected", "live"]
    assert list(hub.get(f"/state?resources={post}x").json["resources"][f"{post}x"]) == ["b"], "others keep theirs"
    assert forget(hub, post).status == 204, "again is no error"
    hub.publish(post, 4, event="a", retain=True)
    with hub.stream([post]) as stream:
        assert [block.event for block in stream.opening()] == ["connected", "a", "live"]


def test_the_log_keeps_the_events_of_what_is_forgotten(hub, post):
    first = hub.publish(post, 1)
    last = end(hub, post, 2)
    forget(hub, post)
    assert hub.resumed([post], first) == [last]


@pytest.mark.parametrize("name", ["post:a/b", "post:ü é".replace(" ", ""), 'post:"q"', "post:100%", "p.+-:x?y#z"])
def test_the_path_is_the_resource_percent_encoded(hub, name):
    end(hub, name)
    assert hub.request("DELETE", f"/resources/{quote(name, safe='')}").status == 204
    assert ended(hub, name) == []
    end(hub, name)
    assert hub.request("DELETE", f"/resources/{quote(name, safe=':/')}").status == 204
    hub.publish(name)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/resources/post:*", 400),
        ("/resources/post", 400),
        ("/resources/post:", 400),
        ("/resources/post:a,b", 400),
        ("/resources/post:%", 400),
        ("/resources/post:%ff", 400),
        ("/resources/post:%00", 400),
        ("/resources/presence:post:1", 422),
        ("/resources/post:1?x=1", 400),
        ("/resources/", 404),
        ("/resources", 404),
    ],
)
def test_what_is_no_resource_is_refused(hub, target, status):
    assert_problem(hub.request("DELETE", target), status)


def test_other_methods_are_405(hub):
    for method in ("GET", "POST", "PUT", "PATCH"):
        answer = hub.request(method, "/resources/post:1", body=b"" if method != "GET" else None)
        assert answer.status == 405 and answer.headers["allow"] == "DELETE, OPTIONS"


# The lists


def test_lists_name_each_ended_resource_once_in_order(hub, name):
    kind = f"k{name}"
    names = [f"{kind}:{n}" for n in range(30)]
    for one in random.Random(1).sample(names, 30):
        end(hub, one)
    assert ended(hub, f"{kind}:*") == sorted(names)
    assert ended(hub, f"{kind}:*", f"{kind}:3", f"{kind}:9") == sorted(names)
    assert ended(hub, f"{kind}:3", f"{kind}:none") == [f"{kind}:3"]
    forget(hub, f"{kind}:3")
    assert f"{kind}:3" not in ended(hub, f"{kind}:*")


def test_kinds_and_names_that_begin_alike_are_told_apart(hub, name):
    end(hub, f"a{name}:1")
    for other in (f"a{name}:11", f"a{name}1:1", f"a{name}.:1", f"a{name}-:1", f"A{name}:1"):
        hub.publish(other)
        assert ended(hub, other) == []
        kind = other.split(":")[0]
        assert ended(hub, f"{kind}:*") == ([f"a{name}:1"] if kind == f"a{name}" else [])
    one, two = f"e{name}:é", f"e{name}:e\u0301"
    end(hub, one)
    hub.publish(two)
    assert ended(hub, one, two) == [one]


def test_the_tag_of_the_state_changes_with_the_list(hub, post):
    target = f"/state?resources={post}"
    hub.publish(post, 1, retain=True)
    tag = hub.get(target).headers["etag"]
    assert hub.get(target, {"If-None-Match": tag}).status == 304
    end(hub, post, event="end")
    answer = hub.get(target, {"If-None-Match": tag})
    assert answer.status == 200 and answer.json["ended"] == [post]


def test_a_poll_lists_an_end_with_its_last_event_and_not_before(hub, post):
    cursor = hub.publish(post, 0)
    for n in range(5):
        hub.publish(post, n)
    last = end(hub, post, "end")
    told = []
    while True:
        answer = hub.get(f"/poll?resources={post}&after={cursor}&limit=2&timeout=1").json
        told += [event["id"] for event in answer["events"]]
        assert (answer["ended"] == [post]) == (last in told)
        cursor = answer["cursor"]
        if answer["ended"]:
            break
    assert len(told) == 6

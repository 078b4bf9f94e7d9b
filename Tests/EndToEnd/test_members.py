"""Who is there: members of streams in GET /presence and in the event `presence`."""

import time
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from support.access import Locked, as_
from support.hub import Hub, assert_problem
from support.stream import NoStream
from support.wait import eventually

GRACE = 10


@pytest.fixture(scope="module")
def hub():
    with Hub("--workers", "3") as hub:
        yield hub
        hub.assert_healthy()


def who(hub, resource, headers=()):
    """The count and the members of a resource."""
    answer = hub.get(f"/presence?resources={resource}&members=true", headers)
    assert answer.status == 200, answer
    found = answer.json["resources"][resource]
    assert list(found) == ["count", "members"]
    return found["count"], found["members"]


def watch(hub, resource, *others, **options):
    return hub.stream([f"presence:{resource}", *others], members="true", **options)


def told(stream, wanted=lambda event: True, limit=5.0):
    """The data of the next `presence` that is `wanted`."""
    block = stream.until(lambda b: b.event == "presence" and wanted(b.json), limit)[-1]
    assert block.id is None
    return block.json


def joined(*names):
    return lambda event: event["joined"] == list(names)


def left(*names):
    return lambda event: event["left"] == list(names)


# GET /presence


def test_members_are_listed_once_each_in_order(hub, post):
    assert who(hub, post) == (0, [])
    with ExitStack() as streams:
        for member in ("u2", "u1", "u2"):
            streams.enter_context(hub.open([post], member=member))
        streams.enter_context(hub.open([post]))
        assert who(hub, post) == (4, ["u1", "u2"])
        assert hub.presence(post) == {post: 4}, "without members the answer is the count"
        answer = hub.get(f"/presence?resources={post},x:1&members=false")
        assert answer.json == {"resources": {post: 4, "x:1": 0}}


def test_streams_that_receive_by_pattern_are_members(hub, name):
    resource = f"k{name}:1"
    with hub.open([f"k{name}:*"], member="ann"), hub.open([resource, f"k{name}:*"], member="bob"):
        assert who(hub, resource) == (2, ["ann", "bob"])


def test_watching_is_not_being_there(hub, post):
    with watch(hub, post, "a:1", member="ann") as stream:
        assert told(stream) == {"resource": post, "count": 0, "joined": [], "left": []}
        assert who(hub, post) == (0, [])
        assert "ann" in who(hub, "a:1")[1]


def test_a_body_says_who_it_is(hub, post):
    with hub.post_stream({"resources": [post], "member": "ann"}) as stream:
        stream.opening()
        assert who(hub, post) == (1, ["ann"])
        body = {"resources": [f"presence:{post}"], "members": True}
        with hub.post_stream(body) as watcher:
            assert told(watcher)["joined"] == ["ann"]


def test_a_raw_stream_may_be_a_member_and_is_told_nothing(hub, post):
    with hub.stream([post], format="raw", member="ann"):
        eventually(lambda: who(hub, post) == (1, ["ann"]), "the member")
    target = f"/stream?resources={post}&format=raw&members=true"
    assert_problem(hub.get(target), 400, "members", "raw")


@pytest.mark.parametrize("text", ["ü", "a,b", "a b", "x" * 256, '"\\', "\u2028", "🦩", "<b>"])
def test_names_are_any_text(hub, post, text):
    with watch(hub, post) as watcher, hub.open([post], member=text):
        assert told(watcher, lambda event: event["joined"])["joined"] == [text]
        assert who(hub, post) == (1, [text])


@pytest.mark.parametrize("text", ["x" * 257, "é" * 129, "a\n", "\0", "\x85"])
def test_names_that_break_a_rule_are_refused(hub, post, text):
    assert_problem(hub.get(f"/stream?resources={post}&member={quote(text)}"), 400, "member")
    body = {"resources": [post], "member": text}
    assert_problem(hub.post(body, "/stream"), 422, "member")


@pytest.mark.parametrize("query", ["member=", "members=false", "member=&members=false"])
def test_nobody_is_a_member_without_a_name(hub, post, query):
    with hub.open(f"{post}&{query}"):
        assert who(hub, post) == (1, [])


@pytest.mark.parametrize(
    "target, right",
    [
        ("/stream?resources=a:1&Member=x", "did you mean member?"),
        ("/stream?resources=a:1&MEMBERS=true", "did you mean members?"),
        ("/stream?resources=a:1&memeber=x", "did you mean member?"),
        ("/presence?resources=a:1&member=x", "did you mean members?"),
        ("/presence?resources=a:1&members=yes", "members is true or false"),
        ("/stream?resources=a:1&members=1", "members is true or false"),
    ],
)
def test_near_misses_are_named(hub, target, right):
    assert_problem(hub.get(target), 400, right)


def test_two_normal_forms_of_a_name_are_two(hub, post):
    with hub.open([post], member="\u00e9"), hub.open([post], member="e\u0301"):
        assert len(who(hub, post)[1]) == 2


# On a stream


def test_a_watcher_is_told_all_who_are_there_and_then_who_comes(hub, post):
    with hub.open([post], member="bob"), hub.open([post], member="ann"), hub.open([post]):
        with watch(hub, post) as stream:
            first = {"resource": post, "count": 3, "joined": ["ann", "bob"], "left": []}
            assert told(stream) == first
            with hub.open([post], member="cyn"):
                event = told(stream, joined("cyn"))
                assert event["count"] == 4 and event["left"] == []


def test_a_second_tab_is_no_second_member(hub, post):
    with watch(hub, post) as stream, hub.open([post], member="ann"):
        told(stream, joined("ann"))
        with hub.open([post], member="ann"):
            event = told(stream, lambda event: event["count"] == 2)
            assert (event["joined"], event["left"]) == ([], [])
        event = told(stream, lambda event: event["count"] == 1)
        assert (event["joined"], event["left"]) == ([], []), "leaving one tab is not leaving"


def test_a_stream_that_watches_where_it_is_finds_itself(hub, post):
    for _ in range(3):
        with watch(hub, post, post, member="ann") as stream:
            assert told(stream) == {"resource": post, "count": 1, "joined": ["ann"], "left": []}
        eventually(lambda: hub.presence(post) == {post: 0}, "the end")


def test_streams_on_all_workers_make_one_list(hub, post):
    names = [f"u{number:02}" for number in range(30)]
    with ExitStack() as streams:
        watchers = [streams.enter_context(watch(hub, post)) for _ in range(12)]
        for name in names:
            streams.enter_context(hub.open([post], member=name))
        for watcher in watchers:
            seen = []
            while len(seen) < len(names):
                seen += told(watcher)["joined"]
            assert sorted(seen) == names
        late = streams.enter_context(watch(hub, post))
        assert told(late)["joined"] == names


def test_what_changes_is_told_at_most_once_a_second(hub, post):
    with ExitStack() as streams:
        watcher = streams.enter_context(watch(hub, post))
        times, seen = [], []
        while len(times) < 3:
            seen += told(watcher)["joined"]
            times.append(time.monotonic())
            for number in range(5):
                name = f"u{len(times)}.{number}"
                streams.enter_context(hub.open([post], member=name))
        seen += told(watcher)["joined"]
        assert len(seen) == len(set(seen)) == 15
        assert all(later - earlier > 0.9 for earlier, later in zip(times, times[1:]))


def test_a_change_of_the_stream_changes_who_is_where(hub, post, name):
    other = f"other:{name}"
    with watch(hub, post) as stream, hub.open(["a:1"], member="ann") as member:
        connection = member.seen[0].json["connection"]
        assert told(stream)["joined"] == []
        hub.patch(connection, {"add": [post, other]})
        assert told(stream, joined("ann"))["count"] == 1
        assert who(hub, other) == (1, ["ann"])
        hub.patch(stream.seen[0].json["connection"], {"add": [f"presence:{other}"]})
        event = told(stream, lambda event: event["resource"] == other)
        assert event == {"resource": other, "count": 1, "joined": ["ann"], "left": []}
        hub.patch(stream.seen[0].json["connection"], {"remove": [f"presence:{post}"]})
        changed = stream.until("subscribed")[-1].json["resources"]
        assert changed == [f"presence:{other}"]


def test_a_stream_without_members_is_told_counts_alone(hub, post):
    with hub.stream([f"presence:{post}"]) as plain, watch(hub, post) as other:
        assert told(plain) == {"resource": post, "count": 0}
        told(other)
        with hub.open([post], member="ann"):
            assert told(plain, lambda event: event["count"] == 1) == {"resource": post, "count": 1}
            assert told(other, joined("ann"))["count"] == 1


def test_at_most_200_are_named_and_the_count_has_all(hub, post):
    with ExitStack() as streams:
        for number in range(230):
            streams.enter_context(hub.open([post], member=f"u{number}"))
        count, members = who(hub, post)
        assert count == 230 and len(set(members)) == 200
        watcher = streams.enter_context(watch(hub, post))
        event = told(watcher)
        assert event["count"] == 230 and len(set(event["joined"])) == 200


# Who comes back has not left


def test_a_member_that_comes_back_has_not_left(hub, post):
    with watch(hub, post) as stream, hub.open([post], member="bob"):
        told(stream, joined("bob"))
        for _ in range(3):
            with hub.open([post], member="ann"):
                event = told(stream, lambda event: event["count"] == 2)
                assert event["left"] == []
            event = told(stream, lambda event: event["count"] == 1)
            assert event["joined"] == event["left"] == []
            assert who(hub, post) == (1, ["ann", "bob"])
        seen = [block.json for block in stream.seen if block.event == "presence"]
        assert [event["joined"] for event in seen].count(["ann"]) == 1


def test_a_member_has_left_10_s_after_its_last_stream(hub, post):
    with watch(hub, post) as stream, watch(hub, post) as other:
        with hub.open([post], member="ann"), hub.open([post], member="bob") as change:
            seen = []
            while len(seen) < 2:
                seen += told(stream)["joined"]
            # A stream that takes the resource out has left it as one that ends has.
            hub.patch(change.seen[0].json["connection"], {"remove": [post], "add": ["a:1"]})
            begun = time.monotonic()
        gone = []
        for watcher in (stream, other):
            gone = []
            while len(gone) < 2:
                gone += told(watcher, lambda event: event["left"], GRACE + 10)["left"]
            assert sorted(gone) == ["ann", "bob"]
        assert time.monotonic() - begun > GRACE - 1
        assert who(hub, post) == (0, [])
        with hub.open([post], member="ann"):
            assert told(stream, joined("ann"))["count"] == 1


# With keys


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    keys = {"app": {"subscribe": ["*"]}}
    flags = ("--anonymous-subscribe", "open:*")
    with Locked(tmp_path_factory.mktemp("keys"), *flags, keys=keys) as hub:
        yield hub
        hub.assert_healthy()


def refusal(hub, resource, headers, **query):
    with pytest.raises(NoStream) as refused:
        hub.stream([resource], headers=headers, **query)
    return refused.value.answer


def test_the_subject_of_a_token_is_the_member(locked, post):
    reader = as_("ann", subscribe=["post:*"])
    with locked.open([post], headers=reader), locked.open([post], headers=reader, member="ann"):
        assert who(locked, post, reader) == (2, ["ann"])
        with watch(locked, post, headers=reader) as stream:
            assert told(stream)["joined"] == ["ann"]
        ticket = locked.ticket(reader)
        with locked.open([post], ticket=ticket, member="ann"):
            assert who(locked, post, reader) == (3, ["ann"])


@pytest.mark.parametrize("other", ["bob", "ANN", "ann ", "key:app"])
def test_nobody_is_another_than_the_token_says(locked, post, other):
    reader = as_("ann", subscribe=["post:*"])
    problem = assert_problem(refusal(locked, post, reader, member=other), 403, "subject")
    assert problem["reason"] == "scope" and problem["request_id"]
    answer = locked.post({"resources": [post], "member": other}, "/stream", reader)
    assert_problem(answer, 403, "subject")
    ticket = locked.ticket(reader)
    assert_problem(refusal(locked, post, (), ticket=ticket, member=other), 403, "subject")
    assert locked.get(f"/presence?resources={post}", reader).json["resources"] == {post: 0}


def test_a_key_has_streams_for_whom_it_likes_and_is_no_member_itself(locked, post):
    key = {"Authorization": f"Bearer {locked.key('app')}"}
    with locked.open([post], headers=key), locked.open([post], headers=key, member="ann"):
        assert who(locked, post, key) == (2, ["ann"])


def test_whoever_has_no_token_says_who_they_are(locked, name):
    resource = f"open:{name}"
    with locked.open([resource], member="ann"):
        assert who(locked, resource) == (1, ["ann"])


def test_a_token_that_comes_later_says_who_it_is(locked, name):
    resource = f"open:{name}"
    with locked.open([resource], member="bob") as stream, watch(locked, resource) as watcher:
        assert told(watcher)["joined"] == ["bob"]
        answer = locked.request(
            "PATCH",
            f"/stream/{stream.seen[0].json['connection']}",
            {"Content-Type": "application/json"} | as_("ann", subscribe=["open:*"]),
            b"{}",
        )
        assert answer.status == 200, answer
        assert told(watcher, joined("ann"))["count"] == 1


def test_members_need_the_grant_for_the_resource(locked, post):
    stranger = as_("eve", subscribe=["other:*"])
    answer = locked.get(f"/presence?resources={post}&members=true", stranger)
    assert_problem(answer, 403, post)
    assert_problem(
        refusal(locked, f"presence:{post}", stranger, members="true"), 403, f"presence:{post}"
    )


def test_a_subject_that_is_no_name_makes_no_member(locked, post):
    reader = as_("x" * 300, subscribe=["post:*"])
    with locked.open([post], headers=reader):
        assert who(locked, post, reader) == (1, [])

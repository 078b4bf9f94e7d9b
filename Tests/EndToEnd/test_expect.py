"""`expect`: an event that is published only if its resource has no newer one than the publisher knows."""

import random
import threading

import pytest
from support.hub import Hub, assert_problem
from support.sse import FramingError, sequence
from support.wait import eventually


@pytest.fixture(scope="module", params=["memory", "file"])
def hub(request, tmp_path_factory):
    """A hub that keeps its log in memory, or in a file."""
    data = ":memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("expect"))
    with Hub(data=data) as hub:
        yield hub
        hub.assert_healthy()


def send(hub, resource, expect, data=None, **fields):
    return hub.post({"resource": resource, "data": data, "expect": expect} | fields)


def assert_newer(answer, resource, current, **members):
    problem = assert_problem(answer, 409, resource, current)
    assert (problem["reason"], problem["resource"], problem["current"]) == ("expect", resource, current), problem
    for name, value in members.items():
        assert problem.get(name) == value, problem


def epoch(hub):
    return hub.head().split("-")[0]


def test_it_is_published_if_nothing_is_newer_and_else_409_with_the_newest(hub, post):
    first = hub.publish(post, 1)
    second = send(hub, post, first).json["id"]
    assert_newer(send(hub, post, first), post, second)
    hub.publish("other:1")
    third = send(hub, post, second).json["id"]
    assert sequence(third) == sequence(second) + 2
    assert send(hub, post, hub.head()).status == 200, "a later cursor knows all that came before"
    assert hub.resumed([post], first) == [second, third, hub.head()]


def test_events_of_others_do_not_count_but_shared_ones_do(hub, post):
    first = hub.publish(post, 1)
    for other in (f"{post}1", f"{post}.", f"x{post}"):
        hub.publish(other)
    shared = hub.publish([f"{post}x", post], 2)
    assert_newer(send(hub, post, first), post, shared)
    assert send(hub, post, shared).status == 200


def test_transient_events_do_not_count(hub, post):
    first = hub.publish(post, 1)
    hub.publish(post, 2, transient=True)
    assert send(hub, post, first).status == 200


def test_a_transient_event_may_expect_too(hub, post):
    first = hub.publish(post, 1)
    assert send(hub, post, first, transient=True).json == {"id": None}
    second = hub.publish(post, 2)
    assert_newer(send(hub, post, first, transient=True), post, second)


def test_on_a_resource_without_events_any_cursor_of_the_log_fits(hub, post):
    hub.publish("other:1")
    for number, cursor in enumerate((f"{epoch(hub)}-0", f"{epoch(hub)}-1", hub.head())):
        assert send(hub, f"{post}{number}", cursor).status == 200
    nothing = f"{epoch(hub)}-0"
    assert_newer(send(hub, f"{post}x", "zzz9-5"), f"{post}x", nothing)
    assert_newer(send(hub, f"{post}x", f"{epoch(hub)}-999999999"), f"{post}x", nothing)
    assert_newer(send(hub, post + "0", nothing), post + "0", hub.get(f"/poll?resources={post}0&after={nothing}").json["events"][-1]["id"])


def test_a_cursor_of_another_log_never_fits(hub, post):
    first = hub.publish(post, 1)
    for cursor in ("zzz9-0", f"zzz9-{sequence(first)}", f"{epoch(hub)}-{sequence(first) + 1000}"):
        assert_newer(send(hub, post, cursor), post, first)


def test_a_retained_event_counts_like_any_other(hub, post):
    first = hub.publish(post, 1, retain=True)
    second = send(hub, post, first, retain=True).json["id"]
    assert_newer(send(hub, post, first, retain=True), post, second)
    assert hub.get(f"/state?resources={post}").json["resources"][post]["message"]["id"] == second


def test_in_an_array_it_is_checked_in_order_all_or_nothing(hub, post):
    other = f"{post}x"
    first, theirs = hub.publish(post, 1), hub.publish(other, 1)
    before = hub.head()
    good = {"resource": post, "data": 2, "expect": first}
    answer = hub.post([good, {"resource": other, "data": 3, "expect": f"{epoch(hub)}-0"}])
    assert_newer(answer, other, theirs, pointer="/1")
    # What stands before in the array is newer than anything that could be expected.
    answer = hub.post([{"resource": post, "data": 0}, good])
    assert_newer(answer, post, first, pointer="/1")
    answer = hub.post([{"resources": [other, post], "data": 0}, good])
    assert_newer(answer, post, first, pointer="/1")
    assert hub.head() == before
    answer = hub.post([{"resource": post, "data": 0, "transient": True}, good, {"resource": other, "data": 4, "expect": theirs}])
    assert answer.status == 200 and answer.json["ids"][0] is None


def test_lines_are_checked_one_by_one(hub, post):
    first = hub.publish(post, 1)
    line = {"resource": post, "data": 2, "expect": first}
    answer = hub.post_lines([line, {"resource": f"{post}x", "data": 3}, line, {"resource": post, "data": 4}])
    problem = answer.json
    assert (answer.status, problem["line"], problem["published"]) == (409, 3, 2)
    log = hub.get(f"/poll?resources={post},{post}x&after={first}").json["events"]
    assert [event["data"] for event in log] == [2, 3]


def test_a_key_that_repeats_is_answered_without_a_question(hub, post):
    first = hub.publish(post, 1)
    second = send(hub, post, first, key=f"{post} k").json["id"]
    hub.publish(post, 3)
    assert send(hub, post, first, key=f"{post} k").json["id"] == second
    answer = send(hub, post, first, key=f"{post} l")
    assert answer.status == 409
    assert send(hub, post, hub.head(), key=f"{post} l").status == 200, "the refused one did not use the key up"


def test_an_ended_resource_is_ended_whatever_is_expected(hub, post):
    last = hub.publish(post, 1, end=True)
    for cursor in (last, hub.head(), "zzz9-1"):
        assert send(hub, post, cursor).json["reason"] == "ended"
    assert send(hub, f"{post}x", f"{epoch(hub)}-0", end=True).status == 200


@pytest.mark.parametrize("expect", ["", "x", "k3f9", "k3f9-", "k3f9-01", "-1", "K3F9-1", 5, None, ["k3f9-1"]], ids=str)
def test_what_is_no_cursor_is_422(hub, post, expect):
    answer = send(hub, post, expect)
    assert_problem(answer, 422)
    assert answer.json["pointer"] == "/expect"


def test_it_is_for_one_resource(hub, post):
    answer = hub.post({"resources": [post, f"{post}x"], "data": 1, "expect": hub.head()})
    assert_problem(answer, 422, "expect", "2")
    assert answer.json["pointer"] == "/expect"
    for names in ([post], [post, post]):
        assert hub.post({"resources": names, "data": 1, "expect": hub.head()}).status == 200


@pytest.mark.parametrize("count", [1, 700, 3000])
def test_the_newest_event_is_found_however_far_back_it_is(folder, count):
    """In the part of the log that is not indexed yet, and in the index."""
    with Hub("--memory-events", "10", data=folder) as hub:
        first = hub.publish("post:1", 1)
        second = hub.publish(["post:2", "post:1"], 2)
        hub.post_lines([{"resource": f"filler:{n % 7}", "data": n} for n in range(count)])
        assert_newer(send(hub, "post:1", first), "post:1", second)
        third = send(hub, "post:1", second).json["id"]
        assert_newer(send(hub, "post:1", second), "post:1", third)
    with Hub(data=folder) as hub:
        assert_newer(send(hub, "post:1", second), "post:1", third)
        assert send(hub, "post:1", third).status == 200


def test_state_that_is_older_than_the_log_still_counts(folder):
    with Hub("--retention-events", "10", data=folder) as hub:
        kept = hub.publish("post:1", 1, retain=True)
        lost = hub.publish("post:2", 1)
        hub.post_lines([{"resource": "filler:1", "data": n} for n in range(60)])
        begin = f"{epoch(hub)}-0"
        assert_newer(send(hub, "post:1", begin), "post:1", kept)
        assert send(hub, "post:2", begin).status == 200, f"{lost} is not kept any more"


def increment(hub, resource, count, log, stop=None):
    """Adds one to a counter, as often as it takes."""
    done = 0
    while done < count:
        state = hub.get(f"/state?resources={resource}").json
        kept = state["resources"].get(resource, {}).get("counter")
        value, cursor = (kept["data"], kept["id"]) if kept else (0, f"{state['cursor'].split('-')[0]}-0")
        answer = send(hub, resource, cursor, value + 1, event="counter", retain=True)
        assert answer.status in (200, 409), answer
        if answer.status == 200:
            log.append((sequence(answer.json["id"]), value + 1))
            done += 1


def test_concurrent_publishers_never_overwrite_each_other(hub, post):
    log = []
    threads = [threading.Thread(target=increment, args=[hub, post, 25, log]) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert [value for _, value in sorted(log)] == list(range(1, 151))
    assert hub.get(f"/state?resources={post}").json["resources"][post]["counter"]["data"] == 150


def test_of_many_at_once_exactly_one_succeeds(hub, post):
    for round in range(10):
        one = f"{post}r{round}"
        first = hub.publish(one, 0)
        barrier, answers = threading.Barrier(8), []

        def claim(one=one, first=first, barrier=barrier, answers=answers):
            with hub.connect() as connection:
                barrier.wait()
                body = f'{{"resource":"{one}","data":1,"expect":"{first}"}}'
                answers.append(
                    connection.exchange("POST", "/broadcast", {"Content-Type": "application/json"}, body.encode())
                )

        threads = [threading.Thread(target=claim) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        winners = [answer.json["id"] for answer in answers if answer.status == 200]
        assert len(winners) == 1 and len(answers) == 8
        assert {answer.json["current"] for answer in answers if answer.status == 409} == set(winners)


def test_kills_lose_no_update_and_make_none_twice(folder):
    """A counter whose every step was acknowledged or not: the log has each value once, in order."""
    chance = random.Random(5)
    for _ in range(5):
        hub = Hub(data=folder)
        try:
            log = []

            def work(hub=hub, log=log):
                try:
                    increment(hub, "count:1", 1 << 30, log)
                except (OSError, EOFError, FramingError):
                    return

            threads = [threading.Thread(target=work) for _ in range(3)]
            [thread.start() for thread in threads]
            goal = chance.randint(5, 40)
            eventually(lambda: len(log) >= goal, "enough steps before the kill", 20)
        finally:
            hub.kill()
        [thread.join() for thread in threads]
        with Hub(data=folder) as hub:
            events = hub.get(f"/poll?resources=count:1&after={epoch(hub)}-0&limit=1000").json["events"]
            assert [event["data"] for event in events] == list(range(1, len(events) + 1))
            stored = {(sequence(event["id"]), event["data"]) for event in events}
            assert stored.issuperset(log)

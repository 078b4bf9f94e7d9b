"""rewind=N: a fresh stream begins with the last N events instead of the state."""

import threading

import pytest
from support.access import Locked, as_
from support.hub import Hub, assert_problem
from support.sse import sequence
from support.wait import eventually
from test_batches import numbered, publish_at_once
from test_raw_streams import Raw

# With a memory of so few events nearly all of the log is on disk alone.
FEW = ("--memory-events", "20")


def begun(hub, resources, count, method="GET", **query):
    """What a stream begins with, after `connected` and before `live`, as (id, data)."""
    if method == "GET":
        stream = hub.stream(resources, rewind=count, **query)
    else:
        stream = hub.post_stream({"resources": resources, "rewind": count} | query)
    with stream:
        blocks = stream.opening(20)
    assert blocks[0].json["resumed"] is False
    assert all(block.id for block in blocks[1:]), "an event of the past has an id"
    return [(block.id, block.payload) for block in blocks[1:-1]]


@pytest.fixture(scope="module", params=["memory", "disk", "mostly disk"])
def logs(request, tmp_path_factory):
    """Hubs with their log in memory, in memory and on disk, and mostly on disk alone."""
    if request.param == "memory":
        flags, data = (), ":memory:"
    else:
        flags, data = (FEW if request.param == "mostly disk" else ()), str(tmp_path_factory.mktemp("log"))
    with Hub(*flags, data=data) as hub:
        yield hub
        hub.assert_healthy()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("count", [1, 7, 100, 101, 1_000])
def test_it_begins_with_the_last_events_in_order(logs, post, method, count):
    ids = publish_at_once(logs, *numbered(post, 150))
    publish_at_once(logs, *numbered("other:1", 30))
    all_ = list(zip(ids, range(150)))
    assert begun(logs, [post], count, method) == all_[-count:]


def test_there_may_be_none(logs, post):
    publish_at_once(logs, *numbered(f"{post}x", 3))
    assert begun(logs, [post], 10) == []
    assert begun(logs, [post], 10, events="none") == []


def test_only_events_that_pass_the_filter_count(logs, post):
    rare = []
    for n in range(40):
        publish_at_once(logs, *numbered(post, 50, event="common"))
        if n % 10 == 0:
            rare.append((logs.publish(post, n, event="rare"), n))
    assert begun(logs, [post], 3, events="rare") == rare[-3:]
    assert begun(logs, [post], 9, events="rare") == rare
    assert begun(logs, [post], 9, "POST", events=["rare"]) == rare
    assert len(begun(logs, [post], 300, events="rare,common")) == 300


def test_patterns_and_several_resources_are_one_past(logs, name):
    kind, sent = f"k{name}", []
    for n in range(60):
        names = [f"{kind}:{n % 7}"] + ([f"z{name}:1"] if n % 3 == 0 else [])
        sent.append((logs.publish(names, n), n))
    assert begun(logs, [f"{kind}:*"], 20) == sent[-20:]
    # An event that matches twice comes and counts once.
    assert begun(logs, [f"{kind}:*", f"z{name}:1", f"{kind}:3"], 25) == sent[-25:]
    assert begun(logs, [f"z{name}:1"], 5) == [one for one in sent if one[1] % 3 == 0][-5:]
    wanted = [one for one in sent if one[1] % 7 in (1, 2)]
    assert begun(logs, [f"{kind}:1", f"{kind}:2"], 8) == wanted[-8:]


def test_it_comes_instead_of_the_state(logs, post):
    publish_at_once(logs, {"resource": post, "data": "state", "retain": True}, *numbered(post, 5))
    assert [data for _, data in begun(logs, [post], 2)] == [3, 4]
    assert [data for _, data in begun(logs, [post], 2, snapshot="true")] == [3, 4]
    assert [data for _, data in begun(logs, [post], 2, snapshot="false")] == [3, 4]
    assert [data for _, data in begun(logs, [post], 9)] == ["state", *range(5)]


def test_events_without_a_place_are_no_past(logs, post):
    id = logs.publish(post, "durable")
    publish_at_once(logs, *numbered(post, 3, transient=True))
    assert begun(logs, [post], 3) == [(id, "durable")]


def test_a_cursor_beside_it_decides(logs, post):
    ids = publish_at_once(logs, *numbered(post, 10))
    assert logs.resumed([post], ids[7], rewind=5) == ids[8:]
    assert logs.resumed([post], ids[9], rewind=5) == []
    with logs.stream([post], {"Last-Event-ID": ids[2]}, rewind=1) as stream:
        assert [block.id for block in stream.opening() if not block.is_control] == ids[3:]


def test_after_a_reset_it_begins_as_it_would_afresh(logs, post):
    ids = publish_at_once(logs, *numbered(post, 4))
    with logs.stream([post], last_event_id="nonsense", rewind=2) as stream:
        blocks = stream.opening()
    assert [block.event for block in blocks] == ["connected", "reset", "update", "update", "live"]
    assert [block.id for block in blocks[2:4]] == ids[2:]


def test_what_is_published_meanwhile_follows_once(logs, post):
    sent, stop = [], threading.Event()

    def publish():
        while not stop.is_set():
            sent.append(logs.publish(post, len(sent)))

    for _ in range(30):
        sent.append(logs.publish(post, len(sent)))
    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        for _ in range(15):
            before = len(sent)
            with logs.stream([post], rewind=25) as stream:
                numbers = [block.payload for block in stream.opening() if not block.is_control]
                numbers += [block.payload for block in stream.events(5)]
            # The last 25 at some moment, and from there on each once.
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert before - 25 <= numbers[0] <= len(sent) - 25
    finally:
        stop.set()
        publisher.join(10)


def test_a_resource_that_is_added_meanwhile_shows_its_state_and_then_what_follows(logs, name):
    main, added = f"main:{name}", f"added:{name}"
    publish_at_once(logs, *numbered(main, 500), {"resource": added, "data": "state", "retain": True})
    for _ in range(10):
        with logs.stream([main], rewind=400) as stream:
            connection = stream.next().json["connection"]
            assert logs.patch(connection, {"add": [added]}).status == 200
            id = logs.publish(added, "later")
            blocks = stream.until(lambda block: block.id == id)
            told = [block.payload for block in blocks if not block.is_control and added in block.resources]
            earlier = [data for data in told if data != "later"]
            assert earlier.count("state") == 1 and told[-1] == "later", told
            numbers = [block.payload for block in blocks if not block.is_control and main in block.resources]
            assert numbers == list(range(100, 500))


def test_raw_streams_have_a_past(logs, post):
    ids = publish_at_once(logs, *numbered(post, 4, event="message"))
    with Raw(logs, [post], rewind=2) as stream:
        assert [stream.event(), stream.event()] == [("message", "2", ids[2]), ("message", "3", ids[3])]
        live = logs.publish(post, "now")
        assert stream.event() == ("update", "now", live)


def test_batches_begin_behind_it(logs, post):
    ids = publish_at_once(logs, *numbered(post, 4))
    with logs.stream([post], rewind=3, batch=200) as stream:
        assert [block.id for block in stream.opening() if not block.is_control] == ids[1:]
        more = publish_at_once(logs, *numbered(post, 2))
        assert [one[0] for one in stream.event().unpacked] == more


def test_a_receiver_of_some_resources_has_the_past_of_those(tmp_path):
    with Locked(tmp_path) as hub:
        ids = [hub.give(["post:1", "secret:1"], n) for n in range(3)]
        hub.give(["secret:1"], "hidden")
        with hub.stream(["post:*"], as_(subscribe=["post:*"]), rewind=2) as stream:
            blocks = [block for block in stream.opening() if not block.is_control]
        assert [(block.id, block.resources) for block in blocks] == [(id, ["post:1"]) for id in ids[1:]]
        answer = hub.get("/stream?resources=secret:*&rewind=5", as_(subscribe=["post:*"]))
        assert_problem(answer, 403, "secret:*")


def test_what_retention_has_taken_is_no_past(post, folder):
    for data in (":memory:", folder):
        with Hub("--retention-events", "50", *FEW, data=data) as hub:
            ids = [hub.publish(post, n) for n in range(200)]

            def past():
                return [id for id, _ in begun(hub, [post], 1_000)]

            found = eventually(lambda: len(past()) < 200 and past(), "the end of the oldest events")
            assert len(found) >= 20 and found == ids[-len(found) :]


def test_it_goes_back_beyond_a_restart(post, folder):
    with Hub(data=folder) as hub:
        ids = publish_at_once(hub, *numbered(post, 800))
    with Hub(*FEW, data=folder) as hub:
        ids.append(hub.publish(post, "new"))
        assert [id for id, _ in begun(hub, [post], 700)] == ids[-700:]


def test_a_client_that_leaves_while_it_is_searched_leaves_nothing_behind(post, folder):
    with Hub(*FEW, data=folder) as hub:
        for _ in range(20):
            publish_at_once(hub, *numbered(post, 1_000))
        for _ in range(20):
            hub.stream([post], rewind=5, events="none").close()
        assert begun(hub, [post], 1)[0][1] == 999
        hub.assert_healthy()


@pytest.mark.parametrize("value", ["0", "1001", "-1", "2.5", "x", "", "inf"])
def test_it_is_a_whole_number_from_1_to_1000(hub, post, value):
    assert_problem(hub.get(f"/stream?resources={post}&rewind={value}"), 400, "rewind", "1", "1000")


@pytest.mark.parametrize("value", [0, 1_001, 2.5, "5", False])
def test_the_same_holds_in_a_body(hub, post, value):
    answer = hub.post({"resources": [post], "rewind": value}, "/stream")
    assert assert_problem(answer, 422, "rewind")["pointer"] == "/rewind"


@pytest.mark.parametrize("slip", ["Rewind", "rewin", "rewnid", "re_wind"])
def test_a_slip_is_named(hub, post, slip):
    assert_problem(hub.get(f"/stream?resources={post}&{slip}=5"), 400, f"{slip} ", "rewind")


def test_polls_and_the_streams_of_jobs_have_none(hub, post):
    assert_problem(hub.get(f"/poll?resources={post}&rewind=5"), 400, "rewind is no parameter here")
    assert_problem(hub.get("/api/v1/jobs/1/content?rewind=5"), 400, "rewind is no parameter here")


def test_presence_alone_has_no_past(hub, post):
    with hub.stream([f"presence:{post}"], rewind=5) as stream:
        assert "update" not in [block.event for block in stream.opening()]
        assert sequence(stream.seen[-1].id) >= 0

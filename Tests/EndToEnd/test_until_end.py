"""`until=end`: a stream that ends by itself when all of its resources have ended."""

import threading

import pytest
from support.hub import Hub, assert_problem
from support.stream import NoStream
from support.wait import eventually


@pytest.fixture(scope="module", params=["memory", "file"])
def hub(request, tmp_path_factory):
    """A hub that keeps its log in memory, or in a file; with jobs for workers outside."""
    data = ":memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("until"))
    with Hub("--external-kinds", "scan", data=data) as hub:
        yield hub
        hub.assert_healthy()


def end(hub, resources, data=None, **fields):
    return hub.publish(resources, data, end=True, **fields)


def assert_over(stream, *payloads):
    """The stream has these events still to give, then `closing` with `end`, and no more."""
    blocks = [block for block in stream.rest() if block.event != "keepalive"]
    assert [block.payload for block in blocks[:-1] if not block.is_control] == list(payloads), blocks
    assert blocks[-1].event == "closing", blocks
    closing = blocks[-1].json
    assert closing["reason"] == "end" and closing["retry"] == int(blocks[-1].retry), closing
    assert stream.ended_cleanly


def assert_seen(hub, resources, cursor, **query):
    """Coming back with this cursor is 204, however it is said."""
    with pytest.raises(NoStream) as refused:
        hub.stream(resources, until="end", last_event_id=cursor, **query)
    assert (refused.value.answer.status, refused.value.answer.body) == (204, b"")
    with pytest.raises(NoStream) as refused:
        hub.stream(resources, until="end", headers={"Last-Event-ID": cursor}, **query)
    assert refused.value.answer.status == 204
    with pytest.raises(NoStream) as refused:
        body = {name: value.split(",") if name == "events" else value for name, value in query.items()}
        hub.post_stream({"resources": resources, "until": "end", "last_event_id": cursor} | body)
    assert refused.value.answer.status == 204


# Live


@pytest.mark.parametrize("how", ["GET", "POST", "HTTP/1.0", "events"])
def test_a_live_stream_ends_after_the_last_event(hub, post, how):
    version = "HTTP/1.0" if how == "HTTP/1.0" else "HTTP/1.1"
    path = "/events" if how == "events" else "/stream"
    if how == "POST":
        stream = hub.post_stream({"resources": [post], "until": "end"})
    else:
        stream = hub.stream([post], until="end", version=version, path=path)
    with stream:
        stream.opening()
        hub.publish(post, 1)
        hub.publish(post, 2, transient=True)
        last = end(hub, post, 3)
        assert_over(stream, 1, 2, 3)
    assert_seen(hub, [post], last)


def test_it_waits_for_the_last_of_its_resources(hub, post):
    names = [f"{post}{n}" for n in range(3)]
    with hub.stream(names, until="end") as stream:
        stream.opening()
        end(hub, names[1], "one")
        hub.publish(names[0], "more")
        end(hub, names[0], "two")
        hub.publish("other:1", end=False)
        hub.publish(names[2], "still")
        assert [block.payload for block in stream.events(4)] == ["one", "more", "two", "still"]
        last = end(hub, names[2], "three")
        assert_over(stream, "three")
    assert_seen(hub, names, last)


def test_one_event_may_end_them_all(hub, post):
    names = [f"{post}{n}" for n in range(100)]
    with hub.stream(names, until="end") as stream:
        stream.opening()
        end(hub, names, "all")
        assert_over(stream, "all")


def test_other_streams_go_on(hub, post):
    with hub.open([post]) as plain, hub.open([f"{post.split(':')[0]}:*"]) as pattern:
        end(hub, post, 1)
        forget(hub, post)
        hub.publish(post, 2)
        for stream in (plain, pattern):
            assert [block.payload for block in stream.events(2)] == [1, 2]


def forget(hub, resource):
    assert hub.request("DELETE", f"/resources/{resource}").status == 204


# Afresh and again


def test_afresh_on_ended_resources_comes_the_snapshot_and_then_closing(hub, post):
    hub.publish(post, "state", event="a", retain=True)
    end(hub, post, "last", event="b", retain=True)
    for query in ({}, {"snapshot": "false"}):
        with hub.stream([post], until="end", **query) as stream:
            blocks = stream.opening()
            state = ["a", "b"] if not query else []
            assert [block.event for block in blocks] == ["connected", *state, "live"]
            assert_over(stream)
        assert_seen(hub, [post], blocks[-1].id)


def test_a_resume_gets_what_it_is_owed_and_then_closing(hub, post):
    ids = [hub.publish(post, n) for n in range(250)]
    ids.append(end(hub, post, 250))
    for start in (0, 100, 249):
        with hub.stream([post], until="end", last_event_id=ids[start]) as stream:
            blocks = stream.opening(20)
            assert [block.id for block in blocks[1:-1]] == ids[start + 1 :]
            assert_over(stream)
    assert_seen(hub, [post], ids[-1])
    assert_seen(hub, [post], hub.head())


def test_one_ended_resource_of_two_is_no_end(hub, post):
    one, two = f"{post}1", f"{post}2"
    cursor = end(hub, one)
    with hub.stream([one, two], until="end", last_event_id=cursor) as stream:
        stream.opening()
        hub.publish(two, 1)
        assert stream.event().payload == 1
        end(hub, two, 2)
        assert_over(stream, 2)


@pytest.mark.parametrize("cursor", ["zzz9-5", "nonsense", "future"])
def test_a_cursor_that_cannot_be_resumed_is_no_proof_of_having_seen_the_end(hub, post, cursor):
    last = end(hub, post, 1, retain=True)
    if cursor == "future":
        cursor = f"{last.split('-')[0]}-999999"
    with hub.stream([post], until="end", last_event_id=cursor) as stream:
        assert [block.event for block in stream.opening()] == ["connected", "reset", "update", "live"]
        assert_over(stream)


def test_what_was_forgotten_goes_on(hub, post):
    cursor = end(hub, post, 1, retain=True)
    forget(hub, post)
    with hub.stream([post], until="end", last_event_id=cursor) as stream:
        assert [block.event for block in stream.opening()] == ["connected", "live"]
        hub.publish(post, 2)
        last = end(hub, post, 3)
        assert_over(stream, 2, 3)
    assert_seen(hub, [post], last)
    # From before both ends: the first of them is no end any more.
    start = f"{cursor.split('-')[0]}-{int(cursor.split('-')[1]) - 1}"
    with hub.stream([post], until="end", last_event_id=start) as stream:
        assert [block.payload for block in stream.opening() if not block.is_control] == [1, 2, 3]
        assert_over(stream)


def test_what_is_forgotten_while_the_stream_waits_for_others_is_waited_for_again(hub, post):
    one, two = f"{post}1", f"{post}2"
    with hub.stream([one, two], until="end") as stream:
        stream.opening()
        end(hub, one, 1)
        forget(hub, one)
        end(hub, two, 2)
        assert [block.payload for block in stream.events(2)] == [1, 2]
        hub.publish(one, 3)
        assert stream.event().payload == 3
        end(hub, one, 4)
        assert_over(stream, 4)


# Filters, formats, PATCH


def test_an_end_that_the_filter_leaves_out_ends_the_stream_and_the_cursor_is_behind_it(hub, post):
    with hub.stream([post], until="end", events="wanted") as stream:
        stream.opening()
        hub.publish(post, 1, event="wanted")
        hub.publish(post, 2, event="other")
        assert stream.event().payload == 1
        end(hub, post, 3, event="done")
        blocks = stream.rest()
        assert [block.event for block in blocks] == ["keepalive", "closing"]
        assert blocks[1].json["reason"] == "end"
    assert_seen(hub, [post], blocks[0].id, events="wanted")
    with hub.stream([post], until="end", events="wanted", last_event_id=f"{blocks[0].id.split('-')[0]}-0") as stream:
        assert [block.payload for block in stream.opening() if not block.is_control] == [1]
        assert_over(stream)


def test_raw_streams_end_too(hub, post):
    with hub.connect() as connection:
        connection.send(f"GET /stream?resources={post}&format=raw&until=end HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        eventually(lambda: hub.presence(post)[post] == 1, "the stream")
        last = end(hub, post, "bye", event="message")
        connection.read_head()
        text = connection.read_to_end().decode()
    assert f"data: bye\nid: {last}\n\n" in text
    assert '"reason":"end"' in text.split("event: closing\n")[1]


def test_patch_changes_what_is_waited_for(hub, post):
    one, two, three = (f"{post}{n}" for n in range(3))
    end(hub, three, "early", retain=True)
    with hub.stream([one], until="end") as stream:
        connection = stream.opening()[0].json["connection"]
        assert hub.patch(connection, {"add": [two]}).status == 200
        end(hub, one, 1)
        hub.publish(two, 2)
        assert [block.payload for block in stream.events(2)] == [1, 2]
        # What had ended before it was added is state, and no reason to wait.
        assert hub.patch(connection, {"add": [three]}).status == 200
        assert stream.event().payload == "early"
        assert_problem(hub.patch(connection, {"add": ["post:*"]}), 422, "pattern")
        assert hub.patch(connection, {"remove": [two]}).status == 200
        assert_over(stream)


def test_a_stream_without_resources_waits_for_some(hub, post):
    with hub.stream([post], until="end") as stream:
        connection = stream.opening()[0].json["connection"]
        assert hub.patch(connection, {"remove": [post]}).status == 200
        assert hub.patch(connection, {"add": [f"{post}x"]}).status == 200
        end(hub, f"{post}x", 1)
        assert_over(stream, 1)


@pytest.mark.parametrize(("query", "word"), [({"until": "never"}, "until"), ({"until": "END"}, "until")])
def test_other_values_are_400(hub, post, query, word):
    with pytest.raises(NoStream) as refused:
        hub.stream([post], **query)
    assert_problem(refused.value.answer, 400, word)
    answer = hub.post({"resources": [post]} | query, "/stream")
    assert_problem(answer, 422, word)
    assert answer.json["pointer"] == "/until"


def test_a_pattern_is_400(hub, post):
    for names in (["post:*"], [post, "post:*"]):
        with pytest.raises(NoStream) as refused:
            hub.stream(names, until="end")
        assert_problem(refused.value.answer, 400, "post:*")
        assert_problem(hub.post({"resources": names, "until": "end"}, "/stream"), 400, "post:*")


def test_empty_and_null_are_none(hub, post):
    end(hub, post, 1)
    with hub.stream([post], until="") as one, hub.post_stream({"resources": [post], "until": None}) as two:
        for stream in (one, two):
            stream.opening()
        forget(hub, post)
        hub.publish(post, 2)
        for stream in (one, two):
            assert stream.event().payload == 2


# Slow readers and races


def test_a_slow_reader_gets_everything_before_the_end(post):
    """So much waits that the stream falls behind and reads on from the log."""
    with Hub("--broadcast-timeout", "60") as hub, hub.stream([post], until="end", options={"receive_buffer": 4096}) as stream:
        stream.opening()
        for n in range(30):
            hub.post([{"resource": post, "data": [n * 20 + m, "x" * 2000]} for m in range(20)])
        end(hub, post, [600, ""])
        blocks = stream.rest(30)
    assert [block.payload[0] for block in blocks if not block.is_control] == list(range(601))
    assert blocks[-1].json["reason"] == "end"


def test_streams_that_open_while_the_end_is_published_all_end_with_everything(hub, post):
    """Whatever each had seen at first, it has all events once, and then the end."""
    start = f"{hub.head().split('-')[0]}-0"
    first = hub.publish(post, 0)
    results = []

    def follow(cursor):
        seen = []
        with hub.stream([post], until="end", last_event_id=cursor) as stream:
            blocks = stream.rest(20)
            seen += [block.payload for block in blocks if not block.is_control]
            results.append((cursor, seen, blocks[-1].json.get("reason")))

    threads = [threading.Thread(target=follow, args=[start if n % 2 else first]) for n in range(24)]
    for n, thread in enumerate(threads):
        thread.start()
        if n % 4 == 3:
            hub.publish(post, n // 4 + 1)
    end(hub, post, "end")
    for thread in threads:
        thread.join()
    assert len(results) == 24
    for cursor, seen, reason in results:
        assert seen == [*([0] if cursor == start else []), *range(1, 7), "end"]
        assert reason == "end"

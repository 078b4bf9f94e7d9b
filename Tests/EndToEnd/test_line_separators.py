"""U+0085, U+2028 and U+2029: legal in JSON, and a line's end to many readers. No stream has them raw.

The strict reader of streams refuses them in every block of every test; here are the ways by which they come in.
"""

import itertools
import json

import httpx
import pytest

from support.hub import Hub
from support.http import build
from support.jobs import Jobs
from support.wait import Deadline

SEPARATORS = {"next line": "\x85", "line separator": "\u2028", "paragraph separator": "\u2029"}
each = pytest.mark.parametrize("mark", SEPARATORS.values(), ids=SEPARATORS.keys())


@each
def test_readers_that_cut_lines_there_get_whole_events(hub, post, mark):
    value = {f"a{mark}": [f"one{mark}two", mark, f"{mark * 3}é’{mark}"], "b": "«ü»" * 9 + mark}
    with httpx.stream("GET", f"{hub.url}/stream?resources={post}&events=update") as answer:
        lines = answer.iter_lines()
        for line in lines:
            if line == "event: live":
                break
        hub.publish(post, value)
        for line in lines:
            if line == "event: update":
                break
        data = next(line for line in lines if line.startswith("data: "))
    assert json.loads(data[6:])["data"] == value


@each
def test_they_are_escaped_in_events_states_and_replays(hub, post, mark):
    start = hub.head()
    with hub.open([post]) as live:
        id = hub.publish(post, f"a{mark}b", retain=True)
        hub.publish(post, f"c{mark}", transient=True)
        assert [block.payload for block in live.events(2)] == [f"a{mark}b", f"c{mark}"]
    with hub.open([post]) as fresh:
        state = fresh.seen[1]
        assert (state.json["id"], state.payload) == (id, f"a{mark}b")
    with hub.stream([post], last_event_id=start) as resumed:
        block = resumed.event()
        assert block.payload_text == json.dumps(f"a{mark}b")


@each
def test_polling_and_state_give_the_same_value(hub, post, mark):
    hub.publish(post, f"a{mark}b", retain=True)
    polled = hub.get(f"/poll?resources={post}").json["events"]
    assert [event["data"] for event in polled] == [f"a{mark}b"]
    state = hub.get(f"/state?resources={post}").json["resources"][post]
    assert state["update"]["data"] == f"a{mark}b"


@pytest.mark.parametrize("mark", ["\u2028", "\u2029"])
def test_they_are_escaped_in_the_names_of_resources(hub, name, mark):
    resource = f"{name}:a{mark}b"
    watched = f"presence:{resource}"
    with hub.post_stream({"resources": [resource, watched]}) as stream:
        assert stream.opening()[0].json["resources"] == [resource, watched]
        counts = [block for block in stream.seen if block.event == "presence"]
        count = counts[0] if counts else stream.until("presence")[-1]
        assert count.json == {"resource": resource, "count": 1}
        hub.publish(resource, 1)
        assert stream.event().resources == [resource]
        connection = stream.seen[0].json["connection"]
        assert hub.patch(connection, {"add": [f"{name}:c{mark}"]}).status == 200
        changed = stream.until("subscribed")[-1].json["resources"]
        assert f"{name}:c{mark}" in changed


def test_they_are_escaped_in_the_texts_of_jobs():
    mark = "".join(SEPARATORS.values())
    with Hub("--external-kinds", "thumb") as hub:
        jobs = Jobs(hub)
        made = jobs.post("/jobs", {"kind": "thumb", "input": mark, "key": mark}, 201)
        with hub.open([f"job:{made['id']}"]) as stream:
            claimed = jobs.post("/jobs/claim", {"kinds": ["thumb"], "wait": 5}, 200)
            lease = {"lease": claimed["lease"]["token"]}
            path = f"/jobs/{made['id']}"
            jobs.post(f"{path}/progress", {**lease, "message": f"half{mark}way"}, 204)
            jobs.post(f"{path}/fail", {**lease, "error": f"no{mark}", "retry": False}, 204)
            last = stream.until(
                lambda block: block.event == "job_update" and block.payload["state"] == "failed"
            )[-1]
            assert last.payload["error"] == f"no{mark}"
        with hub.connect() as connection:
            connection.send(build("GET", f"/api/v1{path}/progress"))
            assert connection.read_head()[0] == 200
            text = connection.read_to_end().decode()
    assert "failed" in text and not set(mark) & set(text)


def test_a_megabyte_of_them_is_escaped_wherever_they_stand(hub, post):
    marks = itertools.cycle(SEPARATORS.values())
    text = "".join("x" * (n % 19) + next(marks) + "é’日🐦"[n % 4] for n in range(6000))
    with hub.open([post]) as stream:
        hub.publish(post, text)
        assert stream.event(Deadline(10, "the event").left()).payload == text

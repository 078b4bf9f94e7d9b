"""The stream of a job that has ended: it has a cursor, replays what was missed, and ends."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from support.hub import Hub
from support.jobs import FINAL, Jobs
from support.sse import parse_id
from support.stream import Stream
from support.wait import eventually

FLAGS = ("--external-kinds", "scan", "--builtin-rate", "0", "--builtin-picture", "0")
WAYS = ["progress", "content"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("data"))
    with Hub(*FLAGS, "--durability", "normal", data=folder) as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture(scope="module")
def ended(hub, jobs):
    """A job that failed and was restarted, and so on, and succeeded after more than a page of events."""
    made = jobs.create("scan", 1)
    # Three events each time: it is claimed, it fails, it is queued.
    for _ in range(84):
        claim(jobs, made, "fail", error="no luck", retry=False)
        jobs.post(f"/jobs/{made['id']}/restart", status=200)
    claim(jobs, made, "complete", result=None)
    hub.publish("post:other", 1)
    return made["id"]


@pytest.fixture(scope="module")
def written(jobs, influencer):
    """A job that has generated a text."""
    return order(jobs, influencer)


def order(jobs, influencer):
    """The name of a job that has generated a text, which its post has too."""
    made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "kilns"}, 201)
    jobs.until_final(made["job"]["id"])
    return made["job"]["id"], jobs.get(f"/posts/{made['post']['id']}")["content"]


def claim(jobs, made, end, **fields):
    """Does what a worker outside does with its only job."""
    lease = {"lease": claimed(jobs, made)}
    jobs.post(f"/jobs/{made['id']}/{end}", lease | fields, 204)


def claimed(jobs, made):
    """The lease of a job that is the only one of its kind."""
    answer = jobs.post("/jobs/claim", {"kinds": ["scan"], "wait": 10}, 200)
    assert answer["job"]["id"] == made["id"]
    return answer["lease"]["token"]


def target(identifier, what, cursor=None):
    """The URL of a job's stream."""
    query = "" if cursor is None else f"?last_event_id={quote(cursor)}"
    return f"/api/v1/jobs/{identifier}/{what}{query}"


def follow(hub, identifier, what="progress", cursor=None, headers=(), version="HTTP/1.1"):
    """The blocks of a job's stream, which must end by itself and be whole."""
    with Stream(hub.address, target(identifier, what, cursor), headers, version) as stream:
        blocks = stream.rest()
        assert stream.ended_cleanly
    assert [b.event for b in blocks].count("live") == 1, blocks
    return blocks


def names(blocks):
    """The events of a stream by name."""
    return [block.event for block in blocks]


def in_log(hub, identifier):
    """All events of a job in the log, as /stream gives them."""
    epoch, _ = parse_id(hub.head())
    with hub.stream([f"job:{identifier}"], last_event_id=f"{epoch}-0") as stream:
        return [block.fields for block in stream.opening() if not block.is_control]


def identifiers(events):
    """The ids of events that have one."""
    return [dict(fields)["id"] for fields in events]


def assert_live(block, hub):
    """The block is `live` with the cursor of the log's head, but for lists of who works, which may come later."""
    assert block.event == "live" and block.id == block.json["cursor"]
    answer = hub.get(f"/poll?resources=job:*,post:*,activity:*&after={block.id}&timeout=0")
    assert {event["event"] for event in answer.json["events"]} <= {"activity"}, answer


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
@pytest.mark.parametrize("what", WAYS)
def test_a_fresh_stream_has_the_state_a_cursor_and_an_end(hub, ended, what, version):
    connected, update, live = follow(hub, ended, what, version=version)
    assert connected.event == "connected" and connected.json["resumed"] is False
    assert update.event == "job_update" and update.id is None
    assert update.json["retained"] is True
    assert update.json["id"] == identifiers(in_log(hub, ended))[-1]
    assert update.payload["state"] == "succeeded"
    assert_live(live, hub)


def test_the_text_comes_before_the_state(hub, written):
    identifier, content = written
    blocks = follow(hub, identifier, "content")
    assert names(blocks) == ["connected", "content_delta", "job_update", "live"]
    assert blocks[1].id is None and blocks[1].payload == {"offset": 0, "text": content}
    assert blocks[2].json["retained"] is True
    assert_live(blocks[3], hub)


@pytest.mark.parametrize("what", WAYS)
def test_an_event_source_comes_back_once_and_no_more(hub, ended, what):
    cursor = [block.id for block in follow(hub, ended, what) if block.id][-1]
    answer = hub.request("GET", target(ended, what), {"Last-Event-ID": cursor})
    assert answer.status == 204
    assert hub.get(target(ended, what, cursor)).status == 204
    hub.publish("post:other", 2)
    assert hub.get(target(ended, what, cursor)).status == 204
    assert hub.get(target(ended, what, hub.head())).status == 204


@pytest.mark.parametrize("what", WAYS)
def test_a_cursor_gets_exactly_the_events_after_it(hub, ended, what):
    events = in_log(hub, ended)
    known = identifiers(events)
    assert len(known) > 250
    for place in (0, 1, 2, 3, 4, 100, len(known) - 2):
        for headers, cursor in ((), known[place]), ({"Last-Event-ID": known[place]}, None):
            blocks = follow(hub, ended, what, cursor, headers)
            assert blocks[0].json["resumed"] is True
            assert names(blocks[:2]) == ["connected", "job_update"]
            assert [b.fields for b in blocks[1:-1]] == events[place + 1 :]
            assert_live(blocks[-1], hub)
    assert hub.get(target(ended, what, known[-1])).status == 204


def test_a_cursor_gets_the_text_and_the_events_after_it(hub, written):
    identifier, content = written
    events = in_log(hub, identifier)
    blocks = follow(hub, identifier, "content", identifiers(events)[-2])
    assert names(blocks) == ["connected", "content_delta", "job_update", "live"]
    assert blocks[0].json["resumed"] is True
    assert blocks[1].payload == {"offset": 0, "text": content}
    assert blocks[2].fields == events[-1]


@pytest.mark.parametrize("way", ["query", "header"])
@pytest.mark.parametrize("what", WAYS)
@pytest.mark.parametrize("reason", ["malformed", "future", "epoch"])
def test_a_bad_cursor_is_reset_with_its_reason(hub, ended, what, reason, way):
    epoch, head = parse_id(hub.head())
    cursor = {
        "malformed": "yesterday",
        "future": f"{epoch}-{head + 1}",
        "epoch": f"x{epoch}-{head}",
    }[reason]
    headers = {"Last-Event-ID": cursor} if way == "header" else ()
    blocks = follow(hub, ended, what, None if headers else cursor, headers)
    assert names(blocks) == ["connected", "reset", "job_update", "live"]
    assert blocks[0].json["resumed"] is False
    assert blocks[1].json == {"reason": reason, "oldest": f"{epoch}-1"}
    assert blocks[2].json["retained"] is True and blocks[2].payload["state"] == "succeeded"
    assert_live(blocks[3], hub)


def test_a_cursor_from_before_the_retention_is_reset(folder):
    with Hub(*FLAGS, "--retention-events", "10", data=folder) as hub:
        jobs = Jobs(hub)
        made = jobs.create("scan", 1)
        claim(jobs, made, "complete", result=None)
        known = identifiers(in_log(hub, made["id"]))
        hub.post([{"resource": "post:1", "data": n} for n in range(100)])
        epoch, head = parse_id(hub.head())

        def reset():
            with hub.stream(["post:1"], last_event_id=f"{epoch}-0") as stream:
                return stream.opening()[1].json

        eventually(lambda: reset()["oldest"] == f"{epoch}-{head - 9}", "retention", 8)
        for what in WAYS:
            blocks = follow(hub, made["id"], what, known[-2])
            assert names(blocks) == ["connected", "reset", "job_update", "live"]
            assert blocks[1].json == reset() and reset()["reason"] == "expired"
            assert blocks[2].json["id"] == known[-1]
            assert_live(blocks[3], hub)
            assert hub.get(target(made["id"], what, known[-1])).status == 204


def test_a_job_of_which_only_the_row_is_kept_has_a_stream_that_ends(folder):
    with Hub(*FLAGS, data=folder) as hub:
        jobs = Jobs(hub)
        identifier, content = order(jobs, jobs.influencer())
        known = identifiers(in_log(hub, identifier))
        finished = jobs.job(identifier)["finished_at"]
    with Hub(*FLAGS, "--retention-age", "0.1", data=folder) as hub:
        name = f"job:{identifier}"
        state = f"/state?resources={name}"
        eventually(lambda: not hub.get(state).json["resources"], "the end of the state", 8)
        epoch, head = parse_id(hub.head())
        with hub.stream([name], last_event_id=f"{epoch}-0") as stream:
            reset = stream.opening()[1].json
        assert reset == {"reason": "expired", "oldest": f"{epoch}-{head + 1}"}
        for what in WAYS:
            text = ["content_delta"] if what == "content" else []
            blocks = follow(hub, identifier, what)
            assert names(blocks) == ["connected", *text, "job_update", "live"]
            update, live = blocks[-2:]
            assert update.id is None and "id" not in update.json
            assert update.payload["state"] == "succeeded" and update.json["at"] == finished
            assert_live(live, hub)
            assert hub.get(target(identifier, what, live.id)).status == 204
            # Lists of who works may have come after the job's end: this is the last cursor before what is kept.
            assert hub.get(target(identifier, what, f"{epoch}-{head}")).status == 204
            blocks = follow(hub, identifier, what, known[-2])
            assert names(blocks) == ["connected", "reset", *text, "job_update", "live"]
            assert blocks[1].json == reset
            if text:
                assert blocks[2].payload == {"offset": 0, "text": content}


def test_a_stream_of_a_restarted_job_goes_on_past_its_first_end(hub, jobs):
    made = jobs.create("scan", 1)
    start = identifiers(in_log(hub, made["id"]))[0]
    claim(jobs, made, "fail", error="no luck", retry=False)
    jobs.post(f"/jobs/{made['id']}/restart", status=200)
    lease = claimed(jobs, made)
    with Stream(hub.address, target(made["id"], "progress", start)) as stream:
        states = [b.payload["state"] for b in stream.opening() if not b.is_control]
        assert states == ["running", "failed", "queued", "running"]
        jobs.post(f"/jobs/{made['id']}/complete", {"lease": lease, "result": None}, 204)
        blocks = stream.rest()
        assert stream.ended_cleanly
    assert [b.payload["state"] for b in blocks] == ["succeeded"]


def test_an_event_that_only_looks_like_one_of_the_job_s_keeps_no_stream_open(hub, jobs):
    made = jobs.create("scan", 1)
    jobs.post(f"/jobs/{made['id']}/cancel", status=200)
    hub.publish(f"job:{made['id']}", {"progress": 7}, event="job_update", retain=True)
    for what in WAYS:
        blocks = follow(hub, made["id"], what)
        assert names(blocks) == ["connected", "job_update", "live"]
        cursor = identifiers(in_log(hub, made["id"]))[0]
        assert len(follow(hub, made["id"], what, cursor)) == 4


def test_whenever_a_stream_is_opened_it_has_one_end_and_the_whole_text(hub, jobs, influencer):
    results = []
    with ThreadPoolExecutor(16) as pool:
        for number in range(150):
            body = {"prompt": f"race {number}"}
            made = jobs.post(f"/influencers/{influencer['id']}/posts", body, 201)
            ask = [pool.submit(follow, hub, made["job"]["id"], what) for what in WAYS * 4]
            results.append((made, ask))
    for made, asked in results:
        content = jobs.get(f"/posts/{made['post']['id']}")["content"]
        for number, blocks in enumerate(one.result() for one in asked):
            states = [b.payload["state"] for b in blocks if b.event == "job_update"]
            assert [state for state in states if state in FINAL] == ["succeeded"]
            assert states[-1] == "succeeded"
            text = b""
            for block in blocks:
                if block.event == "content_delta":
                    assert block.payload["offset"] == len(text), "a piece is missing or doubled"
                    text += block.payload["text"].encode()
            assert text.decode() == (content if number % 2 else "")

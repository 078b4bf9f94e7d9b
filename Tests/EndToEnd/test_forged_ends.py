"""What ends a job's stream, or counts as its text, is the hub's to say: no event from outside does, whatever it looks like."""

import json
from urllib.parse import quote

import pytest

from support.command import lines, log
from support.hub import Hub, assert_problem
from support.jobs import Jobs
from support.sse import parse_id
from support.stream import Stream

FLAGS = ("--external-kinds", "scan")
WAYS = ["progress", "content"]
FINAL = ["succeeded", "failed", "cancelled"]


@pytest.fixture(scope="module", params=["memory", "disk"])
def hub(request, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("data")) if request.param == "disk" else None
    with Hub(*FLAGS, data=folder) if folder else Hub(*FLAGS) as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def job(jobs):
    """The name of a job that waits for a worker."""
    return jobs.create("scan", 1)["id"]


def follow(hub, job, what="progress", cursor=None):
    """An open stream of a job."""
    query = "" if cursor is None else f"?last_event_id={quote(cursor)}"
    return Stream(hub.address, f"/api/v1/jobs/{job}/{what}{query}")


def forged(job, state, **fields):
    """An event that looks like the hub's own."""
    return {"resource": f"job:{job}", "event": "job_update", "data": {"state": state}, **fields}


def claimed(jobs, job):
    """The lease of a job that is the only one of its kind."""
    answer = jobs.post("/jobs/claim", {"kinds": ["scan"], "wait": 10}, 200)
    assert answer["job"]["id"] == job
    return {"lease": answer["lease"]["token"]}


def states(blocks):
    """What the job updates among these blocks say."""
    return [b.payload["state"] for b in blocks if b.event == "job_update"]


def publish_one(hub, event):
    assert hub.post(event).status == 200


def publish_array(hub, event):
    assert hub.post([event]).status == 200


def publish_lines(hub, event):
    assert hub.post_lines([event]).json == {"published": 1}


@pytest.mark.parametrize("publish", [publish_one, publish_array, publish_lines])
@pytest.mark.parametrize("what", WAYS)
@pytest.mark.parametrize("state", FINAL)
def test_no_outside_event_ends_the_stream_of_a_queued_job(hub, jobs, job, state, what, publish):
    with follow(hub, job, what) as stream:
        stream.opening()
        publish(hub, forged(job, state))
        assert stream.event().payload == {"state": state}
        # It is delivered like any other event, and what the job really does follows.
        jobs.post(f"/jobs/{job}/complete", claimed(jobs, job) | {"result": None}, 204)
        assert states(stream.rest()) == ["running", "succeeded"]
        assert stream.ended_cleanly


@pytest.mark.parametrize("fields", [{"retain": True}, {"transient": True}, {"coalesce": f"job_update 0 succeeded"}])
def test_nor_one_that_is_kept_or_passes(hub, jobs, job, fields):
    with follow(hub, job) as stream:
        stream.opening()
        publish_one(hub, forged(job, "succeeded", **fields))
        assert stream.event().payload == {"state": "succeeded"}
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert states(stream.rest()) == ["cancelled"]


def test_nor_one_that_is_replayed_or_is_state(hub, jobs, job):
    start = hub.head()
    publish_one(hub, forged(job, "failed", retain=True))
    with follow(hub, job) as fresh, follow(hub, job, cursor=start) as resumed:
        assert states(fresh.opening()) == states(resumed.opening()) == ["failed"]
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert states(fresh.rest()) == states(resumed.rest()) == ["cancelled"]


@pytest.mark.parametrize("what", WAYS)
@pytest.mark.parametrize("retain", [True, False])
def test_an_outside_event_keeps_no_stream_of_an_ended_job_open(hub, jobs, job, what, retain):
    start = hub.head()
    jobs.post(f"/jobs/{job}/cancel", status=200)
    publish_one(hub, forged(job, "queued", retain=retain))
    with follow(hub, job, what, cursor=start) as stream:
        assert states(stream.rest()) == ["cancelled", "queued"]
        assert stream.ended_cleanly
    with follow(hub, job, what) as stream:
        assert states(stream.rest()) == ["queued" if retain else "cancelled"]


def test_a_job_that_was_restarted_is_not_ended_by_what_looks_like_its_end(hub, jobs, job):
    start = hub.head()
    jobs.post(f"/jobs/{job}/cancel", status=200)
    jobs.post(f"/jobs/{job}/restart", status=200)
    with follow(hub, job, cursor=start) as stream:
        assert states(stream.opening()) == ["cancelled", "queued"]
        publish_one(hub, forged(job, "cancelled"))
        assert stream.event().payload == {"state": "cancelled"}
        jobs.post(f"/jobs/{job}/complete", claimed(jobs, job) | {"result": None}, 204)
        assert states(stream.rest()) == ["running", "succeeded"]


@pytest.mark.parametrize("key", ["1/0", "1/7", "0/0", "9/9"])
def test_what_looks_like_a_piece_of_text_is_delivered_and_counts_for_nothing(hub, jobs, job, key):
    piece = {"offset": 7, "text": "no piece"}
    event = {"event": "content_delta", "data": piece, "transient": True, "coalesce": key}
    with follow(hub, job, "content") as stream:
        stream.opening()
        publish_one(hub, {"resource": f"job:{job}", **event})
        assert stream.event().payload == piece
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert states(stream.rest()) == ["cancelled"]


def test_a_text_is_whole_beside_what_looks_like_its_pieces(hub, jobs, influencer):
    forged_piece = {"event": "content_delta", "data": {"offset": 0, "text": "no piece"}, "transient": True}
    for number in range(10):
        made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": f"a kiln {number}"}, 201)
        job, post = made["job"]["id"], made["post"]["id"]
        with follow(hub, job, "content") as stream:
            publish_one(hub, {"resource": f"job:{job}", "coalesce": "1/0", **forged_piece})
            publish_one(hub, {"resource": f"job:{job}", "coalesce": "99/0", **forged_piece})
            blocks = stream.rest(20)
            assert stream.ended_cleanly
        pieces = [b.payload for b in blocks if b.event == "content_delta"]
        text = "".join(p["text"] for p in pieces if p["text"] != "no piece")
        assert text == jobs.get(f"/posts/{post}")["content"]


def test_no_field_of_an_outside_event_marks_it(hub, job):
    for field, value in (("mark", "final"), ("mark", 1), ("final", True)):
        assert_problem(hub.post(forged(job, "failed", **{field: value})), 422, field)
        assert_problem(hub.post_lines([forged(job, "failed", **{field: value})]), 422, field)


def test_an_import_ends_no_stream(folder, tmp_path):
    with Hub(*FLAGS, data=folder) as hub:
        jobs = Jobs(hub)
        job, other = (jobs.create("scan", n)["id"] for n in (1, 2))
        jobs.post(f"/jobs/{other}/cancel", status=200)
        epoch, _ = parse_id(hub.head())
    text = log("export", folder)
    assert {tuple(sorted(line)) for line in lines(text)} == {
        ("at", "coalesce", "data", "event", "id", "resources", "retain"),
        ("at", "coalesce", "data", "event", "id", "resources"),
    }, "nothing that only the hub may say is exported"
    file = tmp_path / "events.ndjson"
    end = [line for line in lines(text) if line["data"]["state"] == "cancelled"][0]
    end = {**end, "resources": [f"job:{job}"]}
    del end["id"]
    file.write_text(json.dumps(end) + "\n" + json.dumps(forged(job, "failed")) + "\n")
    log("import", folder, str(file))
    with Hub(*FLAGS, data=folder) as hub:
        jobs = Jobs(hub)
        with follow(hub, job) as fresh, follow(hub, job, cursor=f"{epoch}-0") as resumed:
            assert states(fresh.opening()) == ["cancelled"]
            assert states(resumed.opening()) == ["queued", "cancelled", "failed"]
            claim = jobs.post("/jobs/claim", {"kinds": ["scan"], "wait": 10}, 200)
            lease = {"lease": claim["lease"]["token"]}
            jobs.post(f"/jobs/{job}/complete", lease | {"result": None}, 204)
            assert states(fresh.rest()) == states(resumed.rest()) == ["running", "succeeded"]

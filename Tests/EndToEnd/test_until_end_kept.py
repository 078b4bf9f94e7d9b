"""`until=end` of jobs, with grants, and over restarts."""

import pytest
from support.access import Locked, as_
from support.hub import Hub, assert_problem
from support.jobs import Jobs
from support.stream import NoStream, Stream
from test_until_end import assert_over, assert_seen, end, hub  # noqa: F401

# Jobs


def test_a_jobs_last_update_is_its_end_and_restart_lifts_it(hub):
    jobs = Jobs(hub)
    job = jobs.create("scan", 1)["id"]
    name = f"job:{job}"
    with hub.stream([name], until="end") as stream:
        stream.opening()
        jobs.post(f"/jobs/{job}/cancel", status=200)
        blocks = stream.rest()
        assert [block.payload["state"] for block in blocks if not block.is_control] == ["cancelled"]
        assert blocks[-1].json["reason"] == "end"
        cursor = [block.id for block in blocks if block.id][-1]
    assert_seen(hub, [name], cursor)
    with hub.stream([name], until="end") as stream:
        assert [block.payload["state"] for block in stream.opening() if not block.is_control] == ["cancelled"]
        assert_over(stream)
    jobs.post(f"/jobs/{job}/restart", status=200)
    with hub.stream([name], until="end", last_event_id=cursor) as stream:
        assert [block.payload["state"] for block in stream.opening() if not block.is_control] == ["queued"]
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert stream.event().payload["state"] == "cancelled"
        assert stream.next().json["reason"] == "end"


def test_a_job_and_a_post_end_together(hub, post):
    jobs = Jobs(hub)
    job = jobs.create("scan", 1)["id"]
    with hub.stream([f"job:{job}", post], until="end") as stream:
        stream.opening()
        jobs.post(f"/jobs/{job}/cancel", status=200)
        stream.event()
        hub.publish(f"job:{job}", "after its end")
        assert stream.event().payload == "after its end"
        end(hub, post, "post")
        assert_over(stream, "post")


@pytest.mark.parametrize("path", ["progress", "content"])
def test_a_jobs_own_stream_says_its_end_when_it_is_asked(hub, path):
    jobs = Jobs(hub)
    job = jobs.create("scan", 1)["id"]
    target = f"/api/v1/jobs/{job}/{path}"
    with Stream(hub.address, target) as plain, Stream(hub.address, f"{target}?until=end") as asked:
        plain.opening(), asked.opening()
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert [block.event for block in plain.rest()] == ["job_update"]
        blocks = asked.rest()
        assert [block.event for block in blocks] == ["job_update", "closing"]
        assert blocks[-1].json["reason"] == "end"
    with pytest.raises(NoStream) as refused:
        Stream(hub.address, f"{target}?until=end&last_event_id={blocks[0].id}")
    assert refused.value.answer.status == 204
    assert_problem(hub.get(f"{target}?until=no"), 400, "until")


def test_an_end_from_outside_does_not_end_a_jobs_own_stream(hub):
    jobs = Jobs(hub)
    job = jobs.create("scan", 1)["id"]
    with Stream(hub.address, f"/api/v1/jobs/{job}/progress?until=end") as stream:
        stream.opening()
        end(hub, f"job:{job}", {"state": "succeeded"}, event="job_update")
        assert stream.event().payload == {"state": "succeeded"}
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert stream.event().payload["state"] == "cancelled"
        assert stream.next().json["reason"] == "end"


# Grants and restarts


def test_it_takes_the_grants_of_any_stream(tmp_path, post):
    with Locked(tmp_path) as hub:
        last = hub.give([post], 1, end=True)
        for headers, status in (({}, 401), (as_("ann", subscribe=["other:*"]), 403)):
            for query in ({}, {"last_event_id": last}):
                with pytest.raises(NoStream) as refused:
                    hub.stream([post], until="end", headers=headers, **query)
                assert refused.value.answer.status == status, "not told by 204 that it has ended"
        with hub.stream([post], until="end", headers=as_("ann", subscribe=[post])) as stream:
            stream.opening()
            assert_over(stream)


def test_after_a_restart_of_the_hub_it_is_the_same(folder, post):
    one, two = f"{post}1", f"{post}2"
    with Hub(data=folder) as hub:
        cursor = hub.publish(one, 0)
        first = end(hub, one, 1)
        with hub.stream([one, two], until="end") as stream:
            stream.opening()
            hub.stop()
            assert stream.rest()[-1].json["reason"] == "shutdown"
        hub.stop = lambda *_: None
    with Hub(data=folder) as hub:
        assert_seen(hub, [one], first)
        with hub.stream([one, two], until="end", last_event_id=cursor) as stream:
            assert [block.payload for block in stream.opening() if not block.is_control] == [1]
            end(hub, two, 2)
            assert_over(stream, 2)
        with hub.stream([one], until="end", last_event_id=cursor) as stream:
            assert [block.payload for block in stream.opening() if not block.is_control] == [1]
            assert_over(stream)


def test_an_end_that_has_left_the_log_still_ends_streams(folder, post):
    with Hub("--retention-events", "10", data=folder) as hub:
        end(hub, post, 1, retain=True)
        for n in range(60):
            last = hub.publish("filler:1", n)
        assert_seen(hub, [post], last)
        with hub.stream([post], until="end") as stream:
            assert [block.payload for block in stream.opening() if not block.is_control] == [1]
            assert_over(stream)

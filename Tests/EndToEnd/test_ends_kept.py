"""Ends and grants, the hub's own events, restarts and crashes."""

import random
import threading

from support.access import Locked, as_, assert_refused
from support.hub import Hub
from support.jobs import Jobs
from support.sse import FramingError
from support.wait import eventually
from test_ends import assert_ended, end, ended, forget

# Grants


def test_forgetting_takes_the_grant_to_publish(tmp_path, post):
    with Locked(tmp_path) as hub:
        hub.give([post], 1, retain=True, end=True)
        assert_refused(hub, forget(hub, post), 401, "missing")
        for grants in ({"subscribe": ["*"]}, {"publish": [f"{post}x"]}, {"jobs": ["write"]}):
            assert_refused(hub, forget(hub, post, as_("ann", **grants)), 403, "resource", post)
        assert hub.get(f"/state?resources={post}", hub.admin).json["ended"] == [post]
        assert forget(hub, post, as_("ann", publish=["post:*"])).status == 204
        assert hub.get(f"/state?resources={post}", hub.admin).json == {
            "cursor": hub.get(f"/state?resources={post}", hub.admin).json["cursor"],
            "resources": {},
            "ended": [],
        }


def test_ended_resources_outside_the_grants_are_not_told(tmp_path, name):
    mine, theirs = f"post:{name}", f"secret:{name}"
    with Locked(tmp_path) as hub:
        hub.give([mine, theirs], 1, end=True, retain=True)
        ann = as_("ann", subscribe=[mine])
        for target in (f"/state?resources={mine}", f"/poll?resources={mine}&timeout=0"):
            answer = hub.get(target, ann)
            assert answer.json["ended"] == [mine] and theirs not in answer.body.decode()
        for names, first in ((theirs, theirs), (f"{mine},{theirs}", theirs), ("secret:*", "secret:*")):
            for path in ("state", "poll"):
                answer = hub.get(f"/{path}?resources={names}", ann)
                assert_refused(hub, answer, 403, "resource", first)
        answer = hub.post({"resource": mine, "data": 1}, headers=as_("ann", publish=[mine]))
        assert_ended(answer, mine)
        answer = hub.post({"resources": [mine, theirs], "data": 1}, headers=as_("ann", publish=[mine]))
        # What it may not publish to comes first: it is not told how that stands.
        assert_refused(hub, answer, 403, "resource", theirs)


def test_a_cookie_of_another_page_forgets_nothing(tmp_path, post):
    with Locked(tmp_path, "--cookie-name", "auth") as hub:
        hub.give([post], 1, end=True)
        cookie = {"Cookie": f"auth={as_('ann', publish=['*'])['Authorization'].split()[1]}"}
        assert forget(hub, post, cookie | {"Sec-Fetch-Site": "cross-site"}).status in (401, 403)
        assert forget(hub, post, cookie | {"Sec-Fetch-Site": "same-origin"}).status == 204


# The hub's own events


def test_an_end_from_outside_does_not_hold_up_jobs(tmp_path):
    with Hub("--external-kinds", "scan", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        job = jobs.create("scan", 1)["id"]
        end(hub, f"job:{job}", "forged")
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert jobs.job(job)["state"] == "cancelled"
        assert ended(hub, f"job:{job}") == [f"job:{job}"]
        assert_ended(hub.post({"resource": f"job:{job}", "data": 1}), f"job:{job}")


def test_a_job_that_has_ended_is_in_the_lists_until_it_is_restarted(tmp_path):
    with Hub("--external-kinds", "scan", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        job = jobs.create("scan", 1)["id"]
        assert ended(hub, f"job:{job}") == []
        jobs.post(f"/jobs/{job}/cancel", status=200)
        assert ended(hub, f"job:{job}", "job:none") == [f"job:{job}"]
        hub.publish(f"job:{job}", "a job's end is nobody's refusal")
        jobs.post(f"/jobs/{job}/restart", status=200)
        assert ended(hub, f"job:{job}") == []


# Restarts and crashes


def test_an_end_outlives_a_restart_its_event_and_its_state(folder, post):
    other = f"{post}x"
    flags = ("--retention-events", "20")
    with Hub(*flags, data=folder) as hub:
        end(hub, [post, other], retain=True)
        for n in range(100):
            hub.publish("filler:1", n)
        assert_ended(hub.post({"resource": post, "data": 1}), post)
        forget(hub, other)
    for _ in range(2):
        with Hub(*flags, data=folder) as hub:
            assert ended(hub, post, other) == [post]
            assert_ended(hub.post({"resource": post, "data": 1}), post)
            hub.publish(other, 1)
    with Hub(*flags, data=folder) as hub:
        forget(hub, post)
    with Hub(*flags, data=folder) as hub:
        hub.publish(post, 1)


def work(hub, name, doubtful):
    """Ends resources and forgets some, until the hub is gone; `doubtful` says how each was left."""
    for count in range(10_000):
        one = f"{name}-{count}"
        try:
            doubtful[one] = None
            assert hub.post({"resource": one, "data": 1}).status == 200
            assert hub.post({"resource": one, "data": 2, "end": True}).status == 200
            doubtful[one] = True
            assert_ended(hub.post({"resource": one, "data": 3}), one)
            if count % 3 == 0:
                doubtful[one] = None
                assert forget(hub, one).status == 204
                doubtful[one] = False
        except (OSError, EOFError, FramingError):
            return


def test_kills_leave_no_end_half_done(folder):
    """What was acknowledged holds after kill -9, and nothing is in the log behind an end."""
    chance = random.Random(3)
    known = {}
    for round in range(6):
        hub = Hub(data=folder)
        try:
            for name, is_ended in known.items():
                assert (ended(hub, name) == [name]) == is_ended, (round, name)
            doubtful = {}
            threads = [threading.Thread(target=work, args=[hub, f"crash:{round}-{n}", doubtful]) for n in range(3)]
            [thread.start() for thread in threads]
            goal = chance.randint(5, 40)
            eventually(lambda: len(doubtful) >= goal, "enough work before the kill", 20)
        finally:
            hub.kill()
        [thread.join() for thread in threads]
        known |= {name: value for name, value in doubtful.items() if value is not None}
    assert sum(known.values()) > 5
    with Hub(data=folder) as hub:
        for name, is_ended in known.items():
            assert (ended(hub, name) == [name]) == is_ended
            log = hub.get(f"/poll?resources={name}&after={hub.head().split('-')[0]}-0&limit=1000").json["events"]
            assert [event["data"] for event in log] == [1, 2]

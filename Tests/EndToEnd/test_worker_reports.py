"""What workers outside report: all of it is in the row, and watchers are told of it a few times a second."""

import time

import pytest

from support.hub import Hub
from support.jobs import Jobs
from support.wait import eventually


@pytest.fixture(scope="module")
def jobs():
    with Hub("--external-kinds", "w", "--lease-seconds", "30") as hub:
        yield Jobs(hub)


def claimed(jobs):
    """A job that is claimed, and its lease."""
    made = jobs.create("w", 1)
    lease = jobs.post("/jobs/claim", {"kinds": ["w"]}, 200)
    assert lease["job"]["id"] == made["id"]
    return made["id"], lease["lease"]["token"]


def report(jobs, job, lease, **figures):
    jobs.post(f"/jobs/{job}/progress", {"lease": lease, **figures}, 204)


def told(jobs, job, after):
    """The figures that were told of a job since a cursor."""
    path = f"/poll?resources=job:{job}&timeout=0&limit=1000&after={after}"
    events = jobs.hub.get(path).json["events"]
    return [event["data"] for event in events if event["event"] == "job_update"]


def cursor(jobs):
    return jobs.hub.get("/state?resources=x:1").json["cursor"]


# Words that are too long


WORDS = {
    "201 letters": ("x" * 201, "x" * 200),
    "a paragraph": ("naïve " * 300, ("naïve " * 34)[:200]),
    "flags of two scalars each": ("🇵🇹" * 150, "🇵🇹" * 100),
    "a family that would be cut": ("a" * 198 + "👩\u200d👧\u200d👦", "a" * 198),
    "200 letters": ("é" * 200, "é" * 200),
}


@pytest.mark.parametrize("field", ["message", "step"])
@pytest.mark.parametrize("words", WORDS)
def test_words_that_are_too_long_are_cut_and_the_figures_count(jobs, words, field):
    given, kept = WORDS[words]
    job, lease = claimed(jobs)
    for progress in (10, 20):
        report(jobs, job, lease, progress=progress, **{field: given})
    row = jobs.job(job)
    assert (row["state"], row["progress"], row[field]) == ("running", 20, kept)
    jobs.post(f"/jobs/{job}/complete", {"lease": lease, "result": 1}, 204)


def test_words_that_are_too_long_do_not_cost_the_lease():
    with Hub("--external-kinds", "w", "--lease-seconds", "0.5") as hub:
        jobs = Jobs(hub)
        job, lease = claimed(jobs)
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            report(jobs, job, lease, message="x" * 201)
        assert jobs.job(job)["state"] == "running"
        assert jobs.job(job)["attempt"] == 1


def test_an_error_that_is_too_long_is_cut(jobs):
    job, lease = claimed(jobs)
    error = "no " * 3_000
    jobs.post(f"/jobs/{job}/fail", {"lease": lease, "error": error, "retry": False}, 204)
    row = jobs.job(job)
    assert row["state"] == "failed" and row["error"] == error[:4096]


# Reports that are too many


def assert_told_seldom(events, seconds):
    """Checks that no more was told than the first report and four a second."""
    assert len(events) <= 2 + 4 * seconds, (len(events), seconds)


def test_reports_are_gathered_and_the_last_is_told_though_the_worker_falls_silent(jobs):
    job, lease = claimed(jobs)
    start, begun = cursor(jobs), time.monotonic()
    for number in range(200):
        report(jobs, job, lease, progress=number / 2, message=f"frame {number}")
        if number % 50 == 49:
            assert jobs.job(job)["progress"] == number / 2, "it is not in the row"
    last = eventually(
        lambda: next((row for row in told(jobs, job, start) if row["progress"] == 99.5), None),
        "the last report",
    )
    assert last["message"] == "frame 199" and last["state"] == "running"
    events = told(jobs, job, start)
    assert_told_seldom(events, time.monotonic() - begun)
    assert events[0]["message"] == "frame 0" and events[-1] == last
    progress = [row["progress"] for row in events]
    assert progress == sorted(set(progress))
    jobs.post(f"/jobs/{job}/complete", {"lease": lease, "result": 1}, 204)


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
def test_an_end_is_told_at_once_and_nothing_after_it(jobs, end):
    job, lease = claimed(jobs)
    start, begun = cursor(jobs), time.monotonic()
    for number in range(100):
        report(jobs, job, lease, progress=number / 2)
    if end == "cancel":
        jobs.post(f"/jobs/{job}/cancel", status=200)
    else:
        value = {"result": 1} if end == "complete" else {"error": "No.", "retry": False}
        jobs.post(f"/jobs/{job}/{end}", {"lease": lease, **value}, 204)
    events = told(jobs, job, start)
    assert_told_seldom(events[:-1], time.monotonic() - begun)
    final = {"complete": "succeeded", "fail": "failed", "cancel": "cancelled"}[end]
    assert events[-1]["state"] == final
    # A report of another job is told when the time of this one's is over: nothing more came of it.
    other, lease = claimed(jobs)
    for number in range(3):
        report(jobs, other, lease, progress=number)
    eventually(lambda: told(jobs, other, start)[-1]["progress"] == 2, "the other's last report")
    assert told(jobs, job, start)[-1] == events[-1]
    jobs.post(f"/jobs/{other}/complete", {"lease": lease, "result": 1}, 204)


def test_jobs_are_gathered_each_by_itself(jobs):
    made = [claimed(jobs) for _ in range(4)]
    start, begun = cursor(jobs), time.monotonic()
    for number in range(60):
        for job, lease in made:
            report(jobs, job, lease, progress=number)
    for job, lease in made:
        eventually(lambda job=job: told(jobs, job, start)[-1]["progress"] == 59, "the last report")
        assert_told_seldom(told(jobs, job, start), time.monotonic() - begun)
        jobs.post(f"/jobs/{job}/complete", {"lease": lease, "result": 1}, 204)


def test_a_stop_tells_the_last_report(tmp_path):
    flags = ("--external-kinds", "w", "--lease-seconds", "60")
    with Hub(*flags, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        job, lease = claimed(jobs)
        start = cursor(jobs)
        for number in range(5):
            report(jobs, job, lease, progress=number)
    with Hub(*flags, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        assert told(jobs, job, start)[-1]["progress"] == 4
        report(jobs, job, lease, progress=5)

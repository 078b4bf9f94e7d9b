"""Who works on what now: the resources activity:{kind}."""

import json
import threading
import time
from datetime import datetime

import pytest

from support.access import Locked, as_
from support.command import log
from support.hub import Hub, assert_problem
from support.jobs import Jobs
from support.stream import NoStream
from support.wait import eventually

KINDS = ("influencer", "post", "session", "job")
FLAGS = ("--external-kinds", "w,v", "--lease-seconds", "30")
SLOW = ("--builtin-rate", "60", "--builtin-picture", "1.5")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with Hub(*FLAGS, *SLOW, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def jobs(hub):
    """The module's hub, in which nothing works."""
    jobs = Jobs(hub)
    yield jobs
    for state in ("running", "queued", "scheduled"):
        while rows := jobs.get(f"/jobs?state={state}&limit=100")["jobs"]:
            for row in rows:
                jobs.post(f"/jobs/{row['id']}/cancel", status=(200, 409))
    eventually(lambda: not any(working(hub, kind) for kind in KINDS), "the end of all work")


def working(hub, kind, headers=()):
    """The list that is shown to those who come now; None when there never was one."""
    name = f"activity:{kind}"
    states = hub.get(f"/state?resources={name}", headers).json["resources"]
    return states[name]["activity"]["data"]["working"] if name in states else None


def begin(jobs, kind="w", value=None):
    """A job that a worker outside has claimed, and its lease."""
    made = jobs.create(kind, value)
    claimed = jobs.post("/jobs/claim", {"kinds": [kind]}, 200)
    assert claimed["job"]["id"] == made["id"]
    return made["id"], claimed["lease"]["token"]


def end(jobs, identifier, lease):
    jobs.post(f"/jobs/{identifier}/complete", {"lease": lease, "result": 1}, 204)


def lists(stream, wanted, limit=10.0):
    """The events up to the first whose list is `wanted`."""

    def fits(block):
        return block.event == "activity" and wanted(block.json["data"]["working"])

    return [block for block in stream.until(fits, limit) if block.event == "activity"]


def at(block):
    return datetime.fromisoformat(block.json["at"]).timestamp()


# What is listed


def test_work_of_a_worker_outside_is_listed_from_its_claim_to_its_end(hub, jobs):
    with hub.open(["activity:job"]) as stream:
        identifier, lease = begin(jobs)
        block = lists(stream, lambda work: work)[-1]
        assert block.resources == ["activity:job"]
        [work] = block.json["data"]["working"]
        row = jobs.job(identifier)
        assert work == {
            "resource": f"job:{identifier}",
            "job": identifier,
            "kind": "w",
            "step": None,
            "progress": 0,
            "since": row["started_at"],
        }
        end(jobs, identifier, lease)
        assert lists(stream, lambda work: not work)[-1].json["data"] == {"working": []}


def test_a_step_is_listed_and_progress_alone_is_not_told(hub, jobs):
    identifier, lease = begin(jobs)
    with hub.open(["activity:job"]) as stream:
        for progress in range(1, 5):
            report = {"lease": lease, "progress": progress}
            jobs.post(f"/jobs/{identifier}/progress", report, 204)
        report = {"lease": lease, "progress": 40, "step": "cutting"}
        jobs.post(f"/jobs/{identifier}/progress", report, 204)
        found = lists(stream, lambda work: work and work[0]["step"] == "cutting")
        assert found[-1].json["data"]["working"][0]["progress"] == 40
        assert len(found) <= 2, "progress was told by itself"
        end(jobs, identifier, lease)


def test_a_session_a_post_and_its_influencer_are_listed_while_the_hub_works_on_them(hub, jobs):
    resources = [f"activity:{kind}" for kind in KINDS]
    with hub.open(resources, snapshot="false") as stream:
        made = jobs.post("/sessions", {"prompt": "a potter", "avatars": 1}, 201)
        session = f"session:{made['session']['id']}"
        found = lists(stream, lambda work: work and work[0]["resource"] == session)[-1]
        assert found.resources == ["activity:session"]
        [work] = found.json["data"]["working"]
        assert (work["job"], work["kind"]) == (made["job"]["id"], "avatar")
        jobs.until_final(made["job"]["id"])
        influencer = jobs.influencer()
        made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "clay"}, 201)
        wanted = {f"post:{made['post']['id']}", f"influencer:{influencer['id']}"}
        steps = {resource: [] for resource in wanted}

        over = set()

        def are_over(block):
            if block.event != "activity":
                return False
            for work in block.json["data"]["working"]:
                if work["resource"] in wanted:
                    assert (work["job"], work["kind"]) == (made["job"]["id"], "post")
                    steps[work["resource"]].append(work["step"])
            if all(steps.values()) and not block.json["data"]["working"]:
                over.update(block.resources)
            return {"activity:post", "activity:influencer"} <= over

        stream.until(are_over, 20)
        for listed in steps.values():
            assert listed[-1] == "generating_images", steps
    eventually(lambda: not any(working(hub, kind) for kind in KINDS), "the end of all work")


def test_what_an_input_names_is_listed_if_there_is_such_a_record(hub, jobs):
    session = jobs.session()
    begin(jobs, value={"session": session["id"], "influencer": "a secret"})
    eventually(lambda: working(hub, "session"), "the session's work")
    assert working(hub, "session")[0]["resource"] == f"session:{session['id']}"
    assert not working(hub, "influencer")


def test_a_new_stream_finds_who_works_in_its_snapshot_and_a_poll_as_well(hub, jobs):
    identifier, _ = begin(jobs)
    eventually(lambda: working(hub, "job"), "the list")
    for read in (lambda s: s.until("activity")[-1].json["data"], lambda s: s.opening()[1].json["data"]):
        with hub.stream(["activity:job"]) as stream:
            assert read(stream)["working"][0]["job"] == identifier
    with hub.open(["activity:*"]) as stream:
        jobs.post(f"/jobs/{identifier}/cancel", status=200)
        assert lists(stream, lambda work: not work)


@pytest.mark.parametrize("ending", ["complete", "fail", "cancel", "give up"])
def test_each_end_ends_the_work(hub, jobs, ending):
    identifier, lease = begin(jobs)
    eventually(lambda: working(hub, "job"), "the list")
    if ending == "complete":
        end(jobs, identifier, lease)
    elif ending == "cancel":
        jobs.post(f"/jobs/{identifier}/cancel", status=200)
    else:
        failure = {"lease": lease, "error": "No.", "retry": ending == "fail"}
        jobs.post(f"/jobs/{identifier}/fail", failure, 204)
    eventually(lambda: working(hub, "job") == [], "the end of the work")


def test_a_worker_that_falls_silent_works_no_longer():
    with Hub("--external-kinds", "w", "--lease-seconds", "0.5") as hub:
        jobs = Jobs(hub)
        begin(jobs)
        eventually(lambda: working(hub, "job"), "the list")
        eventually(lambda: working(hub, "job") == [], "the end of the lease", 10)


# How often


def test_lists_come_at_most_once_a_second_and_the_last_one_always(hub, jobs):
    halt = threading.Event()

    def work():
        while not halt.is_set():
            identifier, lease = begin(jobs, "v")
            end(jobs, identifier, lease)

    with hub.open(["activity:job"]) as stream:
        thread = threading.Thread(target=work)
        thread.start()
        blocks = []
        begun = time.monotonic()
        try:
            while len(blocks) < 3:
                blocks += lists(stream, lambda _: True)
        finally:
            halt.set()
            thread.join()
        if blocks[-1].json["data"]["working"]:
            blocks += lists(stream, lambda work: not work)
        times = [at(block) for block in blocks]
        assert all(later - earlier >= 1 for earlier, later in zip(times, times[1:])), times
        assert time.monotonic() - begun >= 2
    assert working(hub, "job") == []


def test_work_that_ends_within_the_second_is_not_left_standing(hub, jobs):
    for _ in range(3):
        identifier, lease = begin(jobs)
        end(jobs, identifier, lease)
        eventually(lambda: working(hub, "job") == [], "the end of the work")


def test_an_idle_hub_publishes_nothing(hub, jobs):
    identifier, lease = begin(jobs)
    end(jobs, identifier, lease)
    eventually(lambda: working(hub, "job") == [], "the end of the work")
    with hub.open(["activity:*"], snapshot="false") as stream:
        begun = time.monotonic()
        while time.monotonic() < begun + 1.5:
            hub.publish("marker:1")
        hub.patch(stream.seen[0].json["connection"], {"add": ["marker:1"]})
        assert len(stream.until("subscribed")) == 1, "something came"


def test_many_at_work_are_listed_in_part_and_counted(hub, jobs):
    made = [begin(jobs)[0] for _ in range(130)]
    name = "activity:job"

    def full():
        data = hub.get(f"/state?resources={name}").json["resources"][name]["activity"]["data"]
        return data if data.get("more") == 30 else None

    data = eventually(full, "the whole list", 20)
    assert [work["job"] for work in data["working"]] == made[:-101:-1]
    assert len(json.dumps(data)) < 256 << 10


# Restarts


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_what_works_no_longer_is_not_listed_after_a_restart(folder, ending):
    slow = ("--builtin-rate", "2", "--builtin-picture", "60")
    hub = Hub(*FLAGS, *slow, data=folder)
    try:
        jobs = Jobs(hub)
        made = jobs.post("/sessions", {"prompt": "a potter", "avatars": 1}, 201)
        outside, lease = begin(jobs)
        eventually(lambda: working(hub, "session"), "the list")
        eventually(lambda: len(working(hub, "job")) == 2, "both jobs")
        if ending == "kill":
            hub.kill()
        else:
            hub.stop()
        # No job of its own runs in this one: only the worker outside still works.
        hub = Hub(*FLAGS, "--jobs", "0", data=folder)
        jobs = Jobs(hub)
        assert working(hub, "session") == []
        assert [work["job"] for work in working(hub, "job")] == [outside]
        end(jobs, outside, lease)
        eventually(lambda: working(hub, "job") == [], "the end of the work")
        hub.kill()
        hub = Hub(*FLAGS, *slow, data=folder)
        eventually(lambda: working(hub, "session"), "the work that goes on")
        assert working(hub, "session")[0]["job"] == made["job"]["id"]
    finally:
        hub.kill()


def test_a_start_without_work_before_publishes_nothing(folder):
    for _ in range(2):
        with Hub("--jobs", "0", data=folder) as hub:
            assert hub.head().endswith("-0")
            assert [working(hub, kind) for kind in KINDS] == [None] * 4


def test_kills_while_work_comes_and_goes_leave_nothing_untrue(folder):
    flags = (*FLAGS, "--builtin-rate", "0", "--builtin-picture", "0.05")
    hub = Hub(*flags, data=folder)
    try:
        for _ in range(4):
            jobs = Jobs(hub)
            for number in range(15):
                jobs.create("avatar", {"prompt": f"n {number}", "avatars": 2}, max_attempts=50)
            hub.kill()
            hub = Hub(*flags, data=folder)
        eventually(lambda: Jobs(hub).get("/jobs?state=running")["jobs"] == [], "the end", 20)
        eventually(lambda: not any(working(hub, kind) for kind in KINDS), "empty lists")
    finally:
        hub.kill()


def test_a_log_with_activity_is_imported_again(folder, tmp_path):
    with Hub(*FLAGS, data=folder) as hub:
        jobs = Jobs(hub)
        end(jobs, *begin(jobs))
        eventually(lambda: working(hub, "job") == [], "the end of the work")
    events = log("export", folder)
    assert '"activity:job"' in events
    other, path = str(tmp_path / "other"), tmp_path / "events"
    path.write_text(events)
    log("import", other, "--create", str(path))
    with Hub(*FLAGS, data=other) as hub:
        assert working(hub, "job") == []


# Who may


@pytest.mark.parametrize("name", ["activity:job", "activity:influencer", "activity:x", "activity:*"])
def test_producers_cannot_publish_who_works(hub, name):
    before = hub.head()
    assert_problem(hub.post({"resource": name, "data": 1}), 422, "activity")
    assert_problem(hub.post({"resources": ["a:1", name], "data": 1}), 422, "activity")
    assert_problem(hub.post_lines([{"resource": name, "data": 1}]), 422, "activity")
    assert_problem(hub.post({"resource": "a:1", "event": "activity", "data": 1}), 422, "activity")
    assert hub.head() == before


def test_grants_cover_activity_as_they_cover_any_resource(tmp_path):
    with Locked(tmp_path, *FLAGS) as hub:
        made = hub.post({"kind": "w", "input": 1}, "/api/v1/jobs", hub.admin).json
        hub.post({"kinds": ["w"]}, "/api/v1/jobs/claim", hub.admin)
        for pattern in ("activity:job", "activity:*", "*"):
            reader = as_(subscribe=[pattern])
            eventually(lambda: working(hub, "job", reader), "the list")  # noqa: B023
            with hub.stream(["activity:job"], headers=reader) as stream:
                [work] = stream.until("activity")[-1].json["data"]["working"]
                assert work["job"] == made["id"]
        for pattern in ("activity:post", "job:*", "influencer:*"):
            with pytest.raises(NoStream) as refused:
                hub.stream(["activity:job"], headers=as_(subscribe=[pattern]))
            assert_problem(refused.value.answer, 403, "activity:job")
        writer = as_(publish=["*"])
        assert_problem(hub.post({"resource": "activity:job", "data": 1}, headers=writer), 422)

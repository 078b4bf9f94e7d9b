"""What becomes of jobs: cancel, restart, keys, delays, priorities, stops and kills, workers outside."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.hub import Hub
from support.jobs import FINAL, Jobs

SLOW = ("--builtin-rate", "30", "--builtin-picture", "0.5")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    flags = ("--external-kinds", "thumb,scan", "--lease-seconds", "0.5", "--jobs", "20")
    with Hub(*SLOW, *flags, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub


def post(jobs, influencer, prompt="clay"):
    return jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": prompt}, 201)


def until_running(hub, identifier):
    """Waits until a job runs."""
    with hub.stream([f"job:{identifier}"]) as stream:
        stream.until(
            lambda b: b.event == "job_update" and b.json["data"]["state"] == "running", limit=10
        )


def test_a_running_job_is_cancelled_at_once_and_for_good(hub, jobs, influencer):
    made = post(jobs, influencer)
    identifier = made["job"]["id"]
    until_running(hub, identifier)
    with hub.open([f"job:{identifier}", f"post:{made['post']['id']}"]) as stream:
        row = jobs.post(f"/jobs/{identifier}/cancel", status=200)
        assert row["state"] == "cancelled" and row["finished_at"] and row["error"]
        events = stream.until(
            lambda b: b.event == "job_update" and b.json["data"]["state"] == "cancelled"
        )
        jobs.until_final(post(jobs, influencer, "meanwhile")["job"]["id"])
        hub.publish(f"job:{identifier}", event="marker")
        assert stream.next().event == "marker", "something came after the end"
    told = [b.json["data"] for b in events if b.event == "post_update"][-1]
    assert told["status"] == "failed" and "cancelled" in told["error"]
    assert jobs.follow(identifier)[-2][1]["data"]["state"] == "cancelled"
    jobs.post(f"/jobs/{identifier}/cancel", status=409)


def test_a_cancelled_job_is_restarted_and_keeps_what_was_done(hub, jobs, influencer):
    made = post(jobs, influencer)
    identifier = made["job"]["id"]
    with hub.open([f"post:{made['post']['id']}"]) as stream:
        stream.until(
            lambda b: b.event == "post_update"
            and b.json["data"]["status"] == "generating_images",
            limit=20,
        )
    jobs.post(f"/jobs/{identifier}/cancel", status=200)
    before = jobs.get(f"/posts/{made['post']['id']}")
    assert before["status"] == "failed" and before["content"]
    row = jobs.post(f"/jobs/{identifier}/restart", status=200)
    assert row["state"] == "queued" and row["attempt"] == 0 and row["error"] is None
    ended = jobs.until_final(identifier)
    assert ended["state"] == "succeeded" and ended["attempt"] == 1
    assert ended["elapsed_seconds"] < 1.5, "the story was written again"
    after = jobs.get(f"/posts/{made['post']['id']}")
    assert after["status"] == "ready" and after["content"] == before["content"]
    jobs.post(f"/jobs/{identifier}/restart", status=409)


def test_a_cancel_that_races_the_end_gives_one_final_state(tmp_path):
    flags = ("--builtin-rate", "0", "--builtin-picture", "0.01", "--durability", "normal")
    with Hub(*flags, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        influencer = jobs.influencer()
        states = []

        def race(number):
            made = post(jobs, influencer, f"race {number}")
            identifier = made["job"]["id"]
            time.sleep(random.random() * 0.06)
            answer = hub.request("POST", f"/api/v1/jobs/{identifier}/cancel")
            assert answer.status in (200, 409), answer
            row = jobs.until_final(identifier)
            assert (row["state"] == "cancelled") == (answer.status == 200)
            status = jobs.get(f"/posts/{made['post']['id']}")["status"]
            assert (status == "ready") == (row["state"] == "succeeded")
            states.append(row["state"])
            return identifier

        with ThreadPoolExecutor(8) as pool:
            identifiers = list(pool.map(race, range(250)))
        assert len(set(states)) == 2, f"no race at all: {set(states)}"
        finals = count_finals(hub)
        assert all(finals[identifier] == 1 for identifier in identifiers)


def count_finals(hub):
    """How often each job's end was told, by the whole log."""
    cursor = hub.get("/poll?resources=job:*&timeout=0").json["cursor"].split("-")[0] + "-0"
    finals = {}
    progress = {}
    while True:
        page = hub.get(f"/poll?resources=job:*&after={cursor}&limit=1000&timeout=0").json
        assert page["reset"] is None
        for event in page["events"]:
            data = event["data"]
            if data["state"] in FINAL:
                finals[data["id"]] = finals.get(data["id"], 0) + 1
            elif data["state"] == "running":
                attempt = (data["id"], data["attempt"])
                assert data["progress"] >= progress.get(attempt, 0), data
                progress[attempt] = data["progress"]
        if not page["events"]:
            return finals
        cursor = page["cursor"]


def test_a_key_names_one_job(jobs, influencer):
    value = {"influencer": influencer["id"], "prompt": "once"}
    first = jobs.create("post", value, key="once")
    again = jobs.post("/jobs", {"kind": "post", "input": value, "key": "once"}, 200)
    assert again["id"] == first["id"]
    jobs.post(f"/jobs/{first['id']}/cancel", status=200)
    new = jobs.create("post", value, key="once")
    assert new["id"] != first["id"]
    jobs.post(f"/jobs/{first['id']}/restart", status=409)


def test_many_who_ask_with_one_key_at_once_get_one_job(jobs, influencer):
    value = {"influencer": influencer["id"], "prompt": "together"}
    ask = {"kind": "post", "input": value, "key": "together"}
    with ThreadPoolExecutor(16) as pool:
        rows = list(pool.map(lambda _: jobs.post("/jobs", ask), range(32)))
    assert len({row["id"] for row in rows}) == 1


def test_a_delayed_job_waits_for_its_time(jobs, influencer):
    value = {"influencer": influencer["id"], "prompt": "later"}
    made = jobs.create("post", value, delay_seconds=0.4)
    assert made["state"] == "scheduled"
    row = jobs.until_final(made["id"])
    assert row["state"] == "succeeded"
    assert row["started_at"] >= row["scheduled_at"] > row["created_at"]


def test_a_stop_uses_up_no_attempt_and_the_work_goes_on(tmp_path):
    with Hub(*SLOW, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        influencer = jobs.influencer()
        made = post(jobs, influencer)
        with hub.open([f"post:{made['post']['id']}"]) as stream:
            stream.until(
                lambda b: b.event == "post_update"
                and b.json["data"]["status"] == "generating_images",
                limit=20,
            )
        progress = jobs.job(made["job"]["id"])["progress"]
    with Hub(*SLOW, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        row = jobs.until_final(made["job"]["id"])
        assert row["state"] == "succeeded" and row["attempt"] == 1
        assert row["errors"] == []
        assert progress >= 60
        count_finals(hub)


def test_kills_lose_no_job_and_repeat_no_end(tmp_path):
    flags = ("--builtin-rate", "120", "--builtin-picture", "0.2")
    hub = Hub(*flags, data=str(tmp_path))
    try:
        jobs = Jobs(hub)
        influencer = jobs.influencer()
        value = {"influencer": influencer["id"], "prompt": "survive"}
        identifiers = []
        for _ in range(6):
            identifiers += [
                jobs.create("post", value, max_attempts=50)["id"] for _ in range(20)
            ]
            time.sleep(random.random())
            hub.kill()
            hub = Hub(*flags, data=str(tmp_path))
            jobs = Jobs(hub)
        for identifier in identifiers:
            assert jobs.until_final(identifier)["state"] == "succeeded"
        finals = count_finals(hub)
        assert {finals.get(identifier) for identifier in identifiers} == {1}
    finally:
        hub.kill()


def test_a_killed_attempt_counts_and_the_last_one_fails_with_a_reason(tmp_path):
    hub = Hub(*SLOW, data=str(tmp_path))
    try:
        jobs = Jobs(hub)
        influencer = jobs.influencer()
        value = {"influencer": influencer["id"], "prompt": "survive"}
        made = jobs.create("post", value, max_attempts=2)
        for attempt in (1, 2):
            until_running(hub, made["id"])
            assert jobs.job(made["id"])["attempt"] == attempt
            hub.kill()
            hub = Hub(*SLOW, data=str(tmp_path))
            jobs = Jobs(hub)
        row = jobs.job(made["id"])
        assert row["state"] == "failed" and "hub ended" in row["error"]
        assert [failure["attempt"] for failure in row["errors"]] == [1, 2]
    finally:
        hub.kill()


def test_many_more_jobs_than_are_claimed_at_once_all_run(tmp_path):
    flags = ("--builtin-rate", "0", "--builtin-picture", "0", "--durability", "normal")
    with Hub("--jobs", "0", *flags, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        made = [jobs.create("avatar", {"prompt": f"n {n}", "avatars": 1})["id"] for n in range(320)]
        assert hub.status()["jobs_queued"] == 320
    with Hub(*flags, data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        for identifier in made:
            assert jobs.until_final(identifier)["state"] == "succeeded"


# Workers outside


def claim(jobs, kind="thumb", wait=0):
    return jobs.post("/jobs/claim", {"kinds": [kind], "wait": wait})


def test_a_worker_outside_claims_reports_and_completes(hub, jobs):
    made = jobs.create("thumb", {"url": "a.png"})
    assert made["external"] and made["state"] == "queued"
    with hub.open([f"job:{made['id']}"]) as stream:
        claimed = claim(jobs)
        assert claimed["job"]["id"] == made["id"] and claimed["job"]["input"] == {"url": "a.png"}
        assert claimed["lease"]["seconds"] == 0.5
        lease = claimed["lease"]["token"]
        path = f"/jobs/{made['id']}"
        jobs.post(f"{path}/progress", {"lease": lease, "progress": 40, "message": "scaling"}, 204)
        jobs.post(f"{path}/progress", {"lease": lease, "progress": 30}, 204)
        assert jobs.job(made["id"])["progress"] == 40, "progress fell"
        jobs.post(f"{path}/heartbeat", {"lease": lease}, 204)
        jobs.post(f"{path}/complete", {"lease": lease, "result": {"size": 7}}, 204)
        blocks = stream.until(
            lambda b: b.event == "job_update" and b.json["data"]["state"] == "succeeded"
        )
    assert any(b.json["data"]["message"] == "scaling" for b in blocks if b.event == "job_update")
    assert jobs.job(made["id"])["result"] == {"size": 7}
    for end in ("complete", "fail", "heartbeat", "progress"):
        body = {"lease": lease, "result": 1} if end == "complete" else {"lease": lease}
        if end == "fail":
            body["error"] = "late"
        jobs.post(f"{path}/{end}", body, 409)


def test_a_claim_waits_for_work(jobs):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(claim, jobs, "scan", 10)
        made = jobs.create("scan", 1)
        claimed = waiting.result(10)
    assert claimed["job"]["id"] == made["id"]
    assert claim(jobs, "scan") is None


def test_a_job_goes_to_one_worker_alone(jobs):
    made = {jobs.create("scan", n)["id"] for n in range(40)}
    taken = []
    lock = threading.Lock()

    def work():
        while (claimed := claim(jobs, "scan")) is not None:
            with lock:
                taken.append(claimed["job"]["id"])
            body = {"lease": claimed["lease"]["token"], "result": None}
            jobs.post(f"/jobs/{claimed['job']['id']}/complete", body, 204)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(made) or set(made) <= set(taken)
    assert len(taken) == len(set(taken))


def test_a_silent_worker_loses_its_job_to_another(jobs):
    made = jobs.create("thumb", 1)
    first = claim(jobs)
    second = claim(jobs, wait=10)
    assert second["job"]["id"] == first["job"]["id"] == made["id"]
    assert second["job"]["attempt"] == 2
    late = {"lease": first["lease"]["token"], "result": 1}
    jobs.post(f"/jobs/{made['id']}/complete", late, 409)
    jobs.post(f"/jobs/{made['id']}/complete", {"lease": second["lease"]["token"], "result": 2}, 204)
    assert jobs.job(made["id"])["result"] == 2


def test_a_failure_is_tried_again_if_the_worker_says_so(jobs):
    made = jobs.create("thumb", 1, max_attempts=2)
    lease = claim(jobs)["lease"]["token"]
    jobs.post(f"/jobs/{made['id']}/fail", {"lease": lease, "error": "no luck", "retry": True}, 204)
    row = jobs.job(made["id"])
    assert row["state"] in ("scheduled", "queued") and row["error"] == "no luck"
    again = claim(jobs, wait=20)
    body = {"lease": again["lease"]["token"], "error": "never", "retry": False}
    jobs.post(f"/jobs/{made['id']}/fail", body, 204)
    row = jobs.job(made["id"])
    assert row["state"] == "failed"
    assert [failure["error"] for failure in row["errors"]] == ["no luck", "never"]


def test_a_cancelled_job_s_worker_is_told_at_its_next_word(jobs):
    made = jobs.create("thumb", 1)
    lease = claim(jobs)["lease"]["token"]
    jobs.post(f"/jobs/{made['id']}/cancel", status=200)
    jobs.post(f"/jobs/{made['id']}/heartbeat", {"lease": lease}, 409)


def test_first_comes_what_is_most_urgent_then_what_is_oldest(jobs):
    low = jobs.create("thumb", 1, priority=4)
    old = jobs.create("thumb", 2, priority=2)
    new = jobs.create("thumb", 3, priority=2)
    high = jobs.create("thumb", 4, priority=1)
    order = []
    for _ in range(4):
        claimed = claim(jobs)
        order.append(claimed["job"]["id"])
        body = {"lease": claimed["lease"]["token"], "result": None}
        jobs.post(f"/jobs/{claimed['job']['id']}/complete", body, 204)
    assert order == [row["id"] for row in (high, old, new, low)]


def test_a_lease_outlives_a_restart_of_the_hub(tmp_path):
    flags = ("--external-kinds", "thumb", "--lease-seconds", "30")
    hub = Hub(*flags, data=str(tmp_path))
    try:
        jobs = Jobs(hub)
        made = jobs.create("thumb", 1)
        lease = claim(jobs)["lease"]["token"]
        hub.kill()
        hub = Hub(*flags, data=str(tmp_path))
        jobs = Jobs(hub)
        jobs.post(f"/jobs/{made['id']}/complete", {"lease": lease, "result": "done"}, 204)
        assert jobs.job(made["id"])["state"] == "succeeded"
    finally:
        hub.kill()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lease": 7},
        {"lease": "x", "progress": 101},
        {"lease": "x", "progress": "half"},
        {"lease": "x", "message": 5},
        {"lease": "x", "speed": 1},
    ],
)
def test_a_report_that_breaks_a_rule_is_refused(hub, jobs, body):
    made = jobs.create("scan", 0)
    assert hub.post(body, f"/api/v1/jobs/{made['id']}/progress").status == 422
    jobs.post(f"/jobs/{made['id']}/cancel", status=200)


def test_a_stop_sends_waiting_workers_home(tmp_path):
    hub = Hub("--external-kinds", "thumb", "--workers", "1", data=str(tmp_path))
    try:
        connection = hub.connect(limit=20)
        body = b'{"kinds":["thumb"],"wait":50}'
        head = "POST /api/v1/jobs/claim HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert hub.get("/health").status == 200
        hub.signal()
        assert connection.read_response("POST").status == 204
        assert hub.wait(4) == 0
        connection.close()
    finally:
        hub.kill()

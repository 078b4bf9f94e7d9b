"""The worker of the examples does real work, and what it leaves undone is done by another."""

import contextlib
import hashlib
import http.server
import os
import subprocess
import sys
import threading

import pytest

from support.hub import REPOSITORY, Hub, environment

FOLDER = REPOSITORY / "examples/worker-python"
TEXT = ("the tide takes the sand\n" * 20_000).encode()
STATS = {
    "bytes": len(TEXT),
    "lines": 20_000,
    "words": 100_000,
    "distinct": 4,
    "top": [
        {"word": "the", "count": 40_000},
        {"word": "sand", "count": 20_000},
        {"word": "takes", "count": 20_000},
        {"word": "tide", "count": 20_000},
    ],
    "sha256": hashlib.sha256(TEXT).hexdigest(),
}


class Source(http.server.ThreadingHTTPServer):
    """A web server with one text; the first who asks for it gets half of it and then has to wait."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.halting = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.halting.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(TEXT)))
        self.end_headers()
        half = len(TEXT) // 2
        self.wfile.write(TEXT[:half])
        if self.path == "/slow" and not self.server.halting.is_set():
            self.wfile.flush()
            self.server.halting.wait(30)
            return None
        self.wfile.write(TEXT[half:])
        return None

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def worker(hub):
    """A worker as a process."""
    process = subprocess.Popen(
        [sys.executable, FOLDER / "worker.py"],
        env=environment({"MARTLET_URL": hub.url, "no_proxy": "*"}),
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    flags = ("--external-kinds", "text-stats", "--lease-seconds", "0.6")
    with Hub(*flags, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub


@pytest.fixture
def source():
    with Source() as source:
        yield source


def running_past(percent):
    """Whether an event says that a job runs and is so far."""

    def is_it(block):
        if block.event != "job_update":
            return False
        data = block.json["data"]
        return data["state"] == "running" and data["progress"] >= percent

    return is_it


def test_a_worker_fetches_counts_and_says_how_far_it_is(hub, jobs, source):
    job = jobs.create("text-stats", {"url": f"{source.url}/whole"})["id"]
    with worker(hub):
        row = jobs.until_final(job)
    assert row["state"] == "succeeded" and row["attempt"] == 1
    assert row["result"] == STATS


def test_a_text_in_the_input_is_enough(hub, jobs):
    job = jobs.create("text-stats", {"text": "Ebb, flow; ebb — ÉTÉ été."})["id"]
    with worker(hub):
        result = jobs.until_final(job)["result"]
    assert result["words"] == 5 and result["distinct"] == 3
    assert result["top"][:2] == [{"word": "ebb", "count": 2}, {"word": "été", "count": 2}]


def test_a_killed_worker_s_job_is_finished_by_another(hub, jobs, source):
    job = jobs.create("text-stats", {"url": f"{source.url}/slow"})["id"]
    with hub.open([f"job:{job}"]) as stream:
        with worker(hub) as first:
            stream.until(running_past(1))
            # Three leases long it stands still, and its heartbeats keep the job its own.
            first_lease_over = jobs.post("/jobs/claim", {"kinds": ["text-stats"], "wait": 2})
            assert first_lease_over is None
            first.kill()
            first.wait(10)
        source.halting.set()
        with worker(hub):
            row = jobs.until_final(job)
    # Where the machine stands still for a lease, the second one loses the job as well.
    assert row["state"] == "succeeded" and row["attempt"] >= 2
    assert row["result"] == STATS
    assert len(row["errors"]) == row["attempt"] - 1
    assert all("not heard of" in failure["error"] for failure in row["errors"])


def test_a_worker_lets_a_cancelled_job_go_and_takes_the_next(hub, jobs, source):
    job = jobs.create("text-stats", {"url": f"{source.url}/slow"})["id"]
    with worker(hub), hub.open([f"job:{job}"]) as stream:
        stream.until(running_past(1))
        jobs.post(f"/jobs/{job}/cancel", status=200)
        source.halting.set()
        after = jobs.create("text-stats", {"text": "next"})["id"]
        assert jobs.until_final(after)["state"] == "succeeded"
    row = jobs.job(job)
    assert row["state"] == "cancelled" and row["result"] is None


@pytest.mark.parametrize("given", ["text", 7, {}, {"url": "file:///etc/passwd"}, {"url": 7}])
def test_what_it_cannot_work_on_fails_for_good(hub, jobs, given):
    job = jobs.create("text-stats", given)["id"]
    with worker(hub):
        row = jobs.until_final(job)
    assert row["state"] == "failed" and row["attempt"] == 1
    assert "The input is" in row["error"]


def test_a_page_that_is_not_there_is_not_tried_again(hub, jobs, source):
    job = jobs.create("text-stats", {"url": f"{source.url}/missing"})["id"]
    with worker(hub):
        row = jobs.until_final(job)
    assert row["state"] == "failed" and row["attempt"] == 1 and "404" in row["error"]


def test_a_stop_lets_it_finish_its_job(hub, jobs, source):
    job = jobs.create("text-stats", {"url": f"{source.url}/slow"}, max_attempts=1)["id"]
    with hub.open([f"job:{job}"]) as stream, worker(hub) as process:
        stream.until(running_past(1))
        process.terminate()
        source.halting.set()
        assert process.wait(20) == 0
    row = jobs.job(job)
    assert row["state"] == "failed" and "broke off" in row["error"]


def test_a_kind_that_the_hub_does_not_know_ends_it_with_the_reason(hub):
    result = subprocess.run(
        [sys.executable, FOLDER / "worker.py", "unknown"],
        env=environment({"MARTLET_URL": hub.url}),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert result.returncode == 1 and "unknown" in result.stderr


def test_its_demonstration_shows_what_it_says(hub):
    program = FOLDER / "demo.sh"
    assert os.access(program, os.X_OK)
    result = subprocess.run(
        [program],
        env=environment({"MARTLET_URL": hub.url}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert result.returncode == 0, result
    assert '"words":11' in result.stdout and "event: job_update" in result.stdout

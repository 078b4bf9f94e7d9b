"""A page of 200 components in a rush of events. MARTLET_RUSH_SECONDS makes it long (300, say)."""

import json
import os
import time

import pytest
from support.hub import as_bytes
from support.wait import eventually

SECONDS = float(os.environ.get("MARTLET_RUSH_SECONDS", "8"))
RATE = 2_000
COMPONENTS = 200
# Every other component is concerned.
CONCERNED = range(0, COMPONENTS, 2)
LONGEST_TASK_MS = 50
STEP = 0.01

pytestmark = pytest.mark.limit(int(90 + 2 * SECONDS))


def heap(session):
    """The bytes that are in use when the garbage has been collected."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"]


class Rush:
    """Publishes events at a steady rate, in turn to each resource that is concerned."""

    def __init__(self, hub):
        self.connection = hub.connect()
        self.count = 0

    def run(self, seconds):
        """Goes on for so long; after a delay, it catches up."""
        due = time.monotonic()
        for _ in range(round(seconds / STEP)):
            time.sleep(max(0, due - time.monotonic()))
            due += STEP
            self.publish(int(RATE * STEP))

    def publish(self, count):
        """Publishes so many at once."""
        lines = []
        for _ in range(count):
            turn, place = divmod(self.count, len(CONCERNED))
            self.count += 1
            lines.append({"resource": f"post:{CONCERNED[place]}", "event": "update", "data": turn})
        body = b"".join(as_bytes(line) + b"\n" for line in lines)
        answer = self.connection.exchange(
            "POST", "/broadcast", {"Content-Type": "application/x-ndjson"}, body
        )
        assert answer.json == {"published": count}, answer


def tasks(trace):
    """The tasks of the page's main thread: how long each took and how long it computed, in milliseconds."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (each["pid"], each["tid"])
        for each in events
        if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    return [
        (each["dur"] / 1_000, each["tdur"] / 1_000)
        for each in events
        # A task that was begun before the trace or not ended in it has no processor time.
        if "tdur" in each
        and each["name"].endswith("RunTask")
        and (each["pid"], each["tid"]) in mains
    ]


def test_a_rush_of_events_renders_only_whom_it_concerns_and_keeps_the_page_quick(
    hub, browser, context, proxy
):
    page = context.new_page()
    page.goto(proxy.page("crowd"))
    page.evaluate("count => page.start(count)", COMPONENTS)
    page.get_by_role("status").get_by_text("open").wait_for()
    # More than one stream takes by name: there are two.
    ends = ["post:0", f"post:{COMPONENTS - 1}"]
    eventually(lambda: hub.presence(*ends) == dict.fromkeys(ends, 1), "all are on a stream")
    session = context.new_cdp_session(page)
    rush = Rush(hub)

    def run(seconds):
        rush.run(seconds)
        page.wait_for_function("count => page.sum() === count", arg=rush.count, timeout=20_000)

    looked_at = min(SECONDS / 2, 10)
    run(SECONDS / 2)
    before = heap(session)
    run(SECONDS / 2 - looked_at)
    until_then = page.evaluate("page.renders.slice()")
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    began = time.monotonic()
    published = rush.count
    run(looked_at)
    rate = (rush.count - published) / (time.monotonic() - began)
    found = tasks(browser.stop_tracing())
    after = heap(session)

    assert page.evaluate("page.gaps") == []
    renders = page.evaluate("page.renders")
    others = [renders[number] for number in range(COMPONENTS) if number not in CONCERNED]
    assert set(others) == {1}, "a component that is not concerned has rendered again"
    frames = max(renders[number] - until_then[number] for number in CONCERNED)
    took = max(wall for wall, _ in found)
    computed = max(cpu for _, cpu in found)
    print(
        f"{rate:.0f} events/s into {COMPONENTS} components: longest task {took:.1f} ms ({computed:.1f} ms of CPU), "
        f"{frames} renders of the busiest component in {looked_at:g} s, "
        f"heap {before / 1e6:.2f} MB after {SECONDS / 2:g} s, {after / 1e6:.2f} MB after {SECONDS:g} s"
    )
    assert rate > RATE / 2, "the publisher was not fast enough to prove anything"
    assert frames <= 61 * looked_at + 10, "a component renders more than once a frame"
    # What counts is what the page computes: a task that only waits for a core of a busy machine is not its doing.
    assert computed < LONGEST_TASK_MS
    assert after < before * 1.1 + 200_000, "the heap grows"

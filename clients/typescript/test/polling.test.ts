import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";

const alone = { tabs: false };
const at = "2026-11-21T00:00:00.000Z";
const note = (id: string, ...resources: string[]) => ({ id, event: "note", resources, at, data: id });
const answer = (cursor: string, ...events: object[]) => ({ cursor, reset: null, events });

/** A page that polls, since streams are refused. */
async function polling(options = {}) {
    const page = new Page({ ...alone, ...options });
    page.clock.random = 1;
    const listener = page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    const first = await page.hub.next("/poll");
    assert.equal(first.query.get("timeout"), "0");
    assert.equal(first.query.get("after"), null);
    assert.equal(page.status, "connecting");
    await first.answer(200, answer("e-1", { ...note("e-1", "post:1"), retained: true }));
    assert.equal(page.status, "polling");
    const poll = await page.hub.next("/poll");
    assert.equal(poll.query.get("after"), "e-1");
    assert.equal(poll.query.get("timeout"), "25");
    return { page, poll, ...listener };
}

test("where there is no stream, events come by polling, state first", async () => {
    const { page, poll, events } = await polling();
    await poll.answer(200, answer("e-3", note("e-2", "post:1"), note("e-3", "post:1")));
    assert.deepEqual(events.map((event) => [event.id, event.retained]), [
        ["e-1", true],
        ["e-2", false],
        ["e-3", false],
    ]);
    assert.equal((await page.hub.next("/poll")).query.get("after"), "e-3");
});

test("a stream that opens while polling takes over from where it was", async () => {
    const { page, poll, ids } = await polling();
    await page.clock.pass(1000);
    const stream = await page.hub.next("/stream");
    assert.equal(page.status, "polling");
    await poll.answer(200, answer("e-2", note("e-2", "post:1")));
    const next = await page.hub.next("/poll");
    await stream.begin();
    assert.ok(!next.isAborted);
    const connected = { connection: "c", resources: ["post:1"], resumed: true, keepalive: 30 };
    await stream.block("connected", connected);
    assert.ok(next.isAborted);
    assert.equal(page.status, "open");
    await stream.event(note("e-2", "post:1"));
    await stream.event(note("e-3", "post:1"));
    assert.deepEqual(ids(), ["e-1", "e-2", "e-3"]);
    await page.clock.pass(20_000);
    await page.hub.quiet();
});

test("streaming is tried after 1, 2, 4 … 30, 64 … seconds, and these tries are no failures", async () => {
    const { page } = await polling({ maxAttempts: 2 });
    /** Lets time pass in which polls wait for 20 s at most. */
    const pass = async (milliseconds: number) => {
        for (let left = milliseconds; left > 0; left -= 20_000) {
            await page.clock.pass(Math.min(left, 20_000));
            const poll = page.hub.calls.filter((call) => call.path === "/poll").pop();
            await poll?.answer(200, answer("e-2", note("e-2", "post:1")));
        }
    };
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
        const { streams } = page.hub;
        await pass(seconds * 1000 - 1);
        assert.equal(page.hub.streams, streams, `before ${seconds} s`);
        await page.clock.pass(1);
        assert.equal(page.hub.streams, streams + 1, `${seconds} s`);
        await page.hub.calls.filter((call) => call.path === "/stream").pop()?.refuse();
        assert.equal(page.status, "polling");
    }
});

test("a proxy that buffers: nothing comes in time, so it is polled, and streamed when that works", async () => {
    const page = new Page(alone);
    page.listen("post:1");
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    await stream.begin();
    await page.clock.pass(9_999);
    await page.hub.quiet();
    await page.clock.pass(1);
    assert.ok(stream.isAborted);
    await (await page.hub.next("/poll")).answer(200, answer("e-1"));
    assert.equal(page.status, "polling");
    await page.hub.next("/poll");
    await page.clock.pass(500);
    await (await page.hub.next("/stream")).open({ resumed: true });
    assert.equal(page.status, "open");
});

test("when polling fails too, that is a lost connection, and then failures count", async () => {
    const { page, poll } = await polling({ maxAttempts: 2 });
    await poll.refuse();
    assert.equal(page.status, "retrying");
    for (let round = 0; round < 2; round += 1) {
        assert.equal(page.status, "retrying");
        await page.clock.pass(4000);
        await (await page.hub.next("/stream")).refuse();
        await (await page.hub.next("/poll")).refuse();
    }
    assert.deepEqual(page.manager.state, { status: "closed", reason: "failed" });
});

test("a poll that never ends is given up", async () => {
    const { page, poll } = await polling();
    for (let probes = 0; probes < 6; probes += 1) {
        await page.clock.pass(10_000);
        if (poll.isAborted) break;
    }
    assert.ok(poll.isAborted);
    assert.equal(page.status, "retrying");
});

test("something that answers polls at once with nothing is not asked in a circle", async () => {
    const { page, poll } = await polling();
    await poll.answer(200, answer("e-1"));
    assert.equal(page.status, "retrying");
    await page.hub.quiet();
});

test("what is wanted besides is asked for at once, first its state", async () => {
    const { page, poll, ids } = await polling();
    const second = page.listen("post:2");
    await page.clock.pass(50);
    assert.ok(poll.isAborted);
    const state = await page.hub.next("/poll");
    assert.deepEqual(state.resources, ["post:2"]);
    assert.equal(state.query.get("after"), null);
    await state.answer(200, answer("e-9", { ...note("e-0", "post:2"), retained: true }));
    const news = await page.hub.next("/poll");
    assert.deepEqual(news.resources, ["post:1", "post:2"]);
    assert.equal(news.query.get("after"), "e-1");
    await news.answer(200, answer("e-5", note("e-5", "post:1", "post:2")));
    assert.deepEqual(ids(), ["e-1", "e-5"]);
    assert.deepEqual(second.ids(), ["e-0", "e-5"]);
});

test("a poll that cannot go on says so", async () => {
    const page = new Page(alone);
    const reasons: string[] = [];
    page.manager.subscribe("post:1", () => {}, {
        getState: ({ reason }) => void reasons.push(reason),
    });
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    await (await page.hub.next("/poll")).answer(200, answer("e-1"));
    const poll = await page.hub.next("/poll");
    const reset = { reason: "epoch", oldest: "f-1" };
    await poll.answer(200, { ...answer("f-3", { ...note("f-2", "post:1"), retained: true }), reset });
    assert.deepEqual(reasons, ["subscribe", "epoch"]);
    assert.equal((await page.hub.next("/poll")).query.get("after"), "f-3");
});

test("401 for a poll asks for other credentials too", async () => {
    const { page, poll } = await polling();
    await poll.answer(401);
    assert.deepEqual(page.manager.state, { status: "closed", reason: "unauthorized" });
});

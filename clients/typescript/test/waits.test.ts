import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";

const alone = { tabs: false };
const hour = 3_600_000;
const date = (milliseconds: number) => new Date(1_000_000_000_000 + milliseconds).toUTCString();

/** A page that has just asked for its stream; what is random is the least. */
async function asking(random = 0) {
    const page = new Page(alone);
    page.clock.random = random;
    page.listen("post:1");
    await page.clock.pass(50);
    return { page, stream: await page.hub.next("/stream") };
}

/** How long nothing is asked, in milliseconds. */
async function silence(page: Page) {
    const { state, clock } = { state: page.manager.state, clock: page.clock };
    assert.ok(state.status === "retrying", page.status);
    const wait = state.nextAt - clock.now;
    await clock.pass(wait - 1);
    await page.hub.quiet();
    await clock.pass(1);
    assert.equal((await page.hub.next("/stream")).path, "/stream");
    return wait;
}

// What cannot be read is as if it were not there: then it is polled.
const unread = [
    "30s", "120;x", "-5", "1.5", "1e3", "Infinity", "NaN", "0x10", "120, 60", "0", "soon", "2026-11-30",
    "Mon, soon GMT", date(-3e9), date(0),
];
for (const value of ["", ...unread]) {
    test(`Retry-After: ${JSON.stringify(value)} counts as none`, async () => {
        const { page, stream } = await asking();
        await stream.answer(503, {}, { "Retry-After": value });
        await (await page.hub.next("/poll")).answer(503, {}, { "Retry-After": value });
        assert.equal(await silence(page), 2_000);
    });
}

const read: [string, number][] = [
    ["1", 1_000], ["007", 7_000], ["3600", hour], ["3601", hour], ["4000000", hour], ["9".repeat(400), hour],
    [date(40_000), 39_950], [date(3e9), hour], [date(1e14), hour],
];
for (const [value, milliseconds] of read) {
    test(`Retry-After: ${value.slice(0, 40)} is ${milliseconds} ms, and no poll before`, async () => {
        const { page, stream } = await asking();
        await stream.answer(503, {}, { "Retry-After": value });
        assert.equal(await silence(page), Math.max(2_000, milliseconds));
    });
}

test("never more than two requests in one and a half seconds, whatever the answer names", async () => {
    for (const value of ["1", ...unread, ...read.map(([value]) => value)]) {
        const { page, stream } = await asking();
        await stream.answer(429, {}, { "Retry-After": value });
        const { calls } = page.hub;
        if (calls.length > 1) await calls[1].answer(429, {}, { "Retry-After": value });
        await page.clock.pass(1_450);
        assert.ok(calls.length <= 2, `${value}: ${calls.length}`);
        assert.equal(page.status, "retrying");
    }
});

const lines: [string, number][] = [
    ["retry: 5000", 5_000], ["retry:0", 1_000], ["retry: -1", 1_000], ["retry: 1.5", 1_000], ["retry: 1e9", 1_000],
    ["retry: Infinity", 1_000], ["retry:", 1_000], ["retry: 4000000000", hour], [`retry: ${"9".repeat(400)}`, hour],
];
for (const [line, milliseconds] of lines) {
    test(`${line.slice(0, 40)}: a good stream that ends is asked for again after ${milliseconds} ms`, async () => {
        const { page, stream } = await asking();
        await stream.begin();
        await stream.bytes(`${line}\n`);
        await stream.block("connected", { connection: "c", resources: ["post:1"], resumed: false, keepalive: 30 });
        await stream.block("live", { cursor: "e-1" }, "e-1");
        await stream.event({ id: "e-2", resources: ["post:1"] });
        await stream.end();
        assert.equal(await silence(page), milliseconds);
    });
}

const closings: [unknown, number][] = [
    [7_000, 7_000], [0, 1_000], [-1, 1_000], ["7000", 1_000], [null, 1_000], [undefined, 1_000], [1e99, hour],
];
for (const [retry, milliseconds] of closings) {
    test(`closing with retry ${JSON.stringify(retry)} waits for ${milliseconds} ms`, async () => {
        const { page, stream } = await asking();
        await stream.open();
        await stream.event({ id: "e-1", resources: ["post:1"] });
        await stream.block("closing", { reason: "slow", retry });
        await stream.end();
        assert.equal(await silence(page), milliseconds);
    });
}

for (const reason of ["shutdown", "overloaded", "unavailable"]) {
    test(`a hub in trouble (${reason}) that answers 200 is waited for without polls, and has five rounds`, async () => {
        const page = new Page({ ...alone, knock: false });
        page.clock.random = 1;
        page.listen("post:1");
        await page.clock.pass(50);
        for (let round = 0; round < 5; round += 1) {
            const stream = await page.hub.next("/stream");
            await stream.begin();
            await stream.bytes("retry: 3000\n");
            await stream.block("closing", { reason, retry: 3_000 });
            await stream.end();
            if (round === 4) break;
            const { state } = page.manager;
            assert.ok(state.status === "retrying" && state.attempt === round + 1);
            await page.clock.pass(2_999);
            await page.hub.quiet();
            await page.clock.pass(state.nextAt - page.clock.now);
        }
        assert.deepEqual(page.manager.state, { status: "closed", reason: "failed" });
    });
}

test("a proxy that answers 200 with nothing but retry is no stream: it is polled, and then waited", async () => {
    const { page, stream } = await asking();
    await stream.begin();
    await stream.bytes("retry: 1500\n\n");
    await stream.end();
    await (await page.hub.next("/poll")).answer(502);
    assert.equal(await silence(page), 2_000);
});

test("while it polls, a probe for streaming waits as long as the last one was told to", async () => {
    for (const trouble of ["Retry-After", "closing"]) {
        const { page, stream } = await asking();
        await stream.refuse();
        await (await page.hub.next("/poll")).answer(200, { cursor: "e-1", reset: null, events: [] });
        await page.hub.next("/poll");
        await page.clock.pass(0);
        const probe = await page.hub.next("/stream");
        if (trouble === "closing") {
            await probe.begin();
            await probe.block("closing", { reason: "overloaded", retry: 20_000 });
            await probe.end();
        } else await probe.answer(429, {}, { "Retry-After": "20" });
        assert.equal(page.status, "polling");
        page.tell("online");
        await page.clock.pass(19_999);
        await page.hub.quiet();
        await page.clock.pass(1);
        await page.hub.next("/stream");
    }
});

test("a keep-alive interval that is none is the one that was asked for; one without end is an hour", async () => {
    for (const [keepalive, seconds] of [[0, 20], [-1, 20], ["x", 20], [null, 20], [1e12, 3_600], [45, 45]] as const) {
        const { page, stream } = await asking();
        await stream.open({ keepalive: keepalive as number });
        await page.clock.pass(1_500 * seconds - 1);
        assert.equal(page.status, "open");
        await page.clock.pass(1);
        assert.equal(page.status, "stale", `${keepalive}`);
    }
});

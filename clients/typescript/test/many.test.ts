import assert from "node:assert/strict";
import { test } from "node:test";
import type { RefusedError } from "../src/index";
import type { Call } from "./support/hub";
import { Page } from "./support/page";

const alone = { tabs: false };
const names = (count: number, from = 0) => Array.from({ length: count }, (_, number) => `post:${number + from}`);

/** A page that wants so many resources, and its streams, open. */
async function open(count: number, head = "e-1") {
    const page = new Page(alone);
    const { ids } = page.listen(names(count));
    await page.clock.pass(50);
    const streams: Call[] = [];
    for (let number = 0; number < count; number += 100) {
        assert.equal(page.status, "connecting");
        streams.push(await page.hub.next("/stream"));
        await streams[streams.length - 1].open({ head });
    }
    await page.hub.quiet();
    assert.equal(page.status, "open");
    return { page, ids, streams };
}

test("more resources than one stream takes have more streams; nothing is widened to a pattern", async () => {
    const { page, ids, streams } = await open(250);
    assert.deepEqual(streams.map((stream) => stream.resources.length), [100, 100, 50]);
    assert.deepEqual(streams.flatMap((stream) => stream.resources).sort(), names(250).sort());
    await streams[2].event({ id: "e-2", resources: ["post:249"] });
    await streams[0].event({ id: "e-3", resources: ["post:0", "post:150"] });
    await streams[1].event({ id: "e-3", resources: ["post:0", "post:150"] });
    assert.deepEqual(ids(), ["e-2", "e-3"]);
    // What is new goes where there is room, and nothing moves.
    page.listen(["job:1"]);
    await page.clock.pass(50);
    assert.deepEqual((await page.hub.next("/stream/…")).body, { add: ["job:1"], remove: [] });
});

test("each stream goes on from its own place, and all are as well as the worst", async () => {
    const { page, streams, ids } = await open(150);
    await streams[0].event({ id: "e-9", resources: ["post:1"] });
    await streams[1].event({ id: "e-5", resources: ["post:101"] });
    await streams[1].cut();
    assert.equal(page.status, "retrying");
    await streams[0].event({ id: "e-10", resources: ["post:1"] });
    await page.clock.pass(2_000);
    const again = await page.hub.next("/stream");
    assert.equal(again.query.get("last_event_id"), "e-5");
    await again.open({ resumed: true, head: "e-10", events: [{ id: "e-6", resources: ["post:101"] }] });
    assert.deepEqual([page.status, ids()], ["open", ["e-9", "e-5", "e-10", "e-6"]]);
});

test("when a page wants less, the streams that carry nothing end", async () => {
    const page = new Page(alone);
    page.listen("post:0");
    const { end } = page.listen(names(150, 1));
    await page.clock.pass(50);
    const streams = [await page.hub.next("/stream"), await page.hub.next("/stream")];
    for (const stream of streams) await stream.open();
    end();
    await page.clock.pass(5_100);
    assert.deepEqual(streams.map((stream) => stream.isAborted), [false, true]);
    assert.equal(page.status, "open");
});

test("what four streams cannot carry is refused by name, and the rest comes", async () => {
    const { page, streams } = await open(400);
    const errors = () => page.errors.map((error) => (error as RefusedError).resource);
    const { end } = page.listen(["post:399", "post:one-more"]);
    await page.clock.pass(50);
    assert.deepEqual(errors(), ["post:one-more"]);
    assert.deepEqual((await page.hub.next("/stream/…")).body, { add: ["post:399"], remove: ["post:399"] });
    assert.deepEqual(streams.map((stream) => stream.isAborted), Array(4).fill(false));
    end();
    await page.clock.pass(6_000);
    assert.deepEqual(errors(), ["post:one-more"]);
});

test("a list that makes the URL longer than 4 KiB is posted", async () => {
    for (const [letters, method] of [[30, "GET"], [36, "POST"]] as const) {
        const page = new Page({ ...alone, token: "t" });
        const wanted = names(100, 100).map((name) => name + "x".repeat(letters - 8));
        page.listen(wanted);
        await page.clock.pass(50);
        const stream = await page.hub.next("/stream");
        assert.equal(stream.method, method);
        assert.ok(stream.url.length <= 4_096);
        assert.deepEqual([...stream.resources].sort(), [...wanted].sort());
        assert.equal(stream.headers.get("Authorization"), "Bearer t");
        await stream.open({ head: "e-4" });
        await page.clock.pass(10_000);
        await stream.cut();
        await page.clock.pass(3_000);
        const again = await page.hub.next("/stream");
        assert.equal(again.method, method);
        if (method === "GET") continue;
        assert.equal(again.headers.get("Content-Type"), "application/json");
        assert.deepEqual(again.body, { resources: wanted, keepalive: 20, last_event_id: "e-4" });
    }
});

test("polls, which have no body, ask for such a list in parts, and go on from the least of their places", async () => {
    const page = new Page(alone);
    const wanted = names(100).map((name) => `${name}-${"文".repeat(10)}`);
    const { ids } = page.listen(wanted);
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    let parts = 0;
    /** Answers a round of polls: the first part is behind, and has what came last on a resource of two parts. */
    const round = async (after: string | null, places: number[], events: object[][]) => {
        const asked: string[] = [];
        for (let number = 0; asked.length < wanted.length; number += 1) {
            const poll = await page.hub.next("/poll");
            assert.ok(poll.url.length <= 4_096);
            assert.deepEqual([poll.query.get("after"), poll.query.get("timeout")], [after, "0"]);
            asked.push(...poll.resources);
            const cursor = `e-${places[Math.min(number, places.length - 1)]}`;
            await poll.answer(200, { cursor, reset: null, events: events[number] ?? [] });
            parts = number + 1;
        }
        assert.deepEqual(asked.sort(), [...wanted].sort());
    };
    const note = (id: string, ...resources: string[]) => ({ id, event: "note", resources, at: "", data: 0 });
    await round(null, [3, 5], []);
    assert.ok(parts > 1);
    assert.equal(page.status, "polling");
    await page.hub.quiet();
    page.clock.random = 1;
    await page.clock.pass(2_000);
    const probes = page.hub.calls.filter((call) => call.path === "/stream").slice(1);
    for (const probe of probes) await probe.refuse();
    const last = wanted[99];
    const both = note("e-6", wanted[0], last);
    // The order of requests is: the probe that has been answered, then polls.
    if (probes.length) assert.equal((await page.hub.next("/stream")).path, "/stream");
    await round("e-3", [6, 7], [[note("e-4", wanted[0]), both], [both, note("e-7", last)]]);
    assert.deepEqual(ids(), ["e-4", "e-6", "e-7"]);
});

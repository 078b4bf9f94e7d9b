import assert from "node:assert/strict";
import { test } from "node:test";
import { SSEManager } from "../src/index";
import type { Call } from "./support/hub";
import { Page } from "./support/page";
import { two } from "./support/tabs";

const alone = { tabs: false };
const at = "2026-11-21T00:00:00.000Z";

/** The hub sends events as one; the last id in it is that of the block. */
async function batch(stream: Call, ids: (string | null)[], resources = ["post:1"], event = "note") {
    const events = ids.map((id, data) => ({ id, event, resources, at, data }));
    await stream.block("batch", { events }, ids.filter((id) => id).pop() ?? undefined);
}

test("a batch is told as the events that it holds", async () => {
    const page = new Page({ ...alone, batch: 100 });
    const { events, stream } = await page.open();
    assert.equal(stream.query.get("batch"), "100");
    await batch(stream, ["e-1", null, "e-2"]);
    await stream.event({ id: "e-3", resources: ["post:1"], data: "alone" });
    assert.deepEqual(events, [
        { id: "e-1", event: "note", resources: ["post:1"], at, data: 0, retained: false },
        { id: null, event: "note", resources: ["post:1"], at, data: 1, retained: false },
        { id: "e-2", event: "note", resources: ["post:1"], at, data: 2, retained: false },
        { id: "e-3", event: "note", resources: ["post:1"], at, data: "alone", retained: false },
    ]);
    assert.deepEqual(page.errors, []);
});

test("each event of a batch goes to those who want it, and counts as news", async () => {
    const page = new Page({ ...alone, batch: 100, maxAttempts: 1 });
    const other = page.listen("post:2");
    const { ids, stream } = await page.open("post:1");
    await batch(stream, ["e-1"], ["post:1", "post:2"]);
    await batch(stream, ["e-2", "e-3"], ["post:2"]);
    assert.deepEqual([ids(), other.ids()], [["e-1"], ["e-1", "e-2", "e-3"]]);
    await stream.cut();
    assert.equal(page.status, "retrying", "a stream with news that got lost is no failure");
});

test("the place to go on from is that of the last event of a batch", async () => {
    const page = new Page({ ...alone, batch: 100 });
    const { ids, stream } = await page.open("post:1", { head: "e-1" });
    await batch(stream, ["e-2", "e-5", null]);
    await batch(stream, [null, null]);
    await stream.cut();
    await page.clock.pass(2_000);
    const next = await page.hub.next("/stream");
    assert.deepEqual([next.query.get("last_event_id"), next.query.get("batch")], ["e-5", "100"]);
    await next.open({ resumed: true, head: "e-5" });
    // What a hub sends twice is told once, in a batch too.
    await batch(next, ["e-5", "e-6"]);
    assert.deepEqual(ids(), ["e-2", "e-5", null, null, null, "e-6"]);
});

test("a batch that cannot be read costs itself alone", async () => {
    const page = new Page({ ...alone, batch: 100 });
    const { ids, stream } = await page.open("post:1", { head: "e-1" });
    await stream.block("batch", { nothing: 1 });
    assert.equal(page.errors.length, 1);
    await batch(stream, ["e-2", "e-3"]);
    assert.deepEqual(ids(), ["e-2", "e-3"]);
});

test("all tabs are told each event of a batch that the leader's stream brings", async () => {
    const { tabs, first, second, stream } = await two({ batch: 500 });
    assert.equal(stream.query.get("batch"), "500");
    await batch(stream, ["e-1", "e-2"], ["post:1", "post:2"]);
    await batch(stream, ["e-3", null], ["post:2"]);
    await tabs.wait();
    assert.deepEqual(first.ids(), ["e-1", "e-2"]);
    assert.deepEqual(second.ids(), ["e-1", "e-2", "e-3", null]);
});

test("a list that is posted has the window in its body, and one without it asks for none", async () => {
    const wanted = Array.from({ length: 90 }, (_, number) => `post:${number}-${"x".repeat(100)}`);
    for (const [options, window] of [[{ batch: 2_000 }, 2_000], [{}, undefined]] as const) {
        const page = new Page({ ...alone, ...options });
        page.listen(wanted);
        await page.clock.pass(50);
        const stream = await page.hub.next("/stream");
        assert.equal(stream.method, "POST");
        assert.equal((stream.body as { batch?: number }).batch, window);
    }
    const page = new Page(alone);
    const { stream } = await page.open();
    assert.equal(stream.query.has("batch"), false);
});

test("windows that the hub does not take are refused", () => {
    for (const batch of [0, 9, 10_001, 99.5, -100, NaN, Infinity, "soon" as unknown as number]) {
        assert.throws(() => new SSEManager({ batch }), TypeError);
    }
    for (const batch of [10, 10_000]) new SSEManager({ batch }).close();
});

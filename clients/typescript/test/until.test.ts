import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";
import { Tabs } from "./support/tabs";

const alone = { tabs: false };
const ended = { status: "closed", reason: "ended" };
const end = { reason: "end", retry: 1500 };

/** Subscribes to what is to be heard to its end. */
function follow(page: Page, resources: string | string[]) {
    const ids: (string | null)[] = [];
    const stop = page.manager.subscribe(resources, ({ id }) => ids.push(id), { until: "end" });
    return { ids, stop };
}

async function opened(page: Page, ...names: string[]) {
    const listener = follow(page, names);
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    assert.equal(stream.query.get("until"), "end");
    await stream.open({ events: [{ id: "e-1", resources: names, retained: true }], head: "e-1" });
    return { ...listener, stream };
}

async function rest(page: Page) {
    page.tell("online");
    await page.clock.pass(600_000);
    await page.hub.quiet();
    assert.deepEqual(page.manager.state, ended);
}

test("a stream that ended is not made anew", async () => {
    const page = new Page(alone);
    const { stream, ids } = await opened(page, "post:1", "post:2");
    await stream.event({ id: "e-2", resources: ["post:1"] });
    await stream.block("closing", end);
    assert.ok(stream.isAborted);
    assert.deepEqual(ids, ["e-1", "e-2"]);
    await rest(page);
});

test("an answer of 204 is the end as well", async () => {
    const page = new Page(alone);
    const { stream } = await opened(page, "post:1");
    await stream.event({ id: "e-2", resources: ["post:1"] });
    await stream.cut();
    await page.clock.pass(2_000);
    const again = await page.hub.next("/stream");
    assert.deepEqual([again.query.get("until"), again.query.get("last_event_id")], ["end", "e-2"]);
    await again.answer(204);
    await rest(page);
});

test("a stream that ends for another reason is made anew", async () => {
    const page = new Page(alone);
    const { stream } = await opened(page, "post:1");
    await stream.block("closing", { reason: "shutdown", retry: 1500 });
    await stream.end();
    assert.equal(page.status, "retrying");
    await page.clock.pass(3_000);
    await page.hub.next("/stream");
});

test("what is subscribed to later opens it again, with the state of what has ended", async () => {
    const page = new Page(alone);
    const { stream, stop } = await opened(page, "post:1");
    await stream.block("closing", end);
    assert.deepEqual(page.manager.state, ended);
    const other = follow(page, "post:2");
    await page.clock.pass(60);
    const next = await page.hub.next("/stream");
    assert.deepEqual([next.resources, next.query.get("until")], [["post:1", "post:2"], "end"]);
    assert.equal(next.query.get("last_event_id"), null);
    await next.open({ head: "e-3" });
    await next.event({ id: "e-4", resources: ["post:2"] });
    await next.block("closing", end);
    assert.deepEqual(other.ids, ["e-4"]);
    // Less is nothing new.
    stop();
    await page.clock.pass(10_000);
    await rest(page);
    const late = follow(page, "post:2");
    await page.clock.pass(60);
    const last = await page.hub.next("/stream");
    await last.open({ events: [{ id: "e-4", resources: ["post:2"], retained: true }], head: "e-4" });
    await last.block("closing", end);
    assert.deepEqual([late.ids, other.ids], [["e-4"], ["e-4"]]);
    await rest(page);
});

test("beside a subscription that lasts, and with a pattern, the stream has no end", async () => {
    for (const names of ["post:3", "post:*"]) {
        const page = new Page(alone);
        follow(page, "post:1");
        if (names === "post:*") follow(page, names);
        else page.listen(names);
        await page.clock.pass(50);
        const stream = await page.hub.next("/stream");
        assert.equal(stream.query.get("until"), null);
        await stream.open();
    }
});

test("one that lasts and comes later is heard on, whatever the stream was opened for", async () => {
    const page = new Page(alone);
    const { stream } = await opened(page, "post:1");
    page.listen("post:2");
    await page.clock.pass(60);
    const change = await page.hub.next("/stream/…");
    const resources = ["post:1", "post:2"];
    await stream.block("subscribed", { resources });
    await change.answer(200, { resources });
    await stream.block("closing", end);
    await stream.end();
    assert.equal(page.status, "retrying");
    await page.clock.pass(3_000);
    assert.equal((await page.hub.next("/stream")).query.get("until"), null);
});

test("a long list is posted with it", async () => {
    const page = new Page(alone);
    follow(page, Array.from({ length: 90 }, (_, number) => `post:${"x".repeat(60)}${number}`));
    await page.clock.pass(50);
    const call = await page.hub.next("/stream");
    assert.equal(call.method, "POST");
    assert.equal((call.body as { until?: string }).until, "end");
});

test("by polling it is over when all have ended", async () => {
    const page = new Page(alone);
    const { ids } = follow(page, ["post:1", "post:2"]);
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    const event = (id: string) => ({ id, event: "note", resources: ["post:1"], at: "", data: null });
    const poll = async (cursor: string, ended: string[]) =>
        (await page.hub.next("/poll")).answer(200, { cursor, reset: null, events: [event(cursor)], ended });
    await poll("e-1", []);
    await poll("e-2", ["post:1"]);
    assert.equal(page.status, "polling");
    await poll("e-3", ["post:1", "post:2"]);
    assert.deepEqual(ids, ["e-1", "e-2", "e-3"]);
    await rest(page);
});

test("tabs share a stream to its end, and only if all want it so", async () => {
    const tabs = new Tabs();
    const [one, two] = [tabs.open(), tabs.open()];
    const [first, second] = [follow(one, "post:1"), follow(two, "post:2")];
    await tabs.wait(400);
    const stream = await tabs.hub.next("/stream");
    assert.equal(stream.query.get("until"), "end");
    await stream.open();
    if (stream.resources.length < 2) {
        const change = await tabs.hub.next("/stream/…");
        await stream.block("subscribed", { resources: ["post:1", "post:2"] });
        await change.answer(200, { resources: ["post:1", "post:2"] });
    }
    await stream.event({ id: "e-1", resources: ["post:1", "post:2"] });
    await stream.block("closing", end);
    await tabs.wait();
    assert.deepEqual([first.ids, second.ids], [["e-1"], ["e-1"]]);
    for (const page of tabs.pages) assert.deepEqual(page.manager.state, ended);
    const third = tabs.open();
    third.listen("post:3");
    await tabs.wait(400);
    const next = await tabs.hub.next("/stream");
    assert.deepEqual([next.query.get("until"), next.resources], [null, ["post:1", "post:2", "post:3"]]);
});

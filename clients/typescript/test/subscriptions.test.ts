import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";

const alone = { tabs: false };

test("all subscriptions share one stream", async () => {
    const page = new Page(alone);
    for (let number = 0; number < 60; number += 1) page.listen(`post:${number % 20}`);
    await page.clock.pass(49);
    await page.hub.quiet();
    await page.clock.pass(1);
    assert.equal((await page.hub.next("/stream")).resources.length, 20);
    await page.hub.quiet();
});

test("an event comes once to each listener, whatever of its resources match", async () => {
    const page = new Page(alone);
    const both = page.listen(["post:1", "user:2", "post:1"]);
    const pattern = page.listen("post:*");
    const other = page.listen("post:3");
    const { stream } = await page.open("user:2");
    await stream.event({ id: "e-1", resources: ["post:1", "user:2", "post:9"] });
    assert.deepEqual([both.ids(), pattern.ids(), other.ids()], [["e-1"], ["e-1"], []]);
    assert.deepEqual(both.events[0], {
        id: "e-1",
        event: "note",
        resources: ["post:1", "user:2", "post:9"],
        at: "2026-11-21T00:00:00.000Z",
        data: null,
        retained: false,
    });
});

test("what has been told is not told again, up to a bound", async () => {
    const page = new Page({ ...alone, dedupe: 3 });
    const { stream, ids } = await page.open();
    for (const id of ["1", "2", "3", "3", "1", "4", "2", "1"]) {
        await stream.event({ id, resources: ["post:1"] });
    }
    assert.deepEqual(ids(), ["1", "2", "3", "4", "1"]);
});

test("events that are only live have no id, and all come", async () => {
    const page = new Page(alone);
    const { stream, ids } = await page.open();
    await stream.event({ resources: ["post:1"] });
    await stream.event({ resources: ["post:1"] });
    assert.deepEqual(ids(), [null, null]);
});

test("adding and removing changes the stream, gathered for 50 ms", async () => {
    const page = new Page(alone);
    const { stream, connection } = await page.open("post:1");
    page.listen("post:2");
    await page.clock.pass(30);
    page.listen(["post:3", "post:2"]);
    await page.clock.pass(19);
    await page.hub.quiet();
    await page.clock.pass(1);
    const change = await page.hub.next("/stream/…");
    assert.equal(change.path, `/stream/${connection}`);
    assert.equal(change.method, "PATCH");
    assert.equal(change.headers.get("Content-Type"), "application/json");
    assert.deepEqual(change.body, { add: ["post:2", "post:3"], remove: [] });
    // What changes meanwhile follows when this is through.
    page.listen("post:4");
    await page.clock.pass(50);
    await page.hub.quiet();
    const all = ["post:1", "post:2", "post:3"];
    await change.answer(200, { resources: all });
    const next = await page.hub.next("/stream/…");
    assert.deepEqual(next.body, { add: ["post:4"], remove: [] });
    await stream.block("subscribed", { resources: all });
    await stream.block("subscribed", { resources: [...all, "post:4"] });
    await next.answer(200, { resources: [...all, "post:4"] });
    await page.hub.quiet();
    assert.equal(page.hub.streams, 1);
});

test("a resource that nobody wants any more stays for five seconds", async () => {
    const page = new Page(alone);
    const { stream, end } = await page.open(["post:1", "post:2"]);
    page.listen("post:2");
    await page.clock.pass(50);
    await (await page.hub.next("/stream/…")).answer(200, { resources: ["post:1", "post:2"] });
    await stream.block("subscribed", { resources: ["post:1", "post:2"] });
    end();
    end();
    await page.clock.pass(5049);
    await page.hub.quiet();
    await page.clock.pass(1);
    assert.deepEqual((await page.hub.next("/stream/…")).body, { add: [], remove: ["post:1"] });
});

test("who comes back in these five seconds keeps the stream, and begins them anew", async () => {
    const page = new Page(alone);
    const { stream, end } = await page.open("post:1");
    end();
    await page.clock.pass(4000);
    const { end: endAgain, ids } = page.listen("post:1");
    await page.clock.pass(50);
    const change = await page.hub.next("/stream/…");
    assert.deepEqual(change.body, { add: ["post:1"], remove: ["post:1"] });
    await change.answer(200, { resources: ["post:1"] });
    await stream.block("subscribed", { resources: ["post:1"] });
    endAgain();
    await page.clock.pass(4900);
    await stream.event({ id: "e-1", resources: ["post:1"] });
    assert.ok(!stream.isAborted);
    assert.deepEqual(ids(), []);
    await page.clock.pass(200);
    assert.ok(stream.isAborted);
    assert.equal(page.status, "idle");
    assert.equal(page.clock.pending, 0);
});

test("a listener that joins late is told the state, and the others not again", async () => {
    const page = new Page(alone);
    const state = { id: "e-1", resources: ["post:1"], retained: true };
    const { stream, ids } = await page.open("post:1", { events: [state], head: "e-1" });
    await stream.event({ id: "e-2", resources: ["post:1"] });
    const late = page.listen("post:1");
    await page.clock.pass(50);
    const change = await page.hub.next("/stream/…");
    assert.deepEqual(change.body, { add: ["post:1"], remove: ["post:1"] });
    await stream.block("subscribed", { resources: ["post:1"] });
    await stream.event({ ...state, id: "e-2" });
    await change.answer(200, { resources: ["post:1"] });
    await stream.event({ id: "e-3", resources: ["post:1"] });
    assert.deepEqual(ids(), ["e-1", "e-2", "e-3"]);
    assert.deepEqual(late.ids(), ["e-2", "e-3"]);
    assert.deepEqual(late.events.map((event) => event.retained), [true, false]);
});

test("a state that was asked for and did not come before the stream ended is asked for again", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { head: "e-1" });
    await stream.event({ id: "e-2", resources: ["post:1"] });
    const late = page.listen("post:2");
    await page.clock.pass(50);
    const change = await page.hub.next("/stream/…");
    await change.answer(200, { resources: ["post:1", "post:2"] });
    await stream.cut();
    await page.clock.pass(2000);
    const again = await page.hub.next("/stream");
    assert.deepEqual(again.resources, ["post:1", "post:2"]);
    await again.open({ resumed: true, head: "e-2" });
    const change2 = await page.hub.next("/stream/…");
    assert.deepEqual(change2.body, { add: ["post:2"], remove: ["post:2"] });
    await again.block("subscribed", { resources: ["post:1", "post:2"] });
    await again.event({ id: "e-0", resources: ["post:2"], retained: true });
    assert.deepEqual(late.ids(), ["e-0"]);
});

test("a stream that the hub does not know any more is opened anew with all that is wanted", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { head: "e-1" });
    await page.clock.pass(10_000);
    page.listen("post:2");
    await page.clock.pass(50);
    await (await page.hub.next("/stream/…")).answer(404);
    assert.ok(stream.isAborted);
    const again = await page.hub.next("/stream");
    assert.deepEqual(again.resources, ["post:1", "post:2"]);
    assert.equal(again.query.get("last_event_id"), "e-1");
    await again.open({ resumed: true, head: "e-1" });
    const change = await page.hub.next("/stream/…");
    assert.deepEqual(change.body, { add: ["post:2"], remove: ["post:2"] });
    // Not even this stream is known where it is changed: then polling does.
    await change.answer(404);
    const state = await page.hub.next("/poll");
    assert.deepEqual(state.resources, ["post:2"]);
});

test("a listener that throws is reported, and keeps nothing from the others", async () => {
    const page = new Page(alone);
    page.manager.subscribe("post:1", () => {
        throw new Error("mine");
    });
    page.manager.onState(() => {
        throw new Error("state");
    });
    const { stream, ids } = await page.open();
    await stream.event({ id: "e-1", resources: ["post:1"] });
    await stream.bytes("data: {not json\n\n");
    await stream.event({ id: "e-2", resources: ["post:1"] });
    assert.deepEqual(ids(), ["e-1", "e-2"]);
    const messages = new Set(page.errors.map((error) => (error as Error).message.slice(0, 5)));
    assert.ok(messages.has("mine") && messages.has("state") && messages.size === 3);
});

test("who unsubscribes while an event is told is not told it", async () => {
    const page = new Page(alone);
    const ends: (() => void)[] = [];
    page.manager.subscribe("post:1", () => ends.forEach((end) => end()));
    const second = page.listen("post:1");
    ends.push(second.end);
    const { stream } = await page.open();
    await stream.event({ id: "e-1", resources: ["post:1"] });
    assert.deepEqual(second.ids(), []);
});

test("presence comes as an event of its resource", async () => {
    const page = new Page(alone);
    const { stream, events } = await page.open("presence:post:1");
    await stream.block("presence", { resource: "post:1", count: 2 });
    assert.deepEqual(events, [
        {
            id: null,
            event: "presence",
            resources: ["presence:post:1"],
            at: "",
            data: { resource: "post:1", count: 2 },
            retained: false,
        },
    ]);
});

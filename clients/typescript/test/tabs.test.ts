import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";
import { Tabs, two } from "./support/tabs";

test("eight tabs share one stream, which carries what all want", async () => {
    const tabs = new Tabs();
    const listeners = [];
    for (let number = 0; number < 8; number += 1) listeners.push(tabs.open().listen(`post:${number % 4}`));
    await tabs.wait(200);
    const stream = await tabs.hub.next("/stream");
    assert.equal(tabs.hub.streams, 1);
    if (stream.resources.length < 4) {
        await stream.open();
        const change = await tabs.hub.next("/stream/…");
        await change.answer(200, { resources: ["post:0", "post:1", "post:2", "post:3"] });
    } else await stream.open();
    await stream.event({ id: "e-1", resources: ["post:2"] });
    await tabs.wait();
    assert.deepEqual(
        listeners.map((listener) => listener.ids()),
        [[], [], ["e-1"], [], [], [], ["e-1"], []],
    );
    assert.deepEqual(new Set(tabs.pages.map((page) => page.status)), new Set(["open"]));
});

test("a tab that joins is told the state of what it wants and how the connection is", async () => {
    const { tabs, stream, second } = await two();
    const third = tabs.open();
    const late = third.listen("post:2");
    await tabs.wait(200);
    assert.equal(third.status, "open");
    const change = await tabs.hub.next("/stream/…");
    assert.deepEqual(change.body, { add: ["post:2"], remove: ["post:2"] });
    await stream.event({ id: "e-0", resources: ["post:2"], retained: true });
    await tabs.wait();
    assert.deepEqual([second.ids(), late.ids()], [["e-0"], ["e-0"]]);
    assert.equal(tabs.hub.streams, 1);
});

for (const how of ["is closed", "crashes"]) {
    test(`when the leader ${how}, another leads at once, and no event is lost or told twice`, async () => {
        const { tabs, leader, follower, first, second, stream } = await two();
        await stream.event({ id: "e-1", resources: ["post:1", "post:2"] });
        await tabs.wait();
        if (how === "crashes") tabs.kill(leader);
        else leader.tell("pagehide");
        await tabs.wait();
        const next = await tabs.hub.next("/stream");
        assert.equal(next.query.get("last_event_id"), "e-1");
        assert.deepEqual(next.resources, ["post:1", "post:2"]);
        const resources = ["post:2"];
        await next.open({ resumed: true, head: "e-3", events: [{ id: "e-1", resources }, { id: "e-2", resources }] });
        assert.equal(follower.status, "open");
        assert.deepEqual(second.ids(), ["e-1", "e-2"]);
        assert.deepEqual(first.ids(), ["e-1"]);
        const change = await tabs.hub.next("/stream/…");
        assert.deepEqual(change.body, { add: ["post:2"], remove: ["post:2"] });
        await change.answer(200, { resources: ["post:1", "post:2"] });
        await next.block("subscribed", { resources: ["post:1", "post:2"] });
        // What only the old leader wanted goes after a while: of two intervals.
        for (let waited = 0; waited < 60_000; waited += 20_000) {
            await tabs.hub.quiet();
            await next.bytes(":");
            await tabs.wait(20_000);
        }
        assert.deepEqual((await tabs.hub.next("/stream/…")).body, { add: [], remove: ["post:1"] });
    });
}

test("a third tab keeps its events when the lead changes, even if it answers late", async () => {
    const { tabs, leader, stream } = await two();
    const third = tabs.open();
    const { ids } = third.listen("post:3");
    await tabs.wait(200);
    const resources = ["post:1", "post:2", "post:3"];
    await (await tabs.hub.next("/stream/…")).answer(200, { resources });
    await stream.block("subscribed", { resources });
    await stream.event({ id: "e-5", resources: ["post:3"] });
    await tabs.wait();
    tabs.kill(leader);
    await tabs.wait();
    const next = await tabs.hub.next("/stream");
    assert.deepEqual(next.resources, resources);
    await next.open({ resumed: true, head: "e-6", events: [{ id: "e-6", resources: ["post:3"] }] });
    await tabs.wait();
    assert.deepEqual(ids(), ["e-5", "e-6"]);
    assert.equal(third.status, "open");
});

test("what a tab wanted that is no more is taken off the stream", async () => {
    const { tabs, follower, stream } = await two();
    tabs.kill(follower);
    await tabs.wait();
    const change = await tabs.hub.next("/stream/…");
    assert.deepEqual(change.body, { add: [], remove: ["post:2"] });
    assert.ok(!stream.isAborted);
});

test("a tab that wants nothing any more leaves; if it led, another leads", async () => {
    const { tabs, leader, follower, first, stream } = await two();
    first.end();
    await tabs.wait(5200);
    assert.ok(stream.isAborted);
    assert.equal(leader.status, "idle");
    const next = await tabs.hub.next("/stream");
    await next.open({ resumed: true });
    assert.equal(follower.status, "open");
    assert.equal(tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted).length, 1);
});

test("all tabs show the same state, and any of them can try again", async () => {
    const { tabs, leader, follower, stream } = await two({ maxAttempts: 1 });
    await stream.cut();
    await tabs.wait();
    await (await tabs.hub.next("/poll")).refuse();
    await tabs.wait();
    assert.deepEqual(leader.manager.state, { status: "closed", reason: "failed" });
    assert.deepEqual(follower.manager.state, leader.manager.state);
    follower.manager.retry();
    await tabs.wait();
    await (await tabs.hub.next("/stream")).open();
    await tabs.wait();
    assert.equal(follower.status, "open");
});

test("a reset is told to all tabs", async () => {
    const { tabs, follower, stream } = await two();
    const reasons: string[] = [];
    follower.manager.subscribe("post:2", () => {}, {
        getState: ({ reason }) => void reasons.push(reason),
    });
    await tabs.wait(200);
    await stream.event({ id: "e-9", resources: ["post:1"] });
    await stream.cut();
    await tabs.wait(2000);
    const { calls } = tabs.hub;
    await calls[calls.length - 1].open({ reset: "expired", head: "e-20" });
    await tabs.wait();
    assert.deepEqual(reasons, ["subscribe", "expired"]);
});

test("a page that comes back to the front of the history gets what it missed", async () => {
    const { tabs, leader, follower, first, second, stream } = await two();
    await stream.event({ id: "e-1", resources: ["post:1", "post:2"] });
    await tabs.wait();
    follower.tell("pagehide");
    await tabs.wait(200);
    await stream.event({ id: "e-2", resources: ["post:1", "post:2"] });
    await tabs.wait();
    assert.deepEqual(second.ids(), ["e-1"]);
    follower.tell("pageshow");
    await tabs.wait(200);
    const { calls } = tabs.hub;
    const again = calls[calls.length - 1];
    assert.equal(again.path, "/stream");
    assert.equal(again.query.get("last_event_id"), "e-1");
    assert.ok(stream.isAborted);
    await again.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: ["post:1", "post:2"] }] });
    await tabs.wait();
    assert.deepEqual([first.ids(), second.ids()], [["e-1", "e-2"], ["e-1", "e-2"]]);
    assert.equal(leader.status, "open");
});

test("without locks or channels, or where tabs are not to share, each has its own stream", async () => {
    const tabs = new Tabs();
    tabs.open({ tabs: false }).listen("post:1");
    tabs.open({ tabs: "ada" }).listen("post:1");
    tabs.open({ tabs: "ben" }).listen("post:1");
    new Page({}, tabs.clock, tabs.hub).listen("post:1");
    await tabs.wait(200);
    assert.equal(tabs.hub.streams, 4);
});

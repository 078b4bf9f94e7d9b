import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";

const alone = { tabs: false };

test("silence of one and a half intervals is stale, of two the end", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { keepalive: 30, head: "e-4" });
    await stream.block("keepalive", {}, "e-5");
    await page.clock.pass(44_999);
    assert.equal(page.status, "open");
    await page.clock.pass(1);
    assert.equal(page.status, "stale");
    await page.clock.pass(14_999);
    assert.equal(page.status, "stale");
    await page.clock.pass(1);
    assert.ok(stream.isAborted);
    assert.equal(page.status, "retrying");
    await page.clock.pass(2000);
    assert.equal((await page.hub.next("/stream")).query.get("last_event_id"), "e-5");
});

test("every byte counts, and brings back from stale", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { keepalive: 10 });
    for (let round = 0; round < 5; round += 1) {
        await page.clock.pass(14_000);
        assert.equal(page.status, "open");
        await stream.bytes(":");
    }
    await page.clock.pass(15_000);
    assert.equal(page.status, "stale");
    await stream.block("keepalive", {});
    assert.equal(page.status, "open");
    await page.clock.pass(14_999);
    assert.equal(page.status, "open");
});

test("after a sleep the stream gets one more interval", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { keepalive: 30 });
    await stream.block("keepalive", {});
    await page.clock.sleep(3_600_000);
    assert.equal(page.status, "stale");
    await page.clock.pass(29_999);
    assert.ok(!stream.isAborted);
    await page.clock.pass(1);
    assert.ok(stream.isAborted);
});

test("after a sleep, what then comes shows that the stream lives", async () => {
    const page = new Page(alone);
    const { stream, events } = await page.open("post:1", { keepalive: 30 });
    await page.clock.sleep(3_600_000);
    await stream.event({ id: "e-1", resources: ["post:1"] });
    assert.equal(page.status, "open");
    assert.equal(events.length, 1);
    await page.hub.quiet();
});

test("a stale stream is not waited for when the network or a person comes back", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { keepalive: 30 });
    await page.clock.sleep(3_600_000);
    page.tell("online");
    assert.ok(stream.isAborted);
    await (await page.hub.next("/stream")).open({ resumed: true });
    assert.equal(page.status, "open");
});

test("a stream that opened and then told nothing at all is as good as none: it is polled", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { keepalive: 30 });
    await page.clock.pass(60_000);
    assert.ok(stream.isAborted);
    await (await page.hub.next("/poll")).answer(200, { cursor: "e-1", reset: null, events: [] });
    assert.equal(page.status, "polling");
});

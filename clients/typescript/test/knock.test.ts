import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./support/page";
import { Tabs } from "./support/tabs";

const alone = { tabs: false };
const failed = { status: "closed", reason: "failed" };

/** A page whose hub is gone, and which has given up. */
async function given(options = {}, prepare = (_: Page) => {}) {
    const page = new Page({ ...alone, maxAttempts: 1, ...options });
    prepare(page);
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    await (await page.hub.next("/poll")).refuse();
    assert.deepEqual(page.manager.state, failed);
    return page;
}

test("a page in view that has given up asks every 20 to 40 seconds, and begins anew when the hub answers", async () => {
    for (const random of [0, 0.5, 1]) {
        const page = await given({}, (page) => (page.clock.random = random));
        const pause = 20_000 + random * 20_000;
        for (let round = 0; round < 3; round += 1) {
            await page.clock.pass(pause - 1);
            await page.hub.quiet();
            await page.clock.pass(1);
            const knock = await page.hub.next("/health/ready");
            assert.equal(knock.headers.get("Authorization"), null);
            if (round === 0) await knock.refuse();
            if (round === 1) await knock.answer(503);
            if (round === 2) await knock.answer(200);
        }
        assert.equal(page.status, "connecting");
        await (await page.hub.next("/stream")).open();
        assert.equal(page.status, "open");
        await page.clock.pass(59_000);
        await page.hub.quiet();
    }
});

test("an hour's outage in virtual time: the page is back within 45 seconds of the hub", async () => {
    for (const away of [15_000, 35_000, 75_000, 3_600_000]) {
        const page = new Page(alone);
        const { stream } = await page.open();
        await stream.cut();
        const back = page.clock.now + away;
        let served = page.hub.calls.length;
        while (page.status !== "open" && page.clock.now < back + 45_000) {
            await page.clock.pass(500);
            for (; served < page.hub.calls.length; served += 1) {
                const call = page.hub.calls[served];
                if (page.clock.now < back) await call.refuse();
                else if (call.path === "/stream") await call.open({ resumed: true });
                else await call.answer(200);
            }
        }
        assert.equal(page.status, "open", `after ${away} ms`);
    }
});

test("a hidden page does not ask; it begins anew when it is looked at", async () => {
    const page = await given({}, (page) => (page.document.hidden = true));
    await page.clock.pass(3_600_000);
    await page.hub.quiet();
    page.document.hidden = false;
    page.document.dispatchEvent(new Event("visibilitychange"));
    await page.hub.next("/stream");
});

test("where there is no document there is always somebody who waits", async () => {
    const program = { features: () => ({ document: undefined, addEventListener: undefined }) };
    const page = new Page({ ...alone, maxAttempts: 1 }, undefined, undefined, program);
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    await (await page.hub.next("/poll")).refuse();
    await page.clock.pass(40_000);
    await page.hub.next("/health/ready");
});

test("a knock that nobody answers is given up, and another follows", async () => {
    const page = await given();
    await page.clock.pass(30_000);
    const knock = await page.hub.next("/health/ready");
    await page.clock.pass(10_000);
    assert.ok(knock.isAborted);
    await page.clock.pass(30_000);
    await (await page.hub.next("/health/ready")).answer(200);
    await page.hub.next("/stream");
});

test("beginning anew in vain makes the next knock later, up to eightfold; success forgets that", async () => {
    const page = await given();
    for (const factor of [1, 2, 4, 8, 8]) {
        await page.clock.pass(30_000 * factor - 1);
        await page.hub.quiet();
        await page.clock.pass(1);
        await (await page.hub.next("/health/ready")).answer(404);
        await (await page.hub.next("/stream")).answer(404);
        await (await page.hub.next("/poll")).answer(404);
        assert.deepEqual(page.manager.state, failed);
    }
    page.manager.retry();
    const stream = await page.hub.next("/stream");
    await stream.open();
    await stream.cut();
    await (await page.hub.next("/poll")).refuse();
    assert.deepEqual(page.manager.state, failed);
    await page.clock.pass(30_000);
    await page.hub.next("/health/ready");
});

test("it is not asked where the app does not want it, after close, or for another reason", async () => {
    const pages = [await given({ knock: false }), await given(), new Page(alone)];
    pages[1].manager.close();
    pages[2].listen("post:1");
    await pages[2].clock.pass(50);
    await (await pages[2].hub.next("/stream")).answer(401);
    for (const page of pages) {
        await page.clock.pass(3_600_000);
        await page.hub.quiet();
        assert.equal(page.clock.pending, 0);
    }
});

test("a knock that is on its way when the page is closed, or is back, changes nothing", async () => {
    const page = await given();
    await page.clock.pass(30_000);
    const knock = await page.hub.next("/health/ready");
    page.tell("online");
    assert.ok(knock.isAborted);
    await (await page.hub.next("/stream")).open();
    page.manager.close();
    await knock.answer(200);
    await page.hub.quiet();
    assert.equal(page.clock.pending, 0);
});

test("of several tabs the one in view asks, though a hidden one leads", async () => {
    const tabs = new Tabs();
    const leader = tabs.open({ maxAttempts: 1 });
    leader.listen("post:1");
    await tabs.wait();
    const stream = await tabs.hub.next("/stream");
    await stream.open();
    leader.document.hidden = true;
    const other = tabs.open({ maxAttempts: 1 });
    other.listen("post:1");
    await tabs.wait();
    await stream.cut();
    for (const call of tabs.hub.calls.slice(1)) if (call.method !== "GET") await call.refuse();
    await tabs.wait();
    for (const call of tabs.hub.calls.slice(1)) await call.refuse();
    assert.deepEqual([leader.manager.state, other.manager.state], [failed, failed]);
    const before = tabs.hub.calls.length;
    await tabs.wait(30_000);
    const knocks = tabs.hub.calls.slice(before);
    assert.deepEqual(knocks.map((call) => call.path), ["/health/ready"]);
    await knocks[0].answer(200);
    await tabs.wait();
    await tabs.hub.calls[tabs.hub.calls.length - 1].open({ resumed: true });
    assert.deepEqual([leader.status, other.status], ["open", "open"]);
});

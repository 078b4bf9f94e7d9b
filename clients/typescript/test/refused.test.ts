import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedError } from "../src/index";
import { Page } from "./support/page";
import { Tabs } from "./support/tabs";

const alone = { tabs: false };
const problem = (name: string) => ({ detail: `resources: "${name}" is not for you` });
const refusals = (page: Page) => page.errors.map((error) => (error as RefusedError).resource);

for (const status of [400, 403, 404, 410, 422]) {
    test(`a resource that is refused with ${status} is left out, its tab told, and the others go on`, async () => {
        const page = new Page(alone);
        const good = page.listen("post:1");
        page.listen("post:12");
        await page.clock.pass(50);
        await (await page.hub.next("/stream")).answer(status, problem("post:12"));
        const stream = await page.hub.next("/stream");
        assert.deepEqual(stream.resources, ["post:1"]);
        await stream.open();
        await stream.event({ id: "e-1", resources: ["post:1"] });
        assert.deepEqual([page.status, good.ids(), refusals(page)], ["open", ["e-1"], ["post:12"]]);
        const [error] = page.errors as RefusedError[];
        assert.ok(error instanceof RefusedError);
        assert.deepEqual([error.status, error.detail], [status, problem("post:12").detail]);
        // Whoever changes something else does not bring it back.
        page.listen("post:2");
        await page.clock.pass(50);
        assert.deepEqual((await page.hub.next("/stream/…")).body, { add: ["post:2"], remove: [] });
    });
}

test("where other credentials may be allowed more, the app is asked for them before", async () => {
    for (const token of ["new", undefined]) {
        const page = new Page({ ...alone, token: (refused) => (refused ? token : "old") });
        page.listen(["post:1", "post:12"]);
        await page.clock.pass(50);
        await (await page.hub.next("/stream")).answer(403, problem("post:12"));
        if (token) await (await page.hub.next("/stream")).answer(403, problem("post:12"));
        const stream = await page.hub.next("/stream");
        assert.deepEqual(stream.resources, ["post:1"]);
        assert.equal(stream.headers.get("Authorization"), `Bearer ${token ?? "old"}`);
        assert.deepEqual(refusals(page), ["post:12"]);
    }
});

test("a resource that is refused on an open stream costs no event", async () => {
    const page = new Page(alone);
    const { stream, ids } = await page.open("post:1");
    await stream.event({ id: "e-1", resources: ["post:1"] });
    page.listen("post:no");
    await page.clock.pass(50);
    await (await page.hub.next("/stream/…")).answer(422, problem("post:no"));
    const again = await page.hub.next("/stream");
    assert.deepEqual([again.resources, again.query.get("last_event_id")], [["post:1"], "e-1"]);
    await again.open({ resumed: true, events: [{ id: "e-2", resources: ["post:1"] }] });
    assert.deepEqual([ids(), refusals(page)], [["e-1", "e-2"], ["post:no"]]);
});

test("where polls are refused for a resource, it is polled without it", async () => {
    const page = new Page(alone);
    page.listen(["post:1", "post:no"]);
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    await (await page.hub.next("/poll")).answer(400, problem("post:no"));
    const poll = await page.hub.next("/poll");
    assert.deepEqual(poll.resources, ["post:1"]);
    await poll.answer(200, { cursor: "e-1", reset: null, events: [] });
    assert.equal(page.status, "polling");
});

test("when all are refused nothing is asked any more, until something is subscribed to", async () => {
    const page = new Page(alone);
    page.listen(["post:1", "post:2"]);
    await page.clock.pass(50);
    for (const name of ["post:2", "post:1"]) await (await page.hub.next("/stream")).answer(400, problem(name));
    assert.deepEqual(page.manager.state, { status: "closed", reason: "refused" });
    await page.clock.pass(3_600_000);
    await page.hub.quiet();
    // It may be allowed by now.
    page.listen("post:1");
    await page.clock.pass(50);
    assert.deepEqual((await page.hub.next("/stream")).resources, ["post:1"]);
});

test("an answer that names nothing that is wanted is a failure like others, and has an end", async () => {
    for (const status of [400, 404, 406, 414, 422]) {
        const page = new Page({ ...alone, knock: false });
        page.listen(["post:1", "post:2"]);
        await page.clock.pass(50);
        for (let round = 0; round < 5; round += 1) {
            await (await page.hub.next("/stream")).answer(status, { detail: "something about post:3" });
            await (await page.hub.next("/poll")).answer(status, "no problem details");
            await page.clock.pass(30_000);
        }
        assert.deepEqual(page.manager.state, { status: "closed", reason: "failed" });
        await page.clock.pass(3_600_000);
        await page.hub.quiet();
        assert.deepEqual(page.errors, []);
    }
});

test("an answer about the time is about no resource, whatever it names", async () => {
    for (const status of [408, 425, 429, 503]) {
        const page = new Page(alone);
        page.listen("post:1");
        await page.clock.pass(50);
        await (await page.hub.next("/stream")).answer(status, problem("post:1"), { "Retry-After": "5" });
        assert.deepEqual([page.status, page.errors], ["retrying", []]);
    }
});

test("of several tabs, those are told that want what is refused", async () => {
    const tabs = new Tabs();
    const [one, other] = [tabs.open(), tabs.open()];
    one.listen("post:1");
    other.listen("post:no");
    await tabs.wait(400);
    const stream = await tabs.hub.next("/stream");
    if (stream.resources.includes("post:no")) await stream.answer(400, problem("post:no"));
    else {
        await stream.open();
        await (await tabs.hub.next("/stream/…")).answer(400, problem("post:no"));
    }
    await tabs.wait();
    assert.deepEqual([refusals(one), refusals(other)], [[], ["post:no"]]);
    await tabs.hub.calls[tabs.hub.calls.length - 1].open();
    assert.deepEqual([one.status, other.status], ["open", "open"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/clock";
import { Page } from "./support/page";

const alone = { tabs: false };

/** A `getState` that is done when the test says so. */
function loader() {
    const reasons: string[] = [];
    const waiting: (() => void)[] = [];
    const getState = ({ reason }: { reason: string }) => {
        reasons.push(reason);
        return new Promise<void>((resolve) => void waiting.push(resolve));
    };
    return { reasons, getState, done: async () => (waiting.shift()?.(), settle()) };
}

async function opened(opening = {}) {
    const page = new Page(alone);
    const load = loader();
    const ids: (string | null)[] = [];
    page.manager.subscribe("post:1", (event) => ids.push(event.id), { getState: load.getState as never });
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    assert.deepEqual(load.reasons, []);
    await stream.open({ head: "e-1", ...opening });
    return { page, stream, ids, ...load };
}

test("the position comes first, then the state, then what came after the position", async () => {
    const { stream, ids, reasons, done } = await opened();
    assert.deepEqual(reasons, ["subscribe"]);
    await stream.event({ id: "e-2", resources: ["post:1"] });
    await stream.event({ id: "e-3", resources: ["post:1"] });
    assert.deepEqual(ids, []);
    await done();
    assert.deepEqual(ids, ["e-2", "e-3"]);
    await stream.event({ id: "e-4", resources: ["post:1"] });
    assert.deepEqual(ids, ["e-2", "e-3", "e-4"]);
});

test("what was missed for good is loaded again, what was not is not", async () => {
    const { page, stream, ids, reasons, done } = await opened();
    await done();
    await page.clock.pass(10_000);
    await stream.cut();
    await page.clock.pass(2000);
    const second = await page.hub.next("/stream");
    await second.open({ resumed: true, head: "e-1" });
    assert.deepEqual(reasons, ["subscribe"]);
    await page.clock.pass(10_000);
    await second.cut();
    await page.clock.pass(2000);
    const third = await page.hub.next("/stream");
    await third.open({ reset: "expired", head: "e-9" });
    assert.deepEqual(reasons, ["subscribe", "expired"]);
    await third.event({ id: "e-10", resources: ["post:1"] });
    assert.deepEqual(ids, []);
    await done();
    assert.deepEqual(ids, ["e-10"]);
});

test("after a reset, ids that were told may come again: the log may be another", async () => {
    const page = new Page(alone);
    const { stream, ids } = await page.open("post:1", { head: "e-1" });
    await stream.event({ id: "e-2", resources: ["post:1"] });
    await stream.cut();
    await page.clock.pass(2000);
    const second = await page.hub.next("/stream");
    await second.open({ reset: "future", head: "e-1" });
    await second.event({ id: "e-2", resources: ["post:1"] });
    assert.deepEqual(ids(), ["e-2", "e-2"]);
});

test("a reset while loading loads once more, one after the other", async () => {
    const { page, stream, ids, reasons, done } = await opened();
    await stream.event({ id: "e-2", resources: ["post:1"] });
    await stream.cut();
    await page.clock.pass(2000);
    const second = await page.hub.next("/stream");
    await second.open({ reset: "epoch", head: "f-1" });
    assert.deepEqual(reasons, ["subscribe"]);
    await done();
    assert.deepEqual(reasons, ["subscribe", "epoch"]);
    assert.deepEqual(ids, []);
    await done();
    assert.deepEqual(ids, ["e-2"]);
});

test("of what comes while loading takes too long, nothing is kept, and it is loaded once more", async () => {
    const { stream, ids, reasons, done } = await opened();
    const resources = ["post:1"];
    const block = (id: number) =>
        `id: e-${id}\nevent: note\ndata: ${JSON.stringify({ resources, at: "", data: 0 })}\n\n`;
    await stream.bytes(Array.from({ length: 5001 }, (_, id) => block(id + 2)).join(""));
    await stream.event({ id: "e-last", resources });
    await done();
    assert.deepEqual(reasons, ["subscribe", "expired"]);
    await done();
    assert.deepEqual(ids, ["e-last"]);
});

test("a state that cannot be loaded is reported, and events go on", async () => {
    const page = new Page(alone);
    const ids: (string | null)[] = [];
    page.manager.subscribe("post:1", (event) => ids.push(event.id), {
        getState: () => Promise.reject(new Error("no state")),
    });
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    await stream.open();
    await stream.event({ id: "e-1", resources: ["post:1"] });
    assert.deepEqual(ids, ["e-1"]);
    assert.deepEqual(page.errors.map((error) => (error as Error).message), ["no state"]);
});

test("who joins while the stream is open loads at once; who has left is told nothing", async () => {
    const page = new Page(alone);
    await page.open("post:1");
    const load = loader();
    const ids: (string | null)[] = [];
    const end = page.manager.subscribe("post:1", (event) => ids.push(event.id), {
        getState: load.getState as never,
    });
    assert.deepEqual(load.reasons, ["subscribe"]);
    await page.hub.calls[0].event({ id: "e-1", resources: ["post:1"] });
    end();
    await load.done();
    assert.deepEqual(ids, []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamSink, Transport } from "../src/index";
import { Page } from "./support/page";

const alone = { tabs: false };
const closed = (reason: string) => ({ status: "closed", reason });
/** The waits that the page's states told, in milliseconds. */
async function waits(page: Page, count: number, fail: (page: Page) => Promise<void>) {
    const found: number[] = [];
    for (let round = 0; round < count; round += 1) {
        await fail(page);
        const { state } = page.manager;
        if (state.status !== "retrying") break;
        assert.equal(state.attempt, round + 1);
        found.push(state.nextAt - page.clock.now);
        await page.hub.quiet();
        await page.clock.pass(state.nextAt - page.clock.now - 1);
        await page.hub.quiet();
        await page.clock.pass(1);
    }
    return found;
}
/** A round in which nobody answers. */
async function refuse(page: Page) {
    await (await page.hub.next("/stream")).refuse();
    await (await page.hub.next("/poll")).refuse();
}

test("five failures in a row, each after the wait that is due, and then it is closed", async () => {
    const page = new Page({ ...alone, knock: false });
    page.clock.random = 1;
    page.listen("post:1");
    await page.clock.pass(50);
    assert.deepEqual(await waits(page, 9, refuse), [1000, 2000, 4000, 8000]);
    assert.deepEqual(page.manager.state, closed("failed"));
    await page.clock.pass(3_600_000);
    await page.hub.quiet();
});

test("after closed, retry begins anew", async () => {
    const page = new Page({ ...alone, maxAttempts: 1 });
    page.listen("post:1");
    await page.clock.pass(50);
    await refuse(page);
    assert.deepEqual(page.manager.state, closed("failed"));
    page.manager.retry();
    assert.equal(page.status, "connecting");
    await (await page.hub.next("/stream")).open();
    assert.equal(page.status, "open");
});

test("without an end, the waits stay at 30 seconds", async () => {
    const page = new Page({ ...alone, maxAttempts: Infinity });
    page.clock.random = 1;
    page.listen("post:1");
    await page.clock.pass(50);
    const expected = [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000];
    assert.deepEqual(await waits(page, 8, refuse), expected);
});

test("a good stream that is lost is no failure: five more may follow", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1");
    await stream.event({ id: "e-1", resources: ["post:1"] });
    await stream.cut();
    assert.equal(page.status, "retrying");
    // The hub's `retry: 1000` is the least.
    page.clock.random = 1;
    const found = await waits(page, 9, async () => {
        if (page.status !== "retrying" || page.hub.streams > 1) await refuse(page);
    });
    assert.deepEqual(found, [1500, 2000, 4000, 8000, 16000]);
    assert.deepEqual(page.manager.state, closed("failed"));
});

test("it comes back with its cursor, and all that it wants in the URL", async () => {
    const page = new Page(alone);
    const { stream } = await page.open(["post:1", "job:ü&%"]);
    await stream.event({ id: "e-7", resources: ["post:1"] });
    await stream.end();
    await page.clock.pass(2000);
    const again = await page.hub.next("/stream");
    assert.equal(again.query.get("last_event_id"), "e-7");
    assert.deepEqual(again.resources, ["job:ü&%", "post:1"]);
});

test("what the hub says when it ends a stream is waited for", async () => {
    const page = new Page(alone);
    const { stream } = await page.open();
    await stream.block("closing", { reason: "shutdown", retry: 7000 });
    await stream.end();
    await page.clock.pass(6999);
    await page.hub.quiet();
    await page.clock.pass(1001);
    await page.hub.next("/stream");
});

test("neither streams nor polls are asked for before Retry-After, not even for who looks", async () => {
    const page = new Page(alone);
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).answer(503, {}, { "Retry-After": "20" });
    assert.equal(page.status, "retrying");
    page.tell("online");
    await page.clock.pass(19_999);
    await page.hub.quiet();
    await page.clock.pass(1001);
    await (await page.hub.next("/stream")).open();
});

test("Retry-After may be a date", async () => {
    const page = new Page(alone);
    page.listen("post:1");
    await page.clock.pass(50);
    const date = new Date(page.clock.now + 40_000).toUTCString();
    await (await page.hub.next("/stream")).answer(503, {}, { "Retry-After": date });
    await page.clock.pass(38_999);
    await page.hub.quiet();
    await page.clock.pass(3000);
    await page.hub.next("/stream");
});

test("a stream that ends before it was good is a failure, however often it opens", async () => {
    const page = new Page(alone);
    page.listen("post:1");
    await page.clock.pass(50);
    for (let round = 0; round < 5; round += 1) {
        const stream = await page.hub.next("/stream");
        const state = { id: "e-1", resources: ["post:1"], retained: true };
        await stream.open({ events: [state] });
        await stream.block("keepalive", {});
        await stream.cut();
        await (await page.hub.next("/poll")).refuse();
        await page.clock.pass(30_000);
    }
    assert.deepEqual(page.manager.state, closed("failed"));
});

test("failures are forgotten after ten seconds, or after news", async () => {
    for (const isNews of [true, false]) {
        const page = new Page({ ...alone, maxAttempts: 2 });
        page.listen("post:1");
        await page.clock.pass(50);
        await refuse(page);
        await page.clock.pass(2000);
        const stream = await page.hub.next("/stream");
        await stream.open({ head: "e-1" });
        if (isNews) await stream.event({ id: "e-2", resources: ["post:1"] });
        else await page.clock.pass(10_000);
        await stream.cut();
        assert.equal(page.status, "retrying");
        await page.clock.pass(2000);
        await refuse(page);
        assert.equal(page.status, "retrying");
    }
});

test("204 stops", async () => {
    const page = new Page(alone);
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).answer(204);
    assert.deepEqual(page.manager.state, closed("stopped"));
    page.tell("online");
    await page.clock.pass(60_000);
    await page.hub.quiet();
});

test("401 and 403 stop where there are no other credentials", async () => {
    for (const [status, reason] of [[401, "unauthorized"], [403, "forbidden"]] as const) {
        const page = new Page(alone);
        page.listen("post:1");
        await page.clock.pass(50);
        await (await page.hub.next("/stream")).answer(status);
        assert.deepEqual(page.manager.state, closed(reason));
        await page.hub.quiet();
    }
});

test("a token is kept, and asked for anew when it ends or is refused, once", async () => {
    const asked: unknown[] = [];
    const token = (refused?: number) => {
        asked.push(refused);
        return `t${asked.length}`;
    };
    const page = new Page({ ...alone, token });
    page.listen("post:1");
    await page.clock.pass(50);
    const first = await page.hub.next("/stream");
    assert.equal(first.headers.get("Authorization"), "Bearer t1");
    await first.answer(401);
    const second = await page.hub.next("/stream");
    assert.equal(second.headers.get("Authorization"), "Bearer t2");
    await second.open();
    assert.equal(page.status, "open");
    await page.clock.pass(30_000);
    await second.block("closing", { reason: "token_expired", retry: 0 });
    const third = await page.hub.next("/stream");
    assert.equal(third.headers.get("Authorization"), "Bearer t3");
    await third.answer(403);
    assert.deepEqual(page.manager.state, closed("forbidden"));
    assert.deepEqual(asked, [undefined, 401, 401]);
});

test("a token function that has nothing new ends the trying", async () => {
    const page = new Page({ ...alone, token: (refused) => (refused ? undefined : "old") });
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).answer(401);
    assert.deepEqual(page.manager.state, closed("unauthorized"));
    await page.hub.quiet();
});

test("online, a page that is shown and a visible tab try at once, with all tries to come", async () => {
    for (const wake of ["online", "pageshow", "visibilitychange"]) {
        const page = new Page({ ...alone, maxAttempts: 2 });
        page.clock.random = 1;
        page.listen("post:1");
        await page.clock.pass(50);
        await refuse(page);
        const target = wake === "visibilitychange" ? page.document : page;
        const tell = () => (target === page ? page.tell(wake) : page.document.dispatchEvent(new Event(wake)));
        tell();
        await refuse(page);
        assert.equal(page.status, "retrying");
        await page.clock.pass(1000);
        await refuse(page);
        assert.deepEqual(page.manager.state, closed("failed"));
        // Someone who comes back does not find a page that has given up.
        tell();
        await page.hub.next("/stream");
    }
});

test("a tab that is hidden does not try at once", async () => {
    const page = new Page(alone);
    page.listen("post:1");
    await page.clock.pass(50);
    await refuse(page);
    page.document.hidden = true;
    page.document.dispatchEvent(new Event("visibilitychange"));
    await page.hub.quiet();
});

test("close lets go and tries nothing, retry brings all back from where it was", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { head: "e-3" });
    page.manager.close();
    assert.ok(stream.isAborted);
    assert.deepEqual(page.manager.state, closed("manual"));
    page.tell("online");
    page.tell("pageshow");
    await page.clock.pass(60_000);
    await page.hub.quiet();
    assert.equal(page.clock.pending, 0);
    page.manager.retry();
    await page.clock.pass(50);
    assert.equal((await page.hub.next("/stream")).query.get("last_event_id"), "e-3");
});

test("what a transport tells after its end changes nothing", async () => {
    let sink: StreamSink | undefined;
    const transport: Transport = (_, given) => {
        sink = given;
        return new Promise(() => {});
    };
    const page = new Page({ ...alone, transport });
    const { events } = page.listen("post:1");
    await page.clock.pass(50);
    const connected = { connection: "c", resources: ["post:1"], resumed: false, keepalive: 30 };
    sink?.block("connected", undefined, JSON.stringify(connected));
    sink?.flush();
    assert.equal(page.status, "open");
    page.manager.close();
    sink?.block("note", "e-9", JSON.stringify({ resources: ["post:1"], at: "", data: 1 }));
    sink?.flush();
    assert.deepEqual(page.manager.state, closed("manual"));
    assert.deepEqual(events, []);
    assert.equal(page.clock.pending, 0);
});

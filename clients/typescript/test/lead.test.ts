import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "./support/browser";
import type { Call } from "./support/hub";
import { Tabs, two } from "./support/tabs";

const both = ["post:1", "post:2"];
const orders: Kind[][] = [
    ["timers", "messages", "network"],
    ["timers", "network", "messages"],
    ["messages", "timers", "network"],
    ["messages", "network", "timers"],
    ["network", "messages", "timers"],
    ["network", "timers", "messages"],
];

/** Answers as a hub would for a second, from request number `first` on; gives back the stream that is open then. */
async function serve(tabs: Tabs, first: number) {
    const { calls } = tabs.hub;
    const before = new Set(calls.slice(0, first));
    let resources: string[] = [];
    for (let round = 0; round < 10; round += 1) {
        await tabs.wait(100);
        for (const call of calls.filter((call) => !before.has(call))) {
            before.add(call);
            if (call.isAborted) continue;
            if (call.path === "/stream") {
                ({ resources } = call);
                await call.open({ resumed: call.query.has("last_event_id"), head: "e-1" });
            } else {
                const { add, remove } = call.body;
                resources = [...new Set([...resources.filter((name) => !remove.includes(name)), ...add])];
                await call.answer(200, { resources });
            }
        }
    }
    return newest(tabs);
}

/** The stream that is open now. */
function newest(tabs: Tabs) {
    const streams = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
    return streams[streams.length - 1];
}

for (const isSecure of [true, false]) {
    const where = isSecure ? "with locks" : "on plain http";

    test(`${where}, a leader that stands still is replaced within two intervals, and stale until then`, async () => {
        const { tabs, leader, follower, stream, second } = await two({}, isSecure);
        await stream.event({ id: "e-1", resources: both });
        tabs.of(leader).stop();
        await stream.event({ id: "e-2", resources: both });
        await tabs.wait(44_000);
        assert.equal(follower.status, "open");
        await tabs.hub.quiet();
        await tabs.wait(2_000);
        assert.equal(follower.status, "stale");
        await tabs.wait(14_000);
        const next = await tabs.hub.next("/stream");
        assert.equal(next.query.get("last_event_id"), "e-1");
        assert.deepEqual(next.resources, both);
        await next.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
        assert.equal(follower.status, "open");
        assert.deepEqual(second.ids(), ["e-1", "e-2"]);
    });

    for (const order of orders) {
        test(`${where}, a leader that goes on (first ${order[0]}, then ${order[1]}) follows, and no tab misses or repeats`, async () => {
            const { tabs, leader, follower, stream, first, second } = await two({}, isSecure);
            await stream.event({ id: "e-1", resources: both });
            tabs.of(leader).stop();
            await tabs.wait(61_000);
            const next = await tabs.hub.next("/stream");
            await next.open({ resumed: true, head: "e-1" });
            // Both streams carry what comes now, and one piles up. Of the second event there is no record.
            for (const each of [stream, next]) {
                await each.event({ id: "e-2", resources: both });
                await each.event({ resources: both });
            }
            await tabs.wait();
            await tabs.of(leader).goOn(order);
            await tabs.wait(400);
            assert.ok(stream.isAborted);
            // It has been away: the stream goes back for it.
            const { calls } = tabs.hub;
            const again = calls.filter((call) => call.path === "/stream" && !call.isAborted);
            assert.equal(again.length, 1);
            assert.equal(again[0].query.get("last_event_id"), "e-1");
            assert.deepEqual(again[0].resources, both);
            const events = ["e-2", "e-3"].map((id) => ({ id, resources: both }));
            await again[0].open({ resumed: true, head: "e-3", events });
            await tabs.wait(10_000);
            assert.deepEqual(first.ids(), ["e-1", "e-2", "e-3"]);
            assert.deepEqual(second.ids(), ["e-1", "e-2", null, "e-3"]);
            assert.deepEqual([leader.status, follower.status], ["open", "open"]);
        });
    }

    test(`${where}, a tab that joins is not kept by a leader that stands still, nor are the others after it`, async () => {
        const { tabs, leader, follower, second } = await two({}, isSecure);
        tabs.of(leader).stop();
        const first = tabs.hub.calls.length;
        const third = tabs.open();
        const { ids } = third.listen("post:3");
        await tabs.wait(1_500);
        assert.equal(third.status, isSecure ? "stale" : "connecting");
        await tabs.wait(600);
        const stream = await serve(tabs, first);
        assert.deepEqual([third.status, follower.status], ["open", "open"]);
        await stream.event({ id: "e-2", resources: ["post:2", "post:3"] });
        await tabs.wait();
        assert.deepEqual([ids(), second.ids()], [["e-2"], ["e-2"]]);
    });

    test(`${where}, a leader of which nothing runs but its messages keeps nobody, however often it answers`, async () => {
        const { tabs, leader, follower, second, stream } = await two({}, isSecure);
        // As Chromium freezes a page.
        tabs.of(leader).stop("timers", "network");
        let current = stream;
        for (let waited = 0; waited < 60_000; waited += 5_000) {
            const first = tabs.hub.calls.length;
            follower.document.dispatchEvent(new Event("visibilitychange"));
            await tabs.wait(4_000);
            current = await serve(tabs, first);
        }
        assert.ok(current !== stream);
        await current.event({ id: "e-2", resources: both });
        await tabs.wait();
        assert.deepEqual([follower.status, second.ids()], ["open", ["e-2"]]);
    });

    test(`${where}, whoever comes to look at a tab does not wait for a leader that stands still`, async () => {
        const { tabs, leader, follower } = await two({}, isSecure);
        tabs.of(leader).stop();
        follower.document.dispatchEvent(new Event("visibilitychange"));
        await tabs.wait(2_100);
        const stream = await tabs.hub.next("/stream");
        await stream.open({ resumed: true });
        assert.equal(follower.status, "open");
    });

    test(`${where}, a leader that is closed is replaced at once`, async () => {
        const { tabs, leader, follower } = await two({}, isSecure);
        leader.tell("pagehide");
        await tabs.wait(300);
        const stream = await tabs.hub.next("/stream");
        await stream.open({ resumed: true });
        assert.equal(follower.status, "open");
    });

    test(`${where}, a leader that the browser freezes lets go before, and comes back when it is thawed`, async () => {
        const { tabs, leader, follower, first, second, stream } = await two({}, isSecure);
        await stream.event({ id: "e-1", resources: both });
        leader.document.dispatchEvent(new Event("freeze"));
        tabs.of(leader).stop();
        await tabs.wait(300);
        assert.ok(stream.isAborted);
        const next = await tabs.hub.next("/stream");
        await next.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
        await tabs.wait();
        assert.deepEqual([first.ids(), second.ids()], [["e-1"], ["e-1", "e-2"]]);
        await tabs.of(leader).goOn();
        leader.document.dispatchEvent(new Event("resume"));
        await tabs.wait(400);
        const { calls } = tabs.hub;
        const again = calls[calls.length - 1];
        assert.equal(again.query.get("last_event_id"), "e-1");
        await again.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
        await tabs.wait();
        assert.deepEqual([first.ids(), second.ids()], [["e-1", "e-2"], ["e-1", "e-2"]]);
        assert.deepEqual([leader.status, follower.status], ["open", "open"]);
    });

    test(`${where}, a follower that stood still goes on from where it was, not from what has piled up`, async () => {
        const { tabs, follower, stream, second } = await two({}, isSecure);
        await stream.event({ id: "e-1", resources: both });
        tabs.of(follower).stop();
        for (let round = 0; round < 4; round += 1) {
            await tabs.wait(20_000);
            await stream.event({ id: `e-${round + 2}`, resources: both });
        }
        await tabs.of(follower).goOn(["messages", "timers", "network"]);
        await tabs.wait(400);
        assert.deepEqual(second.ids(), ["e-1"]);
        const again = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
        assert.equal(again.length, 1);
        assert.equal(again[0].query.get("last_event_id"), "e-1");
    });

    for (const [what, send] of [
        ["an event", (call: Call, id: string) => call.event({ id, resources: both })],
        ["a keepalive", (call: Call, id: string) => call.block("keepalive", {}, id)],
        ["a change of what it carries", (call: Call, id: string) => call.block("subscribed", { resources: both }, id)],
    ] as const) {
        test(`${where}, a stream goes back for a tab although ${what} comes before it does`, async () => {
            const { tabs, leader, first } = await two({}, isSecure);
            await newest(tabs).event({ id: "e-1", resources: both });
            tabs.of(leader).stop();
            await tabs.wait(61_000);
            const next = newest(tabs);
            await next.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
            await tabs.of(leader).goOn();
            // Whenever the stream is told to go back, one of these is on its way.
            for (let round = 3; round < 40 && !next.isAborted; round += 1) {
                await send(next, `e-${round}`);
                await tabs.wait(10);
            }
            const again = newest(tabs);
            assert.equal(again.query.get("last_event_id"), "e-1");
            await again.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
            await again.event({ id: "e-99", resources: both });
            await tabs.wait();
            assert.deepEqual(first.ids(), ["e-1", "e-2", "e-99"]);
        });
    }

    test(`${where}, a stream that goes back for one tab tells the others nothing that is older than they are`, async () => {
        const { tabs, leader, second } = await two({}, isSecure);
        tabs.of(leader).stop();
        await tabs.wait(61_000);
        const next = await tabs.hub.next("/stream");
        await next.open({ resumed: true, head: "e-8", events: [{ id: "e-8", resources: both }] });
        const third = tabs.open();
        const { ids } = third.listen("post:1");
        await serve(tabs, tabs.hub.calls.length);
        await next.event({ id: "e-10", resources: both });
        await tabs.wait();
        const first = tabs.hub.calls.length;
        await tabs.of(leader).goOn();
        const again = await serve(tabs, first);
        for (const id of ["e-8", "e-9", "e-10", "e-11"]) await again.event({ id, resources: both });
        await tabs.wait();
        assert.deepEqual([second.ids(), ids()], [["e-8", "e-10", "e-11"], ["e-10", "e-11"]]);
    });

    test(`${where}, a leader without a stream still says that it is there`, async () => {
        const { tabs, leader, follower, stream } = await two({}, isSecure);
        await stream.block("closing", { reason: "shutdown", retry: 3_000_000 });
        await stream.end();
        await tabs.wait(2_000_000);
        assert.deepEqual([leader.status, follower.status], ["retrying", "retrying"]);
        await tabs.hub.quiet();
    });

    test(`${where}, many tabs that lose their leader get one, and one stream`, async () => {
        const tabs = new Tabs(isSecure);
        const pages = [];
        for (let number = 0; number < 8; number += 1) {
            pages.push(tabs.open());
            pages[number].listen("post:1");
            await tabs.wait(400);
        }
        await (await tabs.hub.next("/stream")).open();
        const answer = async () => {
            for (const call of tabs.hub.calls) {
                if (call.method === "PATCH") await call.answer(200, { resources: ["post:1"] });
            }
        };
        await answer();
        tabs.of(pages[0]).stop();
        await tabs.wait(61_000);
        await tabs.hub.calls.filter((call) => call.path === "/stream").pop()?.open({ resumed: true });
        await answer();
        await tabs.wait(1_000);
        assert.equal(tabs.hub.streams, 2);
        assert.deepEqual(pages.slice(1).map((page) => page.status), Array(7).fill("open"));
    });
}

test("on plain http, a leader that crashes is replaced within two intervals", async () => {
    const { tabs, leader, follower } = await two({}, false);
    tabs.kill(leader);
    await tabs.wait(60_000);
    const stream = await tabs.hub.next("/stream");
    await stream.open({ resumed: true });
    assert.equal(follower.status, "open");
});

test("on plain http, tabs that open in the same moment agree on one stream", async () => {
    const tabs = new Tabs(false);
    // Two that draw nearly the same, so that both think that nobody leads.
    const pages = [tabs.open(), tabs.open()];
    for (const page of pages) page.listen("post:1");
    await tabs.wait(1_000);
    const streams = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
    assert.equal(streams.length, 1);
    await streams[0].open();
    assert.deepEqual(pages.map((page) => page.status), ["open", "open"]);
});

test("two leaders that meet become one, whichever has the lower number of changes follows", async () => {
    const { tabs, leader, follower, first, second, stream } = await two({}, false);
    await stream.event({ id: "e-1", resources: both });
    // Too slow for the one that joins, but not so slow that it would doubt itself.
    tabs.of(leader).stop();
    const third = tabs.open();
    const { ids } = third.listen("post:1");
    await tabs.wait(400);
    await tabs.hub.calls[tabs.hub.calls.length - 1].open({ head: "e-1" });
    await tabs.of(leader).goOn(["messages", "timers", "network"]);
    await tabs.wait(1_000);
    const streams = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
    assert.equal(streams.length, 1);
    await streams[0].open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
    await tabs.wait(1_000);
    assert.deepEqual([first.ids(), second.ids(), ids()], [["e-1", "e-2"], ["e-1", "e-2"], ["e-2"]]);
    assert.deepEqual([leader.status, follower.status, third.status], ["open", "open", "open"]);
});

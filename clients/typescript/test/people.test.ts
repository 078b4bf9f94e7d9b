import assert from "node:assert/strict";
import { test } from "node:test";
import type { Activity, Presence } from "../src/index";
import { watchActivity, watchPresence } from "../src/index";
import type { Call } from "./support/hub";
import { Page } from "./support/page";
import { Tabs } from "./support/tabs";

const alone = { tabs: false };
const NAME = "presence:post:1";

const tell = (stream: Call, count: number, joined: string[], left: string[] = [], resource = "post:1") =>
    stream.block("presence", { resource, count, joined, left });

/** Watches who is at `post:1`, on a stream that is open. */
async function watching(options = {}) {
    const page = new Page({ ...alone, ...options });
    const told: Presence[] = [];
    const end = watchPresence(page.manager, "post:1", (presence) => told.push(presence), { members: true });
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    await stream.open();
    return { page, told, end, stream, lists: () => told.map(({ members }) => members) };
}

test("who is there comes as a whole list, kept up to date by what changes", async () => {
    const { stream, told, lists } = await watching();
    assert.equal(stream.query.get("members"), "true");
    assert.deepEqual(stream.resources, [NAME]);
    await tell(stream, 3, ["bob", "ann"]);
    await tell(stream, 4, ["cyn"]);
    await tell(stream, 5, []);
    await tell(stream, 3, ["dan"], ["ann", "bob"]);
    assert.deepEqual(lists(), [["ann", "bob"], ["ann", "bob", "cyn"], ["ann", "bob", "cyn"], ["cyn", "dan"]]);
    assert.deepEqual(
        told.map(({ count }) => count),
        [3, 4, 5, 3],
    );
    assert.deepEqual([told[3].joined, told[3].left], [["dan"], ["ann", "bob"]]);
});

test("counts alone are asked for without members, and have none", async () => {
    const page = new Page(alone);
    const told: Presence[] = [];
    watchPresence(page.manager, "post:1", (presence) => told.push(presence));
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    assert.deepEqual([stream.query.get("members"), stream.query.get("member")], [null, null]);
    await stream.open();
    await stream.block("presence", { resource: "post:1", count: 2 });
    assert.deepEqual(told, [{ resource: "post:1", count: 2 }]);
});

test("a stream that was opened for counts is opened anew for members, and nothing is asked twice", async () => {
    const page = new Page(alone);
    const { stream } = await page.open("post:1", { head: "e-7" });
    const told: Presence[] = [];
    watchPresence(page.manager, "post:1", (presence) => told.push(presence), { members: true });
    await page.clock.pass(50);
    const next = await page.hub.next("/stream");
    assert.equal(stream.isAborted, true);
    assert.deepEqual(next.resources, ["post:1", NAME]);
    assert.deepEqual([next.query.get("members"), next.query.get("last_event_id")], ["true", "e-7"]);
    await next.open({ resumed: true, head: "e-7" });
    await tell(next, 1, ["ann"]);
    assert.deepEqual(told[0].members, ["ann"]);
    watchPresence(page.manager, "post:2", () => {}, { members: true });
    await page.clock.pass(50);
    const change = await page.hub.next("/stream/…");
    assert.deepEqual(change.body.add, ["presence:post:2"]);
});

test("one who asks later is told what is known, and the hub is not asked", async () => {
    const { page, stream, lists } = await watching();
    await tell(stream, 1, ["ann"]);
    await tell(stream, 2, ["bob"]);
    const late: Presence[] = [];
    watchPresence(page.manager, "post:1", (presence) => late.push(presence), { members: true });
    await page.clock.pass(50);
    await page.hub.quiet();
    assert.deepEqual(late[0].members, ["ann", "bob"]);
    await tell(stream, 1, [], ["ann"]);
    assert.deepEqual(late[1].members, ["bob"]);
    assert.deepEqual(lists().pop(), ["bob"]);
});

test("what nobody wanted for a while is a new list", async () => {
    const { page, stream, end } = await watching();
    page.listen("post:9");
    await page.clock.pass(50);
    await (await page.hub.next("/stream/…")).answer(200, { resources: [NAME, "post:9"] });
    await tell(stream, 1, ["ann"]);
    end();
    await page.clock.pass(5_100);
    const change = await page.hub.next("/stream/…");
    assert.deepEqual(change.body, { add: [], remove: [NAME] });
    await tell(stream, 2, ["late"]);
    await change.answer(200, { resources: ["post:9"] });
    const again: Presence[] = [];
    watchPresence(page.manager, "post:1", (presence) => again.push(presence), { members: true });
    await page.clock.pass(50);
    await (await page.hub.next("/stream/…")).answer(200, { resources: ["post:9", NAME] });
    await tell(stream, 1, ["bob"]);
    assert.deepEqual(again[0].members, ["bob"]);
});

test("a stream that comes back has a whole list of its own", async () => {
    const { page, stream, lists } = await watching();
    await tell(stream, 2, ["ann", "bob"]);
    await page.clock.pass(10_000);
    await stream.cut();
    await page.clock.pass(2_000);
    const next = await page.hub.next("/stream");
    assert.equal(next.query.get("members"), "true");
    await next.open({ resumed: true });
    await tell(next, 1, ["bob"]);
    assert.deepEqual(lists(), [["ann", "bob"], ["bob"]]);
});

test("the stream says who uses the browser, in a body as well", async () => {
    const page = new Page({ ...alone, member: "ann + bob" });
    page.listen(NAME, undefined, true);
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    assert.deepEqual([stream.query.get("member"), stream.query.get("members")], ["ann + bob", "true"]);
    // To the hub a plus is a plus.
    assert.ok(stream.url.includes("member=ann%20%2B%20bob"));
    const other = new Page({ ...alone, member: "ann" });
    other.listen(Array.from({ length: 90 }, (_, number) => `post:${number}${"x".repeat(60)}`));
    await other.clock.pass(50);
    const posted = await other.hub.next("/stream");
    assert.equal(posted.method, "POST");
    const { member, members } = posted.body as unknown as { member: string; members?: boolean };
    assert.deepEqual([member, members], ["ann", undefined]);
});

test("a tab that wants to know who is there gets it from the tab that has the stream", async () => {
    const tabs = new Tabs();
    const first = tabs.open();
    first.listen("post:1");
    await tabs.wait(200);
    await (await tabs.hub.next("/stream")).open();
    const told: Presence[] = [];
    watchPresence(tabs.open().manager, "post:1", (presence) => told.push(presence), { members: true });
    await tabs.wait(200);
    const stream = await tabs.hub.next("/stream");
    assert.equal(stream.query.get("members"), "true");
    await stream.open({ resumed: true });
    await tell(stream, 1, ["ann"]);
    await tabs.wait();
    assert.deepEqual(told[0].members, ["ann"]);
    const late: Presence[] = [];
    watchPresence(tabs.open().manager, "post:1", (presence) => late.push(presence), { members: true });
    await tabs.wait(200);
    await tabs.hub.quiet();
    assert.deepEqual(late[0].members, ["ann"]);
});

test("tabs of two members share no stream", async () => {
    const tabs = new Tabs();
    for (const member of ["ann", "bob"]) tabs.open({ member }).listen("post:1");
    await tabs.wait(400);
    const streams = [await tabs.hub.next("/stream"), await tabs.hub.next("/stream")];
    assert.deepEqual(streams.map((stream) => stream.query.get("member")).sort(), ["ann", "bob"]);
});

test("who works on what comes with each list, the kept one first", async () => {
    const page = new Page(alone);
    const told: Activity[] = [];
    const end = watchActivity(page.manager, "influencer", (activity) => told.push(activity));
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    assert.deepEqual(stream.resources, ["activity:influencer"]);
    const work = { resource: "influencer:7", job: "j", kind: "post", step: null, progress: 0, since: "" };
    const resources = ["activity:influencer"];
    const event = "activity";
    const kept = { id: "e-1", event, resources, data: { working: [work] }, retained: true };
    await stream.open({ head: "e-1", events: [kept] });
    await stream.event({ id: "e-2", event, resources, data: { working: [] } });
    assert.deepEqual(told, [{ working: [work] }, { working: [] }]);
    end();
    await stream.event({ id: "e-3", event, resources, data: { working: [work] } });
    assert.equal(told.length, 2);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedError, type SSEOptions } from "../src/index";
import { eventSource } from "../src/eventsource";
import { scopeOf } from "../src/tokens";
import { Page } from "./support/page";
import { Tabs, two } from "./support/tabs";

const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const jwt = (claims: object) => `${part({ alg: "HS256" })}.${part(claims)}.c2lnbmF0dXJl`;
const alone = { tabs: false };
const closed = (reason: string) => ({ status: "closed", reason });

/** Gives tokens t1, t2, … and keeps what it was asked. */
function counted(name = (count: number) => `t${count}`) {
    const asked: unknown[] = [];
    const token: SSEOptions["token"] = async (refused) => {
        asked.push(refused);
        return name(asked.length);
    };
    return { asked, token };
}

test("a stream whose credentials end soon gets a new token, and goes on", async () => {
    const { asked, token } = counted();
    const page = new Page({ ...alone, token });
    const { stream, ids, connection } = await page.open("post:1");
    await stream.block("token_expiring", { expires_at: "2026-11-30T00:01:00Z", seconds: 60 });
    await page.clock.pass(14_000);
    await page.hub.quiet();
    await page.clock.pass(16_000);
    const renewal = await page.hub.next("/stream/…");
    assert.deepEqual([renewal.method, renewal.path, renewal.init.body], ["PATCH", `/stream/${connection}`, "{}"]);
    assert.equal(renewal.headers.get("Authorization"), "Bearer t2");
    await renewal.answer(200, { resources: ["post:1"] });
    await stream.block("subscribed", { resources: ["post:1"] });
    await stream.event({ id: "e-1", resources: ["post:1"] });
    assert.deepEqual([ids(), page.status, asked], [["e-1"], "open", [undefined, 401]]);
    await page.clock.pass(25_000);
    await page.hub.quiet();
});

test("what a new token does not cover is told by name, and the others go on", async () => {
    const page = new Page({ ...alone, token: counted().token });
    const { stream, ids } = await page.open(["post:1", "post:2"]);
    await stream.block("token_expiring", { seconds: 60 });
    await page.clock.pass(30_000);
    await stream.block("subscribed", { resources: ["post:1"] });
    await (await page.hub.next("/stream/…")).answer(200, { resources: ["post:1"] });
    const again = await page.hub.next("/stream/…");
    assert.deepEqual(again.body, { add: ["post:2"], remove: [] });
    const problem = { reason: "resource", resource: "post:2", detail: "not for you", request_id: "r-7" };
    await again.answer(403, problem);
    await (await page.hub.next("/stream")).answer(403, problem);
    const next = await page.hub.next("/stream");
    assert.deepEqual(next.resources, ["post:1"]);
    await next.open({ resumed: true, events: [{ id: "e-1", resources: ["post:1"] }] });
    const [error] = page.errors as RefusedError[];
    assert.deepEqual(
        [error.resource, error.status, error.reason, error.requestId, ids()],
        ["post:2", 403, "resource", "r-7", ["e-1"]],
    );
});

test("an app that cannot give a token at once is asked again before the end", async () => {
    let count = 0;
    const token = () => {
        count += 1;
        if (count === 2) throw new Error("no network");
        return count === 3 ? "t1" : `t${count}`;
    };
    const page = new Page({ ...alone, token });
    const { stream } = await page.open();
    await stream.block("token_expiring", { seconds: 60 });
    await page.clock.pass(59_000);
    const renewal = await page.hub.next("/stream/…");
    assert.deepEqual([count, renewal.headers.get("Authorization")], [4, "Bearer t4"]);
});

test("a stream that has ended with its token goes on from its place with another", async () => {
    const { asked, token } = counted();
    const page = new Page({ ...alone, token });
    const { stream, ids } = await page.open();
    await stream.event({ id: "e-1", resources: ["post:1"] });
    await stream.block("closing", { reason: "token_expired", retry: 5_000 });
    const next = await page.hub.next("/stream");
    assert.deepEqual([next.headers.get("Authorization"), next.query.get("last_event_id")], ["Bearer t2", "e-1"]);
    await next.open({ resumed: true, events: [{ id: "e-2", resources: ["post:1"] }] });
    assert.deepEqual([ids(), asked, page.errors], [["e-1", "e-2"], [undefined, 401], []]);
    // One that ends as soon as it is accepted is not asked for in a circle.
    await next.block("closing", { reason: "token_expired", retry: 0 });
    await page.hub.quiet();
    assert.equal(page.status, "retrying");
});

for (const reason of ["revoked", "bad_signature", "unknown_key", "malformed", "not_yet", "wrong_audience"]) {
    test(`a token that is refused as ${reason} ends the trying with an error that says so`, async () => {
        const { asked, token } = counted();
        const page = new Page({ ...alone, token });
        page.listen("post:1");
        await page.clock.pass(50);
        await (await page.hub.next("/stream")).answer(401, { reason, detail: "no", request_id: "r-1" });
        const [error] = page.errors as RefusedError[];
        assert.ok(error instanceof RefusedError);
        assert.deepEqual([error.resource, error.reason, error.requestId], ["", reason, "r-1"]);
        assert.ok(error.message.includes(`(${reason}, request r-1)`));
        assert.deepEqual([page.manager.state, asked], [closed("unauthorized"), [undefined]]);
        await page.clock.pass(3_600_000);
        await page.hub.quiet();
    });
}

test("403 for the origin or for a scope ends the trying", async () => {
    for (const reason of ["origin", "scope"]) {
        const page = new Page({ ...alone, token: counted().token });
        page.listen("post:1");
        await page.clock.pass(50);
        await (await page.hub.next("/stream")).answer(403, { reason, detail: "post:1 is not the matter" });
        assert.deepEqual(page.manager.state, closed("forbidden"));
        assert.equal((page.errors[0] as RefusedError).reason, reason);
        await page.hub.quiet();
    }
});

test("a stream that is revoked ends the trying, with a token and without", async () => {
    for (const token of ["t", counted().token, undefined]) {
        const page = new Page({ ...alone, token });
        const { stream } = await page.open();
        await stream.block("closing", { reason: "revoked", retry: 0 });
        assert.deepEqual(page.manager.state, closed("unauthorized"));
        assert.equal((page.errors[0] as RefusedError).reason, "revoked");
        await page.clock.pass(3_600_000);
        await page.hub.quiet();
    }
});

test("an app that has a token never asks without one", async () => {
    const gives: SSEOptions["token"][] = [() => undefined, async () => null];
    for (const token of gives) {
        for (const tabs of [false, true]) {
            const page = new Page({ tabs, token });
            page.listen("post:1");
            await page.clock.pass(60_000);
            assert.deepEqual(page.manager.state, closed("unauthorized"));
            assert.equal((page.errors[0] as RefusedError).reason, "missing");
            assert.deepEqual(page.hub.calls, []);
        }
    }
    const native = eventSource({ EventSource: (() => assert.ok(false)) as never });
    const page = new Page({ ...alone, transport: native, token: "t" });
    page.listen("post:1");
    await page.clock.pass(60_000);
    assert.deepEqual(page.manager.state, closed("unauthorized"));
});

test("after a login, retry asks for the token again", async () => {
    let token: string | undefined = "old";
    const page = new Page({ ...alone, token: () => token });
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).answer(401, { reason: "revoked" });
    token = "new";
    page.manager.retry();
    assert.equal((await page.hub.next("/stream")).headers.get("Authorization"), "Bearer new");
});

test("polls carry the token, and ask for another when it has ended", async () => {
    const page = new Page({ ...alone, token: counted().token });
    page.listen("post:1");
    await page.clock.pass(50);
    await (await page.hub.next("/stream")).refuse();
    const poll = await page.hub.next("/poll");
    assert.equal(poll.headers.get("Authorization"), "Bearer t1");
    await poll.answer(200, { cursor: "e-5", reset: null, events: [] });
    await (await page.hub.next("/poll")).answer(401, { reason: "expired" });
    const next = await page.hub.next("/stream");
    assert.deepEqual([next.headers.get("Authorization"), next.query.get("last_event_id")], ["Bearer t2", "e-5"]);
    await next.refuse();
    assert.equal((await page.hub.next("/poll")).headers.get("Authorization"), "Bearer t2");
});

test("streams that had one token share its successor", async () => {
    const { asked, token } = counted();
    const page = new Page({ ...alone, token });
    page.listen(Array.from({ length: 150 }, (_, number) => `post:${number}`));
    await page.clock.pass(50);
    const streams = [await page.hub.next("/stream"), await page.hub.next("/stream")];
    for (const stream of streams) {
        await stream.open();
        await stream.block("token_expiring", { seconds: 60 });
    }
    await page.clock.pass(30_000);
    for (const _ of streams) {
        assert.equal((await page.hub.next("/stream/…")).headers.get("Authorization"), "Bearer t2");
    }
    assert.deepEqual(asked, [undefined, 401]);
});

test("of tabs that share a stream only the one that has it renews the token", async () => {
    const asked: [number, unknown][] = [];
    const options = (tab: number): SSEOptions => ({
        token: (refused) => {
            asked.push([tab, refused]);
            return jwt({ sub: "ada", exp: asked.length });
        },
    });
    const tabs = new Tabs();
    const pages = [];
    for (let number = 0; number < 3; number += 1) {
        const page = tabs.open(options(number));
        pages.push(page);
        page.listen("post:1");
        await tabs.wait(400);
    }
    const stream = await tabs.hub.next("/stream");
    await stream.open();
    for (const call of tabs.hub.calls) {
        if (call.method === "PATCH") await call.answer(200, { resources: ["post:1"] });
    }
    await stream.block("token_expiring", { seconds: 60 });
    await tabs.wait(31_000);
    const renewals = tabs.hub.calls.filter((call) => call.init.body === "{}");
    assert.equal(renewals.length, 1);
    assert.deepEqual(asked, [[0, undefined], [1, undefined], [2, undefined], [0, 401]]);
    assert.deepEqual([tabs.hub.streams, pages.map((page) => page.status)], [1, ["open", "open", "open"]]);
});

test("tabs of two subjects, or of two sets of grants, share nothing", async () => {
    const tokens = [
        jwt({ sub: "ada", martlet: { subscribe: ["*"] } }),
        jwt({ sub: "bob", martlet: { subscribe: ["*"] } }),
        jwt({ sub: "ada", martlet: { subscribe: ["post:1"] } }),
        "mk_one",
        "mk_other",
        "",
    ];
    const tabs = new Tabs();
    const listeners = [];
    for (const token of tokens) {
        listeners.push(tabs.open({ token }).listen("post:1"));
        await tabs.wait(400);
    }
    assert.equal(tabs.hub.streams, tokens.length);
    const first = tabs.hub.calls[0];
    await first.open();
    await first.event({ id: "e-1", resources: ["post:1"] });
    await tabs.wait();
    assert.deepEqual(listeners.map(({ ids }) => ids().length), [1, 0, 0, 0, 0, 0]);
    assert.equal(new Set(tokens.map(scopeOf)).size, tokens.length);
});

test("a leader that gets a token of somebody else leaves, and those of the first go on", async () => {
    let leads = "ada";
    const bob = () => jwt({ sub: "bob" });
    const token: SSEOptions["token"] = () => jwt({ sub: leads, exp: leads.length });
    const tabs = new Tabs();
    const leader = tabs.open({ token });
    const first = leader.listen("post:1");
    await tabs.wait(400);
    const follower = tabs.open({ token: jwt({ sub: "ada", exp: 3 }) });
    const second = follower.listen("post:1");
    await tabs.wait(400);
    const stream = await tabs.hub.next("/stream");
    await stream.open();
    leads = "bob";
    await stream.block("closing", { reason: "token_expired", retry: 0 });
    await tabs.wait(1_000);
    const streams = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted && call !== stream);
    const of = (claims: string) => streams.filter((call) => call.headers.get("Authorization") === `Bearer ${claims}`);
    const [hers, his] = [of(jwt({ sub: "ada", exp: 3 })), of(jwt({ sub: "bob", exp: 3 }))];
    assert.deepEqual([hers.length, his.length, streams.length], [1, 1, 2]);
    await his[0].open();
    await his[0].event({ id: "e-7", resources: ["post:1"] });
    await tabs.wait();
    assert.deepEqual([first.ids(), second.ids()], [["e-7"], []]);
    assert.equal(scopeOf(bob()), scopeOf(jwt({ sub: "bob", exp: 9, jti: "x" })));
});

test("no name that tabs share tells a token", async () => {
    const secret = "mk_0123456789abcdef";
    const names: string[] = [];
    const page = new Page({
        token: secret,
        environment: {
            Date,
            Math,
            setTimeout,
            clearTimeout: (timer) => clearTimeout(timer),
            location: {},
            BroadcastChannel: class {
                constructor(name: string) {
                    names.push(name);
                }
                postMessage() {}
                close() {}
            } as never,
            fetch: (() => new Promise(() => {})) as never,
        },
    });
    page.manager.subscribe("post:1", () => {});
    for (let turn = 0; turn < 200 && !names.length; turn += 1) await new Promise<void>((done) => setImmediate(done));
    page.manager.close();
    assert.equal(names.length, 1);
    assert.ok(!names[0].includes(secret.slice(3)) && names[0].includes(scopeOf(secret)));
});

test("a follower takes over with a token of its own", async () => {
    const { asked, token } = counted((count) => jwt({ sub: "ada", exp: count }));
    const { tabs, leader, stream, second } = await two({ token });
    await stream.event({ id: "e-1", resources: ["post:1", "post:2"] });
    tabs.kill(leader);
    await tabs.wait(1_000);
    const next = await tabs.hub.next("/stream");
    assert.equal(next.query.get("last_event_id"), "e-1");
    await next.answer(401, { reason: "expired" });
    const again = await tabs.hub.next("/stream");
    assert.equal(again.headers.get("Authorization"), `Bearer ${jwt({ sub: "ada", exp: 3 })}`);
    await again.open({ resumed: true, events: [{ id: "e-2", resources: ["post:2"] }] });
    await tabs.wait();
    assert.deepEqual([second.ids(), asked], [["e-1", "e-2"], [undefined, undefined, 401]]);
});

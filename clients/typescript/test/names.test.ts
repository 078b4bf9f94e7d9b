import assert from "node:assert/strict";
import { test } from "node:test";
import { SSEManager } from "../src/index";
import { Page } from "./support/page";

const alone = { tabs: false };
/** A name of so many bytes: two for each letter. */
const letters = (bytes: number) => `post:${"ü".repeat(bytes / 2)}`;

test("a name that the hub would refuse is refused where it is said, and costs the others nothing", async () => {
    const page = new Page(alone);
    const { stream, ids } = await page.open("post:good");
    const wrong = ["post", "post:", ":1", "*", "1:2", "ü:1", "post:a b", "post:1,2", "", "post:a\u2028 b"];
    const controls = ["\0", "\t", "\n", "\r\n", "\x1f", "\x7f", "\x80", "\x85", "\x9f"].map((text) => `post:a${text}b`);
    const halves = ["\ud800", "\udc00", "\ud800x", "x\udfff", "\udc00\ud800"].map((text) => `post:${text}`);
    const long = [`post:${"文".repeat(200)}`, `post:${"x".repeat(257)}`, letters(258), `post:${"𝄞".repeat(65)}`];
    for (const name of [...wrong, ...controls, ...halves, ...long]) {
        assert.throws(() => page.listen(name), TypeError);
        assert.throws(() => page.listen(["post:1", name]), TypeError);
    }
    await page.clock.pass(10_000);
    await page.hub.quiet();
    await stream.event({ id: "e-1", resources: ["post:good"] });
    assert.deepEqual([page.status, ids()], ["open", ["e-1"]]);
});

test("a name that the hub takes is taken, and arrives as it is", async () => {
    const page = new Page(alone);
    const right = ["post:*", "a+b.c-d:1", letters(256), `post:${"𝄞".repeat(64)}`, "x:a:b/c?d=e&f%20+#", "x:\xa0\u2028\ufeff", "P:é"];
    page.listen(right);
    await page.clock.pass(50);
    const stream = await page.hub.next("/stream");
    assert.deepEqual(stream.resources, [...right].sort());
});

test("seconds of silence that the hub does not take are refused", () => {
    for (const keepalive of [0, 0.9, -20, 300.5, NaN, Infinity, "soon" as unknown as number]) {
        assert.throws(() => new SSEManager({ keepalive }), TypeError);
    }
});

test("the hub is asked for its keep-alive every 20 seconds, or as the app says", async () => {
    for (const [options, seconds] of [[{}, "20"], [{ keepalive: 2.5 }, "2.5"]] as const) {
        const page = new Page({ ...alone, ...options });
        page.listen("post:1");
        await page.clock.pass(50);
        assert.equal((await page.hub.next("/stream")).query.get("keepalive"), seconds);
    }
});

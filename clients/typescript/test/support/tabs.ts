import assert from "node:assert/strict";
import type { SSEOptions } from "../../src/index";
import { Browser, type Tab } from "./browser";
import { Clock } from "./clock";
import { FakeHub } from "./hub";
import { Page } from "./page";

/** Tabs of one browser, which share a hub and a clock. */
export class Tabs {
    readonly clock = new Clock();
    readonly hub = new FakeHub();
    readonly browser: Browser;
    readonly pages: Page[] = [];
    private readonly handles: Tab[] = [];

    constructor(isSecure = true) {
        this.browser = new Browser(isSecure);
    }

    open(options: SSEOptions = {}): Page {
        const page = new Page(options, this.clock, this.hub, this.browser);
        this.pages.push(page);
        this.handles.push(this.browser.newest);
        return page;
    }

    /** What `page` can be stopped by. */
    of(page: Page): Tab {
        return this.handles[this.pages.indexOf(page)];
    }

    kill(page: Page) {
        this.browser.kill(this.of(page));
    }

    async wait(milliseconds = 60) {
        await this.clock.pass(milliseconds);
    }
}

/** A leader and a follower with an open stream. */
export async function two(options: SSEOptions = {}, isSecure = true) {
    const tabs = new Tabs(isSecure);
    const leader = tabs.open(options);
    const first = leader.listen("post:1");
    await tabs.wait(400);
    const follower = tabs.open(options);
    const second = follower.listen("post:2");
    await tabs.wait(200);
    const stream = await tabs.hub.next("/stream");
    await stream.open({ head: "e-0" });
    const change = await tabs.hub.next("/stream/…");
    assert.deepEqual(change.body.add, ["post:2"]);
    const resources = ["post:1", "post:2"];
    await stream.block("subscribed", { resources });
    await change.answer(200, { resources });
    await tabs.wait();
    return { tabs, leader, follower, first, second, stream };
}

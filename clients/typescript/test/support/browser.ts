// The tabs of one browser: locks and channels between pages, which end when a tab ends. A tab can stand still: then
// its timers, its messages and what comes over the network pile up until it runs again.

import type { Environment } from "../../src/environment";
import { settle, type Clock } from "./clock";

interface Request {
    tab: Tab;
    granted: () => unknown;
    resolve: (value: unknown) => void;
    reject: (error: unknown) => void;
}

const KINDS = ["timers", "messages", "network"] as const;

/** What piles up in a tab that stands still. */
export type Kind = (typeof KINDS)[number];

/** A tab, as far as it can be stopped. */
export class Tab {
    isGone = false;
    private still: readonly Kind[] = [];
    private readonly piles: Record<Kind, (() => void)[]> = { timers: [], messages: [], network: [] };

    /** Runs something of the tab, now or when it runs again. */
    run(kind: Kind, action: () => void) {
        if (this.isGone) return;
        if (this.still.includes(kind)) this.piles[kind].push(action);
        else action();
    }

    /** Resolves when something from the network gets through. */
    through(): Promise<void> {
        return new Promise((resolve) => this.run("network", resolve));
    }

    stop(...kinds: readonly Kind[]) {
        this.still = kinds[0] ? kinds : KINDS;
    }

    /** Lets everything happen that has piled up, each kind after the other. */
    async goOn(order: readonly Kind[] = KINDS) {
        this.still = [];
        for (const kind of order) {
            for (const action of this.piles[kind].splice(0)) action();
            await settle();
        }
    }
}

export class Browser {
    private readonly queues = new Map<string, Request[]>();
    private readonly channels = new Set<Channel>();
    private last = new Tab();

    /** @param isSecure whether there are locks, as there are none on plain http */
    constructor(private readonly isSecure = true) {}

    /** What a new tab has of the platform. */
    features(clock: Clock, fetch: Environment["fetch"]): Partial<Environment> {
        const tab = (this.last = new Tab());
        const { channels } = this;
        const request = (name: string, options: LockOptions, granted: () => unknown) =>
            new Promise((resolve, reject) => {
                const queue = this.queues.get(name) ?? [];
                const mine = { tab, granted, resolve, reject };
                this.queues.set(name, queue);
                if (options.steal) {
                    queue.shift()?.reject(new Error("stolen"));
                    queue.unshift(mine);
                } else queue.push(mine);
                if (queue[0] === mine) this.grant(name);
                options.signal?.addEventListener("abort", () => {
                    const place = queue.indexOf(mine);
                    if (place < 1) return;
                    queue.splice(place, 1);
                    reject(new Error("aborted"));
                });
            });
        class TabChannel extends Channel {
            constructor(name: string) {
                super(name, tab, channels);
            }
        }
        const load = async (url: string, init: RequestInit) => {
            const { body, status, headers } = await fetch(url, init);
            await tab.through();
            const reader = body?.getReader();
            const pull = async (out: ReadableStreamDefaultController<Uint8Array>) => {
                const { done, value } = await (reader as ReadableStreamDefaultReader<Uint8Array>).read();
                await tab.through();
                if (done) out.close();
                else out.enqueue(value);
            };
            return new Response(reader ? new ReadableStream({ pull }) : null, { status, headers });
        };
        const cancelled = new Set<unknown>();
        return {
            ...(this.isSecure && { navigator: { locks: { request } as unknown as LockManager } }),
            BroadcastChannel: TabChannel as unknown as typeof BroadcastChannel,
            fetch: load as typeof globalThis.fetch,
            setTimeout(callback, milliseconds) {
                const run = () => cancelled.has(timer) || callback();
                const timer: number = clock.setTimeout(() => tab.run("timers", run), milliseconds);
                return timer;
            },
            clearTimeout(timer) {
                cancelled.add(timer);
                clock.clearTimeout(timer);
            },
        };
    }

    /** The tab whose features were given out last. */
    get newest(): Tab {
        return this.last;
    }

    /** Ends a tab as a crash does: nothing of it runs any more, its locks are free. */
    kill(tab: Tab) {
        tab.isGone = true;
        for (const [name, queue] of this.queues) {
            const held = queue[0]?.tab === tab;
            const rest = queue.filter((request) => request.tab !== tab);
            queue.splice(0, queue.length, ...rest);
            if (held && queue.length) this.grant(name);
        }
    }

    private grant(name: string) {
        const queue = this.queues.get(name) ?? [];
        const [first] = queue;
        setImmediate(() =>
            first.tab.run("messages", async () => {
                if (queue[0] !== first) return;
                const result = await first.granted();
                if (queue[0] !== first) return;
                queue.shift();
                first.resolve(result);
                if (queue.length) this.grant(name);
            }),
        );
    }
}

class Channel {
    onmessage: ((event: { data: unknown }) => void) | undefined;

    constructor(
        readonly name: string,
        private readonly tab: Tab,
        private readonly all: Set<Channel>,
    ) {
        all.add(this);
    }

    postMessage(message: unknown) {
        if (this.tab.isGone) return;
        if (!this.all.has(this)) throw new Error("this channel is closed");
        for (const other of this.all) {
            if (other === this || other.name !== this.name) continue;
            const data = structuredClone(message);
            setImmediate(() =>
                other.tab.run("messages", () => {
                    if (this.all.has(other)) other.onmessage?.({ data });
                }),
            );
        }
    }

    close() {
        this.all.delete(this);
    }
}

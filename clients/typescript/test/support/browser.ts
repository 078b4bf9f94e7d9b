// The tabs of one browser: locks and channels between pages, which end when a tab ends.

import type { Environment } from "../../src/environment";

interface Request {
    tab: object;
    granted: () => unknown;
    resolve: (value: unknown) => void;
    reject: (error: unknown) => void;
}

export class Browser {
    private readonly queues = new Map<string, Request[]>();
    private readonly channels = new Set<Channel>();
    private readonly gone = new Set<object>();
    private last: object = {};

    /** What a new tab has of the platform. */
    features(): Partial<Environment> {
        const tab = (this.last = {});
        const { channels, gone } = this;
        const request = (name: string, options: { signal?: AbortSignal }, granted: () => unknown) =>
            new Promise((resolve, reject) => {
                const queue = this.queues.get(name) ?? [];
                const mine = { tab, granted, resolve, reject };
                this.queues.set(name, queue);
                queue.push(mine);
                if (queue.length === 1) this.grant(name);
                options.signal?.addEventListener("abort", () => {
                    const place = queue.indexOf(mine);
                    if (place < 1) return;
                    queue.splice(place, 1);
                    reject(new Error("aborted"));
                });
            });
        class TabChannel extends Channel {
            constructor(name: string) {
                super(name, tab, channels, gone);
            }
        }
        return {
            navigator: { locks: { request } as unknown as LockManager },
            BroadcastChannel: TabChannel as unknown as typeof BroadcastChannel,
        };
    }

    /** The tab whose features were given out last, for `kill`. */
    get newest(): object {
        return this.last;
    }

    /** Ends a tab as a crash does: nothing of it runs any more, its locks are free. */
    kill(tab: object) {
        this.gone.add(tab);
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
        setImmediate(async () => {
            if (queue[0] !== first) return;
            const result = await first.granted();
            if (queue[0] !== first) return;
            queue.shift();
            first.resolve(result);
            if (queue.length) this.grant(name);
        });
    }
}

class Channel {
    onmessage: ((event: { data: unknown }) => void) | undefined;

    constructor(
        readonly name: string,
        private readonly tab: object,
        private readonly all: Set<Channel>,
        private readonly gone: Set<object>,
    ) {
        all.add(this);
    }

    postMessage(message: unknown) {
        if (this.gone.has(this.tab) || !this.all.has(this)) return;
        for (const other of this.all) {
            if (other === this || other.name !== this.name || this.gone.has(other.tab)) continue;
            const data = structuredClone(message);
            setImmediate(() => {
                if (this.all.has(other) && !this.gone.has(other.tab)) other.onmessage?.({ data });
            });
        }
    }

    close() {
        this.all.delete(this);
    }
}

// Streams by the browser's own EventSource, for those who want to see them in its developer tools. It tells
// no status, sends no header fields, and dispatches only events whose names are listened for.

import type { Transport } from "./transport";

const CONTROL = ["connected", "reset", "live", "keepalive", "subscribed", "presence", "closing"];
const OWN = ["message", "status_update", "post_update", "job_update", "content_delta"];

/** What an `eventSource` can be told. */
export interface EventSourceOptions extends EventSourceInit {
    /** The names that the app listens for, besides Martlet's own and `message`. */
    events?: readonly string[];
    /** The browser's by default. */
    EventSource?: typeof EventSource;
}

/** A transport for `new SSEManager({ transport: eventSource({ events: ["comment"] }) })`. */
export function eventSource(options: EventSourceOptions = {}): Transport {
    const { events = [], EventSource = globalThis.EventSource } = options;
    return ({ url, signal }, sink) =>
        new Promise((resolve, reject) => {
            let opened = false;
            let last = "";
            const source = new EventSource(url, options);
            const end = () => {
                source.close();
                if (opened) resolve();
                else reject();
            };
            for (const name of new Set([...CONTROL, ...OWN, ...events])) {
                source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
                    // A message without an id shows that of an earlier one; ids only grow.
                    const id = lastEventId === last ? undefined : lastEventId;
                    last = lastEventId;
                    sink.block(name, id, data);
                    sink.flush();
                });
            }
            source.onopen = () => {
                opened = true;
            };
            // Its own way to reconnect is never used: it gives up for good at any status but 200.
            source.onerror = end;
            signal.addEventListener("abort", end);
        });
}

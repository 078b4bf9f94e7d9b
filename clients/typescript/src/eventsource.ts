// Streams by the browser's own EventSource, for those who want to see them in its developer tools. It tells
// no status, sends no header fields, and dispatches only events whose names are listened for.

import type { MartletEvents } from "./events";
import type { Transport } from "./transport";

const CONTROL = [
    "connected",
    "reset",
    "live",
    "keepalive",
    "subscribed",
    "presence",
    "token_expiring",
    "closing",
    "batch",
];
// An object, so that the compiler misses a name that is not here.
const OWN: Record<Exclude<keyof MartletEvents, "presence"> | "message", 1> = {
    message: 1,
    status_update: 1,
    influencer_update: 1,
    post_update: 1,
    job_update: 1,
    content_delta: 1,
    activity: 1,
};

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
    return ({ url, signal, needsToken }, sink) =>
        new Promise((resolve, reject) => {
            // It would go on as anybody.
            if (needsToken) return reject({ status: 401, detail: "an EventSource sends no token" });
            let opened = false;
            let last = "";
            const source = new EventSource(url, options);
            const end = () => {
                source.close();
                if (opened) resolve();
                else reject();
            };
            for (const name of new Set([...CONTROL, ...Object.keys(OWN), ...events])) {
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

import type { EventTypes, SSEEvent } from "./events";
import { createPage } from "./page";
import { IDLE, type ConnectionState, type SSEOptions, type SubscribeOptions } from "./settings";
import { fetchStream } from "./transport";

/** The subscriptions of a page, on one stream for all tabs of the browser. */
export class SSEManager<Types = EventTypes> {
    private static instance: SSEManager | undefined;

    /** The one that a page needs; `options` are those of the first call. */
    static shared(options?: SSEOptions): SSEManager {
        return (SSEManager.instance ??= new SSEManager(options));
    }

    /** How the connection is; the same object until it changes. */
    readonly state: ConnectionState = IDLE;
    /**
     * Calls `listener` for each event of `resources`; gives back a function that ends that.
     *
     * @throws TypeError for what is neither a resource nor a pattern
     */
    declare readonly subscribe: (
        resources: string | readonly string[],
        listener: (event: SSEEvent<Types>) => void,
        options?: SubscribeOptions,
    ) => () => void;
    /** Calls `listener` whenever the state has changed; gives back a function that ends that. */
    declare readonly onState: (listener: (state: ConnectionState) => void) => () => void;
    /** Tries again, now and from the beginning: after `closed`, or instead of waiting. */
    declare readonly retry: () => void;
    /** Lets go of the connection. Subscriptions stay, and `retry` brings it back. */
    declare readonly close: () => void;

    /** @throws TypeError for a `keepalive` or a `batch` that the hub does not take */
    constructor(options?: SSEOptions) {
        const settings = {
            url: "",
            transport: fetchStream,
            tabs: true,
            keepalive: 20,
            maxAttempts: 5,
            knock: true,
            debounce: 50,
            linger: 5_000,
            connectTimeout: 10_000,
            healthyAfter: 10_000,
            dedupe: 5_000,
            onError: console.error,
            environment: globalThis,
            ...options,
        };
        settings.url = settings.url.replace(/\/$/, "");
        // The hub would refuse each stream.
        if (!(settings.keepalive >= 1 && settings.keepalive <= 300)) {
            throw new TypeError("keepalive is 1 to 300 seconds");
        }
        const { batch = 10 } = settings;
        if (!(batch >= 10 && batch <= 10_000) || batch % 1) throw new TypeError("batch is 10 to 10000 milliseconds");
        Object.assign(this, createPage(settings, this));
    }
}

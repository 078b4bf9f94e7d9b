import type { Environment } from "./environment";
import type { GetState } from "./subscriptions";
import type { Transport } from "./transport";

type Awaitable<Value> = Value | Promise<Value>;

/** What a manager can be told. All of it is optional. */
export interface SSEOptions {
    /** Where the hub is; the page's own origin by default. */
    url?: string;
    /** How streams are read; `fetchStream` by default. */
    transport?: Transport;
    /**
     * Sent as `Authorization: Bearer …`. A function is asked at first, and then when what it gave ends soon, has
     * ended (`refused` is 401) or does not cover a resource (403): it may give something new, or nothing
     * (`undefined`, `null`), which ends the trying. An empty string sends nothing, for those whose new credentials
     * are cookies.
     */
    token?: string | ((refused?: number) => Awaitable<string | null | undefined>);
    /** Whether cookies go along, as for `fetch`. */
    credentials?: RequestCredentials;
    /**
     * Who uses this browser: the member as which its streams count in the presence of what they receive. With a
     * token the hub takes the token's subject, and refuses another name.
     */
    member?: string;
    /**
     * Whether the tabs of a browser share one stream; true by default. A string is a name of its own for
     * tabs that must not share with others, such as those of another user.
     */
    tabs?: boolean | string;
    /**
     * Seconds of silence after which the hub says that it is there, from 1 to 300; 20 by default. After twice as
     * many a stream counts as lost, and a tab that shares its stream as gone.
     */
    keepalive?: number;
    /**
     * Milliseconds, 10 to 10,000, for which the hub gathers live events so that they come together; each by itself
     * as it happens by default. Listeners are told each event alone in either case.
     */
    batch?: number;
    /** Rounds that may fail in a row, 5 by default; `Infinity` never gives up. */
    maxAttempts?: number;
    /**
     * Whether a page in view that has given up (`failed`) asks every 20 to 40 s whether the hub is there, and then
     * begins anew; true by default.
     */
    knock?: boolean;
    /** How long changes of what is wanted are gathered, in milliseconds; 50. */
    debounce?: number;
    /** How long a resource that nobody wants any more is kept on the stream; 5,000. */
    linger?: number;
    /** How long a stream may take to say `connected`; 10,000. */
    connectTimeout?: number;
    /** How long a stream must hold before failures are forgotten; 10,000. */
    healthyAfter?: number;
    /** How many ids are remembered so that an event is not delivered twice; 5,000. */
    dedupe?: number;
    /**
     * Told of what a listener or `getState` threw, of events that cannot be read, and of a `RefusedError` for
     * each resource that the hub has refused while the others go on, or for credentials that end the trying.
     */
    onError?: (error: unknown) => void;
    /** The platform, for tests; `globalThis` by default. */
    environment?: Environment;
}

/** What a subscription can be told. */
export interface SubscribeOptions {
    /**
     * Loads the app's own state of the resources: at first, and whenever the hub could not give all that was
     * missed. It is called when the stream's position is known, and events after that position are held back
     * until it is done.
     */
    getState?: GetState | undefined;
    /**
     * `"end"`: nothing more is waited for once all resources have ended. When that is so for all that is subscribed
     * to, in all tabs, the connection closes with the reason `ended` and is not made anew; subscribing to something
     * else opens it again. A pattern has no end.
     */
    until?: "end" | undefined;
    /**
     * For `presence:` resources: also who is there, as `members` of the events. One who wants it gets it for all
     * tabs that share the stream.
     */
    members?: boolean | undefined;
}

/** Settings with nothing left open. */
export type Settings = Required<Omit<SSEOptions, "token" | "credentials" | "batch" | "member">> &
    Pick<SSEOptions, "token" | "credentials" | "batch" | "member"> & {
        /** Whether someone wants to know who is there: it is found out as subscriptions come. */
        members?: boolean;
    };

/** How the connection is. */
export type ConnectionState =
    /** Nothing is wanted. */
    | { readonly status: "idle" }
    | { readonly status: "connecting" }
    | { readonly status: "open" }
    /** Nothing has been heard for longer than it should be. */
    | { readonly status: "stale" }
    /** Waiting before try number `attempt` (from 1), at `nextAt` (milliseconds since 1970). */
    | { readonly status: "retrying"; readonly attempt: number; readonly nextAt: number }
    /** Streams do not get through; events come by polling, and streaming is tried now and then. */
    | { readonly status: "polling" }
    /** Nothing more is tried until `retry()`; after `failed` also when there is hope again (see `knock`). */
    | { readonly status: "closed"; readonly reason: ClosedReason };

/** How it is at first. */
export const IDLE: ConnectionState = { status: "idle" };

/**
 * Why nothing more is tried: too many failures in a row, 401, 403, all resources refused, the server's 204, the end
 * of all resources that are wanted `until` then, or `close()`.
 */
export type ClosedReason = "failed" | "unauthorized" | "forbidden" | "refused" | "stopped" | "ended" | "manual";

/** A resource that the hub has refused, or credentials with which nothing comes any more. */
export class RefusedError extends Error {
    override readonly name = "RefusedError";

    /**
     * @param resource the one that was refused; it is asked for again when something subscribes to it anew. Empty
     *   when the credentials were, and nothing more is tried
     * @param status the answer's; 0 where there is no room for it
     * @param detail what the hub said was wrong
     * @param reason why, in one word: `revoked`, `resource` and others of the hub's
     * @param requestId names the request in the hub's log
     */
    constructor(
        readonly resource: string,
        readonly status: number,
        readonly detail: string,
        readonly reason?: string,
        readonly requestId?: string,
    ) {
        const more = reason ? ` (${reason}${requestId ? `, request ${requestId}` : ""})` : "";
        super(`${resource || "the connection"} was refused: ${detail || status}${more}`);
    }
}

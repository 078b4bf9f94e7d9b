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
     * Sent as `Authorization: Bearer …`. A function is asked before each request; when the hub has refused what
     * it gave (`refused` is 401 or 403) it may give something new, once, or nothing (`undefined`, `null`), which
     * ends the trying. An empty string sends nothing, for those whose new credentials are cookies.
     */
    token?: string | ((refused?: number) => Awaitable<string | null | undefined>);
    /** Whether cookies go along, as for `fetch`. */
    credentials?: RequestCredentials;
    /**
     * Whether the tabs of a browser share one stream; true by default. A string is a name of its own for
     * tabs that must not share with others, such as those of another user.
     */
    tabs?: boolean | string;
    /** Rounds that may fail in a row, 5 by default; `Infinity` never gives up. */
    maxAttempts?: number;
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
    /** Told of what a listener or `getState` threw, and of events that cannot be read. */
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
}

/** Settings with nothing left open. */
export type Settings = Required<Omit<SSEOptions, "token" | "credentials">> &
    Pick<SSEOptions, "token" | "credentials">;

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
    /** Nothing more will be tried until `retry()`. */
    | { readonly status: "closed"; readonly reason: ClosedReason };

/** How it is at first. */
export const IDLE: ConnectionState = { status: "idle" };

/**
 * Why nothing more is tried: too many failures in a row, 401, 403, the server's 204, or `close()`.
 */
export type ClosedReason = "failed" | "unauthorized" | "forbidden" | "stopped" | "manual";

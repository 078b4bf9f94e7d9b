// The hub's calls as its contract describes them (docs/PROTOCOL.md), with the app's credentials.

import type { AnyEvent } from "./events";
import type { Settings } from "./settings";
import type { StreamError } from "./transport";

/** What the hub says when it cannot give everything after a cursor. */
export interface Reset {
    readonly reason: "expired" | "epoch" | "future" | "malformed";
    /** The first event that is still kept. */
    readonly oldest: string;
}

/** What `GET /poll` answers. */
export interface PollAnswer {
    readonly cursor: string;
    readonly reset: Reset | null;
    readonly events: readonly AnyEvent[];
}

/** What is to be had, whichever stream it comes by. */
export interface Demand {
    /** The last event that came, as the hub told it. */
    cursor: string | undefined;
    wanted: ReadonlySet<string>;
    /** Of these, those whose state has yet to be asked for. */
    readonly fresh: Set<string>;
    /** The server's `retry`, in milliseconds. */
    floor: number;
    /** The status with which the hub refused the credentials, until others are accepted. */
    refusal: number | undefined;
}

/** The hub's calls. */
export type Hub = ReturnType<typeof createHub>;

/** The hub, as the app is allowed to use it. */
export function createHub(settings: Settings, demand: Demand) {
    const { environment, credentials, token } = settings;
    const ask = typeof token === "function" ? token : () => token;
    return {
        url: (path: string, names: readonly string[], more?: object | "") =>
            `${settings.url}/${path}?${new URLSearchParams({ resources: `${names}`, ...more })}`,
        /** Sends a request; throws a `StreamError` unless the answer is 200. */
        async send(url: string, signal: AbortSignal, init?: RequestInit): Promise<Response> {
            const { refusal: status } = demand;
            const token = await ask(status);
            if (status && token == null) throw { status };
            const response = await environment.fetch(url, {
                ...init,
                headers: {
                    ...(token && { Authorization: `Bearer ${token}` }),
                    ...(init && { "Content-Type": "application/json" }),
                },
                credentials,
                signal,
                cache: "no-store",
            });
            if (response.status === 200) return response;
            const wait = response.headers.get("Retry-After");
            const error: StreamError = {
                status: response.status,
                retryAfter: wait ? +wait * 1_000 || Date.parse(wait) - environment.Date.now() : undefined,
            };
            throw error;
        },
    };
}

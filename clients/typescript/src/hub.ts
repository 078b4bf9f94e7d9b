// The hub's calls as its contract describes them (docs/PROTOCOL.md), with the app's credentials.

import { retryAfter } from "./backoff";
import type { AnyEvent } from "./events";
import type { Settings } from "./settings";
import type { Tokens } from "./tokens";
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
    /** The resources that have ended, and whose events have all been told up to the last one. */
    readonly ended: readonly string[];
}

/** What is to be had, whichever stream it comes by. */
export interface Demand {
    /** The last event that came, as the hub told it. */
    cursor: string | undefined;
    wanted: Set<string>;
    /** Whether it is over when all of them have ended. */
    until: boolean;
    /** The resources whose state has yet to be asked for; others than those wanted here may be among them. */
    readonly fresh: Set<string>;
    /** The server's `retry`, in milliseconds. */
    floor: number;
    /** How the hub refused a token, until another one is accepted. */
    refusal: (StreamError & { token?: string | null }) | undefined;
    /** What was sent last. */
    token: string | null | undefined;
}

/** The hub's calls. */
export type Hub = ReturnType<typeof createHub>;

const NO_TOKEN: StreamError = { status: 401, reason: "missing", detail: "the app gave no token" };

// A list that makes the URL longer is posted: servers and proxies take 8 KiB of a request's head, of which
// cookies and other fields need their part.
const LONGEST_URL = 4_096;

/** The hub, as the app is allowed to use it. */
export function createHub(settings: Settings, tokens: Tokens, demand: Demand) {
    const { environment, credentials, keepalive, batch } = settings;
    // To the hub a plus is a plus.
    const query = (more: object) => `${new URLSearchParams({ ...more })}`.replace(/\+/g, "%20");
    const url = (path: string, names: readonly string[], more: object) =>
        `${settings.url}/${path}?${query({ resources: `${names}`, ...more })}`;
    /** Sends a request; throws a `StreamError` unless the answer is 200. */
    const send = async (url: string, signal: AbortSignal, init?: RequestInit): Promise<Response> => {
        const { refusal } = demand;
        const token = (demand.token = await tokens.get(refusal?.token, refusal?.status));
        // Without one it would go on as anybody.
        if (token == null) throw refusal ?? NO_TOKEN;
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
        const { detail = "", reason, resource, request_id } = await response.json().catch(() => ({}));
        const error: StreamError = {
            status: response.status,
            retryAfter: retryAfter(response.headers.get("Retry-After"), environment.Date.now()),
            detail: `${detail}`,
            reason,
            resource,
            requestId: request_id,
        };
        throw error;
    };
    return {
        send,
        /** Gives a stream a new token; false when the app has none that is newer. */
        async renew(connection: string, signal: AbortSignal): Promise<boolean> {
            const old = demand.token;
            const token = await tokens.get(old, 401);
            if (token == null || (token && token === old)) return false;
            await send(`${settings.url}/stream/${connection}`, signal, { method: "PATCH", body: "{}" });
            return true;
        },
        /** One poll for `names`. */
        async poll(names: readonly string[], more: object, signal: AbortSignal): Promise<PollAnswer> {
            return (await send(url("poll", names, { limit: 1_000, ...more }), signal)).json();
        },
        /** Whether one poll can name all of these. */
        fits: (names: readonly string[]) => url("poll", names, {}).length < LONGEST_URL,
        /** The stream of `names`: its URL, and how to ask for it. */
        stream(names: readonly string[], signal: AbortSignal) {
            const { cursor, until } = demand;
            const { member, members } = settings;
            const more = {
                keepalive,
                ...(batch && { batch }),
                ...(cursor && { last_event_id: cursor }),
                ...(until && { until: "end" }),
                ...(member && { member }),
                ...(members && { members }),
            };
            const address = url("stream", names, more);
            const body = () => JSON.stringify({ resources: names, ...more });
            const fetch = () =>
                address.length > LONGEST_URL
                    ? send(`${settings.url}/stream`, signal, { method: "POST", body: body() })
                    : send(address, signal);
            return { url: address, fetch, needsToken: !!settings.token };
        },
    };
}

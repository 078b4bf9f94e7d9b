// One connection, which carries as many resources as one stream can. It alone decides when to try what:
//
//     idle → connecting → open ⇄ stale          a stream, watched by the watchdog
//               ↓  ↑        ↓
//             polling    retrying → closed      what happens when there is none
//
// A round is one try to stream and, if that fails, one to poll. A stream that was good and got lost is no
// failure: it is only waited for. Failures are forgotten when a stream has held for a while or has brought news
// of the app: `connected`, `keepalive` and kept state do not count, for a hub that goes down after each
// `connected` would otherwise be asked every second for ever. Where the server named a time (503 with
// Retry-After, `closing`), nothing is asked before it, by polling neither.
//
// An answer that says of one resource that it is refused costs that one, and no other: it is left out from then on.

import { delay, waitOf } from "./backoff";
import { later } from "./environment";
import { createHub, type Demand } from "./hub";
import { earlier, namedIn } from "./resources";
import { IDLE, type ClosedReason, type ConnectionState, type Settings } from "./settings";
import type { Tokens } from "./tokens";
import { openStream, type Feed, type Stream } from "./stream";
import type { StreamError } from "./transport";

export type Connection = ReturnType<typeof createConnection>;

const LONGEST_PROBE = 300_000;
/** The least pause after a good stream, and after an answer that says that something is wrong. */
const LEAST_GOOD = 1_000;
const LEAST_WRONG = 2_000;
/** Why an answer of this status is not asked for again. */
const FINAL: Record<number, ClosedReason | undefined> = {
    204: "stopped",
    401: "unauthorized",
    403: "forbidden",
};
/** Reasons for which other credentials may help; what says none is no hub, or an older one. */
const CURABLE = [undefined, "expired", "missing", "resource"];
/** Statuses from 400 up to 499 that are about the time, or about who asks, rather than about what is asked for. */
const TEMPORARY = [401, 408, 425, 429];

/** A connection that goes on from `cursor`, if there is one, and asks for the state of what is `fresh`. */
export function createConnection(
    settings: Settings,
    tokens: Tokens,
    fresh: Set<string>,
    cursor: string | undefined,
    emit: (feed: Feed) => void,
) {
    const { environment } = settings;
    const demand: Demand = {
        cursor,
        wanted: new Set(),
        until: false,
        fresh,
        floor: 0,
        refusal: undefined,
        token: undefined,
    };
    const hub = createHub(settings, tokens, demand);
    const now = () => environment.Date.now();
    const refused = new Set<string>();
    /** What had ended when it was over. */
    let over = new Set<string>();
    let state = IDLE;
    let stream: Stream | undefined;
    /** A stream that is tried while polling goes on. */
    let probe: Stream | undefined;
    let stop: (() => void) | undefined;
    let isPolling = false;
    /** The place to go back to with the next stream: what still comes by this one does not change that. */
    let rewound: string | undefined;
    let failures = 0;
    let attempt = 0;
    let notBefore = 0;
    /** When other credentials were last asked for. */
    let askedAt = 0;

    const setState = (status: ConnectionState["status"], more?: object) => {
        if (status === state.status && !more) return;
        state = { status, ...more } as ConnectionState;
        emit({ state });
    };
    const halt = () => {
        stop?.();
        stream?.close();
        probe?.close();
        stop = stream = probe = undefined;
        isPolling = false;
    };
    const close = (reason: ClosedReason) => setState("closed", { reason });
    /** Tries to stream after a while, and gives back when that will be. */
    const tryLater = (wait = 0, least = 0, longest?: number) => {
        const floor = Math.max(demand.floor, wait, least);
        const pause = delay(++attempt, floor, environment.Math.random(), longest);
        notBefore = now() + wait;
        stop = later(environment, pause, () => open(false));
        return now() + pause;
    };
    const probeLater = (wait?: number) => tryLater(wait, 0, LONGEST_PROBE);
    const retryLater = (wait?: number, least?: number) => {
        const nextAt = tryLater(wait, least);
        setState("retrying", { attempt, nextAt });
    };
    const tellRefused = (name: string, { status = 0, detail = "", reason, requestId }: StreamError) =>
        emit({ refused: { name, status, detail, reason, requestId } });
    /** Leaves out the resource that an answer is about. */
    const isLeftOut = (told: StreamError) => {
        const { status = 0, detail = "", reason, resource = "" } = told;
        if (status < 400 || status > 499 || TEMPORARY.includes(status) || !CURABLE.includes(reason)) return false;
        const name = demand.wanted.has(resource) ? resource : namedIn(detail, demand.wanted);
        if (name === undefined) return false;
        demand.wanted.delete(name);
        fresh.delete(name);
        refused.add(name);
        tellRefused(name, told);
        return true;
    };

    const open = (isPolled: boolean) => {
        stop = stop?.() as undefined;
        const isProbe = isPolling && !isPolled;
        const status = isPolled ? "polling" : "open";
        if (!isProbe) {
            stream?.close();
            setState("connecting");
        }
        if (!isProbe && rewound) {
            probe?.close();
            probe = undefined;
            demand.cursor = demand.cursor ? earlier(demand.cursor, rewound) : rewound;
            rewound = undefined;
        }
        const opened = () => {
            if (isProbe) {
                stream?.close();
                stream = mine;
                probe = undefined;
            }
            isPolling = isPolled;
            demand.refusal = undefined;
            setState(status);
            if (isPolled) {
                attempt = 0;
                probeLater();
            }
        };
        const quiet = (isQuiet: boolean) => {
            if (isQuiet || state.status === "stale") setState(isQuiet ? "stale" : status);
        };
        const ended = (error: unknown, isGood: boolean, isReplaced: boolean, wait?: number) => {
            const told = (error || {}) as StreamError;
            const { status = 0 } = told;
            const pause = waitOf(told.retryAfter ?? wait);
            if (mine === probe) {
                probeLater(pause);
                return;
            }
            halt();
            if (isGood) failures = attempt = 0;
            const reason = status === 204 && demand.until ? "ended" : FINAL[status];
            const isAsked = status > 204 && CURABLE.includes(told.reason) && typeof settings.token === "function";
            if (reason && isAsked && !demand.refusal) {
                demand.refusal = { ...told, token: demand.token };
                const isSoon = now() - askedAt < LEAST_GOOD;
                askedAt = now();
                // Credentials that end as soon as they are accepted are not asked for in a circle.
                if (isSoon) retryLater(pause, LEAST_GOOD);
                else open(false);
            } else if (isLeftOut(told)) {
                demand.refusal = undefined;
                if (demand.wanted.size) open(isPolled);
                else close("refused");
            } else if (reason) {
                if (status > 204) tellRefused("", told);
                over = demand.wanted;
                close(reason);
            } else if (isReplaced && isGood) open(isPolled);
            else if (isGood) retryLater(pause, LEAST_GOOD);
            else if (!isPolled && pause === undefined) open(true);
            else if (++failures < settings.maxAttempts) retryLater(pause, status ? LEAST_WRONG : 0);
            else close("failed");
        };
        const mine = openStream(settings, hub, demand, isPolled, emit, opened, quiet, ended);
        if (isProbe) probe = mine;
        else stream = mine;
    };
    const retry = () => {
        if (state.status === "open") return;
        failures = attempt = 0;
        demand.refusal = undefined;
        probe?.close();
        open(false);
    };
    return {
        /** Says what all tabs want together, and whether that is all until its end. */
        want(names: Iterable<string>, until: boolean) {
            demand.wanted = new Set(names);
            demand.until = until;
            for (const name of refused) {
                // What is subscribed to anew is tried anew.
                if (!demand.wanted.has(name) || fresh.has(name)) refused.delete(name);
                else demand.wanted.delete(name);
            }
            const { status, reason } = state as { status: string; reason?: ClosedReason };
            if (status === "idle" || reason === "refused") {
                if (demand.wanted.size) open(false);
            } else if (reason === "ended") {
                const isNew = (name: string) => !over.has(name) || fresh.has(name);
                if (until && ![...demand.wanted].some(isNew)) return;
                // What has ended comes as it was kept.
                demand.cursor = undefined;
                open(false);
            } else if (rewound && stream) open(isPolling);
            else void stream?.sync();
        },
        /** Goes on from an earlier place, for one that has missed what came since; `want` has to follow. */
        rewind(from: string) {
            rewound = rewound ? earlier(rewound, from) : from;
        },
        /** Begins anew, now. */
        retry,
        /** There may be a network again, or someone who looks. */
        wake() {
            const { status, reason } = state as { status: string; reason?: ClosedReason };
            const isIdle = stop || status === "stale" || reason === "failed";
            if (isIdle && now() >= notBefore) retry();
        },
        stop: halt,
    };
}

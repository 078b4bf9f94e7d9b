// The one connection of a page, or of all tabs of a browser. It alone decides when to try what:
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

import { delay } from "./backoff";
import { later } from "./environment";
import { createHub, type Demand } from "./hub";
import { IDLE, type ClosedReason, type ConnectionState, type Settings } from "./settings";
import { openStream, type Feed, type Stream } from "./stream";
import type { StreamError } from "./transport";

export type Connection = ReturnType<typeof createConnection>;

const LONGEST_PROBE = 300_000;
/** Why an answer of this status is not asked for again. */
const FINAL: Record<number, ClosedReason | undefined> = {
    204: "stopped",
    401: "unauthorized",
    403: "forbidden",
};

/** A connection that goes on from `cursor`, if there is one, and asks for the state of what is `fresh`. */
export function createConnection(
    settings: Settings,
    fresh: Set<string>,
    cursor: string | undefined,
    emit: (feed: Feed) => void,
) {
    const { environment } = settings;
    const demand: Demand = { cursor, wanted: new Set(), fresh, floor: 0, refusal: undefined };
    const hub = createHub(settings, demand);
    const now = () => environment.Date.now();
    let state = IDLE;
    let stream: Stream | undefined;
    /** A stream that is tried while polling goes on. */
    let probe: Stream | undefined;
    let stop: (() => void) | undefined;
    let isPolling = false;
    let failures = 0;
    let attempt = 0;
    let notBefore = 0;

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
    const tryLater = (wait = 0, longest?: number) => {
        const floor = Math.max(demand.floor, wait);
        const pause = delay(++attempt, floor, environment.Math.random(), longest);
        notBefore = now() + wait;
        stop = later(environment, pause, () => open(false));
        return now() + pause;
    };
    const probeLater = () => tryLater(0, LONGEST_PROBE);
    const retryLater = (wait?: number) => {
        const nextAt = tryLater(wait);
        setState("retrying", { attempt, nextAt });
    };

    const open = (isPolled: boolean) => {
        stop = stop?.() as undefined;
        const isProbe = isPolling && !isPolled;
        const status = isPolled ? "polling" : "open";
        if (!isProbe) {
            stream?.close();
            setState("connecting");
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
            if (mine === probe) {
                probeLater();
                return;
            }
            halt();
            if (isGood) failures = attempt = 0;
            const { status = 0, retryAfter = wait } = (error || {}) as StreamError;
            const reason = FINAL[status];
            if (reason && status > 204 && !demand.refusal) {
                demand.refusal = status;
                open(false);
            } else if (reason) close(reason);
            else if (isReplaced && isGood) open(isPolled);
            else if (isGood) retryLater(retryAfter);
            else if (!isPolled && retryAfter === undefined) open(true);
            else if (++failures < settings.maxAttempts) retryLater(retryAfter);
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
        /** Says what all tabs want together. */
        want(names: Iterable<string>) {
            demand.wanted = new Set(names);
            if (state.status === "idle") open(false);
            else void stream?.sync();
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

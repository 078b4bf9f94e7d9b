// Tells a dead stream from a quiet one. The hub says something at least once in an `interval`, so silence of one
// and a half of them is suspicious, and of two is the end.
//
// A timer that comes much too late means that the machine or the page has slept. What was sent meanwhile may just
// be about to be read, so the stream then gets one more interval.

import { later, type Environment } from "./environment";

/** Watches a stream; what it gives back is told of every byte, and of the end. */
export function watch(
    environment: Environment,
    interval: number,
    stale: () => unknown,
    dead: () => void,
) {
    const now = () => environment.Date.now();
    let heard = now();
    let stop: () => void;

    const wait = (milliseconds: number) => {
        const due = now() + milliseconds;
        stop = later(environment, milliseconds, () => {
            const isLate = now() - due > interval;
            if (isLate) heard = now() - interval;
            const silence = now() - heard;
            const isStale = silence >= 1.5 * interval;
            if (silence >= 2 * interval) return dead();
            if (isStale || isLate) stale();
            wait((isStale ? 2 : 1.5) * interval - silence);
        });
    };
    wait(1.5 * interval);
    return { heard: () => (heard = now()), stop: () => stop() };
}

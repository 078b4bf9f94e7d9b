// A page that has given up asks now and then whether the hub is there, as long as somebody may be looking at it:
// where there is no document there is always somebody. An answer that the hub, or whoever speaks for it, is there
// begins everything anew; when that leads to nothing, the next time is later.

import { later } from "./environment";
import type { ConnectionState, Settings } from "./settings";

const LEAST_MS = 20_000;
const SPREAD_MS = 20_000;
const MOST_DOUBLINGS = 3;

/** Gives back what is to be told each state; `answered` is called when there is hope again. */
export function createKnock(settings: Settings, answered: () => void) {
    const { environment, url, credentials, connectTimeout } = settings;
    const { document } = environment;
    let stop: (() => void) | undefined;
    let fruitless = 0;

    const ask = async (signal: AbortSignal) => {
        const init: RequestInit = { signal, cache: "no-store", credentials };
        const { status } = await environment.fetch(`${url}/health/ready`, init);
        return status < 500 && status !== 429;
    };
    const wait = () => {
        const pause = (LEAST_MS + environment.Math.random() * SPREAD_MS) * 2 ** fruitless;
        stop = later(environment, pause, async () => {
            if (document?.hidden) return wait();
            const abort = new AbortController();
            const end = later(environment, connectTimeout, () => abort.abort());
            const mine = (stop = () => {
                end();
                abort.abort();
            });
            const isThere = await ask(abort.signal).catch(() => false);
            end();
            if (stop !== mine) return;
            if (!isThere) return wait();
            stop = undefined;
            fruitless = Math.min(MOST_DOUBLINGS, fruitless + 1);
            answered();
        });
    };
    return (state: ConnectionState) => {
        const { status, reason } = state as { status: string; reason?: string };
        if (status === "open" || status === "polling") fruitless = 0;
        if (!settings.knock || reason !== "failed") stop = stop?.() as undefined;
        else if (!stop) wait();
    };
}

// The way for networks that let no stream through: the same events by GET /poll, one request after another, told
// as if they came by a stream.
//
// There is no other way to ask than by a URL. Where the names do not fit into one, they are asked for in parts, one
// after the other without waiting, from one place in the log; the next round begins where the least of them is, and
// what then comes twice is dropped by its id.

import type { Environment } from "./environment";
import { later } from "./environment";
import type { Demand, Hub, PollAnswer } from "./hub";
import { earlier, split } from "./resources";

const WAIT_S = 25;
const PAUSE_MS = 2_000;
const LEAST_MS = 1_000;

/** Takes a block: an event's name, its own id if it moves the cursor, and its data. */
export type Receive = (event: string, id: string | undefined | null, value?: unknown) => void;

/** Polls until that fails. */
export async function poll(
    environment: Environment,
    hub: Hub,
    demand: Demand,
    signal: AbortSignal,
    receive: Receive,
    flush: () => void,
): Promise<void> {
    const { wanted, fresh } = demand;
    const { Date } = environment;
    const resources = [...wanted];
    const parts = split(resources, hub.fits);
    const tell = ({ events }: PollAnswer) => {
        for (const event of events) receive(event.event, null, event);
    };
    const states = resources.filter((name) => fresh.has(name));
    if (demand.cursor && states.length) {
        for (const names of split(states, hub.fits)) tell(await hub.poll(names, { timeout: 0 }, signal));
        for (const name of states) fresh.delete(name);
    }
    for (let timeout = 0; ; timeout = WAIT_S) {
        const { cursor: after } = demand;
        const began = Date.now();
        const more = { timeout: parts[1] ? 0 : timeout, ...(after && { after }) };
        const answers: PollAnswer[] = [];
        for (const names of parts) answers.push(await hub.poll(names, more, signal));
        const reset = answers.map((answer) => answer.reset).find((reset) => reset);
        if (!timeout) {
            const resumed = after && !reset;
            receive("connected", null, { connection: "", resources, resumed, keepalive: WAIT_S });
        }
        if (reset) receive("reset", null, reset);
        answers.forEach(tell);
        receive("live", answers.map(({ cursor }) => cursor).reduce(earlier));
        flush();
        const hasEnded = (name: string) => answers.some(({ ended }) => ended?.includes(name));
        if (demand.until && resources.every(hasEnded)) throw { status: 204 };
        if (parts[1]) await new Promise<void>((resolve) => later(environment, PAUSE_MS, resolve));
        // What answers at once with nothing, if it is the hub, must not be asked in a circle.
        else if (timeout && !answers[0].events.length && Date.now() - began < LEAST_MS) return;
    }
}

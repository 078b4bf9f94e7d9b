// The way for networks that let no stream through: the same events by GET /poll, one request after another, told
// as if they came by a stream.

import type { Environment } from "./environment";
import type { Demand, Hub, PollAnswer } from "./hub";
import { fit } from "./resources";

const WAIT_S = 25;
const LEAST_MS = 1_000;

/** Takes a block: an event's name, its own id if it moves the cursor, and its data. */
export type Receive = (event: string, id: string | undefined | null, value?: unknown) => void;

/** Polls until that fails. */
export async function poll(
    { Date }: Environment,
    hub: Hub,
    demand: Demand,
    signal: AbortSignal,
    receive: Receive,
    flush: () => void,
): Promise<void> {
    const { wanted, fresh } = demand;
    const resources = fit(wanted);
    const ask = async (names: string[], more: object): Promise<PollAnswer> => {
        const url = hub.url("poll", names, { limit: 1_000, ...more });
        return (await hub.send(url, signal)).json();
    };
    const tell = ({ events }: PollAnswer) => {
        for (const event of events) receive(event.event, event.retained ? null : event.id, event);
    };
    if (demand.cursor && fresh.size) {
        const names = [...fresh];
        tell(await ask(fit(wanted, names), { timeout: 0 }));
        for (const name of names) fresh.delete(name);
    }
    for (let timeout = 0; ; timeout = WAIT_S) {
        const { cursor: after } = demand;
        const began = Date.now();
        const answer = await ask(resources, { timeout, ...(after && { after }) });
        const { cursor, reset, events } = answer;
        if (!timeout) {
            const resumed = after && !reset;
            receive("connected", null, { connection: "", resources, resumed, keepalive: WAIT_S });
        }
        if (reset) receive("reset", null, reset);
        tell(answer);
        receive("live", cursor);
        flush();
        // What answers at once with nothing, if it is the hub, must not be asked in a circle.
        if (timeout && !events.length && Date.now() - began < LEAST_MS) return;
    }
}

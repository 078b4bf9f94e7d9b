// One stream, from the request to its end: what it carries, what it says, whether it still lives.

import type { AnyEvent } from "./events";
import type { Demand, Hub, Reset } from "./hub";
import { poll, type Receive } from "./polling";
import { fit } from "./resources";
import type { ConnectionState, Settings } from "./settings";
import { watch } from "./watchdog";

/** What a connection tells the tabs that it serves; of one message the events are the last. */
export interface Feed {
    state?: ConnectionState;
    reset?: Reset["reason"];
    /** The resources and patterns whose events come from now on. */
    active?: string[];
    cursor?: string | undefined;
    events?: AnyEvent[];
}

export type Stream = ReturnType<typeof openStream>;

/**
 * Opens a stream, or polls, for what is wanted, going on from the cursor.
 *
 * @param quiet told when nothing has been heard for too long, or something again
 * @param ended told when it is over, unless by `close`: with what was thrown; whether it has held for a while or
 *   brought news, and was heard of to the end; whether it ended only because another one is needed; and for how
 *   many milliseconds the hub asked to wait
 */
export function openStream(
    settings: Settings,
    hub: Hub,
    demand: Demand,
    isPolled: boolean,
    emit: (feed: Feed) => void,
    opened: () => void,
    quiet: (isQuiet: boolean) => void,
    ended: (error: unknown, isGood: boolean, isReplaced: boolean, wait?: number) => void,
) {
    const { environment } = settings;
    const { Date } = environment;
    const { fresh } = demand;
    const abort = new AbortController();
    const { signal } = abort;
    /** Resources whose state has been asked for, but may not have come yet. */
    const asked = new Set<string>();
    let active: string[] = [];
    let batch: AnyEvent[] = [];
    let id: string | undefined;
    let wait: number | undefined;
    /** From when on the stream counts as good. */
    let goodAt = Infinity;
    let isDeaf = true;
    let isSettled = false;
    let isChanging = false;

    const tell = () => {
        emit({ cursor: demand.cursor, events: batch });
        batch = [];
    };
    const flush = () => {
        if (signal.aborted) return;
        watchdog.heard();
        quiet(false);
        tell();
    };
    const close = () => {
        watchdog.stop();
        abort.abort();
        tell();
        for (const name of asked) fresh.add(name);
    };
    const end = (error?: unknown, isReplaced = false) => {
        if (signal.aborted) return;
        close();
        ended(error, Date.now() >= goodAt, isReplaced, wait);
    };
    const dead = () => {
        if (isDeaf) goodAt = Infinity;
        end();
    };
    const stale = () => id === undefined || quiet(true);
    const watchFor = (milliseconds: number) =>
        watch(environment, milliseconds / 2, stale, dead);
    let watchdog = watchFor(settings.connectTimeout);

    const carry = (resources: string[]) => {
        active = resources;
        isSettled = true;
        emit({ active });
    };
    const receive: Receive = (event, place, value: any) => {
        if (signal.aborted) return;
        if (event === "connected") {
            const { connection, resources, resumed, keepalive } = value;
            id = connection;
            if (!resumed) {
                for (const name of resources) asked.add(name);
                fresh.clear();
            }
            watchdog.stop();
            watchdog = watchFor(keepalive * 2_000);
            opened();
            carry(resources);
            void sync();
        } else if (event === "subscribed") carry(value.resources);
        else if (event === "reset") emit({ reset: value.reason });
        else if (event === "closing") wait = value.retry;
        else if (event === "live") {
            goodAt = isPolled ? 0 : Math.min(goodAt, Date.now() + settings.healthyAfter);
        } else {
            isDeaf = false;
            if (value && event !== "keepalive") {
                // `presence` comes without an envelope.
                const { at = "", data = value, retained = false } = value;
                const { resources = [`presence:${value.resource}`] } = value;
                batch.push({ id: place ?? value.id ?? null, event, resources, at, data, retained });
                if (!retained && value.resources) goodAt = 0;
            }
        }
        if (!place) return;
        demand.cursor = place;
        // The state that was asked for comes before anything that moves the cursor.
        if (isSettled) asked.clear();
    };

    /** Makes the stream carry what is wanted now. */
    const sync = async () => {
        if (id === undefined || signal.aborted || isChanging) return;
        const wanted = fit(demand.wanted);
        // To be told its state, a resource that is on the stream already is taken off and added again.
        const again = fit(demand.wanted, fresh);
        const add = wanted.filter((name) => !active.includes(name) || again.includes(name));
        const remove = active.filter((name) => !wanted.includes(name) || again.includes(name));
        if (!add.length && !remove.length) return;
        if (isPolled) return end(0, true);
        for (const name of add) asked.add(name);
        fresh.clear();
        isSettled = false;
        isChanging = true;
        try {
            const answer = await hub.send(`${settings.url}/stream/${id}`, signal, {
                method: "PATCH",
                body: JSON.stringify({ add, remove }),
            });
            active = (await answer.json()).resources;
        } catch (error) {
            return end(error, true);
        }
        isChanging = false;
        void sync();
    };
    const read = async () => {
        const { cursor } = demand;
        const url = hub.url("stream", fit(demand.wanted), cursor && { last_event_id: cursor });
        const fetch = () => hub.send(url, signal);
        await settings.transport({ url, signal, fetch }, {
            block(event, place, data) {
                try {
                    receive(event, place, data && JSON.parse(data));
                } catch (error) {
                    settings.onError(error);
                }
            },
            flush,
            retry: (milliseconds) => (demand.floor = milliseconds),
        });
    };
    void (isPolled ? poll(environment, hub, demand, signal, receive, flush) : read()).then(
        () => end(),
        end,
    );
    return { close, sync };
}

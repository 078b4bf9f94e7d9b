// One stream, from the request to its end: what it carries, what it says, whether it still lives.

import { waitOf } from "./backoff";
import { later } from "./environment";
import type { AnyEvent, Presence } from "./events";
import type { Demand, Hub, Reset } from "./hub";
import { poll, type Receive } from "./polling";
import type { ConnectionState, Settings } from "./settings";
import { watch } from "./watchdog";

/** What a connection tells the tabs that it serves; of one message the events are the last. */
export interface Feed {
    state?: ConnectionState;
    reset?: Reset["reason"];
    /** The resources and patterns whose events come from now on. */
    active?: string[];
    /** The silence, in milliseconds, in which something is sent in any case. */
    interval?: number;
    /** A resource that the hub has refused, or `""` for all, and what it said. */
    refused?: { name: string; status: number; detail: string; reason?: string; requestId?: string };
    cursor?: string | undefined;
    events?: AnyEvent[];
}

/** Why a stream ends when its credentials do, by the reason of `closing`, as the refusal of a request says it. */
const ENDED: Record<string, string | undefined> = { token_expired: "expired", revoked: "revoked" };

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
    /** Whether the cursor leads nowhere, and there is no other one yet. */
    let isLost = false;
    let isChanging = false;
    let stopRenewal: (() => void) | undefined;
    /** Whether the stream says who is present. */
    const { members } = settings;
    /** What was told last of each resource whose members are told. */
    const present = new Map<string, AnyEvent>();

    const tell = () => {
        emit({ cursor: isLost ? undefined : demand.cursor, events: batch });
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
        stopRenewal?.();
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

    const carry = (resources: string[], more?: Feed) => {
        active = resources;
        isSettled = true;
        emit({ active, ...more });
    };
    /** The hub has been asked for the state of these. */
    const ask = (names: string[]) => {
        for (const name of names) {
            asked.add(name);
            fresh.delete(name);
        }
    };
    const receive: Receive = (event, place, value: any) => {
        if (signal.aborted) return;
        if (event === "connected") {
            const { connection, resources, resumed, keepalive } = value;
            id = connection;
            // Of presence a stream is told from its beginning, wherever it goes on.
            ask(resumed ? resources.filter((name: string) => name.startsWith("presence:")) : resources);
            const interval = waitOf(keepalive * 1_000) ?? settings.keepalive * 1_000;
            watchdog.stop();
            watchdog = watchFor(interval * 2);
            opened();
            // Where it goes on from: for those who were away, that may be further back than others are.
            carry(resources, { interval, cursor: demand.cursor });
            void sync();
        } else if (event === "subscribed") carry(value.resources);
        else if (event === "token_expiring") renewLater(value.seconds);
        else if (event === "closing") {
            // As coming back would be answered. If other resources are wanted by now, they may be to last.
            if (value.reason === "end" && demand.until) return end({ status: 204 });
            wait = waitOf(value.retry) ?? demand.floor;
            const reason = ENDED[value.reason];
            const isOver = reason === "revoked" || typeof settings.token === "function";
            if (reason && isOver) end({ status: 401, reason, detail: "the stream's credentials have ended" });
        }
        else if (event === "reset") {
            isLost = true;
            emit({ reset: value.reason });
        } else if (event === "batch") {
            // The last id in it is the block's own.
            for (const one of value.events) receive(one.event, one.id, one);
            return;
        } else if (event === "live") {
            goodAt = isPolled ? 0 : Math.min(goodAt, Date.now() + settings.healthyAfter);
        } else {
            isDeaf = false;
            if (value && event !== "keepalive") {
                // `presence` comes without an envelope.
                const { at = "", data = value, retained = false } = value;
                const { resources = [`presence:${value.resource}`] } = value;
                const told = { id: place ?? value.id ?? null, event, resources, at, data, retained };
                batch.push(value.joined ? people(told) : told);
                if (!retained && value.resources) goodAt = 0;
            }
        }
        if (!place) return;
        demand.cursor = place;
        isLost = false;
        // The state that was asked for comes before anything that moves the cursor.
        if (isSettled) asked.clear();
    };

    /** Adds who is there: the first event about a resource has all of them, and the next ones what has changed. */
    const people = (told: AnyEvent): AnyEvent => {
        const { resources: [name], data } = told;
        const { joined = [], left } = data as Presence;
        const before = (present.get(name)?.data as Presence | undefined)?.members ?? [];
        const members = [...before.filter((member) => !left?.includes(member)), ...joined].sort();
        const all = { ...told, data: { ...(data as Presence), members } };
        if (demand.wanted.has(name)) present.set(name, all);
        return all;
    };
    /**
     * Gives the stream a new token in a quarter to half of the `seconds` that are left, so that not all ask at once,
     * and that there is time to try again.
     */
    const renewLater = (seconds: number) => {
        stopRenewal?.();
        if (!(seconds >= 1) || typeof settings.token !== "function") return;
        const pause = (1 + environment.Math.random()) * seconds * 250;
        stopRenewal = later(environment, pause, async () => {
            const left = seconds - pause / 1_000;
            try {
                if (await hub.renew(id as string, signal)) void sync();
                else renewLater(left);
            } catch {
                // It is tried again, and what is wrong will be told when the token has ended.
                if (!signal.aborted) renewLater(left);
            }
        });
    };
    /** Makes the stream carry what is wanted now. */
    const sync = async () => {
        if (id === undefined || signal.aborted || isChanging) return;
        const { wanted } = demand;
        if (settings.members && !members && !isPolled) {
            // A stream says it from its beginning or never.
            goodAt = 0;
            return end(0, true);
        }
        // Who is present is known, and told again to those who ask now.
        for (const name of fresh) {
            const told = present.get(name);
            if (told && fresh.delete(name)) batch.push(told);
        }
        if (batch[0]) tell();
        // To be told its state, a resource that is on the stream already is taken off and added again.
        const add = [...wanted].filter((name) => !active.includes(name) || fresh.has(name));
        const remove = active.filter((name) => !wanted.has(name) || fresh.has(name));
        if (!add.length && !remove.length) return;
        if (isPolled) return end(0, true);
        ask(add);
        isSettled = false;
        isChanging = true;
        for (const name of remove) present.delete(name);
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
        const request = hub.stream([...demand.wanted], signal);
        await settings.transport({ ...request, signal }, {
            block(event, place, data) {
                try {
                    receive(event, place, data && JSON.parse(data));
                } catch (error) {
                    settings.onError(error);
                }
            },
            flush,
            retry: (milliseconds) => (demand.floor = waitOf(milliseconds) ?? 0),
        });
    };
    void (isPolled ? poll(environment, hub, demand, signal, receive, flush) : read()).then(
        () => end(),
        end,
    );
    return { close, sync };
}

// Who in this tab wants what, and what has already been told to whom.
//
// Each event comes to a listener once, whatever way it came and however often: its id is remembered with the
// count at which it was told. News that is known is dropped. State that is known is told only to those who have
// subscribed since: that is how a listener that joins late learns how things are.

import { later } from "./environment";
import type { AnyEvent } from "./events";
import type { Reset } from "./hub";
import { check, patternOf } from "./resources";
import { RefusedError, type Settings, type SubscribeOptions } from "./settings";
import type { Feed } from "./stream";

/** Why an app's state is asked for. */
export interface StateRequest {
    /** `subscribe` at first; then why the hub could not give all that was missed. */
    readonly reason: "subscribe" | Reset["reason"];
}

/** Loads the app's own state; events that come meanwhile are told when it is done. */
export type GetState = (request: StateRequest) => unknown;

// Beyond this it is better to load again than to tell.
const MOST_HELD = 5_000;

type Subscription = ReturnType<typeof createSubscription>;

/** A listener; `since` is the count of events when it began. */
function createSubscription(
    onError: (error: unknown) => void,
    resources: readonly string[],
    listener: (event: AnyEvent) => void,
    getState: GetState | undefined,
    since: number,
    lasts: boolean,
) {
    let isOver = false;
    let isLoaded = false;
    /** What came while the app's state was being loaded. */
    let held: AnyEvent[] | undefined;
    /** Why it has to be loaded once more. */
    let again: StateRequest["reason"] | undefined;

    const tell = (event: AnyEvent) => {
        if (isOver) return;
        if (held) {
            if (held.push(event) > MOST_HELD) {
                held = [];
                again = "expired";
            }
            return;
        }
        try {
            listener(event);
        } catch (error) {
            onError(error);
        }
    };
    const load = async (reason: StateRequest["reason"]) => {
        if (held) {
            again = reason;
            return;
        }
        isLoaded = true;
        held = [];
        try {
            await getState?.({ reason });
        } catch (error) {
            onError(error);
        }
        const events = held;
        held = undefined;
        if (again && !isOver) void load(again);
        again = undefined;
        events.forEach(tell);
    };
    return {
        since,
        lasts,
        tell,
        end: () => (isOver = true),
        /** Loads the app's state if all resources are among those that come. */
        activate(active: ReadonlySet<string>) {
            const isActive = (name: string) => active.has(name) || active.has(patternOf(name));
            if (getState && !isLoaded && resources.every(isActive)) void load("subscribe");
        },
        reset: (reason: Reset["reason"]) => isLoaded && load(reason),
    };
}

/** The subscriptions of a tab; `changed` is called when others are wanted than before. */
export function createSubscriptions(settings: Settings, changed: () => void) {
    const all = new Set<Subscription>();
    const byResource = new Map<string, Set<Subscription>>();
    /** The resources whose state someone waits for. */
    const fresh = new Set<string>();
    const told = new Map<string | null, number>();
    let active: ReadonlySet<string> = new Set();
    let count = 0;

    return {
        fresh,
        /** All that is wanted, and what was until lately. */
        wanted: () => [...byResource.keys()],
        /** Whether all that is wanted is wanted until its end. */
        isUntil: () => [...all].every(({ lasts }) => !lasts),
        add(
            names: string | readonly string[],
            listener: (event: AnyEvent) => void,
            { getState, members, until }: SubscribeOptions = {},
        ): () => void {
            const resources = [...new Set([names].flat().map(check))];
            const { onError, environment, linger } = settings;
            // A pattern has no end.
            const lasts = !until || resources.some((name) => patternOf(name) === name);
            const subscription = createSubscription(onError, resources, listener, getState, count, lasts);
            all.add(subscription);
            settings.members ||= members;
            for (const name of resources) {
                // An emptied set is not used again: its timer then finds another in its place.
                const set = byResource.get(name);
                if (set?.size) set.add(subscription);
                else byResource.set(name, new Set([subscription]));
                fresh.add(name);
            }
            changed();
            subscription.activate(active);
            return () => {
                subscription.end();
                if (!all.delete(subscription)) return;
                for (const name of resources) {
                    const set = byResource.get(name);
                    set?.delete(subscription);
                    if (!set?.size) {
                        later(environment, linger, () => {
                            if (byResource.get(name) !== set) return;
                            byResource.delete(name);
                            changed();
                        });
                    }
                }
            };
        },
        /** These come from now on: the position from which an app's state can be completed. */
        activate(names: readonly string[]) {
            active = new Set(names);
            for (const subscription of all) subscription.activate(active);
        },
        /** A resource does not come and the others do, or none does. */
        refuse({ name, status, detail, reason, requestId }: NonNullable<Feed["refused"]>) {
            if (!name || byResource.has(name)) settings.onError(new RefusedError(name, status, detail, reason, requestId));
        },
        /** Something was missed for good. */
        reset(reason: Reset["reason"]) {
            // A log that was made anew, or set back, may use ids again.
            told.clear();
            for (const subscription of all) void subscription.reset(reason);
        },
        dispatch(event: AnyEvent) {
            const { id, retained, resources } = event;
            const before = told.get(id) ?? -1;
            if (before >= 0 && !retained) return;
            if (id) {
                told.set(id, count++);
                if (told.size > settings.dedupe) told.delete(told.keys().next().value);
            }
            const targets = new Set<Subscription>();
            for (const name of resources) {
                for (const key of [name, patternOf(name)]) {
                    for (const subscription of byResource.get(key) ?? []) {
                        if (subscription.since > before) targets.add(subscription);
                    }
                }
            }
            for (const { tell } of targets) tell(event);
        },
    };
}

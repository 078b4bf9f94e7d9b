// Compiled, never run: what the types allow, and what they must not.

import {
    SSEManager,
    watchActivity,
    watchPresence,
    type ConnectionState,
    type SSEEvent,
    type Transport,
    type Work,
} from "martlet";
import { eventSource } from "martlet/eventsource";
import { SSEProvider, useActivity, useConnectionState, usePresence, useSSESubscription } from "martlet/react";

declare module "martlet" {
    interface EventTypes {
        comment: { text: string };
    }
}

const manager = new SSEManager();

export function eventsAreToldApartByName(event: SSEEvent): number {
    switch (event.event) {
        case "job_update":
            return event.data.progress + (event.data.eta_seconds ?? 0);
        case "content_delta":
            return event.data.offset;
        case "comment":
            return event.data.text.length;
        case "post_update":
            // @ts-expect-error a post has no progress
            return event.data.progress;
        case "status_update":
            // @ts-expect-error there is no such status
            return event.data.status === "ready" ? 1 : 0;
        case "influencer_update":
            return event.data.name.length;
        case "presence":
            return event.data.count + (event.data.members ?? []).length;
        case "activity":
            // @ts-expect-error work is read only
            event.data.working.pop();
            return event.data.working.length + (event.data.more ?? 0);
    }
}

// @ts-expect-error there is no such event
export const unknownName = (event: SSEEvent) => event.event === "unknown";

manager.subscribe(["post:1"] as const, ({ id, resources, at, retained }) => {
    const all: [string | null, readonly string[], string, boolean] = [id, resources, at, retained];
    // @ts-expect-error events are read only
    resources.push("post:2");
    return all;
});
// @ts-expect-error a listener is needed
manager.subscribe("post:1");
// @ts-expect-error resources are strings
manager.subscribe(1, () => {});
manager.subscribe("post:1", () => {}, { getState: async ({ reason }) => reason === "expired" });
// @ts-expect-error there is no such reason
manager.subscribe("post:1", () => {}, { getState: ({ reason }) => reason === "tired" });

const own = new SSEManager<{ price: { amount: number } }>({ url: "/hub" });
own.subscribe("stock:1", (event) => event.data.amount.toFixed());
// @ts-expect-error prices have no text
own.subscribe("stock:1", (event) => event.data.text);

export function statesAreToldApartByStatus(state: ConnectionState): string {
    // @ts-expect-error only a state that waits has a number
    void state.attempt;
    if (state.status === "retrying") return `${state.attempt} ${state.nextAt}`;
    if (state.status === "closed") return state.reason;
    return state.status;
}
// @ts-expect-error the state is not the app's to set
manager.state = { status: "idle" };

export const ends: (() => void)[] = [
    watchActivity(manager, "influencer", ({ working }) => working.map(({ step }) => step ?? "")),
    watchPresence(manager, "post:1", ({ count, members = [] }) => count - members.length, { members: true }),
];
// @ts-expect-error nobody works on that
watchActivity(manager, "comment", () => {});

export const transport: Transport = eventSource({ events: ["comment"], withCredentials: true });
new SSEManager({ transport, token: async (refused) => (refused === 401 ? null : "t"), tabs: "ada" });
// @ts-expect-error there is no such option
new SSEManager({ retries: 3 });

export function Component() {
    const latest: SSEEvent | undefined = useSSESubscription("post:1");
    const count = useSSESubscription("post:*", { select: (_, before = 0) => before + 1, initial: 0 });
    // @ts-expect-error it may be undefined
    const sum: number = count + 1;
    const title = useSSESubscription<string>(["post:1"], { getState: async () => "title", enabled: !!latest });
    // @ts-expect-error it is a string
    const number: number | undefined = title;
    const work: Work | undefined = useActivity("job").working[0];
    const members: readonly string[] | undefined = usePresence("post:1", { members: true })?.members;
    // @ts-expect-error it may be unknown
    usePresence(undefined).count;
    return [useConnectionState().status, sum, number, work, members, SSEProvider({ manager })];
}

// What is known of the hub's records, and how it comes to be known: lists are loaded once, when the stream's
// position is known, and events keep them as they are from then on.

import type { SSEEvent } from "martlet";
import { api, type Influencer, type Job, type Post, type Session } from "./api";
import { hub } from "./hub";
import { Table } from "./table";
import { tell } from "./toasts";

const isOlder = (row: { updated_at: string }, known: { updated_at: string }) =>
    row.updated_at < known.updated_at;

export const influencers = new Table<Influencer>();
export const sessions = new Table<Session>(isOlder);
export const posts = new Table<Post>(isOlder);
export const jobs = new Table<Job>(
    (row, known) =>
        row.attempt === known.attempt &&
        row.started_at === known.started_at &&
        row.elapsed_seconds < known.elapsed_seconds,
);

/** Follows everyone's news, for as long as the app is open; gives back a function that ends it. */
export function follow(): () => void {
    return hub.subscribe(["influencer:*", "session:*"], receive, { getState: loadAll });
}

function receive(event: SSEEvent): void {
    if (event.event === "post_update") {
        const before = posts.get(event.data.id)?.status;
        posts.put(event.data);
        // State is told at each first connect; it is news only where something else was shown before.
        if (before ? before !== event.data.status : !event.retained) tell.post(event.data);
    } else if (event.event === "status_update") {
        const before = sessions.get(event.data.id)?.status;
        sessions.put(event.data);
        if (before ? before !== event.data.status : !event.retained) tell.session(event.data);
    } else if (event.event === "influencer_update") {
        influencers.put(event.data);
    }
}

async function loadAll(): Promise<void> {
    await Promise.all([loadSessions(), loadInfluencers(), loadRunning()]);
}

async function loadSessions(): Promise<void> {
    const found = await api.sessions();
    const ids = new Set(found.sessions.map(({ id }) => id));
    sessions.put(...found.sessions);
    if (!found.next) sessions.drop(({ id }) => !ids.has(id));
    sessions.loaded();
}

/** The posts in the making: of the others only the latest of each influencer is told at a connect. */
async function loadRunning(): Promise<void> {
    const pages = await Promise.all([api.postJobs("running"), api.postJobs("queued")]);
    const found = pages.flatMap((page) => page.jobs);
    jobs.put(...found);
    posts.put(...(await Promise.all(found.map(({ input }) => api.post(input.post)))));
}

async function loadInfluencers(): Promise<void> {
    const found = await api.influencers();
    influencers.put(...found.influencers);
    influencers.loaded();
    const ids = new Set(found.influencers.map(({ id }) => id));
    if (found.next) return;
    influencers.drop(({ id }) => !ids.has(id));
    posts.drop(({ influencer }) => !ids.has(influencer));
}

/** Makes the influencer of a session; everyone else is told by the hub. */
export async function makeInfluencer(session: string): Promise<Influencer> {
    const influencer = await api.makeInfluencer(session);
    influencers.put(influencer);
    return influencer;
}

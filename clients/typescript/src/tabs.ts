// One stream for all tabs of a browser. One tab leads: it has the stream, and tells the others by a channel what
// comes. Every tab hears what the stream carries and how far it is, so that whoever leads next goes on with the same
// resources from the same place. What then comes twice is dropped by each tab for itself.
//
// Where there are locks (the context is secure) the leader holds one, and the others wait for it: one of them gets it
// the moment the leader is closed or has crashed. Elsewhere, which is plain http, who leads says so when it leaves,
// and a tab that asks and gets no answer leads.
//
// A leader may also stand still: frozen, in a long computation, in a debugger. So it says something at least twice
// in a keep-alive interval, and answers each question. Who hears nothing for two intervals, or no answer for two
// seconds, takes the lead, with the lock. Then there may be two; each change of the lead has a number, and where two
// lead, the one with the lower number leaves and comes back as a follower (of equal ones, that with the lower id). So
// does every tab which notices that it stood still itself, before it tells anything of what has piled up.
//
// Where there are locks, a tab also holds one of its own for as long as it lives. The leader waits for it, and so
// learns that a tab is gone which could not say so.
//
// This part is loaded when it is needed (see page.ts): it shares nothing with the others but types.

import type { Settings } from "./settings";
import type { Feed } from "./stream";
import { VERSION } from "./version";

/** What a tab asks the leader's connections to do. */
export type Call = "retry" | "wake";

/** What tabs say to each other; a follower with nothing to say doubts a leader. */
interface Message {
    from: string;
    /** The number of changes of the lead that `from` knows of, and whether it has the lead. */
    term: number;
    isLeader: boolean;
    /** It leaves. */
    isGone?: boolean;
    /** What `from` wants. */
    wanted?: string[];
    /** Whether all of it is wanted until its end. */
    until?: boolean;
    /** Of these, those whose state it waits for. */
    fresh?: string[];
    /** Whether it wants to know who is present. */
    members?: boolean | undefined;
    /** Where it is in the log, and whether it has been away, so that the stream has to go back to there. */
    cursor?: string | undefined;
    isBehind?: boolean;
    call?: Call;
    /** From the leader: what came, or how things are, in answer to the tab `to`. */
    feed?: Feed;
    to?: string;
}

/** What a tab does when it hears something. */
export interface TabHost {
    readonly fresh: Set<string>;
    /** How things are. */
    present(): Feed & { interval: number };
    /** Says what it wants; `changed` will do so soon, `refresh` waits for the state of all. */
    update(): void;
    changed(): void;
    refresh(): void;
    /** Has the streams say who is present. */
    addMembers(): void;
    /** Takes the lead, and goes back to an earlier place in the log. */
    lead(): void;
    rewind(from: string): void;
    apply(feed: Feed): void;
    call(name: Call): void;
    /** Leaves and comes back. */
    rejoin(): void;
}

/** A tab among others. */
export type Tab = Exclude<ReturnType<typeof joinTabs>, undefined>;

/** How long the answer of a leader may take; and where there seems to be none and no lock tells, its spread too. */
const PATIENCE = 2_000;
const FIRST = 150;
/** A timer that is later than this waits for the messages that may have piled up. */
const LATE = 250;

/** Joins the tabs with the same settings and the same `scope` of what they may see, where there are any. */
export function joinTabs({ environment, url, tabs, member }: Settings, scope: string, host: TabHost) {
    const { BroadcastChannel, location, navigator, document, Date } = environment;
    if (!location || !BroadcastChannel) return undefined;
    const locks = navigator?.locks;
    // Tabs of different versions do not share: they may speak differently.
    const name = `martlet ${VERSION} ${url} ${tabs} ${scope} ${member}`;
    const channel = new BroadcastChannel(name);
    const spread = environment.Math.random();
    const id = spread.toString(36);
    const leaving = new AbortController();
    const { signal } = leaving;
    /** What the others want, for the leader. */
    const others = new Map<string, Partial<Message>>();
    let leader: string | undefined;
    let term = 0;
    /**
     * When the leader has last been heard of its own accord; as the leader, when this tab has last been able to say
     * something so. Answers do not count: a tab that Chromium has frozen gives them, and nothing else.
     */
    let heard = Date.now();
    /** When it was asked something that it has not answered yet. */
    let asked: number | undefined;
    let isStale = false;
    let timer: unknown;
    const queue = new AbortController();
    let release: (() => void) | undefined;
    const left = new Promise<void>((resolve) => (release = resolve));

    const interval = () => host.present().interval;
    const post = (message: Partial<Message>) => {
        const isLeader = leader === id;
        channel.postMessage({ ...message, from: id, term, isLeader });
        if (isLeader || asked !== undefined || !(message.wanted || message.call)) return;
        asked = Date.now();
        watch();
    };
    const speak = (message: Partial<Message>) => {
        heard = Date.now();
        if (others.size) post(message);
    };
    const forget = (other: string) => {
        if (others.delete(other)) host.changed();
    };
    /** Calls `action` in so many milliseconds, in place of what was to be then; with how much too late it is. */
    const wait = (milliseconds: number, action: (late: number) => void) => {
        const due = Date.now() + milliseconds;
        environment.clearTimeout(timer as never);
        timer = environment.setTimeout(() => action(Date.now() - due), milliseconds);
    };
    const request = (lock: string, options: LockOptions, granted: () => unknown) =>
        // Fails when this tab leaves before, or another takes it.
        locks?.request(name + lock, options, granted as () => Promise<void>).catch(() => {});

    const lead = () => {
        if (signal.aborted || leader === id) return left;
        leader = id;
        heard = Date.now();
        term += 1;
        isStale = false;
        // Until all have said again what they want, it is what the last leader had. Who takes longer than this
        // has stood still, and knows it.
        others.set("", { wanted: host.present().active ?? [], until: true });
        const forgetAll = environment.setTimeout(() => forget(""), 2 * interval());
        signal.addEventListener("abort", () => environment.clearTimeout(forgetAll as never));
        host.lead();
        post({});
        beat();
        return left;
    };
    const beat = () =>
        wait(interval() / 2, () => {
            if (isLate()) host.rejoin();
            else {
                speak({});
                beat();
            }
        });
    const take = () => {
        heard = Date.now();
        asked = undefined;
        if (locks) {
            queue.abort();
            request("", { steal: true }, lead);
            watch();
        } else lead();
    };
    /** As a follower, waits for the leader to be silent for too long. */
    const watch = (grace = 0) => {
        if (leader === id || signal.aborted) return;
        const span = interval();
        const isKnown = leader ?? locks;
        const patience = isKnown ? PATIENCE : FIRST + spread * FIRST;
        // Those who are looked at are the first, and all a little apart.
        const silence = span * (document?.hidden ? 3 : 1.7 + spread / 5);
        const answer = asked === undefined ? Infinity : asked + patience;
        const end = Math.max(grace, Math.min(heard + silence, answer));
        const stale = Math.min(heard + 1.5 * span, isKnown ? answer - patience / 2 : Infinity);
        const now = Date.now();
        wait(Math.max(0, (isStale ? end : Math.min(stale, end)) - now), (late) => {
            const now = Date.now();
            if (late > span) host.rejoin();
            else if (now < end) {
                isStale = true;
                host.apply({ state: { status: "stale" } });
                watch(grace);
            } else if (late > LATE) watch(now + LATE);
            else take();
        });
    };
    /** Whether this tab has stood still, so that another may lead by now or it has been taken for gone. */
    const isLate = () => {
        const silence = Date.now() - heard;
        return leader === id ? !!others.size && silence >= 1.5 * interval() : !!leader && silence >= 2 * interval();
    };

    channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (isLate()) return host.rejoin();
        const { from, to, wanted, fresh, members, cursor, isBehind, feed, call } = data;
        if (data.isGone) {
            forget(from);
            if (from !== leader) return;
            leader = undefined;
            asked = heard = Date.now();
            return watch();
        }
        if (data.isLeader) {
            const isOther = from !== leader;
            // One that has been replaced, or took the lead without knowing how often it has changed.
            if (data.term < term || (isOther && leader && data.term === term && from < leader)) return post({});
            if (leader === id) return host.rejoin();
            leader = from;
            term = data.term;
            if (to === undefined) heard = Date.now();
            asked = undefined;
            if (feed) host.apply(feed);
            if (isOther && to !== id) host.refresh();
            else if (isStale && !feed?.state) host.update();
            isStale = false;
            return watch();
        }
        if (leader !== id) return;
        // It has heard of another, which this tab has not: then that one stands still.
        if (!wanted && !call && data.term >= term) term = data.term + 1;
        if (call) host.call(call);
        if (wanted) {
            if (!others.has(from)) request(from, { signal }, () => forget(from));
            others.set(from, data);
            fresh?.forEach((name) => host.fresh.add(name));
            if (members) host.addMembers();
            // A tab that came and led at once goes on from where another has been.
            if (cursor && (isBehind || !host.present().cursor)) host.rewind(cursor);
            host.changed();
        }
        post({ feed: host.present(), to: from });
    };

    const enter = () => {
        host.update();
        request("", { signal: queue.signal }, lead);
    };
    // The leader must not ask for this tab's lock before the tab has it.
    if (!locks) void Promise.resolve().then(() => signal.aborted || enter());
    else request(id, { signal }, () => (enter(), left));
    return {
        /** What the others want, as far as this tab is to see to it. */
        others: () => [...others.values()].flatMap(({ wanted }) => wanted ?? []),
        /** Whether any of them wants something without an end. */
        lasts: () => [...others.values()].some(({ until }) => !until),
        tell: (feed: Feed) => speak({ feed }),
        post,
        isLate,
        leave() {
            post({ isGone: true });
            others.clear();
            leaving.abort();
            queue.abort();
            release?.();
            environment.clearTimeout(timer as never);
            channel.close();
        },
    };
}

// One stream for all tabs of a browser. The tab that holds a lock leads: it has the stream, and tells the others
// by a channel what comes. The others wait for the lock, so that one of them gets it the moment the leader is
// closed or has crashed. Every tab hears what the stream carries and how far it is, so that whoever leads next goes
// on with the same resources from the same place. What then comes twice is dropped by each tab for itself.
//
// A tab also holds a lock of its own for as long as it lives. The leader waits for it, and so learns that a tab
// is gone which could not say so.
//
// This part is loaded when it is needed (see page.ts): it takes nothing from other files but types.

import type { Settings } from "./settings";
import type { Feed } from "./stream";

/** The package's, put in by the build. Tabs of different versions do not share: they may speak differently. */
declare const VERSION: string;

/** What a tab asks the leader's connection to do. */
export type Call = "retry" | "wake";

/** What tabs say to each other. Without any of these: that the lead has changed. */
interface Message {
    from: string;
    /** What `from` wants. */
    wanted?: string[];
    /** Of these, those whose state it waits for. */
    fresh?: string[];
    /** Where it is in the log, and whether it has been away and missed what came since. */
    cursor?: string | undefined;
    isBack?: boolean;
    call?: Call;
    /** From the leader: what came. */
    feed?: Feed;
}

/** What a tab does when it hears something. */
export interface TabHost {
    readonly fresh: Set<string>;
    /** How things are. */
    present(): Feed;
    /** Says what it wants; `changed` will do so soon, `refresh` waits for the state of all. */
    update(): void;
    changed(): void;
    refresh(): void;
    /** Takes the lead, from a place in the log that is not its own. */
    lead(from?: string): void;
    apply(feed: Feed): void;
    call(name: Call): void;
    leave(): void;
    comeBack(): void;
}

/** A tab among others. */
export type Tab = Exclude<ReturnType<typeof joinTabs>, undefined>;

/** Joins the tabs with the same settings, where there are locks and channels. */
export function joinTabs({ environment, url, tabs, linger }: Settings, host: TabHost) {
    const { BroadcastChannel, navigator, Math, setTimeout, addEventListener } = environment;
    const locks = navigator?.locks;
    if (!locks || !BroadcastChannel) return undefined;
    const name = `martlet ${VERSION} ${url} ${tabs}`;
    const channel = new BroadcastChannel(name);
    const id = Math.random().toString(36);
    const leaving = new AbortController();
    const { signal } = leaving;
    /** What the others want, for the leader. */
    const others = new Map<string, string[]>();
    let isLeader = false;
    let release: (() => void) | undefined;
    const left = new Promise<void>((resolve) => (release = resolve));

    const post = (message: Omit<Message, "from">) => channel.postMessage({ ...message, from: id });
    const request = (lock: string, granted: () => unknown) => {
        // Fails when this tab leaves before.
        locks.request(name + lock, { signal }, granted).catch(() => {});
    };
    const forget = (other: string) => {
        if (others.delete(other)) host.changed();
    };
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
        const { from, wanted, fresh, cursor, isBack, feed, call } = data;
        if (isLeader) {
            if (call) host.call(call);
            if (!wanted) return;
            if (!others.has(from)) {
                request(from, () => forget(from));
                post({ feed: host.present() });
            }
            others.set(from, wanted);
            fresh?.forEach((name) => host.fresh.add(name));
            // A tab that came and led at once goes on from where another has been.
            if (cursor && (isBack || !host.present().cursor)) host.lead(cursor);
            host.changed();
        } else if (feed) host.apply(feed);
        else if (!wanted && !call) host.refresh();
    };
    // A page that the browser keeps for "back" must not keep the stream from the others.
    const hide = () => {
        host.leave();
        addEventListener?.("pageshow", host.comeBack, { once: true });
    };
    addEventListener?.("pagehide", hide, { signal });
    // The leader must not ask for this tab's lock before the tab has it.
    request(id, () => {
        host.update();
        request("", () => {
            isLeader = true;
            // Until all have said again what they want, it is what the last leader had.
            others.set("", host.present().active ?? []);
            setTimeout(() => forget(""), linger);
            post({});
            host.lead();
            return left;
        });
        return left;
    });
    return {
        /** What the others want, as far as this tab is to see to it. */
        others: () => [...others.values()].flat(),
        tell(feed: Feed) {
            if (others.size) post({ feed });
        },
        post,
        leave() {
            others.clear();
            leaving.abort();
            release?.();
            channel.close();
        },
    };
}

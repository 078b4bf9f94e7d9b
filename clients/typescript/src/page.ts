// What one tab does: its subscriptions, and the connections while it leads.
//
// A tab whose event loop has stood still for so long that the others may have taken it for gone (it was frozen, or
// computed) does not trust what has piled up: it leaves, comes back like a new one, and goes on from where it was.

import { createConnections, type Connections } from "./connections";
import { later } from "./environment";
import { createKnock } from "./knock";
import { earlier } from "./resources";
import { IDLE, type ConnectionState, type Settings } from "./settings";
import type { Feed } from "./stream";
import { createSubscriptions } from "./subscriptions";
import type { Call, Tab } from "./tabs";
import { createTokens } from "./tokens";

/** A tab's part of the connections. */
export function createPage(settings: Settings, manager: { state: ConnectionState }) {
    const { environment } = settings;
    const { document, addEventListener = () => undefined } = environment;
    const listeners = new Set<(state: ConnectionState) => void>();
    /** Where the stream is. */
    let cursor: string | undefined;
    /** Up to where this tab has been told everything: the stream may have gone back for another. */
    let place: string | undefined;
    let active: string[] = [];
    let interval = settings.keepalive * 1_000;
    let tab: Tab | undefined;
    let connections: Connections | undefined;
    let stopTimer: (() => void) | undefined;
    let isIn: object | undefined;
    let isAway = false;
    /** Whether this tab has been away, and the stream is further than it. */
    let isBehind = false;
    let isHidden = false;

    const isOld = (id: string | null) => !!id && !!place && earlier(id, place) === id;
    const setState = (state: ConnectionState) => {
        manager.state = state;
        knock(state);
        for (const listener of listeners) {
            try {
                listener(state);
            } catch (error) {
                settings.onError(error);
            }
        }
    };
    const apply = (feed: Feed) => {
        if (feed.reset) {
            place = undefined;
            isBehind = false;
            subscriptions.reset(feed.reset);
        }
        if (feed.refused) subscriptions.refuse(feed.refused);
        if (feed.active) subscriptions.activate((active = feed.active));
        interval = feed.interval ?? interval;
        // What the stream has before it goes back is what will come again.
        if (feed.cursor && isOld(feed.cursor)) isBehind = false;
        if (!isBehind) {
            for (const event of feed.events ?? []) {
                if (event.retained || !isOld(event.id)) subscriptions.dispatch(event);
            }
            cursor = feed.cursor ?? cursor;
            if (feed.cursor && !isOld(feed.cursor)) place = feed.cursor;
        }
        if (feed.state) setState(feed.state);
    };
    /** Takes over from where this tab is. */
    const lead = () => {
        connections?.stop();
        const mine = createConnections(settings, tokens, fresh, cursor, (feed) => {
            if (mine !== connections) return;
            if (tab?.isLate()) return rejoin();
            apply(feed);
            tab?.tell(feed);
        });
        connections = mine;
        isBehind = false;
        refresh();
    };
    const rewind = (from: string) => connections?.rewind(from);
    const call = (name: Call) => {
        if (connections) connections[name]();
        else tab?.post({ call: name });
    };
    const join = async () => {
        const mine = (isIn = {});
        const module = settings.tabs && (await import("./tabs").catch(() => undefined));
        // Without a token that can be told apart the tab has a stream of its own, which says what is wrong.
        const scope = module ? await tokens.scope().catch(() => undefined) : undefined;
        if (mine !== isIn) return;
        const present = () => ({ state: manager.state, active, cursor, interval });
        const addMembers = () => (settings.members = true);
        const host = { fresh, present, update, refresh, changed, addMembers, lead, rewind, apply, call, rejoin };
        tab = module && scope !== undefined ? module.joinTabs(settings, scope, host) : undefined;
        if (!tab) lead();
    };
    const leave = () => {
        isAway = true;
        stopTimer?.();
        connections?.stop();
        tab?.leave();
        stopTimer = tab = connections = isIn = undefined;
    };
    const comeBack = () => {
        isAway = false;
        isBehind = !!cursor;
        refresh();
    };
    const rejoin = () => {
        const old = connections;
        // What its streams have read is not told: it is read once more.
        connections = undefined;
        old?.stop();
        leave();
        comeBack();
    };
    const changed = () => {
        if (isAway) return;
        if (!isIn) void join();
        stopTimer ??= later(environment, settings.debounce, update);
    };
    /** Waits for the state of all, as whoever was asked for it may be gone. */
    const refresh = () => {
        for (const name of subscriptions.wanted()) fresh.add(name);
        changed();
    };
    /** Says what this tab wants, and as the leader sees to it that all get what they want. */
    const update = () => {
        stopTimer = stopTimer?.() as undefined;
        const wanted = subscriptions.wanted();
        const until = subscriptions.isUntil();
        if (!wanted.length) {
            leave();
            isAway = false;
            cursor = place = undefined;
            isBehind = false;
            setState(IDLE);
        } else if (connections) {
            connections.want([...wanted, ...(tab?.others() ?? [])], until && !tab?.lasts());
        } else if (tab) {
            tab.post({ wanted, fresh: [...fresh], members: settings.members, cursor, isBehind, until });
            fresh.clear();
        }
    };

    // Those who share a stream see the same: with a token of somebody else this tab is among others.
    const tokens = createTokens(settings, () => tab && rejoin());
    const subscriptions = createSubscriptions(settings, changed);
    const { fresh } = subscriptions;
    const wake = () => call("wake");
    const knock = createKnock(settings, wake);
    // A page that the browser keeps for "back", or freezes, must not keep the stream from the others.
    const hide = () => {
        if (!tab) return;
        leave();
        isHidden = true;
    };
    const show = () => {
        if (isHidden) comeBack();
        else wake();
        isHidden = false;
    };
    addEventListener("online", wake);
    addEventListener("pagehide", hide);
    addEventListener("pageshow", show);
    document?.addEventListener("freeze", hide);
    document?.addEventListener("resume", show);
    document?.addEventListener("visibilitychange", () => document.hidden || wake());

    return {
        subscribe: subscriptions.add,
        onState(listener: (state: ConnectionState) => void) {
            listeners.add(listener);
            return () => void listeners.delete(listener);
        },
        retry() {
            if (isAway) comeBack();
            else call("retry");
        },
        close() {
            leave();
            isHidden = false;
            setState({ status: "closed", reason: "manual" });
        },
    };
}

// What one tab does: its subscriptions, and the connection while it leads.

import { createConnection, type Connection } from "./connection";
import { later } from "./environment";
import { IDLE, type ConnectionState, type Settings } from "./settings";
import type { Feed } from "./stream";
import { createSubscriptions } from "./subscriptions";
import type { Call, Tab } from "./tabs";

/** A tab's part of the one connection. */
export function createPage(settings: Settings, manager: { state: ConnectionState }) {
    const { environment } = settings;
    const { document, addEventListener = () => undefined } = environment;
    const listeners = new Set<(state: ConnectionState) => void>();
    let cursor: string | undefined;
    let active: string[] = [];
    let tab: Tab | undefined;
    let connection: Connection | undefined;
    let stopTimer: (() => void) | undefined;
    let isIn: object | undefined;
    let isAway = false;
    let isBack = false;

    const setState = (state: ConnectionState) => {
        manager.state = state;
        for (const listener of listeners) {
            try {
                listener(state);
            } catch (error) {
                settings.onError(error);
            }
        }
    };
    const apply = (feed: Feed) => {
        if (feed.reset) subscriptions.reset(feed.reset);
        if (feed.active) subscriptions.activate((active = feed.active));
        cursor = feed.cursor ?? cursor;
        feed.events?.forEach(subscriptions.dispatch);
        if (feed.state) setState(feed.state);
    };
    /** Takes over from `from`, be it that this tab has been further already. */
    const lead = (from = cursor) => {
        connection?.stop();
        connection = createConnection(settings, fresh, from, (feed) => {
            apply(feed);
            tab?.tell(feed);
        });
        refresh();
    };
    const call = (name: Call) => {
        if (connection) connection[name]();
        else tab?.post({ call: name });
    };
    const join = async () => {
        const mine = (isIn = {});
        const module = settings.tabs && (await import("./tabs").catch(() => undefined));
        if (mine !== isIn) return;
        const present = () => ({ state: manager.state, active, cursor });
        const host = { fresh, present, update, refresh, changed, lead, apply, call, leave, comeBack };
        tab = module ? module.joinTabs(settings, host) : undefined;
        if (!tab) lead();
    };
    const leave = () => {
        isAway = true;
        stopTimer?.();
        connection?.stop();
        tab?.leave();
        stopTimer = tab = connection = isIn = undefined;
    };
    const comeBack = () => {
        isAway = false;
        isBack = !!cursor;
        refresh();
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
        if (!wanted.length) {
            leave();
            isAway = false;
            cursor = undefined;
            setState(IDLE);
        } else if (connection) connection.want([...wanted, ...(tab?.others() ?? [])]);
        else if (tab) {
            tab.post({ wanted, fresh: [...fresh], cursor, isBack });
            fresh.clear();
            isBack = false;
        }
    };

    const subscriptions = createSubscriptions(settings, changed);
    const { fresh } = subscriptions;
    const wake = () => call("wake");
    addEventListener("online", wake);
    addEventListener("pageshow", wake);
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
            setState({ status: "closed", reason: "manual" });
        },
    };
}

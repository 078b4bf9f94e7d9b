// As many connections as it takes: one stream carries a hundred resources. A resource stays on the connection that
// it is on. Each of them has a place of its own in the log, since one that lags must not go on from where another
// has been; to the tabs they are one, as far as the last of them and as well as the worst.

import { createConnection, type Connection } from "./connection";
import { earlier, MOST } from "./resources";
import type { ConnectionState, Settings } from "./settings";
import type { Feed } from "./stream";
import type { Tokens } from "./tokens";

export type Connections = ReturnType<typeof createConnections>;

/** Over HTTP/1.1 a browser has six connections to an origin, and the page needs some for itself. */
const MOST_STREAMS = 4;
const WORST: readonly ConnectionState["status"][] = ["closed", "retrying", "connecting", "stale", "polling", "open"];

interface Part {
    names: Set<string>;
    connection: Connection;
    told: Feed;
}

/** The connections of a page, which go on from `cursor`, if there is one. */
export function createConnections(
    settings: Settings,
    tokens: Tokens,
    fresh: Set<string>,
    cursor: string | undefined,
    emit: (feed: Feed) => void,
) {
    const parts: Part[] = [];
    /** Those for which there is no room. */
    const left = new Set<string>();
    let from = cursor;
    let state: ConnectionState | undefined;

    const worst = () => {
        const states = parts.map(({ told }) => told.state as ConnectionState).filter((state) => state);
        return states.sort((a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status))[0];
    };
    const tellState = () => {
        const before = state;
        state = worst();
        return state && state !== before && { state };
    };
    const add = () => {
        const told: Feed = {};
        const connection = createConnection(settings, tokens, fresh, from, (feed) => {
            const { events, reset, refused, ...lasting } = feed;
            Object.assign(told, lasting);
            const all = parts.map((part) => part.told);
            const cursors = all.flatMap((feed) => feed.cursor ?? []);
            emit({
                ...(reset && { reset }),
                ...(refused && { refused }),
                ...(feed.active && { active: all.flatMap((feed) => feed.active ?? []) }),
                ...(feed.interval && { interval: Math.max(...all.map((feed) => feed.interval ?? 0)) }),
                ...(feed.cursor && { cursor: cursors.reduce(earlier) }),
                ...(events && { events }),
                ...(feed.state && tellState()),
            });
        });
        const part = { names: new Set<string>(), connection, told };
        parts.push(part);
        return part;
    };
    /** Where one more has its place. */
    const room = () =>
        parts.find((part) => part.names.size < MOST) ?? (parts.length < MOST_STREAMS ? add() : undefined);

    return {
        /** Says what all tabs want together, and whether that is all until its end. */
        want(names: Iterable<string>, until: boolean) {
            const wanted = new Set(names);
            for (const name of fresh) wanted.has(name) || fresh.delete(name);
            for (const name of left) if (!wanted.has(name) || fresh.has(name)) left.delete(name);
            for (const part of parts) {
                for (const name of part.names) wanted.delete(name) || part.names.delete(name);
            }
            for (const name of wanted) {
                const part = room();
                if (part) {
                    part.names.add(name);
                    left.delete(name);
                } else if (!left.has(name)) {
                    left.add(name);
                    fresh.delete(name);
                    const detail = `all tabs together have ${MOST * MOST_STREAMS} resources; a pattern takes one place`;
                    emit({ refused: { name, status: 0, detail } });
                }
            }
            from = undefined;
            for (const part of [...parts]) {
                if (part.names.size) part.connection.want(part.names, until);
                else {
                    part.connection.stop();
                    parts.splice(parts.indexOf(part), 1);
                }
            }
            const change = tellState();
            if (change) emit(change);
        },
        rewind(place: string) {
            from = from ? earlier(from, place) : place;
            for (const { connection } of parts) connection.rewind(place);
        },
        retry() {
            tokens.forget();
            for (const { connection } of parts) connection.retry();
        },
        wake: () => parts.forEach(({ connection }) => connection.wake()),
        stop() {
            for (const { connection } of parts) connection.stop();
            parts.length = 0;
        },
    };
}

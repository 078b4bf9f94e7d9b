// The binding to React, on useSyncExternalStore. Each use has a small store of its own: an event reaches only those
// that subscribe to its resources, and only those whose value changes render, together and once a frame.

import {
    createContext,
    createElement,
    useContext,
    useEffect,
    useMemo,
    useRef,
    useSyncExternalStore,
    type ReactElement,
    type ReactNode,
} from "react";
import {
    SSEManager,
    type Activity,
    type ActivityKind,
    type ConnectionState,
    type Presence,
    type SSEEvent,
    type StateRequest,
} from "martlet";

const Context = createContext<SSEManager | null>(null);

/** Gives the hooks below it another manager than the shared one. */
export function SSEProvider(props: {
    manager: SSEManager;
    children?: ReactNode;
}): ReactElement {
    return createElement(Context.Provider, { value: props.manager }, props.children);
}

/** What a subscription can be told; of functions the latest counts, so they need not be stable. */
export interface SubscriptionOptions<Value> {
    /** The next value; by default the event itself. */
    select?: (event: SSEEvent, previous: Value | undefined) => Value | undefined;
    /** Called for each event, at once. */
    onEvent?: (event: SSEEvent) => void;
    /** Loads the value; what it resolves to becomes the value, and later events go on from it. */
    getState?: (request: StateRequest) => Value | Promise<Value>;
    /** The value until there is another one, also on the server. */
    initial?: Value;
    /** `false` subscribes to nothing; true by default. */
    enabled?: boolean;
    /** For `presence:` resources: also who is there. */
    members?: boolean;
}

/** The present value of `resources`: by default the latest event. */
export function useSSESubscription<Value = SSEEvent>(
    resources: string | readonly string[],
    options: SubscriptionOptions<Value> = {},
): Value | undefined {
    const manager = useContext(Context);
    const latest = useRef(options);
    useEffect(() => {
        latest.current = options;
    });
    const { enabled = true, getState, initial, members } = options;
    const names = [resources].flat();
    const key = JSON.stringify(names);
    const isLoading = !!getState;
    const store = useMemo(() => {
        let value = initial;
        return {
            get: () => value,
            subscribe(changed: () => void) {
                let isOver = false;
                const set = (next: Value | undefined) => {
                    if (isOver || Object.is(next, value)) return;
                    value = next;
                    soon(changed);
                };
                const listener = (event: SSEEvent) => {
                    const { select, onEvent } = latest.current;
                    onEvent?.(event);
                    set(select ? select(event, value) : (event as unknown as Value));
                };
                const load = async (request: StateRequest) => set(await latest.current.getState?.(request));
                const end = (manager ?? SSEManager.shared()).subscribe(
                    JSON.parse(key),
                    listener,
                    { members, ...(isLoading && { getState: load }) },
                );
                return () => {
                    isOver = true;
                    end();
                    waiting.delete(changed);
                };
            },
        };
    }, [manager, key, isLoading, members]);
    return useSyncExternalStore(enabled && names[0] ? store.subscribe : nothing, store.get, () => initial);
}

/** Who works on resources of a kind, those that began last first. */
export function useActivity(kind: ActivityKind): Activity {
    return useSSESubscription<Activity>(`activity:${kind}`, { select: activityOf }) ?? NOBODY;
}

/** How many streams receive a resource and, with `members`, who is there; `undefined` until that is known. */
export function usePresence(
    resource: string | null | undefined,
    { members }: { members?: boolean } = {},
): Presence | undefined {
    return useSSESubscription<Presence>(resource ? `presence:${resource}` : [], { select: presenceOf, members });
}

const activityOf = (event: SSEEvent, before?: Activity) => (event.event === "activity" ? event.data : before);
const presenceOf = (event: SSEEvent, before?: Presence) => (event.event === "presence" ? event.data : before);
const NOBODY: Activity = { working: [] };

/** How the connection is. */
export function useConnectionState(): ConnectionState {
    const manager = useContext(Context);
    const store = useMemo(() => {
        const it = () => manager ?? SSEManager.shared();
        return {
            get: () => it().state,
            subscribe: (changed: () => void) => it().onState(changed),
        };
    }, [manager]);
    return useSyncExternalStore(store.subscribe, store.get, () => IDLE);
}

const IDLE: ConnectionState = { status: "idle" };
const nothing = () => () => {};

// What changed since the last frame. A hidden page has no frames, but what it shows should be right when it comes
// to the front.
const waiting = new Set<() => void>();

function soon(changed: () => void) {
    if (!waiting.size) {
        if (typeof document === "undefined" || document.hidden) setTimeout(flush);
        else requestAnimationFrame(flush);
    }
    waiting.add(changed);
}

function flush() {
    const all = [...waiting];
    waiting.clear();
    for (const changed of all) changed();
}

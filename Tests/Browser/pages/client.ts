// A page on which a test says what happens. It collects what comes.

import { SSEManager, type AnyEvent, type ConnectionState, type SSEOptions } from "martlet";
import { eventSource } from "martlet/eventsource";

interface Told {
    id: string | null;
    event: string;
    data: unknown;
    retained: boolean;
    /** By `performance.now()`. */
    when: number;
}

const events: Record<string, Told[]> = {};
const states: (ConnectionState & { when: number })[] = [];
const reasons: string[] = [];
const errors: string[] = [];
const ends = new Map<string, () => void>();
let manager: SSEManager;

const page = {
    events,
    states,
    reasons,
    errors,
    start(options: SSEOptions & { native?: string[] } = {}) {
        const { native, ...rest } = options;
        manager = new SSEManager({
            onError: (error) => errors.push(String(error)),
            ...(native && { transport: eventSource({ events: native }) }),
            ...rest,
        });
        manager.onState((state) => states.push({ ...state, when: performance.now() }));
    },
    startWithToken() {
        const asked: (number | undefined)[] = [];
        manager = new SSEManager({
            token: (refused) => {
                asked.push(refused);
                return refused ? "new" : "old";
            },
        });
        return asked;
    },
    /** Asks the test for its tokens, by a function that the test gives the page. */
    startAsking(options: SSEOptions) {
        const { giveToken } = window as unknown as { giveToken: (refused?: number) => Promise<string> };
        page.start({ ...options, token: (refused) => giveToken(refused) });
    },
    listen(resources: string | string[], name = String(resources), loads = false) {
        const told = (events[name] ??= []);
        const listener = ({ id, event, data, retained }: AnyEvent) =>
            told.push({ id, event, data, retained, when: performance.now() });
        const getState = ({ reason }: { reason: string }) => void reasons.push(reason);
        ends.set(name, manager.subscribe(resources, listener, loads ? { getState } : {}));
    },
    end: (name: string) => ends.get(name)?.(),
    retry: () => manager.retry(),
    state: () => manager.state,
    data: (name: string) => events[name].map((event) => event.data),
};

Object.assign(window, { page });

// The hub's API, as far as the page needs it. The page is at <hub>/app/, whatever stands before <hub>, so every address
// is relative to the page. Orders are kept in this browser until they are answered.

import { words } from './words.js';

/** Where the hub is, with a slash at the end. */
export const hub = new URL('..', document.baseURI);
const address = (path) => new URL(path, hub).href;

const PATIENCE = 15_000;
const ORDERS = 'article orders';

/** What went wrong, in words for the person who asked; `status` is 0 when there was no answer. */
export class Refusal extends Error {
    constructor(message, status) {
        super(message);
        this.status = status;
    }

    /** Whether the same request may succeed later. */
    get mayPass() {
        return this.status === 0 || this.status === 429 || this.status >= 500;
    }
}

async function call(path, options = {}) {
    const response = await fetch(address(`api/v1/${path}`), { signal: AbortSignal.timeout(PATIENCE), ...options })
        .catch(() => undefined);
    if (!response) throw new Refusal(words().away, 0);
    const value = await response.json().catch(() => undefined);
    if (response.ok && value) return value;
    const { status } = response;
    if (status === 401 || status === 403) throw new Refusal(words().signIn, status);
    if (response.ok || status === 429 || status >= 500) throw new Refusal(words().busy, response.ok ? 0 : status);
    // The hub's own words name what was wrong and what would be right.
    throw new Refusal(value?.detail ?? words().refused, status);
}

const post = (path) => call(path, { method: 'POST' });

export const list = () => call('jobs?kind=article&limit=50');
export const row = (id) => call(`jobs/${id}`);
/** What a client that only polls asks. */
export const status = (id) => call(`jobs/${id}/status`);
export const cancel = (id) => post(`jobs/${id}/cancel`);
export const restart = (id) => post(`jobs/${id}/restart`);

/** A picture, whose path in a row begins at the hub. */
export const picture = (path) => address(path.replace(/^\//, ''));
/** The finished article as a document of its own. */
export const page = (id) => address(`api/v1/jobs/${id}/page`);
/** The stream with all of the text so far, and then each piece. */
export const content = (id) => address(`api/v1/jobs/${id}/content`);

// Orders

const unanswered = () => JSON.parse(localStorage.getItem(ORDERS) ?? '[]');
const keep = (orders) => localStorage.setItem(ORDERS, JSON.stringify(orders));

/**
 * Orders an article; its row. The order is kept with its key before it is sent. Where its answer is lost, also with the
 * tab, it is sent again with the same key, so that it makes one article however often it is sent.
 */
export async function order(input) {
    // randomUUID is for secure pages alone, and a hub in one's own network may have no TLS.
    const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('');
    const made = { key: `article ${key}`, input };
    keep([...unanswered(), made]);
    return send(made);
}

/** Sends what an earlier visit has ordered and got no answer to; gives each row to `put`. */
export async function sendUnanswered(put) {
    for (const made of unanswered()) {
        await send(made).then(put, () => {});
    }
}

async function send({ key, input }) {
    for (let tries = 1; ; tries += 1) {
        try {
            const made = await call('jobs', {
                method: 'POST',
                headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
                body: JSON.stringify({ kind: 'article', input }),
            });
            forget(key);
            return made;
        } catch (error) {
            if (!error.mayPass) forget(key);
            if (!error.mayPass || tries === 30) throw error;
            await new Promise((resolve) => setTimeout(resolve, Math.min(250 * tries, 2_000)));
        }
    }
}

const forget = (key) => keep(unanswered().filter((made) => made.key !== key));

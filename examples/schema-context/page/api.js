// The hub's API, as far as this page needs it. The page is at <hub>/app/, whatever stands before <hub>, so every
// address is relative to the page. The login is a cookie (auth_access_token), which the browser sends by itself.

/** Where the hub is, with a slash at the end. */
export const hub = new URL('..', document.baseURI);

const address = (path) => new URL(`api/v1/${path}`, hub).href;

const PATIENCE = 15_000;
/** Seconds for which the hub holds an order back until its job has ended. */
const WAIT = 60;

/** What went wrong, in words for the person who asked; `status` is 0 when there was no answer. */
export class ApiError extends Error {
    constructor(message, status) {
        super(message);
        this.status = status;
    }

    /** Whether the same may go well a little later. */
    get mayPass() {
        return this.status === 0 || this.status === 429 || this.status >= 502 || this.status === 500;
    }
}

async function call(path, { method = 'GET', headers = {}, body, signal, patience = PATIENCE } = {}) {
    let response;
    try {
        const limits = [AbortSignal.timeout(patience), ...(signal ? [signal] : [])];
        response = await fetch(address(path), { method, headers, body, signal: AbortSignal.any(limits) });
        if (response.ok) return await response.json();
    } catch {
        throw new ApiError('The hub cannot be reached just now.', 0);
    }
    throw await refusal(response);
}

async function refusal(response) {
    const { status } = response;
    const problem = await response.json().catch(() => ({}));
    if (status === 401) return new ApiError('This hub wants to know who you are.', status);
    if (status === 403) return new ApiError('You are known here, but may not order contexts.', status);
    if (status === 429) return new ApiError('The hub is busy. Try again in a moment.', status);
    // The hub's own words name what was wrong and what would be right.
    return new ApiError(problem.detail ?? `The hub could not do this (${status}).`, status);
}

/** Sends a database; what is sent is held on the hub's disk for a day. */
export async function send(file, signal) {
    const headers = { 'Content-Type': 'application/vnd.sqlite3' };
    // As long as it takes: the hub ends what has come to a stand.
    const patience = 3_600_000;
    return (await call('uploads', { method: 'POST', headers, body: file, signal, patience })).upload;
}

/**
 * Orders a context. The hub makes one job of the same order, however often it comes: by the key, or without one by
 * the bytes of the file.
 */
export function order({ upload, force, key }, { signal, waits = false } = {}) {
    const headers = {
        'Content-Type': 'application/json',
        ...(key && { 'Idempotency-Key': key }),
        ...(waits && { Prefer: `wait=${WAIT}` }),
    };
    const body = JSON.stringify({ kind: 'context', input: { upload, force } });
    const patience = waits ? (WAIT + 15) * 1_000 : PATIENCE;
    return call('jobs', { method: 'POST', headers, body, signal, patience });
}

/** The newest contexts. */
export const newest = () => call('jobs?kind=context&limit=1');
export const row = (id) => call(`jobs/${id}`);
export const cancel = (id) => call(`jobs/${id}/cancel`, { method: 'POST' });
export const restart = (id) => call(`jobs/${id}/restart`, { method: 'POST' });

/** The stream with all of the text so far, and then each piece. */
export const content = (id) => address(`jobs/${id}/content`);

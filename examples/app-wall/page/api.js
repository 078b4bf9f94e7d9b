// The hub's API, as far as the wall needs it. The page is at <hub>/app/, whatever stands before <hub>, so every
// address is relative to the page.

/** Where the hub is, with a slash at the end. */
export const hub = new URL('..', document.baseURI);

/** The address of a path below the hub. */
export const address = (path) => new URL(path, hub).href;

const PATIENCE = 15_000;
const TRIES = 30;

/** What went wrong, in words for the person who asked; `status` is 0 when there was no answer. */
export class ApiError extends Error {
    constructor(message, status) {
        super(message);
        this.status = status;
    }
}

async function call(path, { method = 'GET', value, key } = {}) {
    let response;
    try {
        response = await fetch(address(`api/v1/${path}`), {
            method,
            signal: AbortSignal.timeout(PATIENCE),
            headers: {
                ...(value && { 'Content-Type': 'application/json' }),
                ...(key && { 'Idempotency-Key': key }),
            },
            body: value && JSON.stringify(value),
        });
        if (response.ok) return await response.json();
    } catch {
        throw new ApiError('The hub cannot be reached just now.', 0);
    }
    throw await refusal(response);
}

async function refusal(response) {
    const { status } = response;
    const problem = await response.json().catch(() => ({}));
    if (status === 401 || status === 403) return new ApiError('This hub wants to know who you are.', status);
    if (status === 429 || status >= 500) return new ApiError('The hub is busy. Try again in a moment.', status);
    // The hub's own words name what was wrong and what would be right.
    return new ApiError(problem.detail ?? `The hub could not do this (${status}).`, status);
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/**
 * Orders an app. When the hub is away it is asked again, with the same key, so that it builds one app however often
 * it is asked.
 */
export async function order(prompt) {
    // randomUUID is for secure pages alone, and a hub in one's own network may have no TLS.
    const key = `wall ${Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('')}`;
    for (let tries = 1; ; tries += 1) {
        try {
            return await call('jobs', { method: 'POST', value: { kind: 'app', input: { prompt } }, key });
        } catch (error) {
            const mayPass = error.status === 0 || error.status === 429 || error.status >= 500;
            if (!mayPass || tries === TRIES) throw error;
            await pause(Math.min(250 * tries, 2_000));
        }
    }
}

export const list = (before) => call(`jobs?kind=app&limit=12${before ? `&before=${before}` : ''}`);
export const row = (id) => call(`jobs/${id}`);
export const cancel = (id) => call(`jobs/${id}/cancel`, { method: 'POST' });
export const restart = (id) => call(`jobs/${id}/restart`, { method: 'POST' });

/** The finished app: a document that the hub serves in a sandbox. */
export const page = (id) => address(`api/v1/jobs/${id}/page`);
/** The stream with all of the code so far, and then each piece. */
export const content = (id) => address(`api/v1/ai/generation/${id}/content`);

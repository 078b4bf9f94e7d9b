// The posts of the wall: jobs of the kind `app`. The list is loaded when the stream's position is known; from then on
// events keep it as it is. Events have the figures of a job, and not its prompt and its app: those are in its row.

import { SSEManager } from './martlet/index.js';
import * as api from './api.js';
import { Code } from './code.js';

const ENDED = ['succeeded', 'failed', 'cancelled'];
export const hasEnded = (post) => ENDED.includes(post.state);

export class Posts {
    #rows = new Map();
    #codes = new Map();
    #loading = new Set();
    /** How many events have told of each row: what was asked for before one of them may be older than it. */
    #told = new Map();
    #next = null;
    #show;

    /** `show` has `post(row, before)`, `code(id, text)`, `list(hasMore)` and `failed(error)`. */
    constructor(show) {
        this.#show = show;
        this.manager = new SSEManager({ url: api.hub.href.replace(/\/$/, '') });
    }

    follow() {
        this.manager.subscribe('job:*', (event) => this.#receive(event), { getState: () => this.load() });
    }

    /** Loads the newest posts. */
    async load() {
        try {
            const told = new Map(this.#told);
            const { jobs, next } = await api.list();
            if (this.#next === null) this.#next = next;
            for (const job of jobs) this.put(job, told.get(job.id));
            this.#show.list(this.#next !== null);
        } catch (error) {
            this.#show.failed(error);
        }
    }

    /** Loads the page behind the oldest post. */
    async loadOlder() {
        const told = new Map(this.#told);
        const { jobs, next } = await api.list(this.#next);
        this.#next = next;
        for (const job of jobs) this.put(job, told.get(job.id));
        this.#show.list(next !== null);
    }

    /** Takes a whole row, which was asked for when `told` events had told of it. */
    put(row, told) {
        if (this.#told.get(row.id) === told) this.#take(row);
        else this.#complete(row.id);
    }

    /** Takes a whole row, or the figures of one. */
    #take(news) {
        const before = this.#rows.get(news.id);
        const post = before && isOlder(news, before) ? { ...news, ...before } : { ...before, ...news };
        this.#rows.set(post.id, post);
        if (!post.input || (post.state === 'succeeded' && !post.result)) return this.#complete(post.id);
        if (before && before.attempt !== post.attempt) this.#codes.get(post.id)?.forget();
        this.#show.post(post, before?.input && before);
        if (post.state === 'running') this.#showCode(post.id);
        if (hasEnded(post)) this.#codes.delete(post.id);
    }

    #receive({ event, data, resources, retained }) {
        if (event === 'job_update' && data.kind === 'app') {
            // The state of all jobs comes first; of those that have ended the list has the newest.
            if (retained && hasEnded(data) && !this.#rows.has(data.id)) return;
            this.#told.set(data.id, (this.#told.get(data.id) ?? 0) + 1);
            this.#take(data);
        } else if (event === 'content_delta') {
            const id = resources[0].slice('job:'.length);
            if (this.#rows.has(id)) this.#code(id).add(data);
        }
    }

    /** Loads the row of a post of which only the figures are known. */
    async #complete(id) {
        if (this.#loading.has(id)) return;
        this.#loading.add(id);
        try {
            const told = this.#told.get(id);
            const row = await api.row(id);
            this.#loading.delete(id);
            this.put(row, told);
        } catch {
            // Its next event asks again, and so does a stream that is open again.
            this.#loading.delete(id);
        }
    }

    /** Pieces of code may come before the row of their post, and so before there is a place for them. */
    #showCode(id) {
        const code = this.#codes.get(id);
        if (code) this.#show.code(id, code.text);
        else this.#code(id).catchUp();
    }

    #code(id) {
        if (!this.#codes.has(id)) {
            this.#codes.set(id, new Code(id, ({ text }) => this.#show.code(id, text)));
        }
        return this.#codes.get(id);
    }
}

/** Whether a row says less than the one that is known; rows and events may overtake each other. */
function isOlder(news, known) {
    if (news.attempt !== known.attempt || news.started_at !== known.started_at) return false;
    return hasEnded(known) ? !hasEnded(news) : news.elapsed_seconds < known.elapsed_seconds;
}

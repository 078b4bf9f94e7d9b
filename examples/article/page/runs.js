// The articles: jobs of the kind `article`, by a stream or by polling, as the person chooses. Both ways bring the same
// figures, as they are those of one row. Events have the figures alone; the prompt and the article are in the row.

import { SSEManager } from './martlet/index.js';
import * as api from './api.js';
import { Code as Text } from './code.js';

const INTERVAL = 3_000;
export const hasEnded = ({ state }) => ['succeeded', 'failed', 'cancelled'].includes(state);

/** What an article is called in the page's address: on every screen the same. */
export const hashOf = (run) => run.session_hash ?? run.id;

export class Runs {
    rows = new Map();
    /** Whether the list has been loaded once. */
    isLoaded = false;
    #text;
    #loading = new Set();
    #timer;
    #unsubscribe;
    #show;

    /** `show` has `run(row, before)`, `text(id, text)`, `list()`, `gone(id)`, `failed(error)`, `connection(status)`. */
    constructor(show) {
        this.#show = show;
        this.#manager = new SSEManager({ url: api.hub.href.replace(/\/$/, '') });
        this.#manager.onState(({ status }) => this.#unsubscribe && show.connection(status));
    }

    #manager;

    /** Hears what happens as it happens. */
    stream() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#unsubscribe = this.#manager.subscribe('job:*', (event) => this.#receive(event), {
            getState: () => this.load(),
        });
        this.#manager.retry();
        this.#show.connection(this.#manager.state.status);
    }

    /** Asks every three seconds, and has no stream. */
    poll() {
        this.#unsubscribe?.();
        this.#unsubscribe = undefined;
        this.#manager.close();
        this.#show.connection('asking');
        const round = async () => {
            const mine = (this.#timer = setTimeout(() => {}, 0));
            const isWell = await this.#ask();
            if (this.#timer !== mine) return;
            this.#show.connection(isWell ? 'asking' : 'unanswered');
            this.#timer = setTimeout(round, INTERVAL);
        };
        round();
    }

    /** Asks for the status of each article that is not finished, and for new ones; whether there were answers. */
    async #ask() {
        const open = [...this.rows.values()].filter((run) => !hasEnded(run));
        const answers = await Promise.all([this.load(), ...open.map(({ id }) => this.refresh(id, api.status))]);
        return answers.every(Boolean);
    }

    /** Loads the newest articles; whether that was possible. */
    async load() {
        try {
            const { jobs } = await api.list();
            for (const job of jobs) this.put(job);
            this.isLoaded = true;
            this.#show.list();
            return true;
        } catch (error) {
            this.#show.failed(error);
            return false;
        }
    }

    /** Loads one article's row; whether the hub answered. */
    async refresh(id, ask = api.row) {
        if (this.#loading.has(id)) return true;
        this.#loading.add(id);
        try {
            this.put(await ask(id));
            return true;
        } catch (error) {
            if (error.status === 404) {
                this.rows.delete(id);
                this.#show.gone(id);
            }
            return error.status === 404;
        } finally {
            this.#loading.delete(id);
        }
    }

    /** Takes a whole row, or the figures of one. */
    put(news) {
        const before = this.rows.get(news.id);
        const run = before && isOlder(news, before) ? { ...news, ...before } : { ...before, ...news };
        this.rows.set(run.id, run);
        if (before && before.attempt !== run.attempt && this.#text?.id === run.id) this.#text.forget();
        this.#show.run(run, before);
        if (!run.input || (run.state === 'succeeded' && !run.result)) setTimeout(() => this.refresh(run.id));
        if (run.state === 'running' && this.#text?.id === run.id && !this.#text.text) this.#text.catchUp();
    }

    /** Follows the text of one article from now on, and of no other. */
    read(id) {
        if (this.#text?.id === id) return;
        this.#text = new Text(id, ({ text }) => this.#show.text(id, text));
        if (this.#unsubscribe && this.rows.get(id)?.state === 'running') this.#text.catchUp();
    }

    #receive({ event, data, resources, retained }) {
        if (event === 'job_update' && data.kind === 'article') {
            // The state of all jobs comes first; of those that have ended the list has the newest.
            if (retained && hasEnded(data) && !this.rows.has(data.id)) return;
            this.put(data);
        } else if (event === 'content_delta' && resources[0] === `job:${this.#text?.id}`) {
            this.#text.add(data);
        }
    }
}

/**
 * Whether a row says less than the one that is known, as rows and events may overtake each other. What was tried again
 * has no end any more, and begins with less.
 */
function isOlder(news, known) {
    if (news.started_at && known.started_at && news.started_at !== known.started_at) {
        return news.started_at < known.started_at;
    }
    if (news.attempt !== known.attempt || news.started_at !== known.started_at) return false;
    return hasEnded(known) ? !hasEnded(news) && news.state === 'running' : news.elapsed_seconds < known.elapsed_seconds;
}

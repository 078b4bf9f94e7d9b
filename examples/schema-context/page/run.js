// One run: from a file to its context. The job's events are what is shown. When no stream comes for a few seconds, the
// steps go by a plain clock, which the page says; the stream is tried again all the while, after growing pauses, and
// the order is repeated so that the hub answers it when the job is done. Whichever comes first ends the run. An order
// is one job however often it is sent.

import { SSEManager } from './martlet/index.js';
import * as api from './api.js';
import { number, plainPlace } from './steps.js';
import { Text } from './text.js';

/** Milliseconds without a stream after which the plain clock takes over. */
const SILENCE = 4_000;
const ENDED = ['succeeded', 'failed', 'cancelled'];
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Run {
    /** What is known of the job; undefined until it is ordered. */
    row;
    text = '';
    /** What the run is doing before there is a job, in words. */
    stage = '';
    /** Why it ended without a context. */
    error;
    /** Since when the steps go by the clock, and from which step. */
    plain;
    /** Milliseconds that the last live event was under way. */
    late;
    #order;
    #text;
    #manager;
    #leave = [];
    #quietSince;
    #begun = Date.now();
    #told = Date.now();
    #step = { at: -1, since: Date.now() };
    #least = Infinity;
    #over = new AbortController();
    #show;

    /** `show` is called with the run whenever there is something new to see. */
    constructor(show) {
        this.#show = show;
    }

    /** Begins with a file. */
    async begin(file, force) {
        const key = force ? `context ${Array.from(crypto.getRandomValues(new Uint32Array(4)),
            (part) => part.toString(36)).join('')}` : undefined;
        await this.#try(async () => {
            this.#say('Sending the file');
            const upload = await this.#insist(() => api.send(file, this.#over.signal));
            this.#order = { upload, force, key };
            this.#say('Ordering the context');
            const row = await this.#insist(() => api.order(this.#order, { signal: this.#over.signal }));
            this.isKnown = ENDED.includes(row.state);
            this.#take(row);
        });
    }

    /** Comes back to a job that was ordered before. */
    async comeBack(id) {
        await this.#try(async () => {
            this.#say('Looking how far it is');
            const row = await this.#insist(() => api.row(id));
            if (row.kind !== 'context') throw new api.ApiError('This is no context, but work of another kind.', 422);
            // A job with a key of the page's own is found by that, another by its file.
            this.#order = { upload: row.input.upload, force: row.input.force, key: row.input.force ? row.key : undefined };
            this.#take(row);
        });
    }

    /** Has a job that failed or was cancelled done again, or tells that there is none. */
    async again() {
        if (!this.row) return false;
        this.error = undefined;
        this.text = '';
        this.#over = new AbortController();
        await this.#try(async () => this.#take(await api.restart(this.row.id)));
        return true;
    }

    get hasEnded() {
        return Boolean(this.error) || ENDED.includes(this.row?.state);
    }

    /** Seconds since this attempt began, or since the file was given. */
    get elapsed() {
        if (!this.row?.elapsed_seconds && !this.plain) return (Date.now() - this.#begun) / 1_000;
        const since = this.hasEnded ? 0 : (Date.now() - this.#told) / 1_000;
        return (this.row?.elapsed_seconds ?? 0) + since;
    }

    /** The step's number, the seconds for which it has run, and the percent of all. */
    get place() {
        if (this.plain) return plainPlace((Date.now() - this.plain.since) / 1_000, this.plain.from);
        const { at, since } = this.#step;
        return { at, inStep: (Date.now() - since) / 1_000, progress: this.row?.progress ?? 0 };
    }

    /** Ends it, and the job with it. */
    async cancel() {
        this.#over.abort();
        if (!this.row) return this.#fail(new api.ApiError('You have cancelled it before it was ordered.', 0));
        await this.#try(async () => this.#take(await api.cancel(this.row.id)));
    }

    /** Lets go of the stream; the job goes on. */
    close() {
        this.#over.abort();
        for (const leave of this.#leave.splice(0)) leave();
        this.#manager?.close();
        this.#manager = undefined;
    }

    #say(stage) {
        this.stage = stage;
        this.#show(this);
    }

    async #try(act) {
        try {
            await act();
        } catch (error) {
            this.#fail(error);
        }
    }

    #fail(error) {
        if (this.hasEnded) return;
        this.error = error;
        this.close();
        this.#show(this);
    }

    /** Asks again after growing pauses while the hub is away. */
    async #insist(ask) {
        for (let tries = 1; ; tries += 1) {
            try {
                return await ask();
            } catch (error) {
                if (!error.mayPass || tries === 12 || this.#over.signal.aborted) throw error;
                await pause(Math.min(250 * 2 ** tries, 5_000));
            }
        }
    }

    /** Takes a row, or the figures of one. */
    #take(news) {
        const known = this.row;
        if (known && isOlder(news, known)) return;
        if (known && news.attempt !== known.attempt) this.text = '';
        this.row = { ...known, ...news };
        this.#told = Date.now();
        const at = number(news.step);
        if (at !== this.#step.at) this.#step = { at, since: Date.now() };
        if (news.state === 'succeeded' && !this.row.result) this.#complete();
        else if (ENDED.includes(news.state)) this.close();
        else if (!this.#manager) this.#follow();
        this.#show(this);
    }

    /** Loads the row with the result, which events do not have. */
    async #complete() {
        await this.#try(async () => {
            this.row = { ...this.row, ...(await this.#insist(() => api.row(this.row.id))) };
            this.close();
            this.#show(this);
        });
    }

    #follow() {
        const { id } = this.row;
        this.#text = new Text(id, (text) => {
            this.text = text;
            this.#show(this);
        });
        this.#quietSince = Date.now();
        this.#manager = new SSEManager({ url: api.hub.href.replace(/\/$/, ''), tabs: false, maxAttempts: Infinity });
        const watch = setInterval(() => this.#watch(), 250);
        this.#leave.push(
            () => clearInterval(watch),
            this.#manager.subscribe(`job:${id}`, (event) => this.#receive(event)),
            this.#manager.onState((state) => this.#hear(state)),
        );
        this.#text.catchUp();
    }

    #receive({ event, data, at, retained }) {
        if (!retained) {
            const underWay = Date.now() - Date.parse(at);
            this.#least = Math.min(this.#least, underWay);
            // Where the two clocks differ, only how much later than the fastest it came can be known.
            this.late = this.#least < 0 ? underWay - this.#least : underWay;
        }
        if (event === 'job_update') this.#take(data);
        else if (event === 'content_delta') this.#text.add(data);
    }

    #hear({ status, reason }) {
        if (status === 'open' || status === 'polling') {
            this.#quietSince = undefined;
            this.plain = undefined;
        } else if (reason === 'unauthorized' || reason === 'forbidden') {
            this.#fail(new api.ApiError('This hub wants to know who you are.', 401));
        } else this.#quietSince ??= Date.now();
        this.#show(this);
    }

    #watch() {
        if (this.#quietSince === undefined || Date.now() - this.#quietSince < SILENCE || this.plain) return;
        this.plain = { since: Date.now(), from: this.#step.at };
        this.#show(this);
        this.#await();
    }

    /** Sends the order again, to be answered when the job is done, as long as there is no stream. */
    async #await() {
        const { plain } = this;
        const { signal } = this.#over;
        for (let tries = 1; this.plain === plain && !signal.aborted; tries += 1) {
            try {
                const row = await api.order(this.#order, { signal, waits: true });
                if (row.id === this.row.id && ENDED.includes(row.state)) {
                    this.plain = undefined;
                    return this.#take(row);
                }
            } catch (error) {
                if (signal.aborted) return;
                if (!error.mayPass) return this.#fail(error);
            }
            await pause(Math.min(500 * 2 ** tries, 8_000));
        }
    }
}

/** Whether a row says less than the one that is known; rows and events may overtake each other. */
function isOlder(news, known) {
    if (news.attempt !== known.attempt || news.started_at !== known.started_at) return false;
    return ENDED.includes(known.state) ? !ENDED.includes(news.state) : news.elapsed_seconds < known.elapsed_seconds;
}

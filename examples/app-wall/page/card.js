// One post: who asked, the prompt, its state, and the app, or what there is instead. There is something to see in every
// state, in a place of the same size.

import * as api from './api.js';
import { lastBlock } from './code.js';
import { hasEnded } from './posts.js';

const LINES = 13;
const LANGUAGES = { html: 'HTML', css: 'CSS', js: 'JavaScript' };
const NAMES = {
    queued: 'Waiting',
    scheduled: 'Scheduled',
    running: 'Writing',
    succeeded: 'Ready',
    failed: 'Failed',
    cancelled: 'Cancelled',
};

export class Card {
    #stage = make('div', { className: 'stage' });
    #badge = make('span', { className: 'badge' });
    #time = make('time');
    #actions = make('div', { className: 'actions' });
    #problem = make('p', { className: 'problem', role: 'alert', hidden: true });
    /** What the stage shows: it is made anew only when that changes, so that an app goes on running. */
    #shown;
    #parts = {};
    #code = '';

    constructor(post) {
        this.id = post.id;
        const name = `name-${post.id}`;
        this.element = make('article', { className: 'card', ariaLabelledby: name });
        const title = make('h3', { id: name, textContent: post.input.prompt });
        const avatar = make('img', { className: 'avatar', src: 'avatar.svg', alt: '', width: 40, height: 40 });
        this.#time.dateTime = post.created_at;
        this.element.append(
            make('header', {}, avatar, make('div', {}, title, make('p', { className: 'meta' }, this.#badge, this.#time))),
            this.#stage,
            this.#problem,
            this.#actions,
        );
        this.tick();
        this.show(post);
    }

    /** Shows the present state of the post. */
    show(post) {
        this.post = post;
        this.element.dataset.state = post.state;
        this.#badge.textContent = post.state === 'scheduled' && post.error ? 'Tries again soon' : NAMES[post.state];
        const stage = post.state === 'succeeded' ? 'app' : hasEnded(post) ? 'ended' : 'work';
        if (stage !== this.#shown) {
            this.#shown = stage;
            this.#problem.hidden = true;
            if (stage === 'app') this.#showApp();
            else if (stage === 'ended') this.#showEnd();
            else this.#showWork();
        }
        if (stage === 'work') this.#update();
        if (stage === 'ended') this.#parts.reason.textContent = post.error ?? 'It ended without a reason.';
    }

    /** Shows the code so far. */
    showCode(text) {
        this.#code = text;
        if (this.#shown === 'work') this.#update();
    }

    /** Says how long ago it was asked for. */
    tick() {
        this.#time.textContent = ago(this.#time.dateTime);
    }

    // Work

    #showWork() {
        const message = make('p', { className: 'message' });
        const code = make('pre', { className: 'code' });
        const bar = make('div', { className: 'bar', role: 'progressbar', ariaValueMin: 0, ariaValueMax: 100 });
        const done = make('span', { className: 'done' });
        bar.append(done);
        const figures = make('p', { className: 'figures' });
        this.#parts = { message, code, bar, done, figures };
        this.#stage.replaceChildren(make('div', { className: 'work' }, message, bar, figures, code));
        this.#offer(['Cancel', () => api.cancel(this.id)]);
    }

    #update() {
        const { message, code, bar, done, figures } = this.#parts;
        const { post } = this;
        const block = this.#code ? lastBlock(this.#code, LINES) : { lines: '' };
        const waits = { queued: 'In the queue', scheduled: post.error ?? 'Waits for its time' }[post.state];
        message.textContent = waits ?? post.message ?? 'Beginning';
        bar.ariaLabel = message.textContent;
        bar.ariaValueNow = Math.round(post.progress);
        done.style.transform = `scaleX(${post.progress / 100})`;
        figures.textContent = [
            post.tokens_per_second && `${post.current_tokens} tokens, ${Math.round(post.tokens_per_second)} a second`,
            post.state === 'running' && left(post.eta_seconds, post.progress),
        ].filter(Boolean).join(' · ') || 'No figures yet';
        const isWaiting = !block.lines.trim();
        code.classList.toggle('waiting', isWaiting);
        code.dataset.language = isWaiting ? '' : LANGUAGES[block.language] ?? '';
        code.textContent = isWaiting ? 'The code appears here as it is written.' : block.lines;
    }

    // The app

    #showApp() {
        const address = api.page(this.id);
        const frame = make('iframe', {
            title: `The app: ${this.post.input.prompt}`,
            loading: 'lazy',
            referrerPolicy: 'no-referrer',
        });
        // An origin of its own, and no way to the page around it. The hub says the same where it serves the app.
        frame.setAttribute('sandbox', 'allow-scripts allow-forms');
        frame.src = address;
        const wait = make('p', { className: 'loading', textContent: 'Loading the app' });
        frame.addEventListener('load', () => wait.remove());
        this.#stage.replaceChildren(wait, frame);
        this.#actions.replaceChildren(
            this.#details(),
            make('a', { className: 'small', href: address, target: '_blank', rel: 'noopener noreferrer',
                textContent: 'Open alone' }),
        );
    }

    #details() {
        const { result, total_tokens: tokens, elapsed_seconds: seconds } = this.post;
        const summary = make('summary', { textContent: 'Code' });
        const details = make('details', {}, summary);
        details.addEventListener('toggle', () => {
            if (details.children.length > 1) return;
            details.append(make('p', { className: 'figures', textContent: `${tokens} tokens in ${Math.round(seconds)} s` }));
            for (const [part, name] of Object.entries(LANGUAGES)) {
                const code = make('pre', { className: 'whole', tabIndex: 0, role: 'region', ariaLabel: name,
                    textContent: result[part] });
                details.append(make('h4', { textContent: name }), code);
            }
        });
        return details;
    }

    // The other ends

    #showEnd() {
        const wasCancelled = this.post.state === 'cancelled';
        const reason = make('p', { className: 'reason' });
        this.#parts = { reason };
        this.#stage.replaceChildren(
            make('div', { className: 'end' },
                make('p', { className: 'sign', ariaHidden: 'true', textContent: wasCancelled ? '–' : '!' }), reason),
        );
        this.#offer(['Try again', () => api.restart(this.id)]);
    }

    /** Puts a button under the stage; what it is answered is the post's row. */
    #offer([label, act]) {
        const button = make('button', { className: 'small', textContent: label });
        button.addEventListener('click', async () => {
            button.disabled = true;
            this.#problem.hidden = true;
            try {
                await act();
            } catch (error) {
                this.#problem.textContent = error.message;
                this.#problem.hidden = false;
            }
            button.disabled = false;
        });
        this.#actions.replaceChildren(button);
    }
}

/** Makes an element with its properties and what is in it. */
export function make(name, properties = {}, ...children) {
    const element = document.createElement(name);
    const { ariaLabelledby, ...rest } = properties;
    if (ariaLabelledby) element.setAttribute('aria-labelledby', ariaLabelledby);
    Object.assign(element, rest);
    element.append(...children);
    return element;
}

function left(seconds, progress) {
    if (seconds === null || seconds === undefined) return '';
    // An estimate by the past says nothing of a job that waits, or whose model is slower now.
    if (seconds < 1.5) return progress > 60 ? 'almost there' : '';
    return seconds < 90 ? `about ${Math.round(seconds)} s left` : `about ${Math.round(seconds / 60)} min left`;
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

function ago(time) {
    const seconds = (Date.parse(time) - Date.now()) / 1_000;
    if (seconds > -50) return 'just now';
    if (seconds > -3_000) return relative.format(Math.round(seconds / 60), 'minute');
    if (seconds > -80_000) return relative.format(Math.round(seconds / 3_600), 'hour');
    return relative.format(Math.round(seconds / 86_400), 'day');
}

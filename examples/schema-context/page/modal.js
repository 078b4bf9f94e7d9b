// The modal in which a run is seen. It shows something in each place in every state.

import { STEPS, left, words } from './steps.js';

const element = (id) => document.getElementById(id);
const SIZE = /([\d,]+) tables?(?: with ([\d,]+) columns?)?/;
const MARKS = { done: '✓', now: '●', later: '○', stopped: '!' };
const SAID = { done: 'done', now: 'under way', later: 'to come', stopped: 'stopped here' };

export class Modal {
    #dialog = element('dialog');
    #items = STEPS.map(({ name }) => {
        const item = document.createElement('li');
        const mark = Object.assign(document.createElement('span'), { className: 'mark', ariaHidden: 'true' });
        const said = Object.assign(document.createElement('span'), { className: 'hidden' });
        item.append(mark, name, said);
        return { item, mark, said };
    });
    #size;

    /** `cancel` and `again` are called for the buttons, and `close` when the dialog is closed by Escape. */
    constructor({ cancel, again, close }) {
        element('steps').append(...this.#items.map(({ item }) => item));
        element('cancel').addEventListener('click', cancel);
        element('again').addEventListener('click', again);
        // Escape hides a run that goes on, as there is Cancel to end it.
        this.#dialog.addEventListener('close', close);
    }

    get isOpen() {
        return this.#dialog.open;
    }

    open(name) {
        element('name').textContent = name;
        this.#size = undefined;
        if (!this.#dialog.open) this.#dialog.showModal();
        element('title').focus();
    }

    close() {
        this.#dialog.close();
    }

    show(run) {
        const { row, error, place } = run;
        const failure = error?.message ?? (row?.state === 'failed' ? row.error : undefined);
        const isCancelled = row?.state === 'cancelled';
        const isOver = Boolean(failure) || isCancelled;
        this.#dialog.dataset.state = isOver ? (isCancelled ? 'cancelled' : 'failed') : run.plain ? 'plain' : row ? 'live' : 'begin';
        element('title').textContent = isCancelled ? 'Cancelled' : isOver ? 'No context' : 'Generating the context';
        this.#showMessage(run, isOver);
        this.#showSteps(place, isOver);
        this.#showFacts(run);
        this.#showText(run.text);
        this.#showEnd(run, failure, isCancelled);
        this.tick(run);
    }

    /** Shows what changes with time alone. */
    tick(run) {
        const { place } = run;
        const progress = Math.round(place.progress);
        element('bar').ariaValueNow = progress;
        element('done').style.transform = `scaleX(${place.progress / 100})`;
        element('elapsed').textContent = `${words(run.elapsed)} so far`;
        element('left').textContent = run.hasEnded ? `ended at ${progress} %` : remaining(run, place);
        if (run.plain) this.#showSteps(place, false);
    }

    #showMessage({ row, stage, plain, place }, isOver) {
        const waits = { queued: row?.message ?? 'In the queue', scheduled: row?.error ?? 'Tries again soon' }[row?.state];
        const real = row ? (waits ?? row.message ?? 'Beginning') : stage;
        const text = isOver ? 'It ended before there was a context.' : plain ? STEPS[place.at].plain : real;
        // Said again only when it is another: a screen reader reads out what changes.
        if (element('message').textContent !== text) element('message').textContent = text;
        element('bar').ariaValueText = text;
        element('plain').hidden = !plain || isOver;
        if (plain) element('plain').textContent =
            'No live news from the hub just now. The steps go by the clock, not by what it does; the stream is tried again.';
    }

    #showSteps({ at }, isOver) {
        this.#items.forEach(({ item, mark, said }, index) => {
            const state = index < at ? 'done' : index > at ? 'later' : isOver ? 'stopped' : 'now';
            item.dataset.step = state;
            item.ariaCurrent = state === 'now' ? 'step' : null;
            mark.textContent = MARKS[state];
            said.textContent = `: ${SAID[state]}`;
        });
    }

    #showFacts({ row, late, plain }) {
        const found = SIZE.exec(row?.message ?? '');
        if (found) this.#size = { tables: found[1], columns: found[2] ?? this.#size?.columns };
        element('tables').textContent = this.#size?.tables ?? 'not yet counted';
        element('columns').textContent = this.#size?.columns ?? 'not yet counted';
        element('speed').textContent = plain ? 'not now' : row?.tokens_per_second ? `${Math.round(row.tokens_per_second)} tokens/s` : 'no text yet';
        element('late').textContent = plain ? 'not now' : late === undefined ? 'not measured yet' : `${Math.round(late)} ms late`;
    }

    #showText(text) {
        const place = element('text');
        const isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 24;
        place.classList.toggle('waiting', !text);
        const shown = text || 'The text appears here as it is written.';
        if (place.textContent !== shown) place.textContent = shown;
        if (isAtEnd) place.scrollTop = place.scrollHeight;
    }

    #showEnd({ row, error }, failure, isCancelled) {
        const isOver = Boolean(failure) || isCancelled;
        const wantsLogin = error?.status === 401;
        element('failure').hidden = !isOver;
        element('text').hidden = isOver && !row?.partial_content_length;
        if (isOver) {
            element('reason').textContent = failure ?? 'You have cancelled it. Nothing goes on.';
            element('advice').textContent = advice(error, row, isCancelled);
        }
        element('login').hidden = !wantsLogin;
        element('again').hidden = !isOver;
        element('again').textContent = row ? 'Try again' : 'Send it again';
        element('cancel').textContent = isOver ? 'Close' : 'Cancel';
        if (isOver && document.activeElement === document.body) element('title').focus();
    }
}

function remaining({ row, plain }, { at, inStep }) {
    if (plain) return 'how long is not known';
    const seconds = left(row?.input?.averages, at, inStep) ?? row?.eta_seconds;
    if (typeof seconds !== 'number') return row ? 'no past runs to judge by' : 'about to begin';
    return seconds < 1 ? 'almost there' : `about ${words(Math.round(seconds))} left`.replace('.0 s', ' s');
}

function advice(error, row, isCancelled) {
    if (isCancelled) return 'Try again begins where it stopped: finished steps are kept.';
    switch (error?.status) {
        case 401: return 'Log in where you usually do, or with a key on the hub’s own page, and send the file again.';
        case 403: return 'Ask whoever runs the hub for a login with the grant jobs: read, write.';
        case 413: return 'Choose a smaller file: a copy with the tables and without the rows is enough.';
        case 415:
        case 422: return 'Choose another file, one that SQLite itself opens.';
        case 0: return 'Is the hub running? What was sent before is kept, and nothing is made twice.';
        case undefined: return row?.error ? 'Choose another file, or try again if it may pass.' : 'Try again.';
        default: return 'Choose another file, or try again in a moment.';
    }
}

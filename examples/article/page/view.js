// The article that is looked at: its figures, its steps, and its text as far as it is written. There is something to
// see in every state.

import * as api from './api.js';
import { hasEnded } from './runs.js';
import { paragraphs, read } from './text.js';
import { count, directionOf, number, percent, steps, words } from './words.js';

const ORDER = ['headings', 'sections', 'images'];

/** Makes an element with its properties and what is in it; what is false is left out. */
export function make(name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
        if (key.includes('-') || key === 'role') element.setAttribute(key, value);
        else element[key] = value;
    }
    element.append(...children.filter(Boolean));
    return element;
}

/** A bar that grows from where the line begins: from the right in Persian. */
export class Bar {
    #done = make('span', { className: 'done' });
    element = make('div', { className: 'bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, this.#done);

    show({ progress }) {
        this.#done.style.inlineSize = `${progress}%`;
        this.element.ariaLabel = words().progress;
        this.element.ariaValueNow = Math.floor(progress);
        this.element.ariaValueText = percent(progress);
        return this.element;
    }
}

export const stateOf = (run) => (run.state === 'scheduled' && run.error ? words().again : words().states[run.state]);

export class View {
    element = make('article', { className: 'sheet' });
    #top = make('div', { className: 'head' });
    #bar = new Bar();
    #figures = make('div', { className: 'head' });
    #body = make('div', { className: 'body' });
    #problem = make('p', { className: 'problem', role: 'alert', dir: 'auto', hidden: true });
    #run;
    #text = '';
    /** What the buttons and the body were made of, so that they stay where nothing has changed. */
    #made = {};
    #buttons = make('div', { className: 'actions' });

    constructor(run) {
        this.element.setAttribute('aria-labelledby', 'title');
        this.element.append(this.#top, this.#bar.element, this.#figures, this.#problem, this.#buttons, this.#body);
        this.show(run);
    }

    get id() {
        return this.#run.id;
    }

    /** Shows the present state, or the same in another language. */
    show(run, isOtherLanguage = false) {
        if (isOtherLanguage) this.#made = {};
        this.#run = run;
        this.element.dataset.state = run.state;
        this.#showHead();
        this.#showButtons();
        this.#showBody();
    }

    showText(text) {
        this.#text = text;
        this.#showBody();
    }

    // Figures and steps

    #showHead() {
        const run = this.#run;
        const counts = ORDER.filter((name) => run.counts?.[name]).map((name) => [name, run.counts[name]]);
        this.#bar.show(run);
        this.#top.replaceChildren(
            make('p', { className: 'line' },
                make('span', { className: 'badge', textContent: stateOf(run) }),
                make('span', { className: 'percent', textContent: percent(run.progress) })),
            make('h2', { id: 'title', dir: 'auto', textContent: run.input?.prompt ?? words().loading }));
        this.#figures.replaceChildren(...[
            make('ol', { className: 'steps', 'aria-label': words().stepsLabel }, ...steps(run).map(step)),
            counts.length > 0 && make('ul', { className: 'counts' },
                ...counts.map(([name, figures]) => make('li', { textContent: count(name, figures) }))),
            this.#reason(),
        ].filter(Boolean));
    }

    /** Why it waits, or why it has ended so; the hub's own sentence where there is one. */
    #reason() {
        const { state, error, message } = this.#run;
        const isBad = state === 'failed' || (state === 'scheduled' && error);
        const said = {
            queued: words().waits,
            scheduled: error ?? words().later,
            running: /^Waiting/.test(message ?? '') && message,
            failed: error ?? words().ended,
            cancelled: words().stopped,
        }[state];
        return said && make('p', { className: isBad ? 'problem' : 'reason', dir: 'auto', textContent: said });
    }

    #showButtons() {
        const run = this.#run;
        if (!this.#changed('buttons', run.state)) return;
        const alone = make('a', {
            className: 'button', href: api.page(run.id), target: '_blank', rel: 'noopener', textContent: words().alone,
        });
        this.#problem.hidden = true;
        this.#buttons.replaceChildren(
            run.state === 'succeeded' ? alone
                : hasEnded(run) ? this.#button(words().retry, api.restart) : this.#button(words().cancel, api.cancel));
    }

    #button(label, act) {
        const button = make('button', { className: 'button', type: 'button', textContent: label });
        button.addEventListener('click', async () => {
            button.disabled = true;
            try {
                await act(this.id);
                this.onAct?.();
            } catch (error) {
                this.#problem.textContent = error.message;
                this.#problem.hidden = false;
            }
            button.disabled = false;
        });
        return button;
    }

    // The text

    #showBody() {
        const { state, step, input, result } = this.#run;
        if (!this.#changed('body', `${state} ${step} ${Boolean(input)} ${Boolean(result)} ${this.#text}`)) return;
        const code = result?.language ?? input?.language ?? 'en';
        const text = make('div', { className: 'text', lang: code, dir: directionOf(code) });
        if (result) text.append(...whole(result));
        else this.#partial(text);
        this.#body.replaceChildren(text);
    }

    #partial(text) {
        const { state, step } = this.#run;
        const { headings, written } = read(this.#text);
        if (headings.length === 0) {
            // What the page itself says is in the page's language.
            text.lang = document.documentElement.lang;
            text.dir = document.documentElement.dir;
            text.append(make('p', { className: 'note', textContent: words().headingsSoon }));
            return;
        }
        const isWriting = state === 'running' && step === 'section_generation';
        const next = headings.findIndex((heading) => !written.get(heading));
        for (const [place, heading] of headings.entries()) {
            const body = written.get(heading);
            const wait = isWriting && place === next ? words().writing : words().turn;
            text.append(make('h3', { dir: 'auto', textContent: heading }),
                ...(body ? paragraphs(body).map(paragraph) : [pageSays(wait)]));
        }
        for (const [heading, body] of written) {
            if (headings.includes(heading) || !body) continue;
            text.append(make('h3', { dir: 'auto', textContent: heading }), ...paragraphs(body).map(paragraph));
        }
    }

    #changed(name, value) {
        if (this.#made[name] === value) return false;
        this.#made[name] = value;
        return true;
    }
}

const step = ({ name, mark, label }) =>
    make('li', { className: `step ${mark}`, ...(mark === 'now' && { 'aria-current': 'step' }) },
        make('span', { className: 'mark', 'aria-hidden': 'true', textContent: { done: '✓', broken: '!' }[mark] ?? '' }),
        make('span', { className: 'name', textContent: label }),
        make('span', { className: 'hidden', textContent: `: ${words().marks[mark]}` }));

const paragraph = (text) => make('p', { textContent: text });

/** What the page says in the middle of an article, which may be in another language. */
const pageSays = (text) =>
    make('p', { className: 'soon', lang: document.documentElement.lang, dir: 'auto', textContent: text });

/** The finished article. */
function* whole({ summary, headings, sections, image_urls: pictures = [], meta_description: description, faq = [] }) {
    if (summary) yield make('p', { className: 'summary', textContent: summary });
    for (const [place, heading] of headings.entries()) {
        yield make('h3', { dir: 'auto', textContent: heading });
        if (pictures[place]) {
            yield make('img', {
                className: 'picture', src: api.picture(pictures[place]), width: 1024, height: 576, loading: 'lazy',
                alt: words().picture(number(place + 1), heading),
            });
        }
        const body = paragraphs(sections[place] ?? '');
        yield* body.length > 0 ? body.map(paragraph) : [pageSays(words().missing)];
    }
    if (faq.length > 0) {
        yield part(words().questions);
        yield make('dl', {}, ...faq.flatMap(({ question, answer }) => [
            make('dt', { textContent: question }), make('dd', { textContent: answer }),
        ]));
    }
    if (description) {
        yield part(words().description);
        yield make('p', { className: 'description', textContent: description });
    }
}

const part = (text) =>
    make('h3', { className: 'part', lang: document.documentElement.lang, dir: 'auto', textContent: text });

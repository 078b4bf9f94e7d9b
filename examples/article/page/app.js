// The page: what is asked for, the list, the article that is looked at, toasts, and how news comes.

import * as api from './api.js';
import { hashOf, hasEnded, Runs } from './runs.js';
import { Bar, make, stateOf, View } from './view.js';
import { ago, label, language, number, percent, speak, words } from './words.js';

const MAXIMUM_SECTIONS = 12;
const TOAST = 8_000;

const element = (id) => document.getElementById(id);
const reader = element('reader');
const items = new Map();
let view;
/** How the connection is, and what keeps the list from being there. */
let connection = 'idle';
let trouble;

const runs = new Runs({
    run(run, before) {
        showItem(run);
        if (before && !hasEnded(before) && hasEnded(run)) toast(run);
        if (view?.id === run.id) view.show(run);
        else if (wanted() === hashOf(run)) look();
    },
    text(id, text) {
        if (view?.id === id) view.showText(text);
    },
    list() {
        trouble = undefined;
        showNote();
        if (!view) look();
    },
    gone(id) {
        items.get(id)?.item.remove();
        items.delete(id);
        if (view?.id === id) look();
        showNote();
    },
    failed(error) {
        trouble = error;
        showNote();
    },
    connection(status) {
        connection = status;
        showConnection();
    },
});

// The list

function showItem(run) {
    if (!items.has(run.id)) place(run);
    const { item, bar } = items.get(run.id);
    item.dataset.state = run.state;
    const link = item.firstElementChild;
    link.href = `#/${hashOf(run)}`;
    if (hashOf(run) === wanted()) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
    const time = make('time', { dateTime: run.created_at, textContent: ago(run.created_at) });
    const [name, meta] = link.children;
    name.textContent = run.input?.prompt ?? words().loading;
    meta.replaceChildren(
        make('span', { className: 'badge', textContent: stateOf(run) }),
        hasEnded(run) ? time : make('span', { className: 'percent', textContent: percent(run.progress) }));
    bar.show(run).hidden = hasEnded(run);
    showNote();
}

/** Puts an entry where it belongs: the newest first. */
function place(run) {
    const bar = new Bar();
    const item = make('li', { className: 'item' }, make('a', { className: 'entry' },
        make('bdi', { className: 'name' }), make('span', { className: 'meta' }), bar.element));
    const isBefore = (other) => runs.rows.get(other)?.created_at < run.created_at;
    const next = [...element('list').children].find((entry) => isBefore(entry.dataset.id));
    item.dataset.id = run.id;
    items.set(run.id, { item, bar });
    element('list').insertBefore(item, next ?? null);
}

/** What stands there when there is no list. */
function showNote() {
    const isSignIn = trouble && [401, 403].includes(trouble.status);
    const said = trouble?.message ?? (runs.isLoaded ? words().none : words().loading);
    element('note').hidden = items.size > 0;
    element('list').hidden = items.size === 0;
    element('note').replaceChildren(make('p', { dir: 'auto', textContent: said }));
    // The hub's own page takes a key and sets a cookie that counts here, too.
    const signIn = () => make('a', { className: 'button', href: api.hub.href, textContent: words().enter });
    if (trouble) element('note').append(isSignIn ? signIn() : again());
}

function again() {
    const button = make('button', { className: 'button', type: 'button', textContent: words().retry });
    button.addEventListener('click', () => runs.load());
    return button;
}

// The article that is looked at: its hash is in the page's address

const wanted = () => decodeURIComponent(location.hash.slice(2));

function look() {
    const run = [...runs.rows.values()].find((run) => hashOf(run) === wanted());
    view = run && new View(run);
    if (view) {
        view.onAct = () => runs.refresh(run.id);
        reader.replaceChildren(view.element);
        runs.read(run.id);
    } else {
        const isUnknown = wanted() && runs.isLoaded;
        reader.replaceChildren(make('p', {
            className: 'note', textContent: isUnknown ? words().gone : words().choose,
        }));
    }
    for (const run of runs.rows.values()) showItem(run);
}

addEventListener('hashchange', () => {
    look();
    if (view) view.element.scrollIntoView({ block: 'nearest' });
});

// Toasts

function toast(run) {
    const close = make('button', {
        className: 'close', type: 'button', 'aria-label': words().close, textContent: '×',
    });
    const name = make('bdi', { textContent: run.input?.prompt ?? '' });
    const link = make('a', { href: `#/${hashOf(run)}` }, name);
    const box = make('div', { className: `toast ${run.state}` }, make('p', {}, link, ` ${words().ends[run.state]}`), close);
    const end = () => box.remove();
    close.addEventListener('click', end);
    setTimeout(end, TOAST);
    element('toasts').append(box);
}

// What is asked for

const form = element('form');

function complain(said) {
    element('problem').textContent = said;
    element('problem').hidden = !said;
}

function show(run) {
    runs.put(run);
    location.hash = `#/${hashOf(run)}`;
}

form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const prompt = form.elements.prompt.value.trim();
    if (!prompt || element('write').disabled) return;
    element('write').disabled = true;
    complain('');
    try {
        const sections = Number(form.elements.sections.value);
        show(await api.order({ prompt, language: form.elements.language.value, sections }));
        if (form.elements.prompt.value.trim() === prompt) form.elements.prompt.value = '';
        turn();
    } catch (error) {
        complain(error.message);
    }
    element('write').disabled = false;
});

/** What is typed has its own direction, and the example in the empty field that of the page. */
function turn() {
    form.elements.prompt.dir = form.elements.prompt.value ? 'auto' : document.documentElement.dir;
}
form.elements.prompt.addEventListener('input', turn);

// The language of the page, and how news comes

function relabel() {
    label();
    const sections = form.elements.sections;
    const chosen = sections.value || 8;
    sections.replaceChildren(...Array.from({ length: MAXIMUM_SECTIONS }, (_, place) =>
        make('option', { value: place + 1, textContent: number(place + 1) })));
    sections.value = chosen;
    form.elements.prompt.placeholder = words().placeholder;
    turn();
    document.querySelector(`[name=interface][value=${language()}]`).checked = true;
    showConnection();
    showNote();
    for (const run of runs.rows.values()) showItem(run);
    if (view) view.show(runs.rows.get(view.id), true);
    else look();
}

function showConnection() {
    element('connection').dataset.status = connection;
    element('connection').textContent = words().connection[connection];
}

element('interface').addEventListener('change', ({ target }) => {
    speak(target.value);
    form.elements.language.value = target.value;
    relabel();
});

element('transport').addEventListener('change', ({ target }) => {
    sessionStorage.setItem('article transport', target.value);
    follow(target.value);
});

function follow(way) {
    document.querySelector(`[name=transport][value=${way}]`).checked = true;
    runs[way]();
}

setInterval(() => runs.rows.forEach((run) => showItem(run)), 30_000);

form.elements.language.value = language();
relabel();
follow(sessionStorage.getItem('article transport') ?? 'stream');
api.sendUnanswered((run) => runs.put(run));

// The page: what is asked for, the cards in their order, and how the connection is.

import * as api from './api.js';
import { Card, make } from './card.js';
import { Posts } from './posts.js';

const IDEAS = [
    'A checklist for moving house', 'A focus timer for deep work', 'Split the bill of a dinner',
    'A memory game for children', 'Draw a small icon pixel by pixel', 'Track my habits for a week',
];
const STATES = {
    idle: 'Connecting',
    connecting: 'Connecting',
    open: 'Live',
    polling: 'Live, by polling',
    stale: 'Quiet',
    retrying: 'Reconnecting',
    closed: 'Not connected',
};

const element = (id) => document.getElementById(id);
const wall = element('wall');
const cards = new Map();

// The wall

const posts = new Posts({
    post(post, before) {
        const card = cards.get(post.id);
        if (card) card.show(post);
        else place(new Card(post));
        if (before && before.state !== post.state) announce(post);
    },
    code(id, text) {
        cards.get(id)?.showCode(text);
    },
    list(hasMore) {
        settle();
        element('older').hidden = !hasMore;
        if (cards.size === 0) say('empty', 'Nothing here yet. What you ask for appears here while it is written.');
    },
    failed(error) {
        if (cards.size > 0) return;
        settle();
        say('broken', error.message, error.status === 401 || error.status === 403 ? signIn() : tryAgain());
    },
});

/** Puts a card where it belongs: the newest first. */
function place(card) {
    settle();
    const next = [...cards.values()]
        .filter((other) => isBefore(card, other))
        .sort((a, b) => (isBefore(a, b) ? -1 : 1))[0];
    cards.set(card.id, card);
    wall.insertBefore(card.element, next?.element ?? null);
}

const isBefore = (a, b) =>
    a.post.created_at === b.post.created_at ? a.id > b.id : a.post.created_at > b.post.created_at;

/** Takes away what stood there before anything was known. */
function settle() {
    wall.ariaBusy = 'false';
    for (const note of wall.querySelectorAll('.note, .ghost')) note.remove();
}

function say(kind, words, ...rest) {
    wall.append(make('div', { className: `note ${kind}` }, make('p', { textContent: words }), ...rest));
}

function tryAgain() {
    const button = make('button', { className: 'button', textContent: 'Try again' });
    button.addEventListener('click', () => posts.load());
    return button;
}

/** The hub's own page takes a key and sets a cookie that counts here, too. */
function signIn() {
    return make('a', { className: 'button', href: api.hub.href, textContent: 'Sign in' });
}

function announce(post) {
    const words = { succeeded: 'ready', failed: 'failed', cancelled: 'cancelled' }[post.state];
    if (words) element('announcer').textContent = `${post.input.prompt}: ${words}`;
}

for (let number = 0; number < 3; number += 1) {
    wall.append(make('div', { className: 'card ghost', ariaHidden: 'true' },
        make('p', { className: 'loading', textContent: 'Loading the wall' })));
}

element('older').addEventListener('click', async () => {
    const button = element('older');
    button.disabled = true;
    try {
        await posts.loadOlder();
    } catch (error) {
        complain(error.message);
    }
    button.disabled = false;
});

setInterval(() => cards.forEach((card) => card.tick()), 30_000);

// What is asked for

const form = element('form');
const prompt = element('prompt');

function complain(words) {
    element('problem').textContent = words;
    element('problem').hidden = !words;
}

form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const words = prompt.value.trim();
    if (!words || element('build').disabled) return;
    element('build').disabled = true;
    complain('');
    try {
        posts.put(await api.order(words));
        if (prompt.value.trim() === words) prompt.value = '';
    } catch (error) {
        complain(error.message);
    }
    element('build').disabled = false;
});

prompt.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
});

element('ideas').append(
    ...IDEAS.map((idea) => {
        const button = make('button', { type: 'button', className: 'small', textContent: idea });
        button.addEventListener('click', () => {
            prompt.value = idea;
            form.requestSubmit();
        });
        return make('li', {}, button);
    }),
);

// The connection

posts.manager.onState((state) => {
    const connection = element('connection');
    connection.dataset.status = state.status;
    connection.textContent = STATES[state.status];
    document.body.dataset.cut = String(!['open', 'polling'].includes(state.status));
});
posts.follow();

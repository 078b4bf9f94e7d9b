// The page: a file is chosen, a run is seen in the modal, and its context is shown. The run's job stands in the
// address, so that a reload, or whoever is sent the address, comes back to it.

import * as api from './api.js';
import { Modal } from './modal.js';
import { Run } from './run.js';
import { usual, words } from './steps.js';

const element = (id) => document.getElementById(id);
const PREFIX = '#run=';
let file;
let run;
let last = {};

const modal = new Modal({
    cancel() {
        if (run?.hasEnded) leave();
        else run?.cancel();
    },
    async again() {
        if (!(await run?.again())) start(last.file, last.force);
    },
    close() {
        // A run that is hidden goes on, and its context is shown when it is there.
        if (run?.hasEnded) leave();
        else if (run) say('It goes on. Its context opens here when it is done.');
    },
});

// A file

function choose(chosen) {
    if (!chosen) return;
    file = chosen;
    element('chosen').textContent = file.name;
    element('about').textContent = size(file.size);
    element('drop').dataset.chosen = 'true';
    element('generate').disabled = false;
    complain('');
}

element('file').addEventListener('change', ({ target }) => choose(target.files[0]));
for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    element('drop').addEventListener(name, (event) => {
        event.preventDefault();
        element('drop').dataset.over = String(name.startsWith('drage') || name === 'dragover');
        if (name === 'drop') choose(event.dataTransfer.files[0]);
    });
}

element('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (file) start(file, element('force').checked);
});

element('sample').addEventListener('click', async () => {
    const button = element('sample');
    button.disabled = true;
    try {
        const answer = await fetch('sample.sqlite');
        if (!answer.ok) throw new Error();
        choose(new File([await answer.blob()], 'sample.sqlite'));
        start(file, element('force').checked);
    } catch {
        complain('The sample cannot be loaded just now.');
    }
    button.disabled = false;
});

// A run

async function start(from, force) {
    run?.close();
    if (!from) return leave();
    last = { file: from, force };
    element('preview').hidden = true;
    run = new Run(show);
    modal.open(`${from.name}, ${size(from.size)}`);
    modal.show(run);
    await run.begin(from, force);
}

function show(from) {
    if (from !== run) return;
    if (run.row) remember(run.row.id);
    modal.show(run);
    if (run.row?.state === 'succeeded' && run.row.result) finish();
}

function finish() {
    const { row, isKnown } = run;
    const wasOpen = modal.isOpen;
    preview(row);
    run.close();
    run = undefined;
    if (wasOpen) modal.close();
    element('heading').focus();
    say(isKnown ? 'This file was described before: here is its context.' : 'The context is ready.');
    hint(row);
}

function leave() {
    run?.close();
    run = undefined;
    if (modal.isOpen) modal.close();
    history.replaceState(null, '', location.pathname + location.search);
}

const remember = (id) => {
    if (location.hash !== PREFIX + id) history.replaceState(null, '', PREFIX + id);
};

async function comeBack() {
    if (!location.hash.startsWith(PREFIX)) return;
    const id = location.hash.slice(PREFIX.length);
    run = new Run(show);
    last = {};
    modal.open('A run that was begun before');
    modal.show(run);
    await run.comeBack(id);
}

setInterval(() => {
    if (run && modal.isOpen) modal.tick(run);
}, 200);

// What comes of it

function preview({ result, elapsed_seconds: seconds }) {
    element('size').textContent =
        `${count(result.tables, 'table')} · ${count(result.columns, 'column')} · ${words(seconds)}`;
    element('summary').textContent = result.contextSummary || 'The answer has no summary.';
    element('prompts').replaceChildren(...result.initialPrompts.map(promptItem));
    element('context').replaceChildren(...blocks(result.aiGeneratedContext));
    element('preview').hidden = false;
    element('preview').scrollIntoView({ block: 'start' });
}

function promptItem(words) {
    const item = document.createElement('li');
    const text = Object.assign(document.createElement('span'), { textContent: words });
    const button = Object.assign(document.createElement('button'), { className: 'small', textContent: 'Copy' });
    button.ariaLabel = `Copy: ${words}`;
    button.addEventListener('click', () => copy(words, text));
    item.append(text, button);
    return item;
}

async function copy(words, place) {
    try {
        await navigator.clipboard.writeText(words);
        say('Copied.');
    } catch {
        // Not on a page without TLS: then the text is selected, to be copied by hand.
        getSelection().selectAllChildren(place);
        say('Selected: copy it with Ctrl+C.');
    }
}

/** The context's Markdown as elements: headings, lists and paragraphs, in which names may be bold. */
function blocks(text) {
    const all = [];
    for (const line of text.split('\n').filter((line) => line.trim())) {
        const [, mark, rest] = /^\s*(#+|[-*])?\s*(.*)$/.exec(line);
        const name = !mark ? 'p' : mark.startsWith('#') ? 'h4' : 'li';
        const block = document.createElement(name);
        block.append(...rest.split('**').map((part, index) => {
            if (index % 2 === 0) return part;
            return Object.assign(document.createElement('strong'), { textContent: part });
        }));
        if (name !== 'li') all.push(block);
        else if (all.at(-1)?.localName === 'ul') all.at(-1).append(block);
        else {
            all.push(document.createElement('ul'));
            all.at(-1).append(block);
        }
    }
    return all;
}

// Words

function complain(words) {
    element('problem').textContent = words;
    element('problem').hidden = !words;
}

let toast;
function say(words) {
    clearTimeout(toast);
    element('toast').textContent = words;
    element('toast').dataset.shown = 'true';
    toast = setTimeout(() => delete element('toast').dataset.shown, 6_000);
}

/** Says how long it takes, by the averages that a job was ordered with, or by the job itself. */
function hint(row) {
    const seconds = usual(row?.input.averages) ?? usual(row?.result?.durations);
    if (seconds !== undefined) element('hint').textContent = `By the last runs, it takes about ${words(seconds)}.`;
}

const count = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

function size(bytes) {
    const [amount, unit] = bytes < 1 << 20 ? [bytes / 1024, 'KiB'] : [bytes / (1 << 20), 'MiB'];
    return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}

addEventListener('hashchange', comeBack);
comeBack();
try {
    hint((await api.newest()).jobs[0]);
} catch (error) {
    if (error.status === 401) {
        complain('This hub wants to know who you are. Log in where you usually do, or with a key on ');
        element('problem').append(Object.assign(document.createElement('a'), { href: '../', textContent: 'the hub’s own page' }), '.');
    }
}

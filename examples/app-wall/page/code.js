// Code while it is written. The pieces come live only and are not kept, so a page that opens late or was cut off finds
// a gap: then it asks the job's own stream for all so far, holds back what comes meanwhile, and goes on from there.

import { content } from './api.js';

const utf8 = new TextEncoder();

/** The code of one app in the making; `onChange` is called with each piece that fits. */
export class Code {
    text = '';
    #bytes = 0;
    #held;
    #onChange;

    constructor(id, onChange) {
        this.id = id;
        this.#onChange = onChange;
    }

    /** Adds a piece where it belongs. */
    add(piece) {
        if (this.#held) this.#held.push(piece);
        else if (!this.#append(piece)) this.catchUp();
    }

    /** Loads what has been written so far. */
    async catchUp() {
        if (this.#held) return;
        this.#held = [];
        const soFar = await readSoFar(this.id);
        const held = this.#held;
        this.#held = undefined;
        // A gap even so means that the job has ended; its row has the code then.
        for (const piece of soFar ? [soFar, ...held] : held) this.#append(piece);
    }

    /** Forgets the text, as the job begins anew. */
    forget() {
        this.text = '';
        this.#bytes = 0;
        this.#onChange(this);
    }

    /** Whether the piece fits to what is there; what is known already does. */
    #append({ offset, text }) {
        const bytes = utf8.encode(text);
        if (offset > this.#bytes) return false;
        if (offset === 0 && !this.text.startsWith(text)) {
            this.text = text;
            this.#bytes = bytes.length;
        } else if (offset + bytes.length > this.#bytes) {
            this.text += new TextDecoder().decode(bytes.slice(this.#bytes - offset));
            this.#bytes = offset + bytes.length;
        } else return true;
        this.#onChange(this);
        return true;
    }
}

/** Milliseconds in which all so far comes when the stream is live, if there is any. */
const PATIENCE = 1_000;

/** All so far is one piece in the job's stream, the first after `live`. */
function readSoFar(id) {
    return new Promise((resolve) => {
        const stream = new EventSource(content(id));
        const end = (piece) => {
            stream.close();
            resolve(piece);
        };
        stream.addEventListener('content_delta', ({ data }) => end(JSON.parse(data).data));
        // A job that waits for its turn has no code yet, and a browser has few connections.
        stream.addEventListener('live', () => setTimeout(end, PATIENCE));
        stream.onerror = () => end();
    });
}

/** The last block of code that has any: its language and its last lines. */
export function lastBlock(text, lines) {
    const start = text.lastIndexOf('```', text.trimEnd().length - 4);
    const [language, ...rest] = text.slice(start + 3).split('\n');
    const code = rest.join('\n').replace(/\s*```\s*$/, '');
    if (!code.trim() && start > 0) return lastBlock(text.slice(0, start), lines);
    return { language, lines: code.split('\n').slice(-lines).join('\n') };
}

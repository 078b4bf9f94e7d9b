// The text while it is written. The pieces come live only and are not kept, so a page that opens late or was cut off
// finds a gap: then it asks the job's own stream for all so far, holds back what comes meanwhile, and goes on.

import { content } from './api.js';

const utf8 = new TextEncoder();
/** Milliseconds in which all so far comes when the stream is live, if there is any. */
const PATIENCE = 1_000;

/** The text of one job in the making; `onChange` is called with all of it at each piece that fits. */
export class Text {
    text = '';
    #bytes = 0;
    #held;
    #id;
    #onChange;

    constructor(id, onChange) {
        this.#id = id;
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
        const soFar = await this.#readSoFar();
        const held = this.#held;
        this.#held = undefined;
        // A gap even so means that the job has ended; its row has the text then.
        for (const piece of soFar ? [soFar, ...held] : held) this.#append(piece);
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
        this.#onChange(this.text);
        return true;
    }

    /** All so far is one piece in the job's stream, the first after `live`. */
    #readSoFar() {
        return new Promise((resolve) => {
            const stream = new EventSource(content(this.#id));
            const end = (piece) => {
                stream.close();
                resolve(piece);
            };
            stream.addEventListener('content_delta', ({ data }) => end(JSON.parse(data).data));
            stream.addEventListener('live', () => setTimeout(end, PATIENCE));
            stream.onerror = () => end();
        });
    }
}

#!/usr/bin/env node
// A subscriber with Node's own fetch (18.3 or later) that misses no event, whatever restarts: the hub, a proxy, itself.
//
//     MARTLET_URL=http://127.0.0.1:8080 ./subscriber.mjs post:1 'influencer:*'
//
// Each event is a line of JSON on standard output. How far it has come is kept in a file (--cursor), so that it goes
// on there when it is started again. README.md says what that guarantees.

import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, readSync, renameSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const HIGHEST_DELAY = 30_000;
// An event has up to 256 KiB of data and its resources; a line that is far longer is not the hub's.
const LONGEST_LINE = 4 << 20;
const CONTROL = new Set(["connected", "reset", "live", "keepalive", "subscribed", "presence", "closing"]);

/** Ends the program: what is wrong would be wrong the next time as well. */
class Refused extends Error {}

/** No stream for now; `wait` is how many milliseconds the hub asked to wait at least. */
class Away extends Error {
    constructor(reason, wait = 0) {
        super(reason);
        this.wait = wait;
    }
}

/**
 * Turns the bytes of a stream into blocks, maps of their fields (WHATWG HTML, "Interpreting an event stream").
 * A block counts only when it is whole: one that was cut comes again, because its id was not taken either.
 */
class EventParser {
    #decoder = new TextDecoder();
    #text = "";
    #block = new Map();

    /** The blocks that are complete with these bytes. */
    feed(bytes) {
        this.#text += this.#decoder.decode(bytes, { stream: true });
        // A carriage return at the end may be the first half of a line's end.
        const whole = this.#text.endsWith("\r") ? this.#text.slice(0, -1) : this.#text;
        const lines = whole.split(/\r\n|\r|\n/);
        this.#text = lines.pop() + this.#text.slice(whole.length);
        if (this.#text.length > LONGEST_LINE) throw new Away("the stream has a line without an end");
        const blocks = [];
        for (const line of lines) {
            if (line !== "") this.#field(line);
            else if (this.#block.size > 0) {
                blocks.push(this.#block);
                this.#block = new Map();
            }
        }
        return blocks;
    }

    #field(line) {
        const colon = line.indexOf(":");
        const name = colon < 0 ? line : line.slice(0, colon);
        let value = colon < 0 ? "" : line.slice(colon + 1);
        if (value.startsWith(" ")) value = value.slice(1);
        const before = name === "data" ? this.#block.get(name) : undefined;
        this.#block.set(name, before === undefined ? value : `${before}\n${value}`);
    }
}

/** The id up to which everything has been written out. */
class CursorFile {
    #saved;

    constructor(path) {
        this.path = path;
    }

    /** The kept cursor, or null where there is no file: then the subscriber has never been live. */
    load() {
        try {
            this.#saved = readFileSync(this.path, "utf8").trim();
        } catch (error) {
            if (error.code === "ENOENT") return null;
            throw error;
        }
        // To begin anew would skip what was missed.
        if (!this.#saved) throw new Refused(`${this.path} is empty; remove it to begin with what happens from now on`);
        return this.#saved;
    }

    /** Replaces the file in one step that a power loss cannot halve. */
    save(cursor) {
        if (cursor === this.#saved) return;
        const file = openSync(`${this.path}.new`, "w");
        writeSync(file, `${cursor}\n`);
        fsyncSync(file);
        closeSync(file);
        renameSync(`${this.path}.new`, this.path);
        this.#saved = cursor;
    }
}

/** Lines on standard output, which are out before the cursor behind them is kept. */
class Output {
    #lines = [];
    #isFile = fstatSync(1).isFile();

    constructor() {
        if (this.#isFile && this.#endsInALine()) this.#lines.push("");
    }

    /** Whether an earlier run was killed while it wrote: the rest of its line must not spoil ours. */
    #endsInALine() {
        const { size } = fstatSync(1);
        if (size === 0) return false;
        const file = openSync("/proc/self/fd/1", "r");
        const last = Buffer.alloc(1);
        readSync(file, last, 0, 1, size - 1);
        closeSync(file);
        return last.toString() !== "\n";
    }

    add(line) {
        this.#lines.push(line);
    }

    /** Writes what was added, and to a file's disk. */
    async flush() {
        if (this.#lines.length === 0) return;
        const text = `${this.#lines.join("\n")}\n`;
        this.#lines = [];
        // The callback comes when the system has it: a reader that is slow slows us down.
        await new Promise((resolve, reject) => {
            process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
        });
        if (this.#isFile) fsyncSync(1);
    }
}

class Subscriber {
    #failures = 0;
    #retry = 1000;
    #cursor = null;
    #stopping = new AbortController();

    /** `keepalive` is in seconds. */
    constructor(url, resources, cursorFile, output, keepalive = 20) {
        const list = resources.map(encodeURIComponent).join(",");
        this.target = new URL(`${url.replace(/\/$/, "")}/stream?resources=${list}&keepalive=${keepalive}`);
        this.cursorFile = cursorFile;
        this.output = output;
        // The hub breaks every silence: where nothing at all comes for two and a half of them, the connection is dead.
        this.longestSilence = 2500 * keepalive;
    }

    /** Ends `run` when what is being written is written. */
    stop() {
        this.#stopping.abort();
    }

    /** Follows the stream until it is stopped. */
    async run() {
        this.#cursor = this.cursorFile.load();
        while (!this.#stopping.signal.aborted) {
            // A proxy whose hub was killed may end a stream as politely as a hub that is stopped.
            let reason = "the stream has ended";
            let wait = 0;
            try {
                await this.#follow();
            } catch (error) {
                if (!(error instanceof Away)) throw error;
                reason = error.message;
                wait = error.wait;
            }
            if (this.#stopping.signal.aborted) return;
            // Full jitter, because all who were cut off together would come back together.
            const jitter = Math.random() * Math.min(HIGHEST_DELAY, 1000 * 2 ** this.#failures);
            const delay = Math.max(jitter + wait, this.#retry);
            this.#failures = Math.min(this.#failures + 1, 10);
            say(`${reason}; again in ${(delay / 1000).toFixed(1)} s`);
            await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {});
        }
    }

    /** One connection, from its request to its end. Whatever the network does is thrown as `Away`. */
    async #follow() {
        const ending = new AbortController();
        const end = () => ending.abort();
        this.#stopping.signal.addEventListener("abort", end);
        let watchdog;
        const listen = () => {
            clearTimeout(watchdog);
            watchdog = setTimeout(end, this.longestSilence);
        };
        const network = (promise) =>
            promise.catch((error) => {
                throw new Away(ending.signal.aborted ? "no sign of life" : (error.cause?.message ?? error.message));
            });
        try {
            listen();
            const headers = { Accept: "text/event-stream", "Cache-Control": "no-cache" };
            if (this.#cursor) headers["Last-Event-ID"] = this.#cursor;
            const answer = await network(fetch(this.target, { headers, signal: ending.signal }));
            const type = answer.headers.get("Content-Type") ?? "";
            if (answer.status !== 200 || !type.startsWith("text/event-stream")) {
                this.#refuse(answer, type, await network(answer.text()));
            }
            const reader = answer.body.getReader();
            const parser = new EventParser();
            for (;;) {
                const { done, value } = await network(reader.read());
                if (done) return;
                listen();
                await this.#take(parser.feed(value));
            }
        } finally {
            clearTimeout(watchdog);
            this.#stopping.signal.removeEventListener("abort", end);
            end();
        }
    }

    /** Throws what an answer that is no stream means. */
    #refuse(answer, type, body) {
        const reason = `${answer.status} ${type}: ${problem(body) ?? answer.statusText}`;
        const mayPass = answer.status < 400 || answer.status >= 500 || [408, 425, 429].includes(answer.status);
        // At the very first it is a mistake; later it may be the work of a proxy that is being changed, and passes.
        if (!mayPass && this.#cursor === null) throw new Refused(reason);
        throw new Away(reason, retryAfter(answer.headers.get("Retry-After")));
    }

    /** Writes out the events of some blocks, and then keeps how far that is. */
    async #take(blocks) {
        let kept = null;
        for (const block of blocks) {
            const name = block.get("event") ?? "message";
            const id = block.get("id");
            const data = block.get("data");
            if (/^\d+$/.test(block.get("retry") ?? "")) this.#retry = Number(block.get("retry"));
            if (name === "reset") {
                // What was missed cannot be had any more. The state follows, and then `live` with a new cursor.
                this.#cursor = kept = null;
                say(`reset: ${data}`);
                this.output.add(jsonLine(name, undefined, `{"data":${data}}`));
            } else if (!CONTROL.has(name) && data !== undefined) this.output.add(jsonLine(name, id, data));
            if (!id) continue;
            // It gets on, so the next wait is a short one, also for a reader that is cut off for being slow.
            this.#cursor = kept = id;
            this.#failures = 0;
        }
        await this.output.flush();
        if (kept) this.cursorFile.save(kept);
    }
}

/** An event as one object. The hub's envelope goes in as it is, so that no number in it loses a digit. */
function jsonLine(name, id, envelope) {
    // State that a stream begins with has its id in the envelope; what is never stored has none at all.
    const head = envelope.endsWith('"retained":true}') ? { event: name } : { id: id ?? null, event: name };
    return `${JSON.stringify(head).slice(0, -1)},${envelope.slice(1).replaceAll("\n", " ")}`;
}

/** Milliseconds to wait at least; RFC 9110 allows a number of seconds or a date. */
function retryAfter(value) {
    if (value === null) return 0;
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** What application/problem+json says was wrong. */
function problem(body) {
    try {
        return JSON.parse(body).detail;
    } catch {
        return undefined;
    }
}

/** A line for whoever watches. */
function say(text) {
    console.error(`subscriber: ${text}`);
}

async function main() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { cursor: { type: "string", default: "subscriber.cursor" }, keepalive: { type: "string", default: "20" } },
    });
    if (positionals.length === 0) {
        throw new Refused("usage: subscriber.mjs [--cursor FILE] [--keepalive SECONDS] RESOURCE…");
    }
    const url = process.env.MARTLET_URL ?? "http://127.0.0.1:8080";
    const file = new CursorFile(values.cursor);
    const subscriber = new Subscriber(url, positionals, file, new Output(), Number(values.keepalive));
    process.on("SIGTERM", () => subscriber.stop());
    process.on("SIGINT", () => subscriber.stop());
    await subscriber.run();
}

// A reader that went away is told by the write that fails.
process.stdout.on("error", () => {});
main().catch((error) => {
    console.error(`subscriber: ${error instanceof Refused ? error.message : error.stack}`);
    process.exit(1);
});

#!/usr/bin/env node
// A producer with Node's own fetch (18 or later), and a demonstration of it.
//
//     const producer = new Producer("http://127.0.0.1:8080");
//     await producer.publish({ resource: "post:1", event: "post_update", data: { status: "ready" } });
//
// publish() resolves once the event is stored. What may pass by itself is tried again: no connection,
// a time-out, 429 and 5xx. Whatever else the hub answers would be the same the next time.

import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The hub's last answer, or the last connection error. */
export class Refused extends Error {}

export class Producer {
    /** Delays are in milliseconds. */
    constructor(url, { attempts = 8, firstDelay = 200, longestDelay = 10_000, timeout = 10_000 } = {}) {
        this.url = new URL("broadcast", url.endsWith("/") ? url : `${url}/`);
        this.attempts = attempts;
        this.firstDelay = firstDelay;
        this.longestDelay = longestDelay;
        this.timeout = timeout;
    }

    /** Stores one event and resolves to its id, which is null for a transient one. */
    async publish(event) {
        // An answer may get lost after the event was stored: with a key, the hub answers a repeat with
        // the first id and publishes nothing. Nothing is stored of a transient event.
        const body = JSON.stringify(event.transient ? event : { key: randomUUID(), ...event });
        let refusal;
        for (let attempt = 0; attempt < this.attempts; attempt += 1) {
            if (attempt > 0) await sleep(refusal.wait + this.jitter(attempt - 1));
            const answer = await this.post(body);
            if (answer.id !== undefined) return answer.id;
            refusal = answer;
            if (!refusal.mayPass) break;
        }
        throw new Refused(refusal.reason);
    }

    /** Either { id } or { reason, mayPass, wait }. */
    async post(body) {
        try {
            const answer = await fetch(this.url, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body,
                signal: AbortSignal.timeout(this.timeout),
            });
            if (answer.ok) return { id: (await answer.json()).id ?? null };
            return {
                reason: `${answer.status}: ${await problem(answer)}`,
                mayPass: answer.status === 429 || answer.status >= 500,
                wait: retryAfter(answer.headers.get("Retry-After")),
            };
        } catch (error) {
            return { reason: `no answer: ${error.cause?.message ?? error.message}`, mayPass: true, wait: 0 };
        }
    }

    /** Full jitter: anything up to an exponential bound, so that producers do not come back at once. */
    jitter(attempt) {
        return Math.random() * Math.min(this.longestDelay, this.firstDelay * 2 ** attempt);
    }
}

/** Milliseconds to wait at least; RFC 9110 allows a number of seconds or a date. */
function retryAfter(value) {
    if (value === null) return 0;
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** What application/problem+json says was wrong. */
async function problem(answer) {
    const text = await answer.text();
    try {
        return JSON.parse(text).detail ?? answer.statusText;
    } catch {
        return answer.statusText;
    }
}

async function main() {
    const producer = new Producer(process.env.MARTLET_URL ?? "http://127.0.0.1:8080");
    const resource = process.argv[2] ?? "demo:node";
    for (const percent of [0, 50, 100]) {
        // Retained: who subscribes later gets the latest. Coalesced: a slow reader may skip to it.
        const event = {
            resource,
            event: "progress",
            data: { percent },
            retain: true,
            coalesce: "progress",
        };
        console.log(`${resource} is at ${percent} %: ${await producer.publish(event)}`);
    }
}

// Only when it is run, not when it is imported.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
    main().catch((error) => {
        console.error(`producer: ${error instanceof Refused ? error.message : error.stack}`);
        process.exitCode = 1;
    });
}

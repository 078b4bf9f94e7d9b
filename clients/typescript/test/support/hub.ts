// A hub that does what the test says, request by request.

import assert from "node:assert/strict";
import { settle } from "./clock";

const encoder = new TextEncoder();

/** A request that the client has sent and that waits for its answer. */
export class Call {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly headers: Headers;
    readonly body: { add: string[]; remove: string[]; resources: string[]; last_event_id?: string; keepalive?: number };
    private out: ReadableStreamDefaultController<Uint8Array> | undefined;

    constructor(
        readonly url: string,
        readonly init: RequestInit,
        private readonly resolve: (response: Response) => void,
        private readonly reject: (error: unknown) => void,
    ) {
        const target = new URL(url, "http://hub");
        this.method = init.method ?? "GET";
        this.path = target.pathname;
        this.query = target.searchParams;
        this.headers = new Headers(init.headers);
        this.body = JSON.parse((init.body as string | undefined) ?? "null");
        init.signal?.addEventListener("abort", () => {
            const error = new Error("aborted");
            reject(error);
            try {
                this.out?.error(error);
            } catch {
                // It had ended.
            }
        });
    }

    get resources(): string[] {
        return this.body?.resources ?? (this.query.get("resources") ?? "").split(",").sort();
    }

    get isAborted(): boolean {
        return !!this.init.signal?.aborted;
    }

    /** Answers without a stream. */
    async answer(status: number, body: unknown = {}, headers: Record<string, string> = {}) {
        const text = status === 204 ? null : JSON.stringify(status < 400 ? body : { status, ...(body as object) });
        this.resolve(new Response(text, { status, headers }));
        await settle();
    }

    /** There is nobody who answers. */
    async refuse() {
        this.reject(new TypeError("fetch failed"));
        await settle();
    }

    /** Answers with a stream, of which nothing comes yet. */
    async begin() {
        const body = new ReadableStream<Uint8Array>({ start: (out) => void (this.out = out) });
        this.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } }));
        await settle();
    }

    async bytes(text: string) {
        this.out?.enqueue(encoder.encode(text));
        await settle();
    }

    async block(event: string, data: unknown, id?: string) {
        const place = id === undefined ? "" : `id: ${id}\n`;
        await this.bytes(`event: ${event}\ndata: ${JSON.stringify(data)}\n${place}\n`);
    }

    /** Opens the stream as the hub does. */
    async open(options: Partial<Opening> = {}) {
        const { resumed = false, head = "e-0", keepalive = 30, reset } = options;
        await this.begin();
        const connection = `c${(Call.connections += 1)}`;
        await this.bytes("retry: 1000\n");
        await this.block("connected", { connection, resources: this.resources, resumed, keepalive });
        if (reset) await this.block("reset", { reason: reset, oldest: "e-1" });
        for (const event of options.events ?? []) await this.event(event);
        await this.block("live", { cursor: head }, head);
        return connection;
    }

    async event({ id, event = "note", resources, data = null, retained }: Sent) {
        const at = "2026-11-21T00:00:00.000Z";
        const envelope = { resources, at, data, ...(retained && { id, retained }) };
        await this.block(event, envelope, retained ? undefined : id);
    }

    async end() {
        this.out?.close();
        await settle();
    }

    async cut() {
        this.out?.error(new TypeError("network error"));
        await settle();
    }

    static connections = 0;
}

interface Opening {
    resumed: boolean;
    head: string;
    keepalive: number;
    reset: string;
    events: Sent[];
}

/** An event as a test writes it. */
export interface Sent {
    id?: string;
    event?: string;
    resources: string[];
    data?: unknown;
    retained?: boolean;
}

export class FakeHub {
    readonly calls: Call[] = [];
    private seen = 0;

    readonly fetch = ((url: string, init: RequestInit) =>
        new Promise<Response>((resolve, reject) => {
            if (init.signal?.aborted) reject(new Error("aborted"));
            else this.calls.push(new Call(url, init, resolve, reject));
        })) as unknown as typeof fetch;

    /** The next request, which must be there and be for `path`. */
    async next(path: string): Promise<Call> {
        await settle();
        const call = this.calls[this.seen];
        assert.ok(call, `no request for ${path}`);
        this.seen += 1;
        assert.equal(call.path.replace(/^\/stream\/.*/, "/stream/…"), path);
        return call;
    }

    /** Nothing has been asked since. */
    async quiet() {
        await settle();
        assert.deepEqual(
            this.calls.slice(this.seen).map((call) => `${call.method} ${call.url}`),
            [],
        );
    }

    get streams(): number {
        return this.calls.filter((call) => call.path === "/stream").length;
    }
}

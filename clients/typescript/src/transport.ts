import { createParser, type ParserSink } from "./parser";

/** A stream to be opened. */
export interface StreamRequest {
    /** For `GET`; longer than a server takes when much is wanted, in which case `fetch` posts the list. */
    readonly url: string;
    /** Ends the stream. */
    readonly signal: AbortSignal;
    /** Whether the app has a token: a stream without it would show what everybody may see. */
    readonly needsToken: boolean;
    /** Asks for the stream with the app's credentials; rejects with a `StreamError` unless the answer is 200. */
    fetch(): Promise<Response>;
}

/** Where a stream goes. */
export interface StreamSink extends ParserSink {
    /** Something came, be it half a block, and what was whole has been told. */
    flush(): void;
}

/** Reads one stream: resolves when it has ended, rejects when there was none. */
export type Transport = (request: StreamRequest, sink: StreamSink) => Promise<void>;

/** What a transport may reject with: an answer other than 200. */
export interface StreamError {
    readonly status?: number;
    /** In milliseconds, when the server named a time. */
    readonly retryAfter?: number | undefined;
    /** What the server said was wrong. */
    readonly detail?: string;
    /** Of 401 and 403: why, in one word (docs/PROTOCOL.md), and of which resource. */
    readonly reason?: string;
    readonly resource?: string;
    /** By which the hub's log tells more. */
    readonly requestId?: string;
}

/** Streams by `fetch`: with header fields, and with the status of what was refused. */
export const fetchStream: Transport = async (request, sink) => {
    const parse = createParser(sink);
    const { body } = await request.fetch();
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        parse(value);
        sink.flush();
    }
};

// The event stream format, bytes in and blocks out, wherever the bytes are cut
// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
//
// Two things differ from the standard. The id is undefined for a block without an `id:` line, rather than that of
// an earlier block: here such a block is an event without a place in the log. And a CR at the end of what has come
// waits for the next byte, which may be its LF.

/** What a parser finds. */
export interface ParserSink {
    block(event: string, id: string | undefined, data: string): void;
    /** The server's wish for the pause before a reconnect, in milliseconds. */
    retry(milliseconds: number): void;
}

/** A function that takes the stream's bytes as they come. */
export function createParser(sink: ParserSink): (bytes: Uint8Array) => void {
    const decoder = new TextDecoder();
    let rest = "";
    let event = "";
    let id: string | undefined;
    let data: string | undefined;

    return (bytes) => {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?!$)/);
        rest = lines.pop() as string;
        for (const line of lines) {
            const [, name, value] = /^([^:]*):? ?(.*)/s.exec(line) as string[] as [string, string, string];
            if (!line) {
                if (data !== undefined) sink.block(event || "message", id, data);
                event = "";
                id = data = undefined;
            } else if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
            else if (name === "event") event = value;
            else if (name === "id" && !value.includes("\0")) id = value;
            else if (name === "retry" && /^\d+$/.test(value)) sink.retry(+value);
        }
    };
}

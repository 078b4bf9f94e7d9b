// Text while it is generated. The pieces come live only and are not kept, so a page that opens late or was cut off
// finds a gap: then it asks the job for all so far, holds back what comes meanwhile, and goes on from there.

import type { ContentDelta } from "martlet";
import { Table } from "./table";

interface Story {
    readonly id: string;
    readonly text: string;
    /** The length in UTF-8, which is what offsets count. */
    readonly bytes: number;
}

/** Texts in the making, by job. */
export const stories = new Table<Story>();

const utf8 = new TextEncoder();
const held = new Map<string, ContentDelta[]>();

/** Adds a piece where it belongs. */
export function addPiece(job: string, piece: ContentDelta): void {
    const waiting = held.get(job);
    if (waiting) waiting.push(piece);
    else if (!append(job, piece)) void catchUp(job);
}

/** Forgets a text, as the job begins anew. */
export function forgetStory(job: string): void {
    if (stories.get(job)) stories.put({ id: job, text: "", bytes: 0 });
}

/** Whether the piece fits to what is there; what is known already does. */
function append(id: string, { offset, text }: ContentDelta): boolean {
    const known = stories.get(id) ?? { id, text: "", bytes: 0 };
    const bytes = utf8.encode(text);
    if (offset > known.bytes) return false;
    if (offset === 0 && !known.text.startsWith(text)) stories.put({ id, text, bytes: bytes.length });
    else if (offset + bytes.length > known.bytes) {
        const rest = new TextDecoder().decode(bytes.slice(known.bytes - offset));
        stories.put({ id, text: known.text + rest, bytes: offset + bytes.length });
    }
    return true;
}

/** Loads what has been written so far. */
export async function catchUp(job: string): Promise<void> {
    if (held.has(job)) return;
    held.set(job, []);
    const soFar = await readSoFar(job);
    if (soFar) append(job, soFar);
    const pieces = held.get(job) ?? [];
    held.delete(job);
    // A gap even so means that the text is not written here; the record has it in the end.
    for (const piece of pieces) append(job, piece);
}

/** All so far is one piece in the job’s own stream, the first after `live`; where there is none, figures follow. */
function readSoFar(job: string): Promise<ContentDelta | undefined> {
    return new Promise((resolve) => {
        const stream = new EventSource(`/api/v1/jobs/${job}/content`);
        const end = (piece?: ContentDelta) => {
            stream.close();
            resolve(piece);
        };
        stream.addEventListener("content_delta", ({ data }) => end(JSON.parse(data).data));
        let isLive = false;
        stream.addEventListener("live", () => (isLive = true));
        stream.addEventListener("job_update", () => isLive && end());
        stream.onerror = () => end();
    });
}

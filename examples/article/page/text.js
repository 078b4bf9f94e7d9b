// The text of an article in the making: its headings, one a line, and then each part under its heading, as in Markdown.

/** Reads the text so far: `headings`, and the text that stands under each of them and of other parts, by heading. */
export function read(text) {
    const [outline, ...parts] = text.split(/^## /m);
    const written = new Map();
    for (const part of parts) {
        const end = part.indexOf('\n');
        if (end < 0) continue;
        written.set(part.slice(0, end).trim(), part.slice(end).trim());
    }
    // A line without its end may be half a heading.
    const lines = outline.split('\n').slice(0, -1);
    return { headings: lines.map((line) => line.trim()).filter(Boolean), written };
}

export const paragraphs = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);

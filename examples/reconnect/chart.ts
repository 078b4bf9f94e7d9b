// A picture of waits: one column each, as high as the time that was drawn, before the range that it was drawn from.

/** A wait before a try. */
export interface Wait {
    readonly attempt: number;
    readonly from: number;
    until: number;
    /** How it went, where it is known: there was a stream, or it was given up. */
    end?: "good" | "bad";
}

const WIDTH = 720;
const HEIGHT = 260;
const LEFT = 44;
const BOTTOM = 28;
const TOP = 16;
const SHOWN = 14;
const FEWEST = 8;
const LONGEST = 30;

/** The most that may be drawn before a try, in seconds: it doubles up to 30 (and starts at the hub's `retry`, 1 s). */
const ceiling = (attempt: number) => Math.max(2, Math.min(LONGEST, 2 ** (attempt - 1)));

/** The chart as SVG. */
export function chart(all: readonly Wait[], now: number): string {
    const waits = all.slice(-SHOWN);
    const lengths = waits.map(({ from, until }) => (until - from) / 1_000);
    const top = Math.max(4, ...lengths, ...waits.map(({ attempt }) => ceiling(attempt)));
    const y = (seconds: number) => HEIGHT - BOTTOM - (seconds / top) * (HEIGHT - BOTTOM - TOP);
    const step = (WIDTH - LEFT) / Math.max(FEWEST, waits.length);
    const box = (x: number, low: number, high: number, name: string) =>
        `<rect class="${name}" x="${x.toFixed(1)}" width="${(step * 0.62).toFixed(1)}" rx="4" ` +
        `y="${y(high).toFixed(1)}" height="${Math.max(0, y(low) - y(high)).toFixed(1)}"/>`;

    const rules = [0, top / 2, top].map(
        (seconds) =>
            `<line class="rule" x1="${LEFT}" x2="${WIDTH}" y1="${y(seconds)}" y2="${y(seconds)}"/>` +
            `<text x="${LEFT - 8}" y="${y(seconds) + 4}" text-anchor="end">${seconds} s</text>`,
    );
    const columns = waits.map(({ attempt, from, until, end }, index) => {
        const x = LEFT + (index + 0.19) * step;
        const passed = Math.max(0, Math.min(now, until) - from) / 1_000;
        const mark = end && `<circle class="${end}" cx="${x + step * 0.31}" cy="${y(passed) - 9}" r="4"/>`;
        const square =
            end && `<rect class="bad" x="${x + step * 0.31 - 4}" y="${y(passed) - 13}" width="8" height="8"/>`;
        return (
            box(x, 1, ceiling(attempt), "range") +
            box(x, 0, passed, "waited") +
            ((end === "bad" ? square : mark) ?? "") +
            `<text x="${x + step * 0.31}" y="${HEIGHT - 8}" text-anchor="middle">${attempt}</text>`
        );
    });
    const words = lengths.map((seconds, index) => `try ${waits[index]?.attempt}: ${seconds.toFixed(1)} s`);
    const label = words.length ? `The waits so far: ${words.join(", ")}` : "No waits yet";
    return (
        `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">` +
        `${rules.join("")}${columns.join("")}</svg>`
    );
}

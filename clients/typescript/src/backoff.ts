// How long to wait before a try. Full jitter: a random time up to a ceiling that doubles, so that the
// clients of a hub that went away do not come back in step.
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
//
// The ceilings are 1, 2, 4, 8, 16 and then 30 s. What the server asks for (`retry`, `Retry-After`) is the
// least, and above it there is always some spread: else a hub's `retry: 1000` would bring all of its
// clients back in the same instant.

const FIRST = 1_000;
const LONGEST = 30_000;
const SPREAD = 1_000;
const HOUR = 3_600_000;

/**
 * The milliseconds before try number `attempt` (from 1).
 *
 * @param floor what the server asked for, in milliseconds
 * @param random from 0 up to 1
 */
export function delay(attempt: number, floor: number, random: number, longest = LONGEST): number {
    const ceiling = Math.min(longest, FIRST * 2 ** (attempt - 1));
    return Math.round(floor + random * Math.max(ceiling - floor, Math.min(floor, SPREAD)));
}

/**
 * A wait that somebody else names, in milliseconds: at most an hour, and undefined for what is no time. A timer
 * takes what is more than 2^31 ms for nothing, and so would try at once.
 */
export const waitOf = (milliseconds: unknown): number | undefined =>
    typeof milliseconds === "number" && milliseconds > 0 ? Math.min(milliseconds, HOUR) : undefined;

/** The milliseconds of a `Retry-After`: seconds or a date (RFC 9110, 10.2.3), and nothing else. */
export function retryAfter(value: string | null, now: number): number | undefined {
    if (/^\d+$/.test(value ?? "")) return waitOf(+(value as string) * 1_000);
    return /^\w{3}, \d.+ GMT$/.test(value ?? "") ? waitOf(Date.parse(value as string) - now) : undefined;
}

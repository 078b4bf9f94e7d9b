// Names of resources, by the hub's rules and in its units.

const RESOURCE = /^[a-z][a-z0-9+.-]*:([^\p{Cc}\p{Cs} ,]+)$/iu;
const LONGEST = 256;

/** How many of them one stream carries, or one poll. */
export const MOST = 100;

/** Fails for what the hub would refuse. */
export function check(name: string): string {
    const [, id] = RESOURCE.exec(name) ?? [];
    if (id && new TextEncoder().encode(id).length <= LONGEST) return name;
    throw new TypeError(`${JSON.stringify(name)} is not kind:id, with an id of 1 to ${LONGEST} bytes`);
}

/** The pattern that a resource falls under; counts of streams (`presence:…`) have none. */
export const patternOf = (name: string) => name.replace(/^(?!presence:)([^:]*:).*/s, "$1*");

/** Which of `names` an answer is about, if it is about one: of several that it contains, the longest. */
export function namedIn(text: string, names: Iterable<string>): string | undefined {
    let found: string | undefined;
    for (const name of names) {
        if (text.includes(name) && name.length > (found ?? "").length) found = name;
    }
    return found;
}

/** `names` in parts, each short enough for a URL by `isShort`. */
export function split(names: string[], isShort: (names: string[]) => boolean): string[][] {
    if (names.length < 2 || isShort(names)) return [names];
    const half = names.length >> 1;
    return [...split(names.slice(0, half), isShort), ...split(names.slice(half), isShort)];
}

/**
 * Of two places in a log the earlier one, as far as they can be compared (ids of one log differ in the number at
 * their end); otherwise `other`.
 */
export function earlier(one: string, other: string): string {
    const [, log, place] = /^(.*-)(\d+)$/.exec(one) ?? [];
    return log && other.startsWith(log) && +place < +other.slice(log.length) ? one : other;
}

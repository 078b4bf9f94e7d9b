// Names of resources, and how to ask for more of them than one stream takes.

const RESOURCE = /^[a-z][a-z0-9+.-]*:[^\0-\x20\x7f,]{1,256}$/i;
// What the hub takes; of its request line of 8 KiB, the path, the cursor and the encoding need something too.
const MOST = 100;
const LONGEST = 6_000;

/** Fails for what the hub would refuse: one bad name would cost the whole page its stream. */
export function check(name: string): string {
    if (RESOURCE.test(name)) return name;
    throw new TypeError(`${name} is not kind:id`);
}

/** The pattern that a resource falls under; counts of streams (`presence:…`) have none. */
export const patternOf = (name: string) => name.replace(/^(?!presence:)([^:]*:).*/s, "$1*");

/**
 * What to ask the hub for in order to get `names`, a part of all that is `wanted`: the resources themselves or,
 * where one stream cannot take so many, their patterns. What then comes too much goes to nobody.
 */
export function fit(wanted: ReadonlySet<string>, names: Iterable<string> = wanted): string[] {
    const isTooMuch = wanted.size > MOST || `${[...wanted]}`.length > LONGEST;
    return [...new Set(isTooMuch ? [...names].map(patternOf) : names)];
}

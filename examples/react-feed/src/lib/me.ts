// Who uses this browser. The app has no login, so it gives everybody a name by which the others see them; an app with
// tokens leaves this out, since the hub takes the token's subject.

const COLOURS = ["Amber", "Azure", "Coral", "Golden", "Jade", "Rosy", "Silver", "Violet"];
const BIRDS = ["Avocet", "Finch", "Heron", "Kestrel", "Lark", "Osprey", "Plover", "Swallow", "Teal", "Wren"];
const KEY = "martlet.member";

const draw = (length: number) => crypto.getRandomValues(new Uint32Array(1))[0] % length;

function made(): string {
    const number = draw(0x100000).toString(16).padStart(5, "0");
    return `${COLOURS[draw(COLOURS.length)]} ${BIRDS[draw(BIRDS.length)]} ${number}`;
}

function known(): string {
    try {
        const member = localStorage.getItem(KEY) ?? made();
        localStorage.setItem(KEY, member);
        return member;
    } catch {
        // Nothing may be kept here: then it is another name after the next load.
        return made();
    }
}

/** The member as which this browser counts, the same in all its tabs. */
export const me = known();

/** What to call a member: what stands before the number that makes it the only one. */
export const nameOf = (member: string) => member.replace(/ [0-9a-f]{5}$/, "");

/** One or two letters for a member. */
export const initialsOf = (member: string) =>
    nameOf(member)
        .split(/\s+/)
        .slice(0, 2)
        .map((word) => [...word][0] ?? "")
        .join("")
        .toUpperCase();

/** A colour's angle for a member, always the same. */
export function hueOf(member: string): number {
    let sum = 0;
    for (const letter of member) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360;
    return sum;
}

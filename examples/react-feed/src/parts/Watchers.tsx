import type { CSSProperties } from "react";
import { usePresence, useSSESubscription } from "martlet/react";
import { hueOf, initialsOf, me, nameOf } from "../lib/me";

/** The most faces in a row. */
const MOST = 5;

/** Who looks at the same thing now: this person first, then the others. */
export function Watchers({ what }: { what: string }) {
    // Whoever looks receives this resource. Nothing is ever published to it.
    const resource = `looking:${what}`;
    useSSESubscription<void>(resource, { select: () => undefined });
    const members = usePresence(resource, { members: true })?.members;
    const others = members?.filter((member) => member !== me) ?? [];
    const shown = [me, ...others].slice(0, MOST);
    return (
        <div className="watchers" role="group" aria-label="Looking at this now" data-known={!!members}>
            <ul aria-hidden="true">
                {shown.map((member) => (
                    <li key={member} className="disc" title={nameOf(member)} style={{ "--hue": hueOf(member) } as CSSProperties}>
                        {initialsOf(member)}
                    </li>
                ))}
            </ul>
            <p>{sentence(others)}</p>
        </div>
    );
}

function sentence(others: readonly string[]): string {
    const [first, second] = others.map(nameOf);
    if (!first) return "Only you are here";
    if (!second) return `You and ${first} are here`;
    if (others.length === 2) return `You, ${first} and ${second} are here`;
    return `You, ${first} and ${others.length - 1} others are here`;
}

// A page of many components with a subscription each. It counts how often each renders, and what each has been told.

import { createRoot } from "react-dom/client";
import { SSEManager } from "martlet";
import { SSEProvider, useConnectionState, useSSESubscription } from "martlet/react";

const renders: number[] = [];
const told: number[] = [];
/** Events that did not follow on the one before. */
const gaps: string[] = [];

function Item({ number }: { number: number }) {
    const value = useSSESubscription<number>(`post:${number}`, {
        select: (event, previous = -1) => {
            const next = event.data as number;
            if (next !== previous + 1) gaps.push(`post:${number}: ${next} after ${previous}`);
            told[number] = next + 1;
            return next;
        },
    });
    renders[number] = (renders[number] ?? 0) + 1;
    return <li>{value ?? "…"}</li>;
}

function Indicator() {
    return <p role="status">{useConnectionState().status}</p>;
}

const page = {
    renders,
    told,
    gaps,
    start(count: number) {
        createRoot(document.getElementById("root")!).render(
            <SSEProvider manager={new SSEManager()}>
                <Indicator />
                <ul>
                    {Array.from({ length: count }, (_, number) => (
                        <Item key={number} number={number} />
                    ))}
                </ul>
            </SSEProvider>,
        );
    },
    /** How many events all have been told. */
    sum: () => told.reduce((sum, count) => sum + (count ?? 0), 0),
};

Object.assign(window, { page });

import { useEffect, useState } from "react";
import { useConnectionState } from "martlet/react";

const CLOSED = {
    failed: "The hub has not answered for a while. It is asked now and then, and “Try now” does not wait.",
    unauthorized: "Your sign-in has ended. Sign in again, then use “Try now”.",
    forbidden: "You may not follow this.",
    refused: "The hub has refused all of this.",
    ended: "All of this has come to its end; nothing more will come.",
    stopped: "The hub has ended this stream. Use “Try now” to go on.",
    manual: "Live updates are off. Use “Try now” to go on.",
};

/** Short breaks happen; only a longer one is worth a word. */
const PATIENCE = 1_500;

/** Says that what is shown may be old. */
export function Banner({ isCut }: { isCut: boolean }) {
    const state = useConnectionState();
    const [isLong, setLong] = useState(false);
    useEffect(() => {
        setLong(false);
        if (!isCut) return;
        const timer = setTimeout(() => setLong(true), PATIENCE);
        return () => clearTimeout(timer);
    }, [isCut]);
    const isShown = isCut && (isLong || state.status === "closed");
    return (
        <div role="status">
            {isShown && (
                <p className="banner">
                    <strong>{navigator.onLine ? "Connection lost." : "You are offline."}</strong>{" "}
                    {state.status === "closed"
                        ? CLOSED[state.reason]
                        : "What is here stays readable, and goes on by itself when the hub is back."}
                </p>
            )}
        </div>
    );
}

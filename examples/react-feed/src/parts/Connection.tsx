import type { ConnectionState } from "martlet";
import { useConnectionState } from "martlet/react";
import { hub } from "../lib/hub";
import { useNow } from "../lib/useNow";

const NAMES: Record<ConnectionState["status"], string> = {
    idle: "Idle",
    connecting: "Connecting…",
    open: "Live",
    stale: "Quiet",
    retrying: "Reconnecting",
    polling: "Live, by polling",
    closed: "Disconnected",
};

/** How the stream is, when it is tried again, and a way not to wait. */
export function Connection() {
    const state = useConnectionState();
    const isWaiting = state.status === "retrying";
    const now = useNow(250, isWaiting);
    const seconds = isWaiting ? Math.max(0, Math.ceil((state.nextAt - now) / 1_000)) : 0;
    return (
        <div className="connection" data-status={state.status}>
            <span className="lamp" aria-hidden="true" />
            <span role="status">{NAMES[state.status]}</span>
            {isWaiting && (
                // Told once as a state; nobody wants to hear each second of it.
                <span className="countdown" aria-hidden="true">
                    try {state.attempt} {seconds ? `in ${seconds} s` : "now"}
                </span>
            )}
            {(isWaiting || state.status === "closed") && (
                <button type="button" className="small" onClick={() => hub.retry()}>
                    Try now
                </button>
            )}
        </div>
    );
}

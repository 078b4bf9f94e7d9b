// Who works on what, and who is where.

import type { Activity, ActivityKind, Presence } from "./events";
import type { SSEManager } from "./manager";
import type { SubscribeOptions } from "./settings";

/** Calls `listener` with who works on resources of a kind, at first and on change; gives back a function that ends that. */
export function watchActivity(
    manager: SSEManager,
    kind: ActivityKind,
    listener: (activity: Activity) => void,
): () => void {
    return manager.subscribe(`activity:${kind}`, (event) => {
        if (event.event === "activity") listener(event.data);
    });
}

/**
 * Calls `listener` with how many streams receive a resource and, if `members` is true, who is there, at first and on
 * change; gives back a function that ends that.
 */
export function watchPresence(
    manager: SSEManager,
    resource: string,
    listener: (presence: Presence) => void,
    options?: Pick<SubscribeOptions, "members">,
): () => void {
    return manager.subscribe(
        `presence:${resource}`,
        (event) => {
            if (event.event === "presence") listener(event.data);
        },
        options,
    );
}

// What the client takes from the platform: the names of a global object, so that it is `globalThis` unless a test
// gives another one, in which time is moved by hand and a feature that a browser lacks is undefined.

/** A global object, as far as it is used here. */
export interface Environment {
    Date: Pick<DateConstructor, "now">;
    Math: Pick<Math, "random">;
    fetch: typeof fetch;
    setTimeout(callback: () => void, milliseconds: number): unknown;
    clearTimeout(timer: never): void;
    /** What a tab or a worker of a browser has, and nothing else: only these have others beside them. */
    location?: unknown;
    /** Without channels each tab has a stream of its own. */
    BroadcastChannel?: typeof BroadcastChannel;
    /** Where the context is secure. */
    navigator?: { readonly locks?: Pick<LockManager, "request"> };
    document?: Pick<Document, "hidden" | "addEventListener">;
    /** Tells of `online`, `pageshow` and `pagehide`. */
    addEventListener?(type: string, listener: () => void, options?: AddEventListenerOptions): void;
}

/** Calls `callback` later, unless the function that it gives back is called before. */
export function later(
    environment: Environment,
    milliseconds: number,
    callback: () => void,
): () => void {
    const timer = environment.setTimeout(callback, milliseconds);
    return () => environment.clearTimeout(timer as never);
}

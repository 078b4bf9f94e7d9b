import type { Post, Session } from "./api";
import { isCancelled } from "./words";

/** How long a toast stays. */
const LIFE = 4_000;

/** A short message, about one record or several that are at the same point. */
export interface Toast {
    readonly text: string;
    readonly tone: "busy" | "good" | "bad";
    readonly href: string;
    readonly about: readonly string[];
}

let toasts: readonly Toast[] = [];
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
    toasts = next;
    for (const listener of [...listeners]) listener();
}

/** Takes a toast away. */
export function dismiss(text: string): void {
    clearTimeout(timers.get(text));
    timers.delete(text);
    set(toasts.filter((toast) => toast.text !== text));
}

/** Shows a toast: one for all records of which the same is to be said, and for each record only the latest. */
function show(id: string, text: string, tone: Toast["tone"], href: string): void {
    const same = toasts.find((toast) => toast.text === text);
    const rest = toasts
        .filter((toast) => toast !== same)
        .map((toast) => ({ ...toast, about: toast.about.filter((other) => other !== id) }));
    for (const toast of rest) if (!toast.about.length) clearTimeout(timers.get(toast.text));
    clearTimeout(timers.get(text));
    timers.set(text, setTimeout(() => dismiss(text), LIFE));
    const about = [...(same?.about ?? []), id];
    set([...rest.filter((toast) => toast.about.length), { text, tone, href, about }]);
}

/** Says what has become of a record. */
export const tell = {
    post({ id, status, influencer, error }: Post): void {
        const href = `#/influencers/${influencer}`;
        if (status === "generating_story") show(id, "Writing story…", "busy", href);
        if (status === "generating_images") show(id, "Generating images…", "busy", href);
        if (status === "ready") show(id, "Post ready!", "good", href);
        if (status !== "failed") return;
        if (isCancelled(error)) show(id, "Post cancelled", "bad", href);
        else show(id, "Post generation failed", "bad", href);
    },
    session({ id, status, error }: Session): void {
        const href = `#/create/${id}`;
        if (status === "generating_images") show(id, "Painting avatars…", "busy", href);
        if (status === "images_ready") show(id, "Avatars ready: choose one", "good", href);
        if (status === "generating_persona") show(id, "Writing the persona…", "busy", href);
        if (status === "persona_ready") show(id, "Persona ready!", "good", href);
        if (status !== "failed") return;
        if (isCancelled(error)) show(id, "Creation cancelled", "bad", href);
        else show(id, "Creation failed", "bad", href);
    },
};

export const toastStore = {
    all: () => toasts,
    subscribe(listener: () => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
    },
};

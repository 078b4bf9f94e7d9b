import { useSyncExternalStore } from "react";

/** Where the app is, by the address after `#`. */
export type Route =
    | { readonly page: "home" }
    | { readonly page: "create"; readonly session?: string }
    | { readonly page: "influencer"; readonly id: string }
    | { readonly page: "nowhere" };

/** Reads an address such as `#/influencers/7`. */
export function parse(hash: string): Route {
    const [first, second, ...rest] = hash.replace(/^#?\/?/, "").split("/").filter(Boolean);
    if (rest.length) return { page: "nowhere" };
    if (!first) return { page: "home" };
    if (first === "create") return second ? { page: "create", session: second } : { page: "create" };
    if (first === "influencers" && second) return { page: "influencer", id: second };
    return { page: "nowhere" };
}

/** Goes to an address; `isReplaced` leaves no way back to this one. */
export function go(hash: string, isReplaced = false): void {
    if (isReplaced) location.replace(hash);
    else location.hash = hash;
}

const subscribe = (listener: () => void) => {
    addEventListener("hashchange", listener);
    return () => removeEventListener("hashchange", listener);
};

/** The address after `#`, as it is now. */
export function useHash(): string {
    return useSyncExternalStore(subscribe, () => location.hash);
}

// The app's token: asked for once and kept until the hub says that it ends, then asked for anew, once for all the
// streams that had the old one.
//
// Tabs share a stream when they may see the same: those whose tokens have one subject and one set of grants. What
// tells them apart goes into the names of channels and locks as a hash, from which no token can be made.

import type { Settings } from "./settings";

export type Tokens = ReturnType<typeof createTokens>;

/** The claims that decide what a stream shows. */
const CLAIMS = ["iss", "sub", "aud", "scope", "martlet", "mercure"];

/** 64 bits in two halves, whose last step is that of MurmurHash3; plain http has no `crypto.subtle`. */
function hash(text: string): string {
    let one = 0xdeadbeef;
    let other = 0x41c6ce57;
    for (const character of text) {
        const code = character.codePointAt(0) as number;
        one = Math.imul(one ^ code, 2654435761);
        other = Math.imul(other ^ code, 1597334677);
    }
    const mix = (a: number, b: number) =>
        (Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)) >>> 0;
    return mix(one, other).toString(36) + mix(other, one).toString(36);
}

/** Whose stream a token opens: the claims of a JWT, or all of another token. */
export function scopeOf(token: string): string {
    try {
        const claims = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
        return hash(JSON.stringify(CLAIMS.map((name) => claims[name])));
    } catch {
        return token && hash(token);
    }
}

/** The app's tokens; `moved` is called when a new one is of another scope than `scope` has told. */
export function createTokens({ token }: Settings, moved: () => void) {
    let latest: string | undefined;
    let pending: Promise<string | null | undefined> | undefined;
    let scope: string | undefined;

    /** The token, or another one than `old`, which the hub has `refused`; null when the app has none. */
    const get = async (old?: string | null, refused?: number) => {
        if (latest == null || (refused && latest === old)) {
            pending ??= (async () => (typeof token === "function" ? token(refused) : token ?? ""))();
            const mine = pending;
            try {
                const given = await mine;
                // A token that has not ended yet is good until then.
                if (given == null) return given;
                latest = given;
            } finally {
                if (pending === mine) pending = undefined;
            }
            if (scope !== undefined && scopeOf(latest) !== scope) moved();
        }
        return latest;
    };
    return {
        get,
        /** Whose stream this tab may share; undefined when there is no token. */
        scope: async () => {
            const token = await get();
            return (scope = token == null ? undefined : scopeOf(token));
        },
        /** The next one is asked for in any case: someone may have logged in. */
        forget: () => (latest = undefined),
    };
}

const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago, in words. */
export function since(iso: string, now: number): string {
    const seconds = Math.min(0, (Date.parse(iso) - now) / 1_000);
    if (seconds > -60) return "just now";
    if (seconds > -3_600) return ago.format(Math.round(seconds / 60), "minute");
    if (seconds > -86_400) return ago.format(Math.round(seconds / 3_600), "hour");
    return ago.format(Math.round(seconds / 86_400), "day");
}

/** What is left, in words. */
export function left(seconds: number): string {
    if (seconds < 1) return "almost there";
    if (seconds < 90) return `${Math.round(seconds)} s left`;
    return `${Math.round(seconds / 60)} min left`;
}

/** A number with its noun. */
export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Whether a record failed only because a person wished it. */
export const isCancelled = (error: string | null) => !!error?.includes("cancelled");

/** Why a record failed, for someone who has never heard of jobs. */
export function reason(error: string | null): string {
    if (!error) return "Something went wrong while it was being made.";
    if (isCancelled(error)) return "This was stopped. Trying again goes on from the last step that was done.";
    return error;
}
